/**
 * The line `id: …` in a file's front matter, put in without touching another byte: comments, the order of keys, other programs'
 * values and line ends stay. YAML has more forms than a line can be put into, so the result is read again: it is taken only where it
 * says what the file said, and the id. Pure.
 */
import { isDeepStrictEqual } from "node:util";

/** A front matter's first line, its line end, and the block up to the line that closes it. */
export const FRONT_BLOCK = /^(\uFEFF?)---[ \t]*(\r?\n)([\s\S]*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/m;
/** A key of YAML at the beginning of a line: without one the lines are words between two breaks. */
const KEY = /^[A-Za-z_"'][^\n]*:(?:\s|$)/m;
const ID_LINE = /^id[ \t]*:[^\r\n]*/m;

/** What a file says, as every command reads it. @throws where it cannot be read */
export type ReadFront = (bytes: Uint8Array) => { text: string; front: { id?: string }; ignored: readonly string[] };

/** The words of a file without what stands around them for the eye: empty lines above, blanks below. */
export const wordsOf = (text: string): string => text.replace(/^(?:[ \t]*\r?\n)+/, "").trimEnd();

/**
 * The file with the id, or null where it cannot be written: the file is not UTF-8, its front matter is not YAML, or a line more would
 * change what it says.
 * @param bytes of the whole file
 */
export function withId(bytes: Uint8Array, id: string, read: ReadFront): Uint8Array | null {
  const text = decode(bytes);
  if (text === null || /^\uFEFF?\+\+\+[ \t]*\r?\n/.test(text)) return null;
  const block = FRONT_BLOCK.exec(text);
  const isFront = block?.index === 0 && KEY.test(block[3] ?? "");
  const made = new TextEncoder().encode(isFront && block ? intoBlock(text, block, id) : inNewBlock(text, id));
  return saysTheSame(bytes, made, id, read) ? made : null;
}

// --- internal ---

function saysTheSame(before: Uint8Array, after: Uint8Array, id: string, read: ReadFront): boolean {
  try {
    const { front, ...said } = read(before);
    const { front: frontAfter, ...saidAfter } = read(after);
    return isDeepStrictEqual(
      { ...saidAfter, text: wordsOf(saidAfter.text), front: frontAfter },
      { ...said, text: wordsOf(said.text), front: { ...front, id } },
    );
  } catch {
    return false;
  }
}

/** Null for what is not UTF-8, and would not come back as it was. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function intoBlock(text: string, block: RegExpExecArray, id: string): string {
  const [whole, , lineEnd = "\n", inner = ""] = block;
  const start = whole.indexOf(lineEnd) + lineEnd.length;
  const known = ID_LINE.exec(inner);
  if (known) {
    const at = start + known.index;
    return `${text.slice(0, at)}id: ${id}${text.slice(at + known[0].length)}`;
  }
  return `${text.slice(0, start)}id: ${id}${lineEnd}${text.slice(start)}`;
}

function inNewBlock(text: string, id: string): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n";
  return `${mark}---${lineEnd}id: ${id}${lineEnd}---${lineEnd}${text.slice(mark.length)}`;
}
