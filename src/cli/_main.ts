/** Finds the command, loads and runs it, prints its answer or its error. The only place that prints to stdout or sets an exit code. */

import { version } from "../../package.json";
import { DryStop, PsnError } from "../core/errors.ts";
import type { Outcome } from "./_answer.ts";
import type { Around, Entry, Io } from "./_command.ts";
import { distance } from "./_distance.ts";
import { EXIT, EXIT_MEANINGS, exitCodeOfSignal } from "./_errors.ts";
import type { Ran } from "./_outcome.ts";
import { makePaint } from "./_paint.ts";
import { jsonText, screenLines, screenText } from "./_screen.ts";
import { hung } from "./_wrap.ts";

/** Runs one command line against the given commands. @returns the exit code */
export async function runMain(entries: readonly Entry[], argv: string[]): Promise<number> {
  const stop = new AbortController();
  // The first Ctrl-C lets what runs come to a safe end; the second does not wait for it. Either way the hub knows all.
  const onSignal = (signal: NodeJS.Signals) =>
    stop.signal.aborted
      ? process.exit(exitCodeOfSignal(stop.signal))
      : stop.abort(new DOMException(signal, "AbortError"));
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await runLine(entries, argv, process, stop.signal);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/**
 * The same with what is around it given.
 * @param signal lets what runs come to a safe end
 * @returns the exit code
 */
export async function runLine(
  entries: readonly Entry[],
  argv: string[],
  around: Around,
  signal: AbortSignal,
): Promise<number> {
  const { env } = around;
  const print = async (text: string) => await printTo(around, text);
  const lines = (text: string) => screenLines(text, around.stdout);
  if (argv.length === 1 && ["--version", "-V", "-v"].includes(argv[0] ?? "")) {
    await print(version);
    return 0;
  }
  const isTerminal = Boolean(around.stdout.isTTY);
  const paintFor = (json: boolean) => makePaint(json ? false : around.stdout);
  // What stands behind -- are words.
  const options = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const asked = options.includes("--json");
  let json = asked || !isTerminal;
  try {
    // What the runtime puts where bytes are no UTF-8; nearly no call has it.
    if ([...argv, ...Object.values(env)].some((word) => word?.includes("\uFFFD")))
      await (await import("./_typed-bytes.ts")).requireUtf8(argv, env);
    const found = findCommand(entries, argv);
    if (!found && argv[0] === "help" && argv[1] !== undefined) {
      const { isTopic, topicText } = await import("./_topics.ts");
      // "psn help exit codes" is what one types of "exit-codes".
      const topic = argv
        .slice(1)
        .filter((word) => !word.startsWith("-"))
        .join("-");
      if (isTopic(topic)) {
        const text = topicText(topic);
        await print(asked ? jsonText({ outcome: "ok" satisfies Outcome, topic, text }) : lines(text));
        return 0;
      }
    }
    if (!found) {
      await print(overviewOf(entries, argv, asked, paintFor(asked).bold, lines));
      return 0;
    }
    const { entry, rest } = found;
    const command = await entry.load();
    json = asked || !(isTerminal || command.textWhenPiped);
    const paint = paintFor(json);
    if (options.includes("--help") || options.includes("-h") || argv[0] === "help") {
      const { describe, helpOf } = await import("./_help.ts");
      await print(
        asked
          ? jsonText({ outcome: "ok" satisfies Outcome, ...describe(entry, command) })
          : lines(helpOf(entry, command, paint)),
      );
      return 0;
    }
    const { answered, runCommand } = await import("./_outcome.ts");
    const { parseLine } = await import("./_parse.ts");
    const { input, noInput, dryRun, fields } = await parseLine(command, entry.name, rest, {
      cwd: () => around.cwd(),
      readStdin: async () => await (await import("./_stdin.ts")).readStdin(signal, around.stdin),
      signal,
    });
    const cut = async (body: object) => (fields ? (await import("./_fields-cut.ts")).cutTo(body, fields) : body);
    let isAnswered = false;
    const hasPerson = Boolean(around.stdin.isTTY && around.stdout.isTTY && !noInput && !json);
    const io: Io = {
      env,
      cwd: around.cwd(),
      json,
      interactive: hasPerson && !dryRun,
      dryRun,
      takesYes: hasPerson && dryRun,
      willWrite: (what) => {
        if (dryRun) throw new DryStop(what);
      },
      paint,
      commands: entries,
      answerNow: async (early) => {
        if (!json) return;
        isAnswered = true;
        await print(jsonText(await cut(answered(command, early).body)));
      },
      note: (line) => around.stderr.write(`${screenLines(line, around.stderr)}\n`),
      readStdin: async () => {
        if (around.stdin.isTTY) io.note("Type or paste the text; Ctrl-D on a line of its own ends it.");
        const text = await (await import("./_stdin.ts")).readStdin(signal, around.stdin);
        // Read to its end, stdin gives no keys any more.
        io.interactive = false;
        return text;
      },
      signal,
    };
    const ran = await runCommand(command, io, input);
    if (!("answer" in ran) && ran.body.error) return await printRefused({ ...ran, body: ran.body }, json, around);
    const shown = async () => {
      if (json) return jsonText(await cut(ran.body));
      const body = "answer" in ran ? command.render(ran.answer, paint) : `It would ${ran.would}.`;
      if (!dryRun) return lines(body);
      const then = "answer" in ran && ran.body.would ? ` It would ${ran.body.would}.` : "";
      const notAsked = (io.unchecked ?? []).map((what) => ` X was not asked ${what}.`).join("");
      return lines(`${body}\n${paint.bold("A dry run:")} nothing of it was kept.${then}${notAsked}`);
    };
    if (!isAnswered) await print(await shown());
    return ran.exit !== EXIT.ok && signal.aborted ? exitCodeOfSignal(signal) : ran.exit;
  } catch (error) {
    // The command has said what it leaves.
    if (signal.aborted && error === signal.reason) return exitCodeOfSignal(signal);
    if (signal.aborted && isAbort(error)) {
      if (!json) around.stderr.write("Stopped.\n");
      else await printError(new PsnError("CANCELLED", "The command was stopped by a signal."), json, around);
      return exitCodeOfSignal(signal);
    }
    return await printError(error, json, around);
  }
}

// --- internal ---

function findCommand(entries: readonly Entry[], argv: string[]): { entry: Entry; rest: string[] } | null {
  if (argv[0] === "help") {
    const asked = findCommand(entries, argv.slice(1));
    return asked && { ...asked, rest: [...asked.rest, "--help"] };
  }
  for (const words of [2, 1]) {
    const entry = entries.find((candidate) => candidate.name === argv.slice(0, words).join(" "));
    if (entry) return { entry, rest: argv.slice(words) };
  }
  return null;
}

/** The list of all commands, or of a group such as `post`. @throws PsnError USAGE for words that are no command */
function overviewOf(
  entries: readonly Entry[],
  argv: string[],
  asData: boolean,
  bold: (text: string) => string,
  onScreen: (text: string) => string,
): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  if (words[0] === "help") words.shift();
  const group = entries.filter((entry) => words[0] !== undefined && entry.name.startsWith(`${words[0]} `));
  const isGroup = group.length > 0 && words.length === 1;
  if (words.length > 0 && !isGroup) throw unknownCommand(entries, group, words, argv);
  const listed = isGroup ? group : entries;
  if (asData) {
    const help = "psn schema COMMAND: how it is typed, and the JSON Schemas of its input and its answer";
    const exitCodes = Object.fromEntries(EXIT_MEANINGS);
    return jsonText({
      outcome: "ok" satisfies Outcome,
      version,
      commands: listed.map(({ name, summary }) => ({ name, summary })),
      help,
      exitCodes,
    });
  }
  const lines = [bold("psn <command>: one text becomes a post or thread on X, each tweet exactly once"), ""];
  for (const entry of listed) lines.push(...hung(`  ${entry.name.padEnd(16)} `, entry.summary));
  lines.push(
    "",
    "psn <command> --help tells more; psn schema <command> has the JSON Schemas of its input and its answer.",
  );
  lines.push("psn help TOPIC: times, markdown, media, exit-codes, environment.");
  const texts = "but of completion, context, demo and mcp, whose answer is itself a text, only with --json";
  lines.push(...hung("", `Answers are JSON with --json, or when stdout is no terminal; ${texts}.`), "", "Exit codes:");
  for (const [code, meaning] of EXIT_MEANINGS) lines.push(...hung(`  ${String(code).padEnd(4)} `, meaning));
  return onScreen(lines.join("\n"));
}

