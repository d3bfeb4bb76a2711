/** The keys of a terminal while a program has it in raw mode. However the program ends, the terminal is given back. */
import { writeSync } from "node:fs";
import { segmentsBy } from "../../../core/compose/unicode-segments.ts";
import { screenText } from "../../_screen.ts";
import { type Input, type Key, KeyDecoder } from "./keys.ts";

/** What is read from and written to; a test gives its own. */
export interface Tty {
  input: {
    setRawMode(isRaw: boolean): unknown;
    on(event: string, listener: (...args: never[]) => void): unknown;
    off(event: string, listener: (...args: never[]) => void): unknown;
    resume(): unknown;
    pause(): unknown;
  };
  output: {
    columns?: number | undefined;
    rows?: number | undefined;
    write(text: string): unknown;
    on(event: string, listener: (...args: never[]) => void): unknown;
    off(event: string, listener: (...args: never[]) => void): unknown;
  };
  /** What arrives within this time of a key belongs to it: a paste may come in pieces, one of them a single key. */
  quietMs: number;
  /** Ctrl-C while no key is waited for: stops what runs. */
  interrupt(): void;
}

const QUIET_MS = 30;
/** An Enter that is read so soon after several keys at once is the end of a paste that came in two pieces. */
const PASTE_TAIL_MS = 1.5;
const INPUTS_MAX = 1_000;
/** How often a question waits for the end of what comes in. */
const DRAINS_MAX = 30;
const BRACKETS_ON = "\x1b[?2004h";
const BRACKETS_OFF = "\x1b[?2004l";

/** From then on the only key, when the terminal is gone or the program is stopping: there is nobody to ask. */
export const GONE: Key = "gone";
/** In place of a key: a text that was pasted, or typed ahead, where a single key is waited for. */
export const PASTED: Key = "pasted";

/** Keys that a terminal repeats while they are held, and that no text holds. */
const REPEATED: readonly Key[] = "up down left right shift-up shift-down shift-left shift-right".split(" ");

/** A terminal is closed: the default would end the process here and now, in the midst of an act; a stop lets it come to its end. */
export const onHangUp = () => process.kill(process.pid, "SIGTERM");

export function processTty(): Tty {
  return {
    input: process.stdin as unknown as Tty["input"],
    output: process.stdout as unknown as Tty["output"],
    quietMs: QUIET_MS,
    interrupt: () => process.kill(process.pid, "SIGINT"),
  };
}

interface Arrived extends Input {
  atMs: number;
}

export class Keyboard {
  readonly #tty: Tty;
  readonly #signal: AbortSignal;
  readonly #leave: string;
  readonly #inputs: Arrived[] = [];
  #wanted: (() => void) | null = null;
  #isGone = false;
  #isOpen = false;
  #lastTextMs = Number.NEGATIVE_INFINITY;

  /** `leave` is what the terminal is sent at the end, whatever that is. */
  constructor(tty: Tty, signal: AbortSignal, leave = "") {
    this.#tty = tty;
    this.#signal = signal;
    this.#leave = leave + BRACKETS_OFF;
  }

