/** A command's run as an answer, the same for the command line and for MCP: its object, and its exit code. */
import { DryStop, PsnError } from "../core/errors.ts";
import type { Outcome } from "./_answer.ts";
import type { Command, Io } from "./_command.ts";
import { Suspended } from "./_dry-run.ts";
import { type ErrorAnswer, EXIT, type ExitCode, errorAnswer, exitCodeOf } from "./_errors.ts";

export interface Ran {
  /** What is printed as JSON. */
  body: { outcome: Outcome; error?: ErrorAnswer; [field: string]: unknown };
  exit: ExitCode;
  /** What the command answered, for a person; absent when it was refused, and when a dry run stopped before its answer. */
  answer?: unknown;
  /** What a dry run would have written next, as the end of “it would …”. */
  would?: string;
  /** Of a bug. */
  stack?: string;
}

/**
 * Runs a command. What it answers is held against its schema; what it throws becomes an error, a bug too. In a dry run the error is the
 * answer: `wouldSucceed` is false, and the exit code is the one that the command would have.
 * @throws what a stop signal makes it throw, and Suspended
 */
export async function runCommand(command: Command, io: Io, input: unknown): Promise<Ran> {
  const unchecked: string[] = [];
  io.unchecked = unchecked;
  const goesOn: string[] = [];
  io.goesOn = goesOn;
  // Absent where all was asked.
  const left = () => (unchecked.length > 0 ? { unchecked } : {});
  try {
    const answer = await command.run(io, input as never);
    const [would] = goesOn;
    const ran = answered(command, answer, would !== undefined);
    if (!io.dryRun) return ran;
    const { outcome, ...rest } = ran.body;
    const then = would === undefined ? {} : { would };
    return { ...ran, body: { outcome: "dry_run", wouldSucceed: outcome === "ok", ...then, ...left(), ...rest } };
  } catch (error) {
    if (error instanceof DryStop) {
      const { would } = error;
      return { body: { outcome: "dry_run", wouldSucceed: true, would, ...left() }, exit: EXIT.ok, would };
    }
    if (io.signal.aborted || error instanceof Suspended) throw error;
    const ran = await ranInto(error, io.env, io.dryRun);
    return { ...ran, body: { ...ran.body, ...left() } };
  }
}

/**
 * What a command answers, held against its schema, with the error where it did not do what it was for.
 * @param goesOn what it was for comes after this answer: that nothing of it was done is no failure
 */
export function answered(command: Command, answer: unknown, goesOn = false): Ran {
  const checked = command.answer.parse(answer) as object;
  const failure = goesOn ? null : (command.failure?.(answer) ?? null);
  if (!failure) return { body: { outcome: "ok", ...checked }, exit: EXIT.ok, answer };
  return { body: { outcome: "error", ...checked, error: failure.error }, exit: failure.exit, answer };
}

/** What was thrown, as an answer. */
export async function ranInto(thrown: unknown, env: Io["env"], dryRun = false): Promise<Ran> {
  const { answer: error, stack } = await answerOf(thrown, env);
  const body: Ran["body"] = dryRun ? { outcome: "dry_run", wouldSucceed: false, error } : { outcome: "error", error };
  return { body, exit: exitCodeOf(error.code), ...(stack ? { stack } : {}) };
}

// --- internal ---

/** Whatever was thrown as an answer; a bug with its stack. */
async function answerOf(thrown: unknown, env: Io["env"]): Promise<{ answer: ErrorAnswer; stack?: string }> {
  const error = thrown instanceof PsnError ? thrown : await plain(thrown);
  if (!(error instanceof PsnError)) {
    const message = error instanceof Error ? error.message : String(error);
    const lines =
      thrown instanceof Error ? (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
    const hint = "This is a bug in PSN; the stack is on stderr.";
    const answer = errorAnswer(new PsnError("INTERNAL", message.slice(0, 500), { hint }));
    return { answer, stack: [message, ...lines].join("\n") };
  }
  const answer = errorAnswer(error);
  const [message = answer.message, hint] = await localTimes([error.message, error.hint], env);
  const readings = answer.code.startsWith("TIME_")
    ? { readings: (await import("../core/times/readings.ts")).readingsOf(error) }
    : {};
  return { answer: { ...answer, message, ...(hint === undefined ? {} : { hint }), ...readings } };
}

/** The sentences of an error with their times on the author's clock, where that is known. */
async function localTimes(sentences: (string | undefined)[], env: Io["env"]): Promise<(string | undefined)[]> {
  if (!sentences.some((sentence) => sentence !== undefined && /\dT\d\d:\d\d:\d\d/.test(sentence))) return sentences;
  const { authorZone } = await import("./_author-zone.ts");
  const { withLocalTimes } = await import("../core/utils/zone-clock.ts");
  const zone = await authorZone(env).catch(() => null);
  return zone === null ? sentences : sentences.map((sentence) => sentence && withLocalTimes(sentence, zone));
}

/** The reading of what the hub's driver throws is loaded with the driver, which a command that fails so has loaded already. */
async function plain(thrown: unknown): Promise<unknown> {
  const { withoutStatement } = await import("../core/db/errors.ts");
  return withoutStatement(thrown);
}