function unknownCommand(entries: readonly Entry[], group: readonly Entry[], words: string[], argv: string[]): PsnError {
  const names = (group.length > 0 ? group : entries).map((entry) => entry.name);
  const typed = (count: number) => argv.slice(0, count).join(" ");
  const isNear = (name: string) => distance(name, typed(name.split(" ").length)) <= 2;
  // `psn list` is `psn post list`, `psn account list`.
  const isPart = (name: string) =>
    name.split(" ").length === 2 && distance(name.split(" ")[1] ?? "", words[0] ?? "") <= 1;
  const near = [...names.filter(isNear), ...(distance("help", words[0] ?? "") <= 2 ? ["--help"] : [])];
  if (near.length === 0) near.push(...names.filter(isPart));
  const help = group.length > 0 ? `psn ${words[0]} --help` : "psn --help";
  return new PsnError("USAGE", `There is no command "psn ${words.slice(0, 2).join(" ").slice(0, 60)}".`, {
    hint: near.length > 0 ? `Did you mean: psn ${near.join(", psn ")}?` : help,
  });
}

async function printTo(around: Around, text: string): Promise<void> {
  if (text === "") return;
  const { stdout } = around;
  // A reader that has seen enough (`| head`) closes the pipe; that is no error of ours.
  // Elsewhere it cannot go: what was done is done, and only its answer is missing.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    around.stderr.write(`The answer could not be written: ${error.code ?? error.message}.\n`);
    process.exit(EXIT.refused);
  });
  await new Promise<void>((resolve) => stdout.write(`${text}\n`, () => resolve()));
}

/** What a stopped wait throws. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** What was thrown. @returns the exit code */
async function printError(thrown: unknown, asData: boolean, around: Around): Promise<number> {
  const { ranInto } = await import("./_outcome.ts");
  return await printRefused(await ranInto(thrown, around.env), asData, around);
}

/** @returns the exit code */
async function printRefused({ body, exit, stack }: Ran, asData: boolean, around: Around): Promise<number> {
  if (stack) around.stderr.write(`${screenText(stack)}\n`);
  if (asData) await printTo(around, jsonText(body));
  const { error } = body;
  if (asData || stack || !error) return exit;
  const paint = makePaint(around.stderr);
  // Who left knows that they did.
  const head =
    error.code === "CANCELLED" ? error.message : `${paint.red("error")} ${paint.bold(error.code)}  ${error.message}`;
  const helps = error.hint ?? error.next.map(({ command }) => command).join(", or ");
  around.stderr.write(`${screenLines([head, helps].filter(Boolean).join("  "), around.stderr)}\n`);
  return exit;
}
