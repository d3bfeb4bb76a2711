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
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { publishNow } from "../src/core/publish/publish.ts";
import { Afterwards } from "./afterwards.ts";
import type { Change, WantedTweet } from "./audit/events.ts";
import type { Invariants } from "./invariants.ts";
import { drawMedia } from "./media.ts";
import type { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import type { Underway } from "./underway.ts";
import type { Witness } from "./witness.ts";

const ENDINGS = [
  "",
  " & <more>",
  " see https://example.com/a?b=1&c=2",
  " Example.com",
  " 👩‍💻🇩🇪",
  " 日本語のツイート",
  " cafe\u0301 ",
];

const ACTS = ["cancel", "move", "edit", "edit", "retry", "now", "resume", "again"] as const;
/** With posts that are on X, beside all else. */
const AFTER_ACTS = [...ACTS, "follow", "follow", "follow", "unpublish", "unpublish", "unpublish"] as const;
type Act = (typeof AFTER_ACTS)[number];
/** What a racing author does to a post that is in this state; to one that is being published, anything. */
const RACES: Record<string, readonly Act[]> = {
  draft: ["again"],
  scheduled: ["cancel", "move", "edit", "edit", "now"],
  retry: ["cancel", "move", "edit", "retry", "now"],
  failed: ["retry", "edit", "again"],
  publishing: ["cancel", "move", "edit", "retry", "now"],
};
const AFTER_RACES: Record<string, readonly Act[]> = {
  ...RACES,
  published: ["follow", "unpublish"],
  failed: [...(RACES.failed ?? []), "unpublish"],
};
/** How near to a due time a racing author acts. */
const RACE_MS = 50;
const DAWDLE_ROUNDS_MAX = 40;

export interface AuthorPlan {
  /** The number of this author's first post; what comes before it is another's. */
  from: number;
  /** By number. `account` is the hub's id of it, `xAccount` X's. */
  posts: { tweets: number; account: string; xAccount: string; isNow: boolean }[];
  acts: number;
  /** Follows up on what is on X, and takes it down. */
  after: boolean;
  mayChange: boolean;
  isRacing: boolean;
  /** Probability that a tweet carries media. */
  media: number;
  /** Virtual ms over which the author is at it. */
  overMs: number;
  /** Between two posts, and until the time of one, in ms. */
  gapMsMax: number;
  soonMsMax: number;
}

export interface AuthorParts {
  prng: Prng;
  scheduler: Scheduler;
  invariants: Invariants;
  witness: Witness;
  underway: Underway;
}

export class Author {
  readonly #prng: Prng;
  readonly #scheduler: Scheduler;
  readonly #invariants: Invariants;
  readonly #witness: Witness;
  readonly #underway: Underway;
  readonly #plan: AuthorPlan;
  #process = new Process("author");
  #version = 0;
  /** What each text carries. */
  readonly #media = new Map<string, readonly string[]>();
  #acted = 0;
  readonly #afterwards: Afterwards;

  constructor(parts: AuthorParts, plan: AuthorPlan) {
    this.#prng = parts.prng;
    this.#scheduler = parts.scheduler;
    this.#invariants = parts.invariants;
    this.#witness = parts.witness;
    this.#underway = parts.underway;
    this.#plan = plan;
    this.#afterwards = new Afterwards(
      {
        ...parts,
        aside: (look) => this.#aside(look),
        attempt: (what, act) => this.#try(what, act),
        tweet: (number, position) => this.#tweet(number, position),
        wanted: (text) => this.#wanted(text),
        schedule: (deps, postId, number) => this.#schedule(deps, postId, number),
      },
      plan.posts,
    );
  }

  /** Goes on where a process before left off. Each act is a command of its own, and reads its configuration anew. */
  async live(process: Process, depsNow: () => PublishDeps): Promise<void> {
    this.#process = process;
    const { acts, isRacing, overMs } = this.#plan;
    const { clock } = depsNow();
    while (this.#invariants.posts.length < this.#plan.posts.length) {
      const number = this.#invariants.posts.push(null) - 1;
      await this.#begin(depsNow(), number);
      await clock.sleep(this.#prng.int(0, this.#plan.gapMsMax));
    }
    while (this.#acted < acts) {
      this.#acted++;
      if (isRacing) await this.#race(depsNow, clock);
      else {
        await clock.sleep(this.#prng.int(0, (2 * overMs) / acts));
        const all = this.#plan.after ? AFTER_ACTS : ACTS;
        await this.#act(
          depsNow(),
          this.#prng.int(this.#plan.from, this.#invariants.posts.length - 1),
          this.#prng.pick(all),
        );
      }
    }
    if (this.#plan.after) await this.#afterwards.finish(depsNow, clock);
  }

  // --- internal ---

  async #begin(deps: PublishDeps, number: number): Promise<void> {
    const plan = this.#plan.posts[number];
    if (!plan) return;
    const tweets = Array.from({ length: plan.tweets }, (_, position) => this.#tweet(number, position));
    const texts = tweets.map(({ text }) => text);
    await this.#try("create", async () => {
      this.#witness.tell({
        kind: "written",
        post: number,
        account: plan.xAccount,
        tweets: tweets.map(({ text }) => this.#wanted(text)),
      });
      const { postId } = await createPost(deps.hub, { accountId: plan.account, tweets, source: texts.join("\n") });
      this.#invariants.posts[number] = postId;
      await approvePost(deps.hub, postId);
      if (plan.isNow) await this.#now(deps, postId, number);
      else await this.#schedule(deps, postId, number);
    });
  }

  /** Acts as near to the time at which something happens to a post as a person never could. */
  async #race(depsNow: () => PublishDeps, clock: Clock): Promise<void> {
    const number = this.#prng.int(this.#plan.from, this.#invariants.posts.length - 1);
    const postId = this.#invariants.posts[number];
    if (!postId) return;
    const { status, dueMs } = await this.#aside(() => this.#invariants.nextOf(postId));
    const offsetMs = this.#prng.is(0.35) ? 0 : this.#prng.int(-RACE_MS, RACE_MS);
    const untilDueMs = dueMs === null ? this.#prng.int(0, 1_500) : dueMs - this.#scheduler.nowMs + offsetMs;
    if (untilDueMs > 0) await clock.sleep(untilDueMs);
    const acts = (this.#plan.after ? AFTER_RACES : RACES)[status];
    if (acts) await this.#act(depsNow(), number, this.#prng.pick(acts));
  }

  async #act(deps: PublishDeps, number: number, what: Act): Promise<void> {
    const { hub, engine, clock } = deps;
    const postId = this.#invariants.posts[number];
    if (!postId) return;
    if ((what === "edit" || what === "cancel") && !this.#plan.mayChange) return;
    if (what === "follow") return await this.#afterwards.follow(deps, number, postId);
    if (what === "unpublish") return await this.#afterwards.unpublish(deps, number, postId);
    this.#underway.authorActs(what, number);
    await this.#try(`${what} p${number}`, async () => {
      switch (what) {
        case "cancel":
          return await this.#cancel(deps, postId, number);
        case "move":
          return await this.#schedule(deps, postId, number);
        case "edit":
          return await this.#edit(deps, postId, number);
        case "retry": {
          const change: Change = { isGoing: true, notBeforeMs: null };
          return await this.#promised(number, postId, change, () => retryPost(hub, engine, postId));
        }
        case "now":
          return await this.#now(deps, postId, number);
        case "resume":
          await resumeApp(hub, engine, deps.clientId);
          return;
        case "again":
          await this.#promised(number, postId, {}, () => approvePost(hub, postId)).catch((error) => {
            if (!(error instanceof PsnError)) throw error;
          });
          await clock.sleep(this.#prng.int(0, this.#plan.isRacing ? 100 : 5_000));
          return await this.#schedule(deps, postId, number);
      }
    });
  }

  async #cancel({ hub, engine }: PublishDeps, postId: string, number: number): Promise<void> {
    const change: Change = { isGoing: false };
    await this.#promised(number, postId, change, () => cancelPost(hub, engine, postId));
    const { status } = await this.#aside(() => this.#invariants.authored(postId));
    // A request that was under way may have made its last tweet after all.
    if (status !== "draft" && status !== "published")
      this.#invariants.fail(`p${number} was cancelled and is ${status}`);
  }

  async #schedule({ hub, engine, clock }: PublishDeps, postId: string, number: number): Promise<void> {
    const at = this.#soon(clock);
    const change: Change = { isGoing: true, notBeforeMs: at.getTime() };
    const answer = await this.#promised(number, postId, change, () =>
      schedulePost(hub, engine, postId, { at, timezone: "UTC" }),
    );
    const { version } = await this.#aside(() => this.#invariants.authored(postId));
    if (version !== answer.scheduleVersion) this.#invariants.fail(`p${number} was given a time that it does not have`);
  }

  async #now(deps: PublishDeps, postId: string, number: number): Promise<void> {
    const change: Change = { isGoing: true, notBeforeMs: null };
    const lease = await this.#promised(number, postId, change, () =>
      takeNow(deps.hub, deps.engine, postId, deps.workerId),
    );
    await publishNow(deps, lease);
  }

  async #edit({ hub, engine, clock }: PublishDeps, postId: string, number: number): Promise<void> {
    const post = await loadPost(hub.db, postId);
    const texts = post.tweets.map((tweet) => tweet.content);
    const sent = post.tweets.filter((tweet) => tweet.externalPostId !== null).length;
    const count = Math.max(sent === 0 ? 1 : 0, post.tweets.length - sent + this.#prng.int(-1, 1));
    const unsentTweets = Array.from({ length: count }, (_, index) => this.#tweet(number, sent + index));
    if (this.#plan.isRacing && this.#prng.is(0.5)) await this.#dawdle(clock, postId, sent);
    const at = this.#prng.is(0.5) ? this.#soon(clock) : null;
    const isWaiting = post.root.status === "scheduled" || post.root.status === "retry";
    const wanted = [...texts.slice(0, sent), ...unsentTweets.map(({ text }) => text)].map((text) => this.#wanted(text));
    const change: Change = { tweets: wanted, ...(at ? { isGoing: true, notBeforeMs: at.getTime() } : {}) };
    await this.#promised(number, postId, change, () =>
      editPost(
        hub,
        engine,
        postId,
        { unsentTweets, ...(at ? { schedule: { at, timezone: "UTC" } } : {}) },
        { contentVersion: post.root.contentVersion, sentCount: sent, approve: at !== null || isWaiting },
      ),
    );
  }

  /** Media are copied, an editor is open: the post goes on meanwhile, at worst to where it can be edited again. */
  async #dawdle(clock: Clock, postId: string, sent: number): Promise<void> {
    for (let round = 0; round < DAWDLE_ROUNDS_MAX; round++) {
      await clock.sleep(this.#prng.int(0, 200));
      const { status, sentCount } = await this.#aside(() => this.#invariants.nextOf(postId));
      if (sentCount !== sent && status !== "publishing") return;
    }
  }

  /** Notes what the author is answered, and checks that the hub keeps to it. */
  async #promised<T>(number: number, postId: string, change: Change, act: () => Promise<T>): Promise<T> {
    const before = await this.#aside(() => this.#invariants.authored(postId));
    const answer = this.#witness.ask(number, change);
    try {
      const value = await act();
      answer("done");
      const { texts } = await this.#aside(() => this.#invariants.authored(postId));
      this.#witness.tell({ kind: "stored", post: number, texts });
      return value;
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      answer("refused");
      const { fingerprint } = await this.#aside(() => this.#invariants.authored(postId));
      if (fingerprint !== before.fingerprint)
        this.#invariants.fail(`p${number}: ${error.code}, and yet it was changed`);
      throw error;
    }
  }

  /** Reads the hub for the simulation's own sake: no step of any process. */
  async #aside<T>(look: () => Promise<T>): Promise<T> {
    return await this.#scheduler.gate(this.#process, "tick", look, { isUrgent: true });
  }

  #soon(clock: Clock): Date {
    const ms = this.#prng.int(this.#plan.isRacing ? 100 : 1_000, this.#plan.soonMsMax);
    return new Date(clock.now().getTime() + ms);
  }

  #tweet(number: number, position: number): NewTweet {
    const text = `p${number}.t${position}.v${++this.#version}${this.#prng.pick(ENDINGS)}`;
    const media = this.#prng.is(this.#plan.media) ? drawMedia(this.#prng) : [];
    this.#media.set(
      text,
      media.map(({ sha256 }) => sha256),
    );
    return { text, separatorAfter: "\n", media };
  }

  /** A text that this author wrote, and what it carries. */
  #wanted(text: string): WantedTweet {
    return { text, media: this.#media.get(text) ?? [] };
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
