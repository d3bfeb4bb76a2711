/** Words written in the person's own editor. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { PsnError } from "../../../core/errors.ts";
import { dataDirOf } from "../../../core/utils/env.ts";
import { shellWord } from "../../../core/utils/shell-word.ts";
import { pickKey } from "../../_ask.ts";
import type { Io } from "../../_command.ts";
import { decodeText } from "../../_stdin.ts";
import { refuseFrontMatter } from "../_front-matter.ts";
import { Edit, fileRemoved, keptEdits } from "./kept-words.ts";
import { onHangUp } from "./keyboard.ts";

/** Tried in this order where neither VISUAL nor EDITOR names one. */
const EDITORS = ["vi", "nano"];
/** What an editor that died may have left on: another screen, reports of the mouse, brackets around a paste; and the cursor off. */
const CALM = "\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m";
/** What a shell ends with for a program that is not there, or that it may not run. */
const NOT_FOUND = 127;
const NOT_RUN = 126;
/** How long an editor has to end when PSN is stopped. */
const END_MS_MAX = 5_000;

/**
 * Opens a text in VISUAL, EDITOR, vi or nano. `signal` ends the editor. What it saved stays in the file, whatever comes of it.
 * @returns whether it was saved
 * @throws PsnError EDITOR_FAILED, and what `Edit.bytes` throws
 */
export async function openEditor(
  env: Record<string, string | undefined>,
  edit: Edit,
  signal: AbortSignal,
): Promise<boolean> {
  const variable = env.VISUAL?.trim() ? "VISUAL" : "EDITOR";
  const editor = env[variable]?.trim() || firstThatIsThere(env);
  const before = { bytes: await edit.bytes(), written: await writtenAt(edit) };
  const wasKept = await edit.hasWords();
  await edit.claim();
  const code = await keepingTerminal(() => runEditor(editor, edit.file, env, signal));
  const written = await writtenAt(edit);
  if (written === null && wasKept) await edit.restore(before.bytes);
  if (code !== 0 || signal.aborted) {
    if (!signal.aborted && (code === NOT_FOUND || code === NOT_RUN)) throw notRun(editor, variable, code);
    const how = signal.aborted ? "was stopped" : `ended with ${code === null ? "a signal" : `code ${code}`}`;
    throw new PsnError("EDITOR_FAILED", `${editor} ${how}.`, {
      hint: `Nothing was changed. ${variable} names the program.`,
    });
  }
  if (written === null) throw fileRemoved();
  return written !== before.written || !(await edit.bytes()).equals(before.bytes);
}

/** The words in it, without the final line break. @throws PsnError TEXT_NOT_UTF8, TEXT_INVALID_CHARACTER, and as `Edit.bytes` */
export async function wordsOf(edit: Edit): Promise<string> {
  return decodeText(await edit.bytes(), "What the editor saved").replace(/\r?\n$/, "");
}

/** What somebody writes by hand, in the editor or to `-`, for a post that is not stored yet. Until it is, it is kept in a file. */
export class WrittenText {
  readonly #io: Io;
  readonly #edit: Edit;
  #isStored = false;

  private constructor(io: Io, edit: Edit) {
    this.#io = io;
    this.#edit = edit;
  }

  /**
   * @param sends whether the words go out, or get their time, as they are saved
   * @throws PsnError EDITOR_FAILED, TEXT_…, FRONT_MATTER_INVALID, CANCELLED where nothing was written
   */
  static async write(io: Io, sends: boolean): Promise<{ written: WrittenText; text: string }> {
    const dataDir = await dataDirOf(io.env);
    const edit = (await keptOfNew(io, dataDir)) ?? (await Edit.begin(dataDir, { post: null, what: "new", before: "" }));
    const written = new WrittenText(io, edit);
    try {
      const isSaved = await openEditor(io.env, edit, io.signal);
      const text = await wordsOf(edit);
      if (text.trim() !== "") {
        // Words of before that were only looked at are shown first, not sent.
        if (!isSaved && sends) throw new PsnError("CANCELLED", "The editor saved nothing, so nothing is sent.");
        refuseFrontMatter(text);
        return { written, text };
      }
      await edit.remove();
    } catch (error) {
      return await written.failed(error);
    }
    throw new PsnError("CANCELLED", "Nothing was written, so there is no draft.");
  }

  /**
   * Of words that were typed at the terminal, and are nowhere else.
   * @throws PsnError EDITOR_FAILED, OWN_FILE_REPLACED
   */
  static async typed(io: Io, text: string): Promise<WrittenText> {
    const edit = await Edit.begin(await dataDirOf(io.env), { post: null, what: "new", before: "" });
    await edit.restore(Buffer.from(`${text}\n`));
    return new WrittenText(io, edit);
  }

