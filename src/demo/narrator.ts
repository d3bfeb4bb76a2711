/** The demo's account for a person: one line a step, a short preview, and the table at the end. It prints nothing itself. */
import { relative } from "node:path";
import type { Paint } from "../cli/_paint.ts";
import { columnsOf, fit, hung, oneLine, printable } from "../cli/_wrap.ts";
import type { Preview } from "../core/compose/preview.ts";
import type { DemoAnswer } from "./answer.ts";

const NAME_WIDTH = 10;
/** The columns before a step's words: its time and its name. */
const INDENT = NAME_WIDTH + 10;
const WIDTH_DEFAULT = 100;
const WIDTH_MAX = 140;
/** Columns that a tweet's beginning gets, however narrow the screen is. */
const ROOM_MIN = 10;
/** Of a longer thread the middle is left out: psn preview shows it. */
const PREVIEW_LINES_MAX = 24;

export interface NarratorOptions {
  say: (line: string) => void;
  paint: Paint;
  /** Columns of the terminal; undefined when there is none. */
  width: number | undefined;
  cwd: string;
}

export class Narrator {
  readonly steps: DemoAnswer["steps"] = [];
  readonly #options: NarratorOptions;
  readonly #width: number;

  constructor(options: NarratorOptions) {
    this.#options = options;
    this.#width = Math.min(WIDTH_MAX, options.width || WIDTH_DEFAULT);
  }

  /** The first line. */
  begin(): void {
    const { paint, say } = this.#options;
    say(`${paint.bold("The main job, end to end, on a local X.")}\nNothing leaves this machine.\n`);
  }

  /** Does a step and says what came of it when it is done, with its time. */
  async step<T>(name: string, act: () => Promise<{ value: T; says: string }>): Promise<T> {
    const startedMs = performance.now();
    const { value, says } = await act();
    this.line(name, says, performance.now() - startedMs);
    return value;
  }

  line(name: string, says: string, ms?: number): void {
    this.steps.push({ name, says, ms: Math.round(ms ?? 0) });
    const { paint } = this.#options;
    const time = ms === undefined ? "" : `${(ms / 1000).toFixed(1)} s`;
    this.#hung(`${paint.dim(time.padStart(7))}  ${paint.bold(name.padEnd(NAME_WIDTH))} `, says);
  }

  /** What is going on while a step takes its time. */
  waiting(says: string): void {
    this.#hung(" ".repeat(INDENT), says, this.#options.paint.dim);
  }

  /** One line a tweet: its number, X's count, its beginning. */
  preview({ tweets, tweetCount }: Preview): void {
    const { paint, say } = this.#options;
    const digits = String(tweetCount).length;
    const left = digits * 2 + 15;
    say("");
    for (const [index, { text, weightedLength }] of tweets.entries()) {
      if (tweetCount > PREVIEW_LINES_MAX && index === PREVIEW_LINES_MAX - 2) {
        say(paint.dim(`${" ".repeat(left)}… ${tweetCount - PREVIEW_LINES_MAX + 1} more: psn preview shows them`));
      }
      if (tweetCount > PREVIEW_LINES_MAX && index >= PREVIEW_LINES_MAX - 2 && index < tweetCount - 1) continue;
      const number = `${String(index + 1).padStart(digits)}/${tweetCount}`;
      const line = fit(oneLine(text), Math.max(ROOM_MIN, this.#width - left - 1));
      say(`    ${paint.bold(number)}  ${paint.dim(String(weightedLength).padStart(5))}   ${line}`);
    }
    say("");
  }

  /** The final table, what was proven, and the verdict. */
  end(answer: DemoAnswer): void {
    const { paint, say } = this.#options;
    say("");
    this.#posts(answer.posts);
    say("");
    for (const { says, held } of answer.comparison.checks) this.#hung(`  ${this.#mark(held)} `, says);
    for (const { thread, says } of answer.comparison.problems) {
      this.#hung(`    ${paint.red("!")} `, `${thread === null ? "" : `${thread}: `}${says}`);
    }
    const seconds = (answer.durationMs / 1000).toFixed(1);
    say("");
    if (answer.held) {
      this.#hung("", `It held, in ${seconds} s: nothing lost, nothing sent twice, nothing changed.`, paint.green);
    } else {
      this.#hung("", `It did not hold (${seconds} s): X does not show what was approved.`, paint.red);
    }
  }

  shortPath(path: string): string {
    const short = relative(this.#options.cwd, path);
    return short.length < path.length ? short : path;
  }

  // --- internal ---

  /** A table where it fits, else a sentence for each post. */
  #posts(posts: DemoAnswer["posts"]): void {
    const { paint, say } = this.#options;
    const late = (ms: number | null) => (ms === null ? "" : `${ms} ms late`);
    const rows = posts.map((post) => [post.name, post.how, String(post.tweetsOnX), late(post.latenessMs)]);
    const head = ["Post", "How", "Tweets", "First tweet"];
    const widths = head.map((_, at) => Math.max(...[head, ...rows].map((cells) => cells[at]?.length ?? 0)));
    const line = (cells: string[]) =>
      cells.map((cell, at) => (at >= 2 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join("   ");
    const results = posts.map((post) => (post.held ? resultOf(post) : post.problems.join("; ")));
    const wide = 2 + line(head).length + 5 + Math.max(...results.map(columnsOf));
    if (wide < this.#width) {
      say(`  ${paint.bold(`${line(head)}   Result`)}`);
      for (const [at, cells] of rows.entries()) {
        say(`  ${line(cells)}   ${this.#mark(posts[at]?.held ?? false)} ${results[at]}`);
      }
      return;
    }
    for (const [at, { name, how, latenessMs, held }] of posts.entries()) {
      const when = latenessMs === null ? "" : `, ${late(latenessMs)}`;
      this.#hung(`  ${this.#mark(held)} `, `${name} (${how})${when}: ${results[at]}`);
    }
  }

  #mark(held: boolean): string {
    const { paint } = this.#options;
    return held ? paint.green("✓") : paint.red("✗");
  }

  #hung(mark: string, text: string, colour = (line: string) => line): void {
    // Some terminals wrap a line that fills the last column.
    for (const line of hung(mark, printable(text), this.#width - 1)) this.#options.say(colour(line));
  }
}

function resultOf({ status, tweetsOnX }: DemoAnswer["posts"][number]): string {
  if (tweetsOnX === 0) return `not on X; a ${status} again`;
  return tweetsOnX === 1 ? "once, equal to its source" : "each tweet once, joined equal to its source";
}
