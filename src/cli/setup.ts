/** `psn setup`: hub, keys, engine, sign-in, validation, in that order. What is good is skipped; a rerun resumes. */
import { z } from "zod";
import { withoutStatement } from "../core/db/errors.ts";
import { DryStop, PsnError } from "../core/errors.ts";
import { type App, withApp } from "./_app.ts";
import { defineCommand, flag } from "./_command.ts";
import { errorAnswer, exitCodeOf } from "./_errors.ts";
import { runMain } from "./_main.ts";
import { STEPS, type Step, type StepName, StepSchema, stepLines } from "./_step.ts";
import { askApprovalMode } from "./setup-approval.ts";
import { setupEngine } from "./setup-engine.ts";
import { setupHub } from "./setup-hub.ts";
import { setupKeys } from "./setup-keys.ts";
import { useSandbox, xAgain } from "./setup-target.ts";
import { validate } from "./setup-validate.ts";
import { signInStep } from "./setup-x-oauth.ts";

const text = (placeholder: string, description: string) => z.string().optional().meta({ placeholder, description });

const INPUT = z
  .object({
    db: text("URL", "embedded (default), or a Postgres URL without a password"),
    timezone: text("ZONE", "Your time zone, e.g. Europe/Berlin (default: this machine's)"),
    engine: z
      .enum(["embedded", "trigger"])
      .optional()
      .meta({ placeholder: "NAME", description: "Hand the hub to this engine: embedded, or trigger (Trigger.dev)" }),
    account: text("@HANDLE", "The account to sign in or check, when there are several"),
    signIn: flag("Sign in another account, or the same one again"),
    paste: flag("Read the pasted address or code from stdin and finish the sign-in"),
    sandbox: flag("Use the local sandbox instead of X; starts one when none runs"),
    x: flag("Use X itself again, with the keys that it had"),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({ placeholder: "PORT", description: "The sandbox's port (default 4010); goes with --sandbox" }),
    keys: flag("Enter the X app's keys anew"),
    keysStdin: flag("Read X_CLIENT_ID=… and X_CLIENT_SECRET=… lines from stdin"),
  })
  .refine(({ sandbox, x }) => !(sandbox && x), { message: "Give --sandbox or --x, not both." })
  .refine(({ sandbox, keys, keysStdin }) => !(sandbox && (keys || keysStdin)), {
    message: "The sandbox has keys of its own: --keys and --keys-stdin go without --sandbox.",
  })
  .refine(({ sandbox, port }) => sandbox || port === undefined, { message: "--port goes with --sandbox." })
  .refine(({ paste, keysStdin }) => !(paste && keysStdin), {
    message: "--paste and --keys-stdin both read stdin; give one of them.",
  });

export const setupCommand = defineCommand({
  input: INPUT,
  examples: [
    "psn setup",
    "psn setup --sandbox",
    "psn setup --x",
    "psn setup --timezone Europe/Berlin --json",
    "psn setup --paste < answer.txt",
  ],
  answer: z.object({ ready: z.boolean(), steps: z.array(StepSchema) }),
  async run(io, { db, timezone, engine, account, signIn, paste, keysStdin, keys, sandbox, x, port }) {
    // What the files would hold by now: a dry run goes on with it, and writes none.
    const here = io.dryRun ? { ...io, env: { ...io.env } } : io;
    const pasted = paste ? { pasted: await io.readStdin() } : {};
    const named = account === undefined ? {} : { account };
    const { dryRun, unchecked = [] } = io;
    const inApp = (act: (app: App) => Promise<Step>) => () => withApp({ env: here.env, dryRun, unchecked }, act);
    // Whoever has just signed in is who is checked, not the default.
    let signedIn: string | undefined;
    const run: Record<StepName, () => Promise<Step>> = {
      hub: () => setupHub(here, { ...(db ? { db } : {}), ...(timezone ? { timezone } : {}) }),
      keys: async () => {
        if (sandbox) await useSandbox(here, port);
        const changes = x ? await xAgain(here) : {};
        return await setupKeys(here, { fromStdin: keysStdin, anew: keys, changes });
      },
      engine: inApp((app) => setupEngine(app, here, engine)),
      sign_in: inApp((app) => signInStep(app, here, { ...pasted, ...named, again: signIn })),
      validate: inApp((app) => validate(app, here, account ?? signedIn)),
    };
    const steps: Step[] = [];
    const plan: StepName[] = [...STEPS];
    let would: string | null = null;
    for (const name of plan) {
      // The keys are looked at without a hub, too; what comes after them is not.
      if (would !== null && name !== "keys") break;
      const step = await run[name]().catch((error) => {
        if (!(error instanceof DryStop)) return failedStep(name, error);
        would ??= error.would;
        return null;
      });
      if (step === null) continue;
      steps.push(step);
      if (!io.json) io.note(stepLines(step, io.paint));
      if (name === "sign_in" && typeof step.data?.platformUserId === "string") {
        signedIn = step.data.platformUserId;
      }
      // X has ended the sign-in that looked good: a new one begins here, not with the next run.
      if (name === "validate" && step.data?.code === "ACCOUNT_SIGNED_OUT" && plan.length === STEPS.length) {
        plan.push("sign_in", "validate");
        continue;
      }
      if (step.status === "failed" || step.status === "need_input") return { ready: false, steps };
    }
    if (would !== null) {
      io.goesOn?.push(would);
      return { ready: false, steps };
    }
    if (!dryRun) await withApp({ env: io.env }, (app) => askApprovalMode(app, io));
    return { ready: true, steps };
  },
  failure({ steps }) {
    const last = steps.at(-1);
    if (last?.status !== "failed") return null;
    const code = String(last.data?.code);
    const hint = last.data?.hint === undefined ? {} : { hint: String(last.data.hint) };
    return { exit: exitCodeOf(code), error: errorAnswer(new PsnError(code, last.message, hint)) };
  },
  render({ ready, steps }, paint) {
    if (ready) return paint.green('Ready. Try: psn post create "Hello, X."');
    const last = steps.at(-1);
    if (last?.status === "failed") return String(last.data?.hint ?? "Repair that and run psn setup again.");
    return "Run psn setup again when you have it.";
  },
});

// --- internal ---

/** What a person can repair is an answer; anything else is a bug and keeps its stack. */
function failedStep(step: StepName, thrown: unknown): Step {
  const error = withoutStatement(thrown);
  if (!(error instanceof PsnError)) throw thrown;
  const { code, message, hint } = error;
  return { step, status: "failed", message, data: { code, ...(hint ? { hint } : {}) } };
}

if (import.meta.main) {
  const entry = { name: "setup", summary: "Set up hub, X keys and sign-in", load: async () => setupCommand };
  process.exitCode = await runMain([entry], ["setup", ...process.argv.slice(2)]);
}
