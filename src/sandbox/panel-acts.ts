/** What the panel's buttons do, as forms send it: a browser without scripts has them, too. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { FaultInput } from "./fault-schema.ts";
import { FAULT_NAMES, FAULTS, figuresOf } from "./named-faults.ts";
import { TIMES } from "./panel.ts";

/** What a form may change. */
export interface PanelControls {
  addFault(input: FaultInput): unknown;
  clearFaults(id?: string): number;
  setCredits(balanceUsd: number): void;
}

const Form = z.discriminatedUnion("do", [
  z.object({ do: z.literal("fault"), fault: z.enum(FAULT_NAMES), times: z.enum(TIMES) }),
  z.object({ do: z.literal("clear") }),
  z.object({ do: z.literal("end"), id: z.string().max(20) }),
  z.object({ do: z.literal("credits"), usd: z.enum(["0", "100"]) }),
]);

/** Only paths of the page itself. */
const Back = z.string().regex(/^\/(?:[A-Za-z0-9_]{1,15}(?:\/status\/[0-9]{1,19})?)?(?:\?before=[0-9]{1,19})?$/);

/**
 * Does what a button says.
 * @returns the path to go on at
 * @throws PsnError SANDBOX_BAD_INPUT, and what the controls throw
 */
export function actOnPanel(sandbox: PanelControls, body: string): string {
  const given = Object.fromEntries(new URLSearchParams(body));
  const form = Form.safeParse(given);
  if (!form.success) throw new PsnError("SANDBOX_BAD_INPUT", "the form is not one of this page");
  const { data } = form;
  if (data.do === "clear") sandbox.clearFaults();
  else if (data.do === "end") sandbox.clearFaults(data.id);
  else if (data.do === "credits") sandbox.setCredits(Number(data.usd));
  else {
    const times = data.times === "always" ? null : Number(data.times);
    const { match } = FAULTS[data.fault];
    sandbox.addFault({ kind: data.fault, ...figuresOf(data.fault), times, match } as FaultInput);
  }
  return Back.safeParse(given.back).data ?? "/";
}
