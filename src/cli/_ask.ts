/** Questions to a person at a terminal. What nobody answers is an error, never a yes. */
import type { Hub } from "../core/db/connection.ts";
import { PsnError } from "../core/errors.ts";
import { approvalMode } from "../core/post/approval-mode.ts";
import type { Io } from "./_command.ts";
import { screenText } from "./_screen.ts";
import { fitEnd, printable } from "./_wrap.ts";
import { GONE, Keyboard, NO, onHangUp, PASTED, processTty, typedLine } from "./post/loop/keyboard.ts";

const LINE_LENGTH_MAX = 1_000;
const PASTE_LENGTH_MAX = 8_192;
const MARK = "> ";

/**
 * Asks before an act that cannot be undone, unless `--yes` was given. Yes is a word: no key that was pressed by mistake, typed before
 * the question was there or pasted with its line break may be one. A dry run asks nobody: it says what follows a yes.
 * @throws PsnError CONFIRMATION_NEEDED when nobody can be asked, CANCELLED when they said no
 */
export async function confirm(io: Io, { yes }: { yes?: unknown }, question: string): Promise<void> {
  if (yes === true || io.dryRun) return;
  if (!io.interactive) {
    throw new PsnError("CONFIRMATION_NEEDED", `This needs a yes: ${question}`, {
      hint: "Ask the person, then run the same command with --yes.",
    });
  }
  if (!(await askWord(io, question, "yes"))) throw new PsnError("CANCELLED", "Nothing was changed.");
}

/**
 * The same before what only a person may say yes to in the approval mode `person`: there `--yes` may be anybody's.
 * @param command what the person gives at a terminal
 * @throws PsnError APPROVAL_NEEDED when no person is at a terminal, and as `confirm`
 */
export async function confirmByPerson(
  io: Io,
  hub: Pick<Hub, "db" | "requiresPerson" | "approvalMark">,
  given: { yes?: unknown },
  { question, command }: { question: string; command: string },
): Promise<void> {
  if (io.takesYes) return;
  if ((await approvalMode(hub.db, hub)) === "agent") return await confirm(io, given, question);
  if (!io.interactive) {
    throw new PsnError("APPROVAL_NEEDED", `Only a person at a terminal says yes to this: ${question}`, {
      hint: "The person gives the same command at a terminal.",
      next: [command],
      details: { needsPerson: true },
    });
  }
  await confirm(io, {}, question);
}

/**
 * One of several keys, each pressed by itself after the question was shown; null for no, which every other key is.
 * @throws PsnError CANCELLED at Ctrl-C
 */
export async function pickKey(
  io: Pick<Io, "signal" | "note">,
  question: string,
  choices: readonly (readonly [key: string, does: string])[],
): Promise<string | null> {
  const keyboard = new Keyboard(processTty(), io.signal);
  return await keyboard.run(async () => {
    await keyboard.drain();
    io.note([question, ...choices.map(([key, does]) => `  ${key}  ${does}`), "  Esc  neither"].join("\n"));
    for (;;) {
      const key = await keyboard.nextKey();
      if (key === "ctrl-c") throw new PsnError("CANCELLED", "Nothing was changed.");
      if (key !== PASTED) return choices.find(([name]) => name === key)?.[0] ?? null;
      io.note("Pasted text is ignored here.");
    }
  });
}

/**
 * One line from a person. `secret` hides what is typed; `left` is said when they leave, outside of a setup. A stop signal, or a terminal that hangs up, leaves the question.
 * @throws PsnError CANCELLED
 */
