/** What the author does with posts that are on X: follows up on them, and takes them down. */
import type { Clock } from "../src/core/clock.ts";
import { PsnError } from "../src/core/errors.ts";
import { approvePost, createPost, type NewTweet } from "../src/core/posts/write.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { wantDeletions } from "../src/core/publish/unpublish/ledger.ts";
import { unpublish } from "../src/core/publish/unpublish/unpublish.ts";
import type { WantedTweet } from "./audit/events.ts";
import type { Invariants } from "./invariants.ts";
import type { Prng } from "./prng.ts";
import type { Witness } from "./witness.ts";

const FOLLOWS_MAX = 4;
/** Until everything that was to be taken down is gone. */
const TAKE_DOWN_ROUNDS_MAX = 600;
const TAKE_DOWN_GAP_MS = 5 * 60_000;

/** What it does with the author's own hands. */
export interface Hands {
  prng: Prng;
  invariants: Invariants;
  witness: Witness;
  /** Reads the hub for the simulation's own sake. */
  aside<T>(look: () => Promise<T>): Promise<T>;
  /** Notes the act, and a refusal of it. */
  attempt(what: string, act: () => Promise<unknown>): Promise<void>;
  tweet(number: number, position: number): NewTweet;
  wanted(text: string): WantedTweet;
  schedule(deps: PublishDeps, postId: string, number: number): Promise<void>;
}

export class Afterwards {
  readonly #hands: Hands;
  readonly #posts: readonly { account: string; xAccount: string }[];
  /** Which post a post follows up on. */
  readonly #follows = new Map<number, number>();

  constructor(hands: Hands, posts: readonly { account: string; xAccount: string }[]) {
    this.#hands = hands;
    this.#posts = posts;
  }

  /** A post that replies to what is on X of another one. */
  async follow(deps: PublishDeps, parent: number, parentId: string): Promise<void> {
    const { status, subStatus, lastId } = await this.#hands.aside(() => this.#hands.invariants.onX(parentId));
    const { account, xAccount } = this.#accountOf(parent);
    if (status !== "published" || subStatus !== null || lastId === null || this.#follows.size >= FOLLOWS_MAX) return;
    const number = this.#hands.invariants.posts.push(null) - 1;
    this.#follows.set(number, parent);
    const tweets = Array.from({ length: this.#hands.prng.int(1, 2) }, (_, position) =>
      this.#hands.tweet(number, position),
    );
    await this.#hands.attempt(`follow p${parent} by p${number}`, async () => {
      const wanted = tweets.map(({ text }) => this.#hands.wanted(text));
      this.#hands.witness.tell({ kind: "written", post: number, account: xAccount, tweets: wanted, follows: parent });
      const source = tweets.map(({ text }) => text).join("\n");
      const metadata = { replyToId: lastId };
      const { postId } = await createPost(deps.hub, { accountId: account, tweets, source, metadata });
      this.#hands.invariants.posts[number] = postId;
      await approvePost(deps.hub, postId);
      await this.#hands.schedule(deps, postId, number);
    });
  }

  /** All of what is on X of a post, or one tweet of it. */
  async unpublish(deps: PublishDeps, number: number, postId: string): Promise<void> {
    const { count } = await this.#hands.aside(() => this.#hands.invariants.onX(postId));
    if (count === 0) return;
    const positions = this.#hands.prng.is(0.6) ? null : [this.#hands.prng.int(0, count - 1)];
    await this.#hands.attempt(`unpublish p${number} ${positions ?? "all"}`, async () => {
      const answer = this.#hands.witness.askTakeDown(number, positions);
      const tweets = positions?.map((position) => position + 1) ?? null;
      try {
        await wantDeletions(deps.hub, postId, { tweets, by: "the author" });
        answer("done");
      } catch (error) {
        if (error instanceof PsnError) answer("refused");
        throw error;
      }
      await unpublish(deps, postId, this.#accountOf(number).account);
    });
  }

  /** What was stopped half-way is gone on with, as often as it takes. */
  async finish(depsNow: () => PublishDeps, clock: Clock): Promise<void> {
    for (let round = 0; round < TAKE_DOWN_ROUNDS_MAX; round++) {
      let isLeft = false;
      for (const [number, postId] of this.#hands.invariants.posts.entries()) {
        if (!postId) continue;
        const { subStatus } = await this.#hands.aside(() => this.#hands.invariants.onX(postId));
        if (subStatus !== "unpublishing") continue;
        isLeft = true;
        await this.#hands.attempt(`go on unpublishing p${number}`, () =>
          unpublish(depsNow(), postId, this.#accountOf(number).account),
        );
      }
      if (!isLeft) return;
      await clock.sleep(TAKE_DOWN_GAP_MS);
    }
  }

  // --- internal ---

  /** A follow-up is its parent's account's. */
  #accountOf(number: number): { account: string; xAccount: string } {
    let root = number;
    for (let parent = this.#follows.get(root); parent !== undefined; parent = this.#follows.get(root)) root = parent;
    return this.#posts[root] ?? { account: "", xAccount: "" };
  }
}
