/** Where lines end and begin. */

/** What ends a line. */
export const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** The first line break of `[from, to)`; an empty one at `to` where there is none. */
export function nextLineEnd(text: string, from: number, to: number): { start: number; end: number } {
  LINE_END.lastIndex = from;
  const match = LINE_END.exec(text);
  if (match === null || match.index >= to) return { start: to, end: to };
  return { start: match.index, end: match.index + match[0].length };
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
