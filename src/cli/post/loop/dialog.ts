/** The talk with a person on the screen: which tweet is chosen, what is asked, what just happened. */
import { PsnError } from "../../../core/errors.ts";
import { withLocalTimes } from "../../../core/utils/zone-clock.ts";
import type { Io } from "../../_command.ts";
import { GONE, NO, PASTED, type Tty, typedLine } from "./keyboard.ts";
import type { Key } from "./keys.ts";
import type { Session } from "./session.ts";
import { Terminal } from "./terminal.ts";
import { usualKeys } from "./usual-keys.ts";
import { type KeyHelp, renderView, type View } from "./view.ts";

/** On a small screen the tweets have precedence. */
const SMALL = { rows: 20, columns: 50 };
/** Mean no also to a question that was not read to its end. */
const ANSWERS_UNREAD: readonly Key[] = ["escape", "ctrl-c", GONE, ...NO];
const LINE_LENGTH_MAX = 10_000;
/** What a text that is pasted among keys gets as its answer. */
const PASTE_IGNORED = "Pasted text is ignored here; press e to edit.";

/** The person left, or is gone, in the midst of a question. Nothing of it was done. */
export class Left extends Error {
  override readonly name = "Left";
}

export class Dialog {
  readonly terminal: Terminal;
  readonly #io: Io;
  readonly #session: Session;
  #chosen = 0;
  #scrolled = 0;
  #splitAt: number | null = null;
  #message: View["message"] = null;
  #question: string | null = null;
  #typed: string | null = null;
  /** Null while nothing is asked. */
  #keys: readonly KeyHelp[] | null = null;
  #wantsAllKeys = false;
  /** As the last frame had them. */
  #room = 0;
  #below = 0;
  #goesOn = false;
  /** Screens of the present message and question that were read. */
  #page = 0;

  constructor(io: Io, session: Session, tty?: Tty) {
    this.#io = io;
    this.#session = session;
    this.terminal = new Terminal(io, tty);
  }

  /** Position of the chosen tweet. */
  get chosen(): number {
    return this.#chosen;
  }

