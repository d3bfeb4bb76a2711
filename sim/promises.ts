/**
 * What the author was promised of each post by the answers to their acts, and so what may be sent of it from then on. Of an
 * act that was confirmed only the new state is true, of one that was refused only the old one; of one whose answer was lost
 * both may be true.
 */
export interface Word {
  /** Of all tweets, in order. */
  texts: readonly string[];
  /** Whether it is to go out at all. */
  isGoing: boolean;
  /** Not before this time. */
  notBefore: Date | null;
}

/** What an act makes of a post. */
export type Change = (word: Word) => Word;

export class Promises {
  readonly #possible = new Map<number, readonly Word[]>();

  written(post: number, texts: readonly string[]): void {
    this.#possible.set(post, [{ texts, isGoing: false, notBefore: null }]);
  }

  /** The author asks for an act; until it is answered, what was and what will be may both be true. */
  begin(post: number, change: Change): { confirm(): void; refuse(): void } {
    const before = this.of(post);
    const after = before.map(change);
    this.#possible.set(post, distinct([...before, ...after]));
    return {
      confirm: () => this.#possible.set(post, distinct(after)),
      refuse: () => this.#possible.set(post, before),
    };
  }

  of(post: number): readonly Word[] {
    return this.#possible.get(post) ?? [];
  }

  /** What forbids sending this now, or null. Without `now` the time is not checked. */
  objection(post: number, position: number, text: string, now: Date | null): string | null {
    const words = this.of(post);
    const sameText = words.filter((word) => word.texts[position] === text);
    if (sameText.length === 0) return `"${text}" is not what its author was promised last`;
    const going = sameText.filter((word) => word.isGoing);
    if (going.length === 0) return "its author was promised that it does not go out";
    const isTime = going.some(({ notBefore }) => now === null || notBefore === null || notBefore <= now);
    return isTime ? null : "its author was promised a later time";
  }

  /** Whether these can be the post's texts. */
  allows(post: number, texts: readonly string[]): boolean {
    const wanted = JSON.stringify(texts);
    return this.of(post).some((word) => JSON.stringify(word.texts) === wanted);
  }
}

// --- internal ---

function distinct(words: readonly Word[]): readonly Word[] {
  return [...new Map(words.map((word) => [JSON.stringify(word), word])).values()];
}
