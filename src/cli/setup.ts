/** `psn setup`: hub, keys, engine, sign-in, validation, in that order. What is good is skipped; a rerun resumes. */
import { join } from "node:path";
import * as clack from "@clack/prompts";
import { z } from "zod";
import { chooseAccount, listAccounts } from "../core/accounts/accounts.ts";
import { PsnError } from "../core/errors.ts";
import { credentialsFor } from "../core/tokens/keeper.ts";
import { configDir, type Env, loadKeysEnv, readEnvFile, writeEnvFile, X_DEFAULTS } from "../core/utils/env.ts";
import { countWorkers } from "../engines/worker.ts";
import { type App, withApp } from "./_app.ts";
import { defineCommand, type Io } from "./_command.ts";
import { xAppSteps } from "./_guidance.ts";
import { runMain } from "./_main.ts";
import type { Paint } from "./_paint.ts";
import { setupHub } from "./setup-hub.ts";
import { completeXOAuth, type Step, StepSchema, setupXOAuth } from "./setup-x-oauth.ts";

const STEPS = ["hub", "keys", "engine", "sign_in", "validate"] as const;

const AnswerSchema = z.object({ ready: z.boolean(), steps: z.array(StepSchema) });

export const setupCommand = defineCommand({
  name: "setup",
  summary: "Set up hub, X keys and sign-in; run it again at any time, it skips what is good",
  options: {
    db: { type: "string", value: "URL", help: "embedded (default), or a Postgres URL without a password" },
    timezone: { type: "string", value: "ZONE", help: "Your time zone, e.g. Europe/Berlin (default: this machine's)" },
    account: { type: "string", value: "@HANDLE", help: "The account to check, when several are signed in" },
    "sign-in": { type: "boolean", help: "Sign in another account, or the same one again" },
    paste: { type: "boolean", help: "Read the pasted address or code from stdin and finish the sign-in" },
    "keys-stdin": { type: "boolean", help: "Read X_CLIENT_ID=… and X_CLIENT_SECRET=… lines from stdin" },
  },
  examples: ["psn setup", "psn setup --timezone Europe/Berlin --json", "psn setup --paste < answer.txt"],
  answer: AnswerSchema,
  async run(io, { options }) {
    const steps: Step[] = [];
    const say = (step: Step) => {
      steps.push(step);
      if (!io.json) io.note(stepLine(step, io.paint));
    };
    for (const name of STEPS) {
      let step: Step;
      try {
        step = await runStep(name, io, options);
      } catch (error) {
        if (!(error instanceof PsnError)) throw error;
        const { code, message, hint } = error;
        step = { step: name, status: "failed", message, data: { code, ...(hint ? { hint } : {}) } };
      }
      say(step);
      if (step.status === "failed" || step.status === "need_input") return { ready: false, steps };
    }
    return { ready: true, steps };
  },
  exitCode: (answer) => (answer.steps.some((step) => step.status === "failed") ? 1 : 0),
  render(answer, paint) {
    if (answer.ready) return paint.green('Ready. Try: psn post create "Hello, X."');
    const last = answer.steps.at(-1);
    if (last?.status === "failed") return String(last.data?.hint ?? "Mend that and run psn setup again.");
    return "Run psn setup again when you have it.";
  },
});

type Options = Record<string, string | boolean | string[] | undefined>;

async function runStep(name: (typeof STEPS)[number], io: Io, options: Options): Promise<Step> {
  switch (name) {
    case "hub":
      return await setupHub(
        io.env,
        {
          ...(typeof options.db === "string" ? { db: options.db } : {}),
          ...(typeof options.timezone === "string" ? { timezone: options.timezone } : {}),
        },
        io.note,
      );
    case "keys":
      return await setupKeys(io, options["keys-stdin"] === true);
    case "engine":
      return await inApp(io, async (app) => {
        const workers = await countWorkers(app.hub);
        const alive = workers > 0 ? `${workers} running` : "none running; scheduled posts need one: psn worker";
        return {
          step: "engine",
          status: "skipped",
          message: `Engine: ${app.engine.name}. Workers: ${alive}.`,
          data: { workers },
        };
      });
    case "sign_in":
      return await inApp(io, (app) => signIn(app, io, options));
    case "validate":
      return await inApp(io, (app) => validate(app, typeof options.account === "string" ? options.account : undefined));
  }
}

