/** `psn doctor`: what is wrong with this installation, and the fix for each. */
import { z } from "zod";
import { version } from "../../package.json";
import { PsnError } from "../core/errors.ts";
import { examine } from "../doctor/examine.ts";
import { realWorld, type ServiceState } from "../doctor/world.ts";
import { defineCommand, flag, type Io } from "./_command.ts";
import { errorAnswer, exitCodeOf } from "./_errors.ts";
import { hung } from "./_wrap.ts";
import { serviceState } from "./worker-install.ts";

const FindingSchema = z.object({
  check: z.string().meta({ description: "What was looked at, such as hub.schema" }),
  verdict: z.enum(["ok", "warning", "error"]),
  says: z.string(),
  fix: z.string().nullable().meta({ description: "A command, or what to do; null where all is well" }),
  repaired: z.boolean().nullable().meta({ description: "What came of --fix; null where nothing was tried" }),
});

export const doctorCommand = defineCommand({
  input: z.object({ fix: flag("Do the fixes that are safe: they send, spend and delete nothing") }),
  examples: ["psn doctor", "psn doctor --fix"],
  answer: z.object({ findings: z.array(FindingSchema), errors: z.number(), warnings: z.number() }),
  async run(io, { fix }) {
    const findings = await examine(
      realWorld(io.env, () => service(io)),
      { fix, isDry: io.dryRun, version },
    );
    const count = (wanted: string) => findings.filter(({ verdict }) => verdict === wanted).length;
    return { findings, errors: count("error"), warnings: count("warning") };
  },
  render({ findings, errors, warnings }, paint) {
    const mark = { ok: paint.green("✓"), warning: paint.yellow("!"), error: paint.red("✗") };
    const lines = findings.flatMap(({ check, verdict, says, fix, repaired }) => [
      ...hung(`${mark[verdict]} ${check.padEnd(20)} `, repaired ? `Repaired: ${says}` : says),
      ...(fix && verdict !== "ok" ? hung(`  ${"".padEnd(20)} `, `→ ${fix}`) : []),
    ]);
    const sum = errors + warnings === 0 ? "Nothing is wrong." : `${errors} wrong, ${warnings} to look at.`;
    const canFix = findings.some(({ repaired, verdict }) => repaired === null && verdict !== "ok");
    return [...lines, "", canFix ? `${sum} psn doctor --fix does what is safe.` : sum].join("\n");
  },
  failure({ errors, findings }) {
    if (errors === 0) return null;
    const first = findings.find(({ verdict }) => verdict === "error");
    const error = new PsnError("DOCTOR_FOUND", `${errors === 1 ? "One thing is" : `${errors} things are`} wrong.`, {
      ...(first?.fix ? { hint: first.fix } : {}),
    });
    return { exit: exitCodeOf(error.code), error: errorAnswer(error) };
  },
});

// --- internal ---

/** Null where this machine has no service manager, or none that answers. */
const service = (io: Io): Promise<ServiceState | null> => serviceState(io).catch(() => null);
