/** Where lines end and begin. */

/** What ends a line. */
export const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** The same of one code unit, for whoever goes over the text anyhow. */
export const isLineEnd = (unit: number): boolean =>
  unit === LINE_FEED || unit === CARRIAGE_RETURN || unit === 0x2028 || unit === 0x2029;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Where the next line begins behind the line break at `end`. */
export function lineStartBehind(text: string, end: number): number {
  return end + (text.charCodeAt(end) === CARRIAGE_RETURN && text.charCodeAt(end + 1) === LINE_FEED ? 2 : 1);
}

/** The first line break of `[from, to)`; an empty one at `to` where there is none. */
export function nextLineEnd(text: string, from: number, to: number): { start: number; end: number } {
  let start = from;
  while (start < to && !isLineEnd(text.charCodeAt(start))) start++;
  return { start, end: start < to ? lineStartBehind(text, start) : to };
}

/** What `pattern`, which is sticky, finds at the starts of lines. */
export function* atLineStarts(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  let start = 0;
  do {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match !== null) yield match;
    start = text.indexOf("\n", start) + 1;
  } while (start > 0);
}

/** Where lines begin, for whoever asks in ascending order: each line break is then looked for once. */
export class LineStarts {
  readonly #text: string;
  #start = 0;
  #end: number;

  constructor(text: string) {
    this.#text = text;
    this.#end = this.#endFrom(0);
  }

  /** Start of the line that `index` stands in. `index` must not go back. */
  of(index: number): number {
    while (this.#end < index) {
      this.#start = this.#end + 1;
      this.#end = this.#endFrom(this.#start);
    }
    return this.#start;
  }

  /** End of that line, without its line break. */
  endOf(index: number): number {
    this.of(index);
    return this.#end;
  }

  #endFrom(start: number): number {
    const end = this.#text.indexOf("\n", start);
    return end < 0 ? this.#text.length : end;
  }
}
