/** `psn setup`: hub, keys, engine, sign-in, validation, in that order. What is good is skipped; a rerun resumes. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type App, withApp } from "./_app.ts";
import { defineCommand, type Io } from "./_command.ts";
import type { Parsed } from "./_command-old.ts";
import { runMain } from "./_main.ts";
import { STEPS, type Step, type StepName, StepSchema, stepLines } from "./_step.ts";
import { setupEngine } from "./setup-engine.ts";
import { setupHub } from "./setup-hub.ts";
import { setupKeys } from "./setup-keys.ts";
import { validate } from "./setup-validate.ts";
import { signInStep } from "./setup-x-oauth.ts";

export const setupCommand = defineCommand({
  name: "setup",
  summary: "Set up hub, X keys and sign-in; run it again at any time, it skips what is good",
  options: {
    db: { type: "string", value: "URL", help: "embedded (default), or a Postgres URL without a password" },
    timezone: { type: "string", value: "ZONE", help: "Your time zone, e.g. Europe/Berlin (default: this machine's)" },
    engine: { type: "string", value: "NAME", help: "Hand the hub to this engine: embedded, or trigger (Trigger.dev)" },
    account: { type: "string", value: "@HANDLE", help: "The account to sign in or check, when there are several" },
    "sign-in": { type: "boolean", help: "Sign in another account, or the same one again" },
    paste: { type: "boolean", help: "Read the pasted address or code from stdin and finish the sign-in" },
    "keys-stdin": { type: "boolean", help: "Read X_CLIENT_ID=… and X_CLIENT_SECRET=… lines from stdin" },
  },
  examples: ["psn setup", "psn setup --timezone Europe/Berlin --json", "psn setup --paste < answer.txt"],
  answer: z.object({ ready: z.boolean(), steps: z.array(StepSchema) }),
  async run(io, { options }) {
    if (options.paste && options["keys-stdin"]) {
      throw new PsnError("USAGE", "--paste and --keys-stdin both read stdin; give one of them.");
    }
    const run = await stepsFor(io, options);
    const steps: Step[] = [];
    for (const name of STEPS) {
      const step = await run[name]().catch((error) => failedStep(name, error));
      steps.push(step);
      if (!io.json) io.note(stepLines(step, io.paint));
      if (step.status === "failed" || step.status === "need_input") return { ready: false, steps };
    }
    return { ready: true, steps };
  },
  exitCode: ({ steps }) => (steps.some((step) => step.status === "failed") ? 1 : 0),
  render({ ready, steps }, paint) {
    if (ready) return paint.green('Ready. Try: psn post create "Hello, X."');
    const last = steps.at(-1);
    if (last?.status === "failed") return String(last.data?.hint ?? "Mend that and run psn setup again.");
    return "Run psn setup again when you have it.";
  },
});

// --- internal ---

async function stepsFor(io: Io, options: Parsed["options"]): Promise<Record<StepName, () => Promise<Step>>> {
  const text = (name: string) => (typeof options[name] === "string" ? { [name]: options[name] } : {});
  const account = typeof options.account === "string" ? options.account : undefined;
  const pasted = options.paste === true ? { pasted: await io.readStdin() } : {};
  const inApp = (act: (app: App) => Promise<Step>) => () => withApp({ env: io.env }, act);
  return {
    hub: () => setupHub(io.env, { ...text("db"), ...text("timezone") }, io.note),
    keys: () => setupKeys(io, { fromStdin: options["keys-stdin"] === true }),
    engine: inApp((app) => setupEngine(app, io, options.engine)),
    sign_in: inApp((app) =>
      signInStep(app, io, { ...pasted, ...(account ? { account } : {}), again: options["sign-in"] === true }),
    ),
    validate: inApp((app) => validate(app, account)),
  };
}

/** What a person can mend is an answer; anything else is a bug and keeps its stack. */
function failedStep(step: StepName, error: unknown): Step {
  if (!(error instanceof PsnError)) throw error;
  const { code, message, hint, next } = error;
  return {
    step,
    status: "failed",
    message,
    data: { code, ...(hint ? { hint } : {}), ...(next ? { next } : {}) },
  };
}

if (import.meta.main) {
  const entry = { name: "setup", summary: "Set up hub, X keys and sign-in", load: async () => setupCommand };
  process.exitCode = await runMain([entry], ["setup", ...process.argv.slice(2)]);
}
