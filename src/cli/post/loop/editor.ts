/** Words written in the person's own editor. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PsnError } from "../../../core/errors.ts";
import type { Io } from "../../_command.ts";
import { decodeText } from "../../_stdin.ts";

/** Tried in this order where neither VISUAL nor EDITOR names one. */
const EDITORS = ["vi", "nano"];
/** What an editor that died may have left on: another screen, reports of the mouse, brackets around a paste; and the cursor off. */
const CALM = "\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m";

/**
 * Opens `text` in VISUAL, EDITOR, vi or nano, and answers with what was saved, without the final line break. `signal` ends the editor.
 * @throws PsnError EDITOR_FAILED, TEXT_NOT_UTF8
 */
export async function editInEditor(
  env: Record<string, string | undefined>,
  text: string,
  signal?: AbortSignal,
): Promise<string> {
  const editor = env.VISUAL?.trim() || env.EDITOR?.trim() || firstThatIsThere(env);
  // Only its owner may look into a folder of mkdtemp.
  const folder = await mkdtemp(join(tmpdir(), "psn-edit-"));
  const file = join(folder, "tweet.txt");
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    const code = await keepingTerminal(() => runEditor(editor, file, env, signal));
    if (code !== 0) {
      throw new PsnError("EDITOR_FAILED", `${editor} ended with ${code === null ? "a signal" : `code ${code}`}.`, {
        hint: "Nothing was changed. EDITOR names the program.",
      });
    }
    return decodeText(await readFile(file), "What the editor saved").replace(/\r?\n$/, "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What somebody wrote in the editor for a post that is not stored yet. Where that fails, it is kept in a file. */
export class WrittenText {
  readonly #io: Pick<Io, "note">;
  readonly #text: string | null;
  isStored = false;

  constructor(io: Pick<Io, "note">, text: string | null) {
    this.#io = io;
    this.#text = text;
  }

  /** Throws what it is given. */
  async failed(error: unknown): Promise<never> {
    if (this.#text !== null && !this.isStored) {
      const file = join(await mkdtemp(join(tmpdir(), "psn-text-")), "post.md");
      await writeFile(file, `${this.#text}\n`, { mode: 0o600 });
      this.#io.note(`What you wrote is kept: psn post create --file ${file}`);
    }
    throw error;
  }
}

// --- internal ---

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

/** Through the shell, since EDITOR may hold arguments, such as `code --wait`. */
async function runEditor(
  editor: string,
  file: string,
  env: Record<string, string | undefined>,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "psn", file], { stdio: "inherit", env });
  // While it has the terminal, Ctrl-C is the editor's key.
  const listeners = process.listeners("SIGINT");
  process.removeAllListeners("SIGINT");
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const onStop = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", onStop);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code));
    });
  } finally {
    signal?.removeEventListener("abort", onStop);
    process.off("SIGINT", ignore);
    for (const listener of listeners) process.on("SIGINT", listener);
  }
}