function inApp(io: Io, act: (app: App) => Promise<Step>): Promise<Step> {
  return withApp({ env: io.env }, act);
}

/** Keys come from the environment, from stdin, or from a person; the secret is never an argument. */
async function setupKeys(io: Io, fromStdin: boolean): Promise<Step> {
  const file = join(configDir(io.env), "keys.env");
  if (fromStdin) await storeKeys(file, parseKeyLines(await io.readStdin()));
  const { values } = await readEnvFile(file);
  const clientId = values.X_CLIENT_ID || io.env.X_CLIENT_ID;
  const clientSecret = values.X_CLIENT_SECRET || io.env.X_CLIENT_SECRET;
  if (clientId && clientSecret) {
    const isNew = !values.X_CLIENT_ID || !values.X_CLIENT_SECRET;
    if (isNew) await storeKeys(file, pickXValues(io.env));
    const keys = await loadKeysEnv(io.env);
    const target = keys.isRealX ? "X" : `${keys.apiBaseUrl}, which is not X`;
    return {
      step: "keys",
      status: isNew || fromStdin ? "success" : "skipped",
      message: `The X app's keys are in ${file}. Posts go to ${target}.`,
      data: { warnings: keys.warnings, realX: keys.isRealX },
    };
  }
  if (!io.interactive) {
    return {
      step: "keys",
      status: "need_input",
      message: "PSN needs the client id and secret of your X app.",
      data: {
        ask: [
          { name: "X_CLIENT_ID", secret: false },
          { name: "X_CLIENT_SECRET", secret: true },
        ],
        instructions: xAppSteps(),
        answerWith:
          "Put both lines into a file only you can read and run: psn setup --keys-stdin < FILE. Or set them in the environment.",
      },
    };
  }
  clack.note(
    xAppSteps()
      .map((line, index) => `${index + 1}. ${line}`)
      .join("\n"),
    "Your X app, once",
  );
  const id = await ask(clack.text({ message: "Client ID", validate: required }));
  const secret = await ask(
    clack.password({ message: "Client Secret (stays on this machine, mode 600)", validate: required }),
  );
  await storeKeys(file, { X_CLIENT_ID: id, X_CLIENT_SECRET: secret });
  return { step: "keys", status: "success", message: `Stored the X app's keys in ${file}.` };
}

async function signIn(app: App, io: Io, options: Options): Promise<Step> {
  if (options.paste === true) return await finish(app, await io.readStdin());
  const account = typeof options.account === "string" ? { account: options.account } : {};
  for (;;) {
    const step = await setupXOAuth(app, { ...account, again: options["sign-in"] === true });
    if (step.status !== "need_input" || !io.interactive) return step;
    clack.note(
      `${step.data?.url}\n\nAfter you authorize, the browser ends at a page that may not load. That is fine.\nBe quick then: the code in its address lives 30 seconds.`,
      "Open this address",
    );
    const pasted = await ask(
      clack.text({ message: "Paste the whole address of that page, or the code", validate: required }),
    );
    try {
      return await finish(app, pasted);
    } catch (error) {
      if (!(error instanceof PsnError) || !error.code.startsWith("OAUTH_")) throw error;
      clack.log.error(`${error.message} ${error.hint ?? ""}`);
      clack.log.info("Here is a fresh address.");
    }
  }
}

async function finish(app: App, pasted: string): Promise<Step> {
  const { account, resumed } = await completeXOAuth(app, pasted);
  const waited = resumed > 0 ? ` ${resumed} waiting ${resumed === 1 ? "post goes" : "posts go"} out now.` : "";
  return {
    step: "sign_in",
    status: "success",
    message: `Signed in as @${account.handle} (${account.name}).${waited}`,
    data: { handle: account.handle, resumed },
  };
}