  /** The post has it. */
  async stored(): Promise<void> {
    this.#isStored = true;
    await this.#edit.remove();
  }

  /** Throws what it is given, or why the program was stopped. */
  async failed(error: unknown): Promise<never> {
    if (this.#isStored) throw error;
    if (await this.#edit.hasWords()) {
      this.#io.note(`What you wrote is kept: psn post create --file ${shellWord(this.#edit.file)}`);
    } else if (!this.#io.signal.aborted) await this.#edit.remove();
    this.#io.signal.throwIfAborted();
    throw error;
  }
}

// --- internal ---

/** Null to begin anew. @throws PsnError CANCELLED */
async function keptOfNew(io: Io, dataDir: string): Promise<Edit | null> {
  const [kept] = await keptEdits(dataDir, null);
  if (!kept) return null;
  const key = await pickKey(
    io,
    `Words of an editor that was cut off, or of a post that failed, are kept: ${kept.file}`,
    [
      ["o", "open them in the editor"],
      ["n", "begin anew; they stay"],
    ],
  );
  if (key === null) throw new PsnError("CANCELLED", "Nothing was changed.");
  return key === "o" ? kept : null;
}

/** Changes with every save, also of the same words; null where there is no file. */
async function writtenAt({ file }: Edit): Promise<string | null> {
  const facts = await stat(file, { bigint: true }).catch(() => null);
  return facts && `${facts.ino} ${facts.mtimeNs}`;
}

function notRun(editor: string, variable: string, code: number): PsnError {
  const what = code === NOT_FOUND ? "There is no such editor" : "This editor cannot be run";
  return new PsnError("EDITOR_FAILED", `${what}: ${editor}, as ${variable} names it.`, {
    hint: `Nothing was changed. Name one that is there, for example: export ${variable}=nano. A path with blanks stands in quotes.`,
  });
}

function firstThatIsThere(env: Record<string, string | undefined>): string {
  const found = EDITORS.find((name) => {
    return spawnSync("/bin/sh", ["-c", `command -v ${name}`], { env, stdio: "ignore" }).status === 0;
  });
  if (found) return found;
  throw new PsnError("EDITOR_FAILED", "There is no editor: neither VISUAL nor EDITOR is set.", {
    hint: "For example: export EDITOR=nano",
  });
}

/** An editor that dies leaves the terminal as it had it; its settings are put back to what they were before. */
async function keepingTerminal(run: () => Promise<number | null>): Promise<number | null> {
  const stty = (args: string[]) => spawnSync("stty", args, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
  const before = process.stdin.isTTY ? stty(["-g"]) : null;
  let code: number | null = null;
  try {
    code = await run();
    return code;
  } finally {
    if (code !== 0 && before?.status === 0) {
      stty([before.stdout.trim()]);
      process.stdout.write(CALM);
    }
  }
}

/** Through the shell, since EDITOR may hold arguments, such as `code --wait`, unless all of it is a file's path. It ends with PSN, however that ends but by `kill -9`. */
async function runEditor(
  editor: string,
  file: string,
  env: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<number | null> {
  const isPath = isAbsolute(editor) && existsSync(editor);
  const child = spawn("/bin/sh", ["-c", `${isPath ? '"$2"' : editor} "$1"`, "psn", file, editor], {
    stdio: "inherit",
    env,
  });
  // While it has the terminal, Ctrl-C is the editor's key.
  const listeners = process.listeners("SIGINT");
  process.removeAllListeners("SIGINT");
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const ownsHangUp = process.listenerCount("SIGHUP") === 0;
  if (ownsHangUp) process.on("SIGHUP", onHangUp);
  let late: NodeJS.Timeout | undefined;
  const onExit = () => endWithChildren(child.pid, "SIGTERM");
  const onStop = () => {
    onExit();
    late = setTimeout(() => endWithChildren(child.pid, "SIGKILL"), END_MS_MAX);
  };
  process.on("exit", onExit);
  signal.addEventListener("abort", onStop);
  if (signal.aborted) onStop();
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code));
    });
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", onStop);
    process.off("exit", onExit);
    if (ownsHangUp) process.off("SIGHUP", onHangUp);
    process.off("SIGINT", ignore);
    for (const listener of listeners) process.on("SIGINT", listener);
  }
}

/** A shell that is ended leaves the editor that it started, so each process below it is sent the signal as well. */
function endWithChildren(root: number | undefined, signal: NodeJS.Signals): void {
  if (root === undefined) return;
  const listed = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8", timeout: END_MS_MAX });
  const all = (listed.stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) tree.push(...all.flatMap(([pid, above]) => (pid && above === parent ? [pid] : [])));
  for (const pid of tree.reverse()) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}
