/** Finds the command, runs it, prints its answer or its error. The only place that prints to stdout or sets an exit code. */

import { version } from "../../package.json";
import { explainHubError } from "../core/db/errors.ts";
import { PsnError } from "../core/errors.ts";
import { type Command, describe, helpOf, type Io, parseInput } from "./_command.ts";
import { makePaint } from "./_paint.ts";

const STDIN_BYTES_MAX = 16 * 1024 * 1024;

/** Runs one command line against the given commands. @returns the exit code */
export async function runMain(commands: readonly Command[], argv: string[]): Promise<number> {
  const stop = new AbortController();
  // The first Ctrl-C lets what runs come to a safe end; the second does not wait for it. Either way the hub knows all.
  const onSignal = () => (stop.signal.aborted ? process.exit(130) : stop.abort());
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    await print(version);
    return 0;
  }
  const found = findCommand(commands, argv);
  const isTerminal = Boolean(process.stdout.isTTY);
  const wantsJson = argv.includes("--json") || !(isTerminal || found?.command.textWhenPiped);
  const paint = makePaint(!wantsJson && isTerminal && !process.env.NO_COLOR && process.env.TERM !== "dumb");
  try {
    if (!found || found.rest.includes("--help") || found.rest.includes("-h")) {
      const asData = found && argv.includes("--json");
      const text = () => (found ? helpOf(found.command, paint) : overviewOf(commands, argv, paint.bold));
      await print(asData ? JSON.stringify(describe(found.command)) : text());
      return 0;
    }
    const { command, rest } = found;
    const input = parseInput(command, rest);
    let isAnswered = false;
    const io: Io = {
      env: process.env,
      cwd: process.cwd(),
      json: wantsJson,
      interactive: Boolean(process.stdin.isTTY && process.stdout.isTTY && !input.options["no-input"] && !wantsJson),
      paint,
      answerNow: async (early) => {
        if (!wantsJson) return;
        isAnswered = true;
        await print(JSON.stringify(command.answer.parse(early)));
      },
      note: (line) => process.stderr.write(`${line}\n`),
      readStdin,
      signal: stop.signal,
    };
    const answer = await command.run(io, input);
    const shown = () => (wantsJson ? JSON.stringify(command.answer.parse(answer)) : command.render(answer, paint));
    if (!isAnswered) await print(shown());
    return command.exitCode?.(answer) ?? 0;
  } catch (error) {
    await printError(error, wantsJson);
    return 1;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

// --- internal ---

function findCommand(commands: readonly Command[], argv: string[]): { command: Command; rest: string[] } | null {
  if (argv[0] === "help") {
    const asked = findCommand(commands, argv.slice(1));
    return asked && { ...asked, rest: ["--help"] };
  }
  for (const words of [2, 1]) {
    const command = commands.find((candidate) => candidate.name === argv.slice(0, words).join(" "));
    if (command) return { command, rest: argv.slice(words) };
  }
  return null;
}

/** The list of all commands, or of a group such as `post`. @throws PsnError USAGE for words that are no command */
function overviewOf(commands: readonly Command[], argv: string[], bold: (text: string) => string): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  if (words[0] === "help") words.shift();
  const group = commands.filter((command) => words[0] !== undefined && command.name.startsWith(`${words[0]} `));
  const isGroup = group.length > 0 && words.length === 1;
  if (words.length > 0 && !isGroup) {
    const names = (group.length > 0 ? group : commands).map((command) => command.name);
    const near = names.filter((name) => distance(name, argv.slice(0, name.split(" ").length).join(" ")) <= 2);
    throw new PsnError("USAGE", `There is no command "psn ${words.slice(0, 2).join(" ").slice(0, 60)}".`, {
      hint:
        near.length > 0
          ? `Did you mean: psn ${near.join(", psn ")}?`
          : group.length > 0
            ? `psn ${words[0]} --help`
            : "psn --help",
    });
  }
  const listed = isGroup ? group : commands;
  const lines = [bold("psn <command>: one text becomes a post or thread on X, each tweet exactly once"), ""];
  for (const command of listed) lines.push(`  ${command.name.padEnd(16)} ${command.summary}`);
  lines.push("", "psn <command> --help tells more. Answers are JSON with --json, or when stdout is no terminal.");
  return lines.join("\n");
}

/** Edits between two short words (Levenshtein), to guess what was meant. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += chunk.length;
    if (bytes > STDIN_BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", "The text on stdin is larger than 16 MiB.");
    chunks.push(Buffer.from(chunk));
  }
  return decodeText(Buffer.concat(chunks), "stdin");
}

/** @throws PsnError TEXT_NOT_UTF8 */
export function decodeText(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new PsnError("TEXT_NOT_UTF8", `${from} is not UTF-8 text.`, { hint: "Save it as UTF-8 and try again." });
  }
}

async function print(text: string): Promise<void> {
  if (text === "") return;
  // A reader that has seen enough (`| head`) closes the pipe; that is no error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
}

async function printError(thrown: unknown, asJson: boolean): Promise<void> {
  const error = explainHubError(thrown) ?? thrown;
  if (!(error instanceof PsnError)) {
    // drizzle's own message repeats the query with its parameters, which are nobody's business; the cause says why.
    const root = error instanceof Error && error.message.startsWith("Failed query") ? (error.cause as Error) : error;
    const message = root instanceof Error ? root.message : String(root);
    const stack = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
    process.stderr.write(`${[message, ...stack].join("\n")}\n`);
    const bug = {
      code: "INTERNAL",
      message: message.slice(0, 500),
      hint: "This is a bug in PSN; the stack is on stderr.",
    };
    if (asJson) await print(JSON.stringify({ error: bug }));
    return;
  }
  const { code, message, hint, next, details } = error;
  if (asJson) {
    await print(JSON.stringify({ error: { code, message, hint, next, details } }));
    return;
  }
  const paint = makePaint(Boolean(process.stderr.isTTY) && !process.env.NO_COLOR);
  const parts = [`${paint.red("error")} ${paint.bold(code)}  ${message}`, hint, next].filter(Boolean);
  process.stderr.write(`${parts.join("  ")}\n`);
}
