/** The author: writes, approves, schedules, and changes their mind at any moment. Each act may meet a refusal in words. */
import type { Clock } from "../src/core/clock.ts";
import { PsnError } from "../src/core/errors.ts";
import { loadPost } from "../src/core/posts/read.ts";
import {
  approvePost,
  cancelPost,
  createPost,
  editPost,
  type NewTweet,
  resumeApp,
  retryPost,
  schedulePost,
  takeNow,
} from "../src/core/posts/write.ts";
import { publishNow } from "../src/core/publish/now.ts";
import type { PublishDeps } from "../src/core/publish/publish.ts";
import type { Chance } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Watch } from "./watch.ts";

const ENDINGS = [
  "",
  " & <more>",
  " see https://example.com/a?b=1&c=2",
  " Example.com",
  " 👩‍💻🇩🇪",
  " 日本語のツイート",
  " cafe\u0301 ",
];

export interface AuthorPlan {
  posts: { tweets: number; account: string; isNow: boolean }[];
  acts: number;
  mayChange: boolean;
  /** Virtual ms over which the author is at it. */
  overMs: number;
}

export class Author {
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  readonly #watch: Watch;
  readonly #plan: AuthorPlan;
  #version = 0;
  #acted = 0;

  constructor(chance: Chance, scheduler: Scheduler, watch: Watch, plan: AuthorPlan) {
    this.#chance = chance;
    this.#scheduler = scheduler;
    this.#watch = watch;
    this.#plan = plan;
  }

  /** Goes on where a process before left off. */
  async live(deps: PublishDeps): Promise<void> {
    const { clock } = deps;
    while (this.#watch.posts.length < this.#plan.posts.length) {
      const number = this.#watch.posts.push(null) - 1;
      await this.#begin(deps, number);
      await clock.sleep(this.#chance.int(0, 20_000));
    }
    while (this.#acted < this.#plan.acts) {
      this.#acted++;
      await clock.sleep(this.#chance.int(0, (2 * this.#plan.overMs) / this.#plan.acts));
      await this.#act(deps, clock);
    }
  }

  // --- internal ---

  async #begin(deps: PublishDeps, number: number): Promise<void> {
    const plan = this.#plan.posts[number];
    if (!plan) return;
    const tweets = Array.from({ length: plan.tweets }, (_, position) => this.#tweet(number, position));
    await this.#try("create", async () => {
      const source = tweets.map(({ text }) => text).join("\n");
      const { postId } = await createPost(deps.hub, { accountId: plan.account, tweets, source });
      this.#watch.posts[number] = postId;
      await approvePost(deps.hub, postId);
      if (plan.isNow) await this.#now(deps, postId);
      else await this.#schedule(deps, postId);
    });
  }

  async #act(deps: PublishDeps, clock: Clock): Promise<void> {
    const { hub, engine } = deps;
    const number = this.#chance.int(0, this.#watch.posts.length - 1);
    const postId = this.#watch.posts[number];
    if (!postId) return;
    const what = this.#chance.pick(["cancel", "move", "edit", "edit", "retry", "now", "resume", "again"] as const);
    if ((what === "edit" || what === "cancel") && !this.#plan.mayChange) return;
    await this.#try(`${what} p${number}`, async () => {
      switch (what) {
        case "cancel":
          return await cancelPost(hub, engine, postId);
        case "move":
          return await this.#schedule(deps, postId);
        case "edit":
          return await this.#edit(deps, postId, number);
        case "retry":
          return await retryPost(hub, engine, postId);
        case "now":
          return await this.#now(deps, postId);
        case "resume":
          await resumeApp(hub, engine, deps.clientId);
          return;
        case "again":
          await approvePost(hub, postId).catch((error) => {
            if (!(error instanceof PsnError)) throw error;
          });
          await clock.sleep(this.#chance.int(0, 5_000));
          return await this.#schedule(deps, postId);
      }
    });
  }

  async #schedule({ hub, engine, clock }: PublishDeps, postId: string): Promise<void> {
    const at = new Date(clock.now().getTime() + this.#chance.int(1_000, 120_000));
    await schedulePost(hub, engine, postId, { at, timezone: "UTC" });
  }

  async #now(deps: PublishDeps, postId: string): Promise<void> {
    const lease = await takeNow(deps.hub, deps.engine, postId, deps.workerId);
    await publishNow(deps, lease);
  }

  async #edit({ hub, engine, clock }: PublishDeps, postId: string, number: number): Promise<void> {
    const post = await loadPost(hub.db, postId);
    const sent = post.tweets.filter((tweet) => tweet.externalPostId !== null).length;
    const count = Math.max(sent === 0 ? 1 : 0, post.tweets.length - sent + this.#chance.int(-1, 1));
    const unsentTweets = Array.from({ length: count }, (_, index) => this.#tweet(number, sent + index));
    const at = new Date(clock.now().getTime() + this.#chance.int(1_000, 120_000));
    await editPost(
      hub,
      engine,
      postId,
      { unsentTweets, ...(this.#chance.is(0.5) ? { schedule: { at, timezone: "UTC" } } : {}) },
      { contentVersion: post.root.contentVersion },
    );
  }

  #tweet(number: number, position: number): NewTweet {
    const text = `p${number}.t${position}.v${++this.#version}${this.#chance.pick(ENDINGS)}`;
    return { text, separatorAfter: "\n", media: [] };
  }

  async #try(what: string, act: () => Promise<unknown>): Promise<void> {
    this.#scheduler.note("author", what);
    try {
      await act();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      this.#scheduler.note("author", `${what} refused: ${error instanceof PsnError ? code : message.slice(0, 80)}`);
    }
  }
}
