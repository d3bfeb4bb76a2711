/** What a terminal sends in raw mode, as names of keys. `node:readline` decodes it. */
import { emitKeypressEvents, type Interface, type Key as Press } from "node:readline";
import { PassThrough } from "node:stream";

/** A name such as `up` or `enter`, or the character itself. */
export type Key = string;

/** How long the rest of an escape sequence may take, on a slow line, before Esc counts as a key of its own. */
const ESCAPE_MS_MAX = 200;

const NAMES: Record<string, Key> = {
  up: "up",
  down: "down",
  left: "left",
  right: "right",
  home: "home",
  end: "end",
  pageup: "page-up",
  pagedown: "page-down",
  return: "enter",
  enter: "enter",
  tab: "tab",
  backspace: "backspace",
  escape: "escape",
};
const WITH_SHIFT: readonly Key[] = ["up", "down", "left", "right"];
const WITH_CTRL = ["c", "d", "u", "l"];

/** Turns a terminal's input into keys. A sequence that arrives in several chunks is one key. */
export class KeyDecoder {
  readonly #input = new PassThrough();

  constructor(onKey: (key: Key) => void) {
    // Of a readline interface, only this field is read.
    emitKeypressEvents(this.#input, { escapeCodeTimeout: ESCAPE_MS_MAX } as unknown as Interface);
    this.#input.on("keypress", (character: string | undefined, press: Press) => {
      for (const key of keysOf(character, press)) onKey(key);
    });
  }

  /** Takes what the terminal sent. */
  write(chunk: Buffer | string): void {
    this.#input.write(chunk);
  }
}

// --- internal ---

/** The keys of one event: none for what has no name here, two for Esc with another key right behind it. */
function keysOf(character: string | undefined, press: Press): Key[] {
  const { sequence = "", meta = false } = press;
  const isAfterEscape = sequence.startsWith("\x1b\x1b") || (meta && press.name !== "escape");
  const key = nameOf(isAfterEscape && meta ? sequence.slice(1) : character, press);
  return [...(isAfterEscape ? ["escape"] : []), ...(key === null ? [] : [key])];
}

function nameOf(character: string | undefined, { name = "", shift = false, ctrl = false }: Press): Key | null {
  if (ctrl && WITH_CTRL.includes(name)) return `ctrl-${name}`;
  const named = NAMES[name];
  if (named === undefined) return character !== undefined && isPrintable(character) ? character : null;
  return shift && WITH_SHIFT.includes(named) ? `shift-${named}` : named;
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20 && !(code >= 0x7f && code < 0xa0);
}