/** Asks X for real: the stored token must work at this moment. */
async function validate(app: App, handle: string | undefined): Promise<Step> {
  const account = await chooseAccount(app.hub.db, handle);
  const deps = await app.publishDeps();
  const token = await credentialsFor(deps, account.id);
  const checks = [{ name: "hub", ok: true, says: app.hub.where }];
  if (token.kind !== "ok") {
    checks.push({ name: "x", ok: false, says: token.reason });
  } else {
    const identity = await deps.platform.identity(token.credentials.accessToken);
    const ok = identity.kind === "identity";
    const says = ok
      ? `X knows this token as @${identity.identity.handle}`
      : "detail" in identity
        ? identity.detail
        : identity.cause;
    checks.push({ name: "x", ok, says });
  }
  const accounts = await listAccounts(app.hub.db);
  const failed = checks.filter((check) => !check.ok);
  return {
    step: "validate",
    status: failed.length > 0 ? "failed" : "success",
    message: checks.map((check) => `${check.ok ? "✓" : "✗"} ${check.name}: ${check.says}`).join("  "),
    data: {
      checks,
      accounts: accounts.map(({ handle: name, isDefault, signedIn }) => ({ handle: name, isDefault, signedIn })),
    },
  };
}

// --- internal ---

const MARKS = { success: "✓", skipped: "✓", need_input: "?", failed: "✗" } as const;

function stepLine(step: Step, paint: Paint): string {
  const mark = MARKS[step.status];
  const colour = step.status === "failed" ? paint.red : step.status === "need_input" ? paint.yellow : paint.green;
  const lines = [`[${STEPS.indexOf(step.step) + 1}/${STEPS.length}] ${colour(mark)} ${step.message}`];
  if (step.status === "need_input" && typeof step.data?.url === "string") lines.push(`      ${step.data.url}`);
  if (step.status === "need_input" && typeof step.data?.answerWith === "string") lines.push(`      ${step.data.then}`);
  return lines.join("\n");
}

const KEY_NAMES = [
  "X_CLIENT_ID",
  "X_CLIENT_SECRET",
  "X_REDIRECT_URI",
  "X_API_BASE_URL",
  "X_AUTHORIZE_URL",
  "X_TOKEN_URL",
  "X_REVOKE_URL",
] as const;

function pickXValues(env: Env): Record<string, string> {
  return Object.fromEntries(KEY_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function parseKeyLines(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf("=");
    const name = line
      .slice(0, at)
      .replace(/^\s*export\s+/, "")
      .trim();
    if (at > 0 && (KEY_NAMES as readonly string[]).includes(name)) {
      found[name] = line
        .slice(at + 1)
        .trim()
        .replace(/^(["'])(.*)\1$/, "$2");
    }
  }
  if (!found.X_CLIENT_ID || !found.X_CLIENT_SECRET) {
    throw new PsnError("X_KEYS_MISSING", "stdin must hold the two lines X_CLIENT_ID=… and X_CLIENT_SECRET=….", {
      hint: `The callback URL to register at X is ${X_DEFAULTS.redirectUri}.`,
    });
  }
  return found;
}

async function storeKeys(file: string, values: Record<string, string>): Promise<void> {
  await writeEnvFile(file, values);
}

const required = (value: string | undefined) => (value?.trim() ? undefined : "It cannot be empty.");

async function ask(prompt: Promise<string | symbol>): Promise<string> {
  const answer = await prompt;
  if (clack.isCancel(answer) || typeof answer !== "string") {
    throw new PsnError("CANCELLED", "Setup was left.", { hint: "psn setup goes on where it was." });
  }
  return answer.trim();
}

if (import.meta.main) process.exitCode = await runMain([setupCommand], ["setup", ...process.argv.slice(2)]);
