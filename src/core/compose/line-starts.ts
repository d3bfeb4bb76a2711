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
