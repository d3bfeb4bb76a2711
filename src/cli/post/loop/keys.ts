/** What a terminal sends in raw mode, as names of keys. `node:readline` decodes it. */
import { EventEmitter } from "node:events";
import { emitKeypressEvents, type Interface, type Key as Press } from "node:readline";

/** A name such as `up` or `enter`, or the character itself. */
export type Key = string;

/**
 * What came at once. A person presses one key at a time: several keys in one chunk are a text that was pasted, or typed before
 * anything was there to read it. Brackets around a paste (`isPaste`) say so, but not every terminal sends them.
 */
export interface Input {
  keys: readonly Key[];
  isPaste: boolean;
}

/** How long the rest of an escape sequence may take, on a slow line, before Esc counts as a key of its own; as in readline. */
const ESCAPE_MS_MAX = 500;
/** And how long after that its rest is still known as such. */
const LATE_REST_MS_MAX = 2_000;
/** Keys that one input holds at most; what a paste has more is left out. */
const KEYS_MAX = 20_000;

const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const CTRL_C = "\x03";
const ESCAPE = "\x1b";
/** How the rest of a sequence begins that was cut behind its Esc, or later. */
const REST_OF_ESCAPE = /^[[O]/;
const REST = /^[\d;A-Za-z~]/;

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
  delete: "delete",
  escape: "escape",
};
const WITH_SHIFT: readonly Key[] = ["up", "down", "left", "right"];
const WITH_CTRL = ["c", "d", "u", "l", "r"];

/** Turns a terminal's input into keys. A sequence that arrives in several chunks is one key, a paste in several chunks one input. */
export class KeyDecoder {
  readonly #input = new EventEmitter();
  readonly #onInput: (input: Input) => void;
  #keys: Key[] = [];
  #isWriting = false;
  #isPasting = false;
  /** The chunk holds a paste, so all of it counts as pasted. */
  #hasPaste = false;
  /** The beginning of a sequence that was given out as it was because nothing had followed it, and when. */
  #cut = "";
  #cutAtMs = Number.NEGATIVE_INFINITY;

  constructor(onInput: (input: Input) => void) {
    this.#onInput = onInput;
    // Of a readline interface, only this field is read; of a stream, only its events.
    emitKeypressEvents(
      this.#input as unknown as NodeJS.ReadableStream,
      { escapeCodeTimeout: ESCAPE_MS_MAX } as unknown as Interface,
    );
    this.#input.on("keypress", (character: string | undefined, press: Press) => this.#take(character, press));
  }

  /** Takes what the terminal sent. */
  write(chunk: Buffer | string): void {
    let bytes = Buffer.from(chunk);
    // A paste whose end was lost must not hold the person up.
    if (this.#isPasting && bytes.toString() === CTRL_C) {
      this.#keys = [];
      this.#isPasting = false;
      this.#hasPaste = false;
    }
    const isLate = performance.now() - this.#cutAtMs < LATE_REST_MS_MAX;
    if (isLate && (this.#cut === ESCAPE ? REST_OF_ESCAPE : REST).test(bytes.toString("latin1"))) {
      bytes = Buffer.concat([Buffer.from(this.#cut), bytes]);
    }
    this.#cutAtMs = Number.NEGATIVE_INFINITY;
    this.#isWriting = true;
    this.#input.emit("data", bytes);
    this.#isWriting = false;
    if (!this.#isPasting) this.#giveOut();
  }

  // --- internal ---

  #take(character: string | undefined, press: Press): void {
    if (press.sequence === PASTE_BEGIN || press.sequence === PASTE_END) {
      this.#isPasting = press.sequence === PASTE_BEGIN;
      this.#hasPaste = true;
      return;
    }
    if (this.#keys.length < KEYS_MAX) this.#keys.push(...keysOf(character, press));
    if (this.#isWriting || this.#isPasting) return;
    // Nothing but the timer of a sequence that was cut comes between two chunks.
    this.#cut = press.sequence ?? "";
    this.#cutAtMs = performance.now();
    this.#giveOut();
  }

  #giveOut(): void {
    const input = { keys: this.#keys, isPaste: this.#hasPaste };
    this.#keys = [];
    this.#hasPaste = false;
    if (input.keys.length > 0 || input.isPaste) this.#onInput(input);
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
