/** The whole screen of a terminal while the loop runs: keys in, lines out. What was on it before comes back at the end. */
import type { Io } from "../../_command.ts";
import { type Key, KeyDecoder } from "./keys.ts";

export interface Size {
  columns: number;
  rows: number;
}

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";
/** Makes the terminal show a frame at once, so that nothing flickers; others ignore it. */
const FRAME_BEGIN = "\x1b[?2026h\x1b[H";
const FRAME_END = "\x1b[J\x1b[?2026l";
const COLUMNS_MIN = 20;
const ROWS_MIN = 8;

/** From then on the only key, when the terminal is gone or the program is stopping: there is nobody to ask. */
export const GONE: Key = "gone";

export class Terminal {
  readonly #signal: AbortSignal;
  readonly #keys: Key[] = [];
  #wanted: ((key: Key) => void) | null = null;
  #isGone = false;
  #redraw: () => void = () => {};

  constructor(io: Pick<Io, "signal">) {
    this.#signal = io.signal;
  }

  size(): Size {
    const { columns = 80, rows = 24 } = process.stdout;
    return { columns: Math.max(COLUMNS_MIN, columns), rows: Math.max(ROWS_MIN, rows) };
  }

  /** Takes the screen over for `act`, and gives it back whatever happens. `redraw` is called when the size changes. */
  async run<T>(redraw: () => void, act: () => Promise<T>): Promise<T> {
    this.#redraw = redraw;
    this.#open();
    const onGone = () => {
      this.#isGone = true;
      this.#push(GONE);
    };
    this.#signal.addEventListener("abort", onGone);
    process.stdin.on("end", onGone);
    process.stdout.on("resize", this.#onResize);
    try {
      return await act();
    } finally {
      this.#signal.removeEventListener("abort", onGone);
      process.stdin.off("end", onGone);
      process.stdout.off("resize", this.#onResize);
      this.#close();
    }
  }

  /** Lends the terminal to another program, such as an editor. */
  async lend<T>(act: () => Promise<T>): Promise<T> {
    this.#close();
    try {
      return await act();
    } finally {
      this.#open();
      this.#redraw();
    }
  }

  draw(lines: readonly string[]): void {
    const { rows } = this.size();
    const body = lines.slice(0, rows).map((line) => `${line}\x1b[K`);
    process.stdout.write(FRAME_BEGIN + body.join("\r\n") + FRAME_END);
  }

  nextKey(): Promise<Key> {
    const key = this.#isGone ? GONE : this.#keys.shift();
    if (key !== undefined) return Promise.resolve(key);
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  // --- internal ---

  readonly #onResize = () => this.#redraw();
  readonly #decoder = new KeyDecoder((key) => this.#push(key));
  readonly #onData = (chunk: Buffer | string) => this.#decoder.write(chunk);

  #push(key: Key): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted) wanted(key);
    else this.#keys.push(key);
  }

  #open(): void {
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#onData);
    process.stdin.resume();
    process.stdout.write(ENTER);
  }

  #close(): void {
    process.stdout.write(LEAVE);
    process.stdin.off("data", this.#onData);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}
