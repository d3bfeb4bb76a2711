/** The demo's account for a person: one line a step, a short preview, and the table at the end. It prints nothing itself. */
import { relative } from "node:path";
import type { Paint } from "../cli/_paint.ts";
import { fit } from "../cli/_wrap.ts";
import type { Preview } from "../core/compose/preview.ts";
import type { DemoAnswer } from "./answer.ts";

const NAME_WIDTH = 10;
/** The columns before a step's words: its time and its name. */
const INDENT = NAME_WIDTH + 10;
const WIDTH_DEFAULT = 100;
const WIDTH_MIN = 60;
const WIDTH_MAX = 140;
/** Of a longer thread the middle is left out: psn preview shows it. */
const PREVIEW_LINES_MAX = 24;

export interface TellerOptions {
  say: (line: string) => void;
  paint: Paint;
  /** Columns of the terminal; undefined when there is none. */
  width: number | undefined;
  cwd: string;
}

export class Teller {
  readonly steps: DemoAnswer["steps"] = [];
  readonly #options: TellerOptions;
  readonly #width: number;

  constructor(options: TellerOptions) {
    this.#options = options;
    this.#width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, options.width ?? WIDTH_DEFAULT));
  }

  /** The first line. */
  begin(): void {
    const { paint, say } = this.#options;
    say(`${paint.bold("The main job, end to end, on a local X.")} Nothing leaves this machine.\n`);
  }

  /** Does a step and tells it when it is done, with its time. */
  async step<T>(name: string, act: () => Promise<{ value: T; says: string }>): Promise<T> {
    const startedMs = performance.now();
    const { value, says } = await act();
    this.line(name, says, performance.now() - startedMs);
    return value;
  }

  line(name: string, says: string, ms?: number): void {
    this.steps.push({ name, says, ms: Math.round(ms ?? 0) });
    const { paint, say } = this.#options;
    const time = ms === undefined ? "" : `${(ms / 1000).toFixed(1)} s`;
    say(`${paint.dim(time.padStart(7))}  ${paint.bold(name.padEnd(NAME_WIDTH))} ${this.#fit(says, INDENT)}`);
  }

  /** What is going on while a step takes its time. */
  waiting(says: string): void {
    const { paint, say } = this.#options;
    say(`${" ".repeat(INDENT)}${paint.dim(this.#fit(says, INDENT))}`);
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
      const line = this.#fit(text.replace(/\s+/gu, " ").trim(), left);
      say(`    ${paint.bold(number)}  ${paint.dim(String(weightedLength).padStart(5))}   ${line}`);
    }
    say("");
  }

  /** The final table, what was proven, and the verdict. */
  end(answer: DemoAnswer): void {
    const { paint, say } = this.#options;
    const rows = answer.posts.map(({ name, how, tweetsOnX, latenessMs, held, status, problems }) => ({
      cells: [name, how, String(tweetsOnX), latenessMs === null ? "" : `${latenessMs} ms late`],
      result: held ? resultOf(status, tweetsOnX) : problems.join("; "),
      held,
    }));
    const head = ["Post", "How", "Tweets", "First tweet"];
    const widths = head.map((title, at) => Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
    const isNumber = (at: number) => at >= 2;
    const lineOf = (cells: string[]) =>
      cells
        .map((cell, at) => (isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join("   ");
    say("");
    say(`  ${paint.bold(`${lineOf(head)}   Result`)}`);
    for (const { cells, result, held } of rows) {
      say(`  ${lineOf(cells)}   ${held ? paint.green("✓") : paint.red("✗")} ${result}`);
    }
    say("");
    for (const { says, held } of answer.comparison.checks) say(`  ${held ? paint.green("✓") : paint.red("✗")} ${says}`);
    for (const { thread, says } of answer.comparison.problems) {
      say(`    ${paint.red("!")} ${thread === null ? "" : `${thread}: `}${says}`);
    }
    const seconds = (answer.durationMs / 1000).toFixed(1);
    say("");
    say(
      answer.held
        ? paint.green(`It held, in ${seconds} s: nothing lost, nothing doubled, nothing changed.`)
        : paint.red(`It did not hold (${seconds} s): X does not show what was approved.`),
    );
  }

  shortPath(path: string): string {
    const short = relative(this.#options.cwd, path);
    return short.length < path.length ? short : path;
  }

  /** A line cut to what is left of the terminal's width. */
  #fit(text: string, used: number): string {
    // Some terminals wrap a line that fills the last column.
    return fit(text, Math.max(20, this.#width - used - 1));
  }
}

function resultOf(status: string, tweetsOnX: number): string {
  if (tweetsOnX === 0) return `not on X; a ${status} again`;
  return tweetsOnX === 1 ? "once, equal to its source" : "each tweet once, joined equal to its source";
}