  /** Reads keys while `act` runs. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    const { input, output } = this.#tty;
    this.#signal.addEventListener("abort", this.#onGone);
    if (this.#signal.aborted) this.#isGone = true;
    input.on("end", this.#onGone);
    input.on("error", this.#onGone);
    output.on("error", this.#onGone);
    process.on("exit", this.#onExit);
    process.on("SIGHUP", onHangUp);
    process.on("uncaughtException", this.#onCrash);
    process.on("unhandledRejection", this.#onCrash);
    this.open();
    try {
      return await act();
    } finally {
      this.close();
      process.off("unhandledRejection", this.#onCrash);
      process.off("uncaughtException", this.#onCrash);
      process.off("SIGHUP", onHangUp);
      process.off("exit", this.#onExit);
      this.#signal.removeEventListener("abort", this.#onGone);
      input.off("end", this.#onGone);
      input.off("error", this.#onGone);
      output.off("error", this.#onGone);
    }
  }

  open(): void {
    this.#isOpen = true;
    this.#tty.input.setRawMode(true);
    this.#tty.input.on("data", this.#onData);
    this.#tty.input.resume();
    this.#tty.output.write(BRACKETS_ON);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#tty.output.write(this.#leave);
    this.#tty.input.off("data", this.#onData);
    this.#tty.input.setRawMode(false);
    this.#tty.input.pause();
  }

  /**
   * Forgets what was typed ahead, before a question that nobody has read yet.
   * @returns whether there was anything
   */
  async drain(): Promise<boolean> {
    let count = 0;
    for (let round = 0; round < DRAINS_MAX && !this.#isGone; round++) {
      await new Promise<void>((resolve) => setTimeout(() => setImmediate(resolve), this.#tty.quietMs));
      if (this.#inputs.length === 0) break;
      count += this.#inputs.length;
      this.#inputs.length = 0;
    }
    return count > 0;
  }

  /** One key that was pressed by itself; PASTED for what came as a text. */
  async nextKey(): Promise<Key> {
    const first = await this.#next();
    if (!first) return GONE;
    let keys = first.keys;
    let { isPaste } = first;
    if (!isPaste && keys.includes("ctrl-c")) return "ctrl-c";
    if (!(isPaste || REPEATED.includes(keys[0] ?? ""))) {
      const more = await this.#restOf(first);
      if (this.#isGone) return GONE;
      if (more.some((input) => !input.isPaste && input.keys.includes("ctrl-c"))) return "ctrl-c";
      keys = [...keys, ...more.flatMap((input) => input.keys)];
      isPaste = more.some((input) => input.isPaste);
    }
    // Esc with another key right behind it is an answer, too: no.
    if (!isPaste && keys[0] === "escape" && keys.length <= 2) return "escape";
    const [key = PASTED] = keys;
    const isOne = keys.length === 1 || (REPEATED.includes(key) && keys.every((other) => other === key));
    return isOne && !isPaste ? key : PASTED;
  }

  /** What was typed or pasted into a line. An `enter` in it was pressed by itself; line breaks of a text are blanks, or `lineBreak`. */
  async nextTyped(lineBreak = " "): Promise<readonly Key[]> {
    const input = await this.#next();
    if (!input) return [GONE];
    if (!input.isPaste && input.keys.includes("ctrl-c")) return ["ctrl-c"];
    const isAlone = input.keys.length === 1 && !input.isPaste;
    const isTail = input.atMs - this.#lastTextMs < PASTE_TAIL_MS;
    if (!isAlone) this.#lastTextMs = input.atMs;
    if (input.keys[0] === "escape" && !input.isPaste && input.keys.length <= 2) return ["escape"];
    if (!(isAlone && input.keys[0] === "enter"))
      return input.isPaste ? asText(input.keys, lineBreak) : asTyped(input.keys, isAlone, lineBreak);
    const more = isTail ? [] : await this.#restOf(input);
    if (this.#isGone) return [GONE];
    if (!isTail && more.length === 0) return ["enter"];
    this.#lastTextMs = performance.now();
    return asText([...input.keys, ...more.flatMap(({ keys }) => keys)], lineBreak);
  }

  // --- internal ---

  readonly #decoder = new KeyDecoder((input) => this.#push(input));
  readonly #onData = (chunk: Buffer | string) => this.#decoder.write(chunk);
  readonly #onExit = () => this.#giveBack();
  readonly #onGone = () => {
    this.#isGone = true;
    this.#wake();
  };
  /** A bug. Without this the process would go on, with the keys of a program that is broken. */
  readonly #onCrash = (error: unknown) => {
    this.#giveBack();
    process.stderr.write(`${screenText(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
    process.exit(1);
  };

  #push(input: Input): void {
    // Nobody waits for a key: something runs, and is asked to stop.
    if (!this.#wanted && !input.isPaste && input.keys.includes("ctrl-c")) {
      this.#tty.interrupt();
      return;
    }
    if (this.#inputs.length < INPUTS_MAX) this.#inputs.push({ ...input, atMs: performance.now() });
    this.#wake();
  }

  #wake(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.();
  }

  /** Null when there is nobody to wait for. */
  async #next(): Promise<Arrived | null> {
    for (;;) {
      if (this.#isGone) return null;
      const input = this.#inputs.shift();
      if (input) return input;
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
      });
    }
  }

  /** What arrives after an input without a pause. */
  async #restOf(first: Arrived): Promise<Arrived[]> {
    const { quietMs } = this.#tty;
    const rest: Arrived[] = [];
    for (let last = first; !this.#isGone; ) {
      const waitMs = last.atMs + quietMs - performance.now();
      if (this.#inputs.length === 0 && waitMs > 0) await this.#pause(waitMs);
      const next = this.#inputs[0];
      if (!next || next.atMs - last.atMs > quietMs) return rest;
      this.#inputs.shift();
      rest.push(next);
      last = next;
    }
    return rest;
  }

  /** Until something arrives, or nothing has for that long. Ctrl-C is a key meanwhile. */
  async #pause(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wanted = resolve;
      // On a busy machine what arrived in time may not have been read yet.
      setTimeout(() => setImmediate(resolve), waitMs);
    });
    this.#wanted = null;
  }

  /** At the end of the process nothing is waited for. */
  #giveBack(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.#tty.input.setRawMode(false);
      writeSync(1, this.#leave);
    } catch {
      // The terminal is gone; there is nothing to give back.
    }
  }
}

/** What people press for “no”, where a word is asked for. */
export const NO: readonly string[] = ["n", "q"];

/** The line after a key: longer by a character, shorter by one that is seen, or empty. Other keys change nothing. */
export function typedLine(line: string, key: Key, charactersMax: number): string {
  if (key === "backspace")
    return Array.from(seenOf(line), ({ segment }) => segment)
      .slice(0, -1)
      .join("");
  if (key === "ctrl-u") return "";
  return Array.from(key).length === 1 && line.length < charactersMax ? line + key : line;
}

// --- internal ---

/** What a person sees as one character, as an emoji of several parts. */
const seenOf = segmentsBy("grapheme", "en");
const EDITING: readonly Key[] = ["backspace", "ctrl-u"];

/** A pasted text as it goes into one line. */
function asText(keys: readonly Key[], lineBreak: string): Key[] {
  return keys.flatMap((key) => {
    if (key === "enter") return [lineBreak];
    if (key === "tab") return [" "];
    return Array.from(key).length === 1 ? [key] : [];
  });
}

/** Keys of one chunk without brackets: typed quickly, or pasted. */
function asTyped(keys: readonly Key[], isAlone: boolean, lineBreak: string): Key[] {
  if (isAlone) return [...keys];
  return keys.flatMap((key) => (EDITING.includes(key) ? [key] : asText([key], lineBreak)));
}
