/** `psn sandbox fault`: what goes wrong at the sandbox next, to see how PSN takes it. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { loadKeysEnv } from "../core/utils/env.ts";
import { FAULT_NAMES, FAULTS, figuresOf, matchOf } from "../sandbox/named-faults.ts";
import { defineCommand, flag, type Io } from "./_command.ts";
import { DEFAULT_URL } from "./sandbox.ts";

const WAIT_MS_MAX = 5_000;
const NAMES = [...FAULT_NAMES, "list", "clear"] as const;

const FaultSchema = z.object({
  id: z.string(),
  timesLeft: z.number().nullable(),
  struck: z.number(),
  effect: z.object({ kind: z.string() }).loose(),
});

export const sandboxFaultCommand = defineCommand({
  input: z.object({
    name: z.enum(NAMES).meta({
      position: 0,
      description: `what goes wrong: ${Object.entries(FAULTS)
        .map(([name, { does }]) => `${name}, ${does}`)
        .join("; ")}; list shows those in force, clear ends them`,
    }),
    times: z.int().min(1).max(1_000).default(1).meta({ placeholder: "N", description: "How often (default 1)" }),
    always: z.boolean().default(false).meta({ description: "Until it is cleared" }),
    skip: z
      .int()
      .min(0)
      .max(1_000)
      .default(0)
      .meta({ placeholder: "N", description: "Let so many requests pass first" }),
    seconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .meta({ placeholder: "N", description: "How long, where it takes time" }),
    status: z
      .int()
      .min(200)
      .max(599)
      .optional()
      .meta({ placeholder: "N", description: "The HTTP status of status and html" }),
    text: z.string().optional().meta({ placeholder: "WORDS", description: "Only a tweet that holds these words" }),
    deletes: flag("Strike deletions of tweets (psn post unpublish) in place of new ones"),
    url: z.string().optional().meta({ placeholder: "URL", description: "The sandbox (default: the configured one)" }),
  }),
  examples: [
    "psn sandbox fault drop_after",
    "psn sandbox fault rate_limited --seconds 60",
    'psn sandbox fault status --status 403 --text "third tweet"',
    "psn sandbox fault drop_after --deletes",
    "psn sandbox fault clear",
  ],
  answer: z.object({ url: z.string(), faults: z.array(FaultSchema) }),
  async run(io, { name, times, always, skip, seconds, status, text, deletes, url }) {
    const base = url ?? (await configuredSandbox(io));
    if (io.dryRun) await ask(base, "GET");
    if (name !== "list") io.willWrite("change the sandbox's faults");
    if (name === "clear") await ask(base, "DELETE");
    else if (name !== "list") {
      const match = matchOf(name, { deletes, text });
      await ask(base, "POST", {
        kind: name,
        ...figuresOf(name, seconds, status),
        times: always ? null : times,
        skip,
        match,
      });
    }
    const { faults } = z.object({ faults: z.array(FaultSchema) }).parse(await ask(base, "GET"));
    // One that has struck as often as it was to is over.
    return { url: base, faults: faults.filter(({ timesLeft }) => timesLeft !== 0) };
  },
  render({ url, faults }) {
    if (faults.length === 0) return `No faults at ${url}: X behaves.`;
    return [
      `In force at ${url}:`,
      ...faults.map(({ effect, timesLeft, struck }) => {
        const left = timesLeft === null ? "until cleared" : `${timesLeft} more ${timesLeft === 1 ? "time" : "times"}`;
        return `  ${effect.kind}  ${left}, struck ${struck} so far`;
      }),
      "psn sandbox fault clear ends them.",
    ].join("\n");
  },
});

// --- internal ---

async function configuredSandbox({ env }: Io): Promise<string> {
  const keys = await loadKeysEnv(env).catch(() => null);
  if (keys === null) return DEFAULT_URL;
  if (!keys.isRealX) return keys.apiBaseUrl.replace(/\/$/, "");
  throw new PsnError("SANDBOX_NOT_RUNNING", "PSN is set up for X itself, which takes no faults.", {
    hint: "psn setup --sandbox switches to the sandbox; --url names one.",
  });
}

/** @throws PsnError SANDBOX_NOT_RUNNING, SANDBOX_BAD_INPUT */
async function ask(base: string, method: string, body?: unknown): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(`${base}/sandbox/faults`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WAIT_MS_MAX),
    });
  } catch {
    throw new PsnError("SANDBOX_NOT_RUNNING", `No sandbox answers at ${base}.`, {
      hint: "psn setup --sandbox starts one.",
    });
  }
  const said = (await answer.json().catch(() => ({}))) as { error?: { message?: string } };
  if (answer.ok) return said;
  throw new PsnError("SANDBOX_BAD_INPUT", String(said.error?.message ?? `HTTP ${answer.status}`).slice(0, 300));
}
