/** Lines out of pieces of any size. Each byte is copied a few times at most, however many pieces a line comes in. */

const LINE_FEED = 0x0a;
const FIRST_BYTES = 64 * 1024;

export class Lines {
  readonly #bytesMax: number;
  #held = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What has no end yet is longer than a line may be. */
  get isTooLong(): boolean {
    return this.#length > this.#bytesMax;
  }

  /** @returns the lines that end in this piece, without their ends */
  *add(piece: Uint8Array): Generator<string> {
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      this.#hold(piece.subarray(from, end));
      yield this.rest();
      from = end + 1;
    }
    this.#hold(piece.subarray(from));
  }

  /** A last line without its end. */
  rest(): string {
    const line = this.#held.toString("utf8", 0, this.#length);
    this.#length = 0;
    // A long line does not keep its memory for those that follow.
    if (this.#held.length > FIRST_BYTES) this.#held = Buffer.alloc(FIRST_BYTES);
    return line;
  }

  #hold(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#held.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    this.#held.set(piece, this.#length);
    this.#length = length;
  }
}
