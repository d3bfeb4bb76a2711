/**
 * Escapes that nobody resolved: `First.\n\nSecond.` from an agent or a shell is a backslash and an n on X. Code and the
 * paths of Windows, where a backslash is meant, are left alone. Pure.
 */
import { findFences } from "./fences.ts";

/** `\n`, `\r\n`, `\t`, `\"`, `\u2014`, each perhaps escaped once more. */
const ESCAPE =
  /(?<!\\)\\+(?:[nrt]|["']|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}(?![0-9a-fA-F]))/g;
const SHOWN_MAX = 3;

/** `C:\new notes\x`, `\\server\new`, `.\new`, `~\new`, `%TEMP%\new`, and `src\new\test.ts`. */
const PATHS = [
  /(?<![\w\\])[A-Za-z]:\\(?:(?:[^\\\s]+|[\p{Lu}(][^\\\s]*(?: [\p{Lu}(][^\\\s]*){1,3})\\)*[^\\\s]*/gu,
  /(?<!\S)(?:\\\\[\w.-]+|\.{1,2}|~|%\w+%)(?:\\[^\\\s]+)+/g,
  /(?<!\S)[\w.-]*\w(?:\\[a-z0-9_.-]+)+\.[a-z0-9]{1,5}(?!\w)/g,
];
/** Commands of TeX, which begin like escapes. */
const TEX =
  /\\(?:nabla|neq?|nu|not|notin|newline|newcommand|theta|tau|times|text\w*|tilde|to|top|triangle\w*|rho|rm|right\w*|ref|rangle)(?![A-Za-z])/y;

/** The escapes in `text`, each once, in their order. */
export function literalEscapes(text: string): string[] {
  if (!text.includes("\\")) return [];
  return [...new Set([...proseOf(text).matchAll(ESCAPE)].map(([found]) => found))];
}

/** One sentence for a person. `what` holds them, such as “The tweet”. */
export function literalEscapesMessage(what: string, escapes: readonly string[]): string {
  const shown = escapes.slice(0, SHOWN_MAX).join(" ");
  return (
    `${what} holds ${shown} as it is written, a backslash and what follows; X shows just that. ` +
    "If a line break or another character is meant, give the text with real ones: from a file (--file) or stdin (-)."
  );
}

// --- internal ---

/** The text without code and paths. */
function proseOf(text: string): string {
  let prose = "";
  let at = 0;
  for (const { start, end } of findFences(text)) {
    prose += `${text.slice(at, start)} `;
    at = end;
  }
  prose += text.slice(at);
  prose = prose.replace(/(`{1,20})(?!`)[^`\n]*?[^`\n]\1(?!`)/g, " ");
  for (const path of PATHS) prose = prose.replace(path, " ");
  return prose.replace(/(?<![.!?;:,\w)])\\(?=[a-z]{2})/g, (slash, offset: number, whole: string) => {
    TEX.lastIndex = offset;
    return TEX.test(whole) ? " " : slash;
  });
}