export async function ask(message: string, options: { secret?: boolean; left?: string } = {}): Promise<string> {
  const clack = await import("@clack/prompts");
  const prompt = options.secret ? clack.password : clack.text;
  const stop = new AbortController();
  const gone = Promise.withResolvers<null>();
  const onStop = () => {
    stop.abort();
    gone.resolve(null);
  };
  // Of a terminal that is gone the prompt learns by errors that nobody can catch for it, and then it never answers.
  const onCrash = (error: unknown) => {
    if (!/\bEIO\b|errno: 5\b/.test(String(error))) throw error;
    onStop();
  };
  const lines = [
    [process, "SIGTERM", onStop],
    [process, "SIGHUP", onHangUp],
    [process, "uncaughtException", onCrash],
    [process.stdin, "end", onStop],
    [process.stdin, "error", onStop],
    [process.stdout, "error", onStop],
  ] as const;
  for (const [from, event, hear] of lines) from.on(event, hear);
  try {
    const validate = (value: string | undefined) => (value?.trim() ? undefined : "It cannot be empty.");
    const asked = prompt({ message: screenText(message), validate, signal: stop.signal });
    const answer = await Promise.race([asked, gone.promise]);
    if (clack.isCancel(answer) || typeof answer !== "string") {
      throw options.left === undefined ? leftSetup() : new PsnError("CANCELLED", options.left);
    }
    return answer.trim();
  } finally {
    for (const [from, event, hear] of lines) from.off(event, hear);
  }
}

/**
 * Before what loosens a lock, which is not done by those whom it keeps out: only a person at a terminal does, who types so.
 * @param refusal what nobody at a terminal is refused with; it says what the person does instead
 * @throws PsnError `refusal`, CANCELLED
 */
export async function requirePersonToLoosen(io: Io, refusal: PsnError, question: string): Promise<void> {
  if (io.takesYes) return;
  if (!io.interactive) throw refusal;
  if (!(await askWord(io, question, "allow"))) throw new PsnError("CANCELLED", "Nothing was changed.");
}

/** Whether a person types the word and Enter; every other key that people press for no is a no. */
export async function askWord(io: Io, question: string, word: string): Promise<boolean> {
  const keyboard = new Keyboard(processTty(), io.signal);
  return await keyboard.run(async () => {
    await keyboard.drain();
    io.note(`${question}\nType ${word} and Enter, or Esc for no:`);
    const line = await typeLine(keyboard, {
      charactersMax: LINE_LENGTH_MAX,
      isEnd: (typed) => NO.includes(typed.toLowerCase()),
    });
    return line?.trim().toLowerCase() === word;
  });
}

/**
 * A text that is pasted, with the line breaks that a terminal or a mail client cut it by; Enter, pressed by itself, ends it.
 * @throws PsnError CANCELLED
 */
export async function askPaste(io: Pick<Io, "signal" | "note">, question: string): Promise<string> {
  const keyboard = new Keyboard(processTty(), io.signal);
  return await keyboard.run(async () => {
    io.note(`${question}, then Enter:`);
    for (;;) {
      const pasted = await typeLine(keyboard, { charactersMax: PASTE_LENGTH_MAX, lineBreak: "\n" });
      if (pasted === null) throw leftSetup();
      if (pasted.trim() !== "") return pasted;
    }
  });
}

// --- internal ---

const leftSetup = () => new PsnError("CANCELLED", "Setup was left.", { hint: "psn setup goes on where it was." });

interface Line {
  charactersMax: number;
  /** What is made of the line breaks of a paste; a blank unless given. */
  lineBreak?: string;
  /** Ends it without Enter. */
  isEnd?: (line: string) => boolean;
}

/** A line as it is typed, on one row: a longer one could not be written anew, so its end stays in sight. Null for Esc, Ctrl-C, and a terminal that is gone. */
async function typeLine(keyboard: Keyboard, { charactersMax, lineBreak, isEnd }: Line): Promise<string | null> {
  const { output } = processTty();
  let line = "";
  try {
    for (;;) {
      const room = Math.max(1, (output.columns || 80) - MARK.length - 1);
      output.write(`\r\x1b[K${MARK}${fitEnd(printable(line.replaceAll("\n", " ")), room)}`);
      for (const key of await keyboard.nextTyped(lineBreak)) {
        if (key === "enter") return line;
        if (["escape", "ctrl-c", GONE].includes(key)) return null;
        line = typedLine(line, key, charactersMax);
      }
      if (isEnd?.(line)) return line;
    }
  } finally {
    output.write("\r\n");
  }
}
