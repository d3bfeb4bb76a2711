/** Standard input and files as text, with a bound. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { requireAuthors } from "../core/config/authors-file.ts";
import { NO_FILE } from "../core/config/open-file.ts";
import { PsnError, systemCode } from "../core/errors.ts";
import type { Around } from "./_command.ts";

export const TEXT_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** How long an empty pipe rests before it is asked again. */
const EMPTY_PIPE_MS = 20;
/** How often a pipe with a name, to which nobody has written, is asked again: its writer may begin after its reader. */
const LATE_WRITER_LOOKS = 100;
/** A pipe of a shell's <(…) is handed over with its writer. */
const HANDED_OVER = /^\/(?:dev\/fd|proc\/[^/]+\/fd)\//;

/**
 * All of stdin. `signal` ends the wait, for a person who changes their mind at a terminal.
 * @throws PsnError TEXT_TOO_LARGE, TEXT_NOT_UTF8, TEXT_INVALID_CHARACTER; the signal's reason
 */
export async function readStdin(signal: AbortSignal, stdin: Around["stdin"]): Promise<string> {
  const onStop = () => stdin.destroy(signal.reason);
  signal.addEventListener("abort", onStop);
  try {
    return decodeText(await readBytes(stdin, "The text on stdin"), "stdin");
  } finally {
    signal.removeEventListener("abort", onStop);
    signal.throwIfAborted();
  }
}

/**
 * The bytes of a file, or of the pipe that a shell makes of <(…). Neither the opening nor a read waits in the system, where no
 * signal would reach it: a pipe that is empty is asked again, and one to which nobody writes ends after two seconds.
 * @param whose PSN's own files are no text; a passphrase may lie with them
 * @throws Error with the system's code, or saying that it is no file; PsnError FILE_UNREADABLE; the signal's reason
 */
export async function* chunksOfFile(
  path: string,
  signal: AbortSignal,
  whose: "author's" | "any" = "author's",
): AsyncGenerator<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const there = await handle.stat({ bigint: true });
    if (!there.isFile() && !there.isFIFO()) throw new Error(NO_FILE);
    if (whose === "author's") await requireAuthors(path, there);
    let looks = there.isFIFO() && !HANDED_OVER.test(path) ? LATE_WRITER_LOOKS : 0;
    for (;;) {
      signal.throwIfAborted();
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES));
        if (bytesRead === 0) {
          if (looks-- <= 0) return;
          await sleep(EMPTY_PIPE_MS);
          continue;
        }
        looks = 0;
        yield buffer.subarray(0, bytesRead);
      } catch (error) {
        if (systemCode(error) !== "EAGAIN") throw error;
        // A window into the kernel, such as /proc/kmsg: it has no end.
        if (there.isFile()) throw new Error(NO_FILE);
        await sleep(EMPTY_PIPE_MS);
      }
    }
  } finally {
    await handle.close();
  }
}

/** All bytes of a stream. @throws PsnError TEXT_TOO_LARGE */
export async function readBytes(stream: AsyncIterable<Uint8Array | string>, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > TEXT_BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", `${what} is larger than 16 MiB.`);
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks);
}

/**
 * Text of a file or of stdin: UTF-8, or UTF-16 that says so by its byte order mark, with the line ends of any system.
 * @throws PsnError TEXT_NOT_UTF8 with the place, TEXT_INVALID_CHARACTER
 */
export function decodeText(bytes: Uint8Array, from: string): string {
  const encoding = encodingOf(bytes);
  try {
    return plainText(new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(bytes), from);
  } catch (error) {
    if (error instanceof PsnError) throw error;
    throw notUtf8(bytes, from, "Save it as UTF-8 and try again.", encoding);
  }
}

/** Says where text is none: at its first byte that no UTF-8 has. */
export function notUtf8(bytes: Uint8Array, from: string, hint: string, encoding: Encoding = "utf-8"): PsnError {
  const place = encoding === "utf-8" ? firstInvalid(bytes) : null;
  const where = place ? ` (line ${place.line}, column ${place.column})` : "";
  return new PsnError("TEXT_NOT_UTF8", `${from} is not ${NAMES[encoding]} text${where}.`, {
    hint,
    ...(place ? { details: place } : {}),
  });
}

/** Control characters, which nobody sees and X does not show. White space is none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F]/;

/**
 * Text with line ends as X counts them: CRLF and a lone CR are one line feed each.
 * @throws PsnError TEXT_INVALID_CHARACTER for a control character, with its place
 */
export function plainText(text: string, from: string): string {
  const plain = text.replace(/\r\n?/g, "\n");
  const control = CONTROL.exec(plain);
  if (!control) return plain;
  const { line, column } = placeOf(plain.slice(0, control.index));
  const codePoint = `U+${plain.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, "0")}`;
  throw new PsnError(
    "TEXT_INVALID_CHARACTER",
    `${from} holds the control character ${codePoint} at line ${line}, column ${column}.`,
    {
      hint: "It is invisible, and a file that is no text is full of them. Delete it.",
      details: { codePoint, index: control.index, line, column },
    },
  );
}

// --- internal ---

type Encoding = "utf-8" | "utf-16le" | "utf-16be";
const NAMES: Record<Encoding, string> = { "utf-8": "UTF-8", "utf-16le": "UTF-16", "utf-16be": "UTF-16" };

function encodingOf(bytes: Uint8Array): Encoding {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe && !(third === 0 && fourth === 0)) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** Where the first byte is that no UTF-8 has: up to there, read and written again, the bytes are the same. */
function firstInvalid(bytes: Uint8Array): { byte: number; line: number; column: number } {
  const again = Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  let byte = 0;
  while (byte < bytes.length && bytes[byte] === again[byte]) byte++;
  return { byte, ...placeOf(new TextDecoder().decode(bytes.subarray(0, byte))) };
}

function placeOf(before: string): { line: number; column: number } {
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? "").length + 1 };
}
