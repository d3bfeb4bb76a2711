/** What one step of setup answers, and how it looks to a person. */
import { z } from "zod";
import type { Paint } from "./_paint.ts";

export const STEPS = ["hub", "keys", "engine", "sign_in", "validate"] as const;
export type StepName = (typeof STEPS)[number];

/** `need_input` carries exactly what to ask the person, `failed` a `code` and, where there is one, a `hint`. */
export const StepSchema = z.object({
  step: z.enum(STEPS),
  status: z.enum(["success", "skipped", "need_input", "failed"]),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type Step = z.infer<typeof StepSchema>;

export interface Check {
  name: string;
  ok: boolean;
  says: string;
  /** Without it PSN still works, as far as it goes. */
  optional?: true;
}

const MARKS = { success: "✓", skipped: "✓", need_input: "?", failed: "✗" } as const;

/** `[2/5] ✓ …`, with what belongs to it on lines of their own. */
export function stepLines({ step, status, message, data = {} }: Step, paint: Paint): string {
  const colour = status === "failed" ? paint.red : status === "need_input" ? paint.yellow : paint.green;
  // What nobody has checked is not marked as good.
  const mark = data.checked === false && status !== "failed" ? paint.yellow("–") : colour(MARKS[status]);
  const lines = [`[${STEPS.indexOf(step) + 1}/${STEPS.length}] ${mark} ${message}`];
  const more = (value: unknown) => {
    if (typeof value === "string") lines.push(`      ${value}`);
  };
  if (Array.isArray(data.checks)) {
    for (const { ok, optional, name, says } of data.checks as Check[])
      more(`${ok ? paint.green("✓") : optional ? paint.yellow("–") : paint.red("✗")} ${name}: ${says}`);
  }
  if (Array.isArray(data.warnings)) for (const warning of data.warnings) more(`warning  ${warning}`);
  if (status === "need_input") {
    if (Array.isArray(data.instructions)) {
      for (const [index, text] of data.instructions.entries()) more(`${index + 1}. ${text}`);
    }
    // At the line's start and unbroken, so that a terminal selects it whole.
    if (typeof data.url === "string") lines.push("", data.url, "");
    more(data.answerWith);
  }
  return lines.join("\n");
}
