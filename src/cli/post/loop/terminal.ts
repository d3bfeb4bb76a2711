/** The whole screen of a terminal while the loop runs: keys in, lines out. What was on it before comes back at the end. */
import type { Io } from "../../_command.ts";
import { screenText } from "../../_screen.ts";
import { Keyboard, processTty, type Tty } from "./keyboard.ts";
import type { Key } from "./keys.ts";

export interface Size {
  columns: number;
  rows: number;
}

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";
/** Makes the terminal show a frame at once, so that nothing flickers; others ignore it. */
const FRAME_BEGIN = "\x1b[?2026h\x1b[H";
const FRAME_END = "\x1b[?2026l";
const COLUMNS_MIN = 12;
const ROWS_MIN = 2;

export class Terminal {
  readonly #tty: Tty;
  readonly #keyboard: Keyboard;
  #redraw: () => void = () => {};

  constructor(io: Pick<Io, "signal">, tty: Tty = processTty()) {
    this.#tty = tty;
    this.#keyboard = new Keyboard(tty, io.signal, LEAVE);
  }

  size(): Size {
    const { columns, rows } = this.#tty.output;
    // A terminal that does not know its size says 0.
    return { columns: Math.max(COLUMNS_MIN, columns || 80), rows: Math.max(ROWS_MIN, rows || 24) };
  }

  /** Takes the screen over for `act`, and gives it back whatever happens. `redraw` is called when the size changes. */
  async run<T>(redraw: () => void, act: () => Promise<T>): Promise<T> {
    this.#redraw = redraw;
    const onResize = () => this.#redraw();
    this.#tty.output.on("resize", onResize);
    try {
      return await this.#keyboard.run(async () => {
        this.#tty.output.write(ENTER);
        return await act();
      });
    } finally {
      this.#tty.output.off("resize", onResize);
    }
  }

  /** Lends the terminal to another program, such as an editor. */
  async lend<T>(act: () => Promise<T>): Promise<T> {
    this.#keyboard.close();
    try {
      return await act();
    } finally {
      this.#keyboard.open();
      this.#tty.output.write(ENTER);
      this.#redraw();
    }
  }

  draw(lines: readonly string[]): void {
    const { rows } = this.size();
    // Emptied first: behind a line as wide as the screen the cursor still stands on its last character.
    const body = lines.slice(0, rows).map((line) => `\x1b[2K${screenText(line)}`);
    const rest = lines.length < rows ? "\r\n\x1b[J" : "";
    this.#tty.output.write(FRAME_BEGIN + body.join("\r\n") + rest + FRAME_END);
  }

  drain(): Promise<boolean> {
    return this.#keyboard.drain();
  }

  nextKey(): Promise<Key> {
    return this.#keyboard.nextKey();
  }

  nextTyped(): Promise<readonly Key[]> {
    return this.#keyboard.nextTyped();
  }
}