  choose(position: number): void {
    const chosen = Math.max(0, Math.min(position, this.#session.tweets.length - 1));
    if (chosen !== this.#chosen) this.#scrolled = 0;
    this.#chosen = chosen;
  }

  /** To the next or previous tweet, first through the chosen one where that is taller than the screen. */
  step(direction: 1 | -1): void {
    const page = Math.max(1, this.#room - 2);
    if (direction > 0 && this.#below > 0) this.#scrolled += Math.min(page, this.#below);
    else if (direction < 0 && this.#scrolled > 0) this.#scrolled = Math.max(0, this.#scrolled - page);
    else this.choose(this.#chosen + direction);
  }

  say(text: string): void {
    this.#message = { text, isError: false };
  }

  complain(error: PsnError): void {
    const text = error.hint ? `${error.message} ${error.hint}` : error.message;
    this.#message = { text: this.#onItsClock(text), isError: true };
  }

  /** Before the first key: what was typed while nothing was on the screen was meant for something else. */
  async begin(): Promise<void> {
    if (await this.terminal.drain()) this.say(PASTE_IGNORED);
  }

  /** The next key while nothing is asked. A pasted text is none. */
  async command(): Promise<Key> {
    for (;;) {
      const key = await this.#nextKey();
      this.#message = null;
      this.#page = 0;
      this.#wantsAllKeys = key === "?";
      if (key !== PASTED) return key;
      this.say(PASTE_IGNORED);
    }
  }

  /** Does what a key asks for. What is refused is said and does not end the loop; a bug does. */
  async guarded<T>(otherwise: T, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      this.complain(error);
      return otherwise;
    } finally {
      this.#splitAt = null;
      this.#question = null;
      this.#typed = null;
      this.#keys = null;
      this.#page = 0;
      this.choose(this.#chosen);
    }
  }

  /** Says what is going on while no key is of use. */
  busy(what: string): void {
    this.#question = what;
    this.#typed = null;
    this.#keys = [];
    this.#page = 0;
    this.draw();
  }

  /**
   * One of the keys, or null for back, which every other key is: who types words here has not read the question. What was typed
   * before it was shown is forgotten.
   * @throws Left
   */
  async pick(question: string, choices: readonly KeyHelp[]): Promise<Key | null> {
    await this.#open(this.#onItsClock(question), [...choices, ["Esc", "back"]]);
    this.#typed = null;
    for (;;) {
      const key = await this.#answer();
      if (key === PASTED) this.say("Pasted text is ignored here.");
      else return choices.find(([name]) => name === key)?.[0] ?? null;
    }
  }

  /**
   * A line of text, or null for back. A pasted text becomes part of it, with blanks for its line breaks, and never sends it off.
   * @throws Left
   */
  async ask(question: string, typed = ""): Promise<string | null> {
    return await this.#line(question, ["Enter", "go on"], typed, () => false);
  }

  /**
   * Whether the person typed just this word. `n` and `q` say no at once.
   * @throws Left
   */
  async askWord(question: string, word: string): Promise<boolean> {
    const typed = await this.#line(question, [`${word}, Enter`, "yes"], "", (line) => NO.includes(line.toLowerCase()));
    return typed?.toLowerCase() === word;
  }

  /**
   * One of the places in the chosen tweet, shown in its text; or null for back.
   * @throws Left
   */
  async pickPlace(question: string, places: readonly number[], first: number, stride: number): Promise<number | null> {
    const steps: Record<Key, number> = { left: -1, right: 1, up: -stride, down: stride };
    let index = first;
    await this.#open(question, [
      ["←→", "a word"],
      ["↑↓", `${stride} words`],
      ["Enter", "here"],
      ["Esc", "back"],
    ]);
    for (;;) {
      const place = places[index] ?? 0;
      this.#splitAt = place;
      const key = await this.#answer();
      if (key === "enter") return place;
      const step = steps[key];
      if (step === undefined && key !== PASTED) return null;
      index = Math.max(0, Math.min(places.length - 1, index + (step ?? 0)));
    }
  }

  readonly draw = (): void => {
    const size = this.terminal.size();
    const isSmall = size.rows < SMALL.rows || size.columns < SMALL.columns;
    const { few, all } = usualKeys(this.#session.status.post);
    const usual = isSmall && !this.#wantsAllKeys ? few : all;
    const view: View = {
      status: this.#session.status,
      now: this.#session.now(),
      chosen: this.#chosen,
      splitAt: this.#splitAt,
      message: this.#message,
      question: this.#question,
      typed: this.#typed,
      keys: this.#keys ?? usual,
      scrolled: this.#scrolled,
      page: this.#page,
    };
    const { lines, room, below, goesOn } = renderView(view, size, this.#io.paint);
    this.#room = room;
    this.#below = below;
    this.#goesOn = goesOn;
    this.terminal.draw(lines);
  };

  // --- internal ---

  async #nextKey(): Promise<Key> {
    return await this.#onceRead(
      () => this.terminal.nextKey(),
      (key) => key,
    );
  }

  /** What is longer than the screen is read to its end before a key is an answer: until then a key that is no `no` turns the page. */
  async #onceRead<T>(next: () => Promise<T>, keyOf: (given: T) => Key | undefined): Promise<T> {
    for (;;) {
      this.draw();
      const given = await next();
      if (!this.#goesOn || ANSWERS_UNREAD.includes(keyOf(given) ?? "")) return given;
      this.#page++;
      await this.terminal.drain();
    }
  }

  /** With its times as the author's clock has them. */
  #onItsClock(text: string): string {
    return withLocalTimes(text, this.#session.app.hubEnv.timezone);
  }

  /** What was typed before a question is on the screen is no answer to it. */
  async #open(question: string, keys: readonly KeyHelp[]): Promise<void> {
    await this.terminal.drain();
    this.#question = question;
    this.#keys = keys;
    this.#page = 0;
  }

  /** A key while something is asked. @throws Left */
  async #answer(): Promise<Key> {
    const key = await this.#nextKey();
    this.#message = null;
    if (key === GONE || key === "ctrl-c") throw new Left();
    return key;
  }

  async #line(question: string, does: KeyHelp, typed: string, isNo: (line: string) => boolean): Promise<string | null> {
    let line = typed;
    await this.#open(question, [does, ["Esc", "back"]]);
    for (;;) {
      this.#typed = line;
      const keys = await this.#onceRead(
        () => this.terminal.nextTyped(),
        ([key]) => key,
      );
      this.#message = null;
      for (const key of keys) {
        if (key === GONE || key === "ctrl-c") throw new Left();
        if (key === "escape") return null;
        if (key === "enter") return line.trim();
        line = typedLine(line, key, LINE_LENGTH_MAX);
      }
      if (isNo(line)) return null;
    }
  }
}
