/** What a terminal sends in raw mode, as names of keys. */

/** A name such as `up` or `enter`, or the character itself. */
export type Key = string;

const SEQUENCES: Record<string, Key> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[C": "right",
  "\x1bOC": "right",
  "\x1b[D": "left",
  "\x1bOD": "left",
  "\x1b[1;2A": "shift-up",
  "\x1b[1;2B": "shift-down",
  "\x1b[1;2C": "shift-right",
  "\x1b[1;2D": "shift-left",
  "\x1b[H": "home",
  "\x1b[F": "end",
  "\x1b[1~": "home",
  "\x1b[4~": "end",
  "\x1b[5~": "page-up",
  "\x1b[6~": "page-down",
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "ctrl-c",
  "\x04": "ctrl-d",
  "\x15": "ctrl-u",
  "\x0c": "ctrl-l",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const TOKEN = /\x1b\[[0-9;?]*[A-Za-z~]|\x1bO[A-Za-z]|\x1b|[\s\S]/gu;

/** The keys of one chunk of input. What no name is known for is left out, an escape at the end is the key. */
export function decodeKeys(chunk: string): Key[] {
  return (chunk.match(TOKEN) ?? []).flatMap((token) => {
    const named = SEQUENCES[token];
    if (named !== undefined) return [named];
    if (token === "\x1b") return ["escape"];
    return isPrintable(token) ? [token] : [];
  });
}

function isPrintable(token: string): boolean {
  const code = token.codePointAt(0) ?? 0;
  return !token.startsWith("\x1b") && code >= 0x20 && !(code >= 0x7f && code < 0xa0);
}
