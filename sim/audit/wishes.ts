/**
 * What may be true of a post by the answers its author has had. Of an act that was confirmed only the new state is true, of
 * one that was refused only the old one; of one whose answer was lost both may be.
 */
import type { Change, WantedTweet } from "./events.ts";

export interface Wish {
  tweets: readonly WantedTweet[];
  isGoing: boolean;
  /** By the hub's clock; null: at once. */
  notBeforeMs: number | null;
}

export class Wishes {
  readonly #possible = new Map<number, readonly Wish[]>();
  /** Acts that wait for their answer. */
  readonly #open = new Map<number, { post: number; before: readonly Wish[]; after: readonly Wish[] }>();

  write(post: number, tweets: readonly WantedTweet[]): void {
    this.#possible.set(post, [{ tweets, isGoing: false, notBeforeMs: null }]);
  }

  ask(act: number, post: number, change: Change): void {
    const before = this.of(post);
    const after = before.map((wish) => ({ ...wish, ...change }));
    this.#open.set(act, { post, before, after });
    this.#possible.set(post, distinct([...before, ...after]));
  }

  answer(act: number, outcome: "done" | "refused"): void {
    const asked = this.#open.get(act);
    if (!asked) return;
    this.#open.delete(act);
    this.#possible.set(asked.post, outcome === "done" ? distinct(asked.after) : asked.before);
  }

  /** Empty for a post that nobody wrote. */
  of(post: number): readonly Wish[] {
    return this.#possible.get(post) ?? [];
  }
}

// --- internal ---

function distinct(wishes: readonly Wish[]): readonly Wish[] {
  return [...new Map(wishes.map((wish) => [JSON.stringify(wish), wish])).values()];
}
