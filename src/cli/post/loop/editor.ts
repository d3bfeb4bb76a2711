/** Words written in the person's own editor. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PsnError } from "../../../core/errors.ts";
import { decodeText } from "../../_stdin.ts";

const EDITOR_DEFAULT = "vi";

/**
 * Opens `text` in VISUAL, EDITOR or vi, and answers with what was saved, without the final line break.
 * @throws PsnError EDITOR_FAILED, TEXT_NOT_UTF8
 */
export async function editInEditor(env: Record<string, string | undefined>, text: string): Promise<string> {
  const editor = env.VISUAL || env.EDITOR || EDITOR_DEFAULT;
  // Only its owner may look into a folder of mkdtemp.
  const folder = await mkdtemp(join(tmpdir(), "psn-edit-"));
  const file = join(folder, "tweet.txt");
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    const code = await runEditor(editor, file);
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

/** Through the shell, since EDITOR may hold arguments, such as `code --wait`. */
function runEditor(editor: string, file: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "psn", file], { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}
