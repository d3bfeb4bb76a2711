/**
 * Arguments and settings whose bytes are no UTF-8. Node and Bun decode them before any code runs, and put U+FFFD in the place of what
 * they cannot read; published, that would be a text that nobody wrote. Linux keeps the bytes, and there a U+FFFD that was meant is told
 * from one that was put in.
 */
import { readFile } from "node:fs/promises";
import { PsnError } from "../core/errors.ts";
import type { Env } from "../core/utils/env.ts";
import { notUtf8 } from "./_stdin.ts";

const REPLACEMENT = "\uFFFD";
const HINT = "Give the text by a file or on stdin, as UTF-8; a command takes it with --file FILE or a lone -.";

/**
 * @param argv the arguments as the runtime decoded them, without program and script
 * @throws PsnError TEXT_NOT_UTF8 with the argument's number and the place in it, or with the setting's name
 */
export async function requireUtf8(
  argv: readonly string[],
  env: Env,
  readBytes: () => Promise<Buffer> = () => readFile("/proc/self/cmdline"),
): Promise<void> {
  await requireArguments(argv, readBytes);
  const { settingDefaults } = await import("../core/utils/settings.ts");
  for (const { name } of settingDefaults()) {
    // No setting has this character in it by its user's will.
    if (!env[name]?.includes(REPLACEMENT)) continue;
    throw new PsnError("TEXT_NOT_UTF8", `${name}, a variable of the environment, is not UTF-8 text.`, {
      hint: `Set ${name} anew, in a terminal whose encoding is UTF-8.`,
    });
  }
}

// --- internal ---

async function requireArguments(argv: readonly string[], readBytes: () => Promise<Buffer>): Promise<void> {
  const replaced = [...argv.keys()].filter((index) => argv[index]?.includes(REPLACEMENT));
  if (replaced.length === 0) return;
  const raw = rawArguments(argv, await readBytes().catch(() => Buffer.alloc(0)));
  for (const index of replaced) {
    const from = `Argument ${index + 1}`;
    const bytes = raw?.[index];
    if (bytes === undefined) {
      throw new PsnError("TEXT_NOT_UTF8", `${from} holds U+FFFD, which stands for bytes that are no UTF-8 text.`, {
        hint: `${HINT} There U+FFFD itself is taken, too.`,
      });
    }
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      throw notUtf8(bytes, from, HINT);
    }
  }
}

/** The bytes of each argument; null where they are not these arguments', as in a process that named itself anew. */
function rawArguments(argv: readonly string[], commandLine: Buffer): Buffer[] | null {
  const all: Buffer[] = [];
  for (let start = 0; start < commandLine.length; ) {
    const end = commandLine.indexOf(0, start);
    all.push(commandLine.subarray(start, end < 0 ? commandLine.length : end));
    start = end < 0 ? commandLine.length : end + 1;
  }
  const raw = all.slice(-argv.length);
  const isSame = (argument: string, index: number) =>
    argument.includes(REPLACEMENT) || raw[index]?.toString() === argument;
  return raw.length === argv.length && argv.every(isSame) ? raw : null;
}
