/**
 * Publishing a post: exactly once, as seen on X.
 *
 * X has no idempotency key, so order is everything: lease, then for each tweet without an id: settle what is open,
 * token, media, rate limit, **write the attempt, commit, send, record**. A crash between any two lines leaves either
 * nothing at X or an attempt without an outcome; whoever comes next looks at X before sending again.
 *
 * A run never sleeps while it holds a post. Whatever has to wait is written down with its time and the lease given
 * back; the engine wakes the post then.
 */
import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { type Hub, hubNow, type Tx } from "../db/connection.ts";
import { type AttemptOutcome, appHolds, postMedia, posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import type { MediaStore } from "../media/store.ts";
import type { AnswerMeta, Credentials, Outcome, OwnPost } from "../platform.ts";
import { credentialsFor, type KeeperDeps } from "../tokens/keeper.ts";
import type { PostSubStatus } from "../types/index.ts";
import { contentHash } from "./content-hash.ts";
import { type HeldLease, holdLease } from "./heartbeat.ts";
import {
  answerAttempt,
  attemptHistory,
  type Lease,
  LeaseLostError,
  loadTweets,
  type OpenAttempt,
  openAttempt,
  type Rest,
  recordPosted,
  rest,
  setSubStatus,
  type TweetRow,
  takeLease,
  writeAttempt,
} from "./ledger.ts";
import { closedUntil, noteLimits, noteRefusal } from "./limits.ts";
import { mediaReady } from "./media-ready.ts";
import { nextStep, retryOrStop, type Situation, type Step } from "./next-step.ts";
import { rateLimitWaitUntil, unavailableLookDelayMs } from "./retry-timing.ts";
import { findSent, judgeLook } from "./settle.ts";

export interface PublishDeps extends KeeperDeps {
  hub: Hub;
  engine: Engine;
  media: MediaStore;
  /** In [0, 1). */
  random(): number;
  /** Unique for each process. */
  workerId: string;
  /** The X app; a hold on credits is the app's. */
  clientId: string;
  /** A scheduled post later than this is not sent without a word from the author. */
  graceMs: number;
}

export type PublishResult =
  | { kind: "published"; postId: string; platformPostIds: string[] }
  | { kind: "resting"; postId: string; subStatus: PostSubStatus | null; until: Date | null; note: string }
  | { kind: "failed"; postId: string; code: string; reason: string }
  /** Not due, an old version, or another worker has it. */
  | { kind: "not_ours"; postId: string };

/**
 * Publishes a post whose wake-up came, as far as it goes now.
 * @throws PsnError for a broken configuration (keys); anything else thrown is a bug. The post is safe in either case.
 */
export async function publishPost(
  deps: PublishDeps,
  wake: { postId: string; scheduleVersion: number },
  signal?: AbortSignal,
): Promise<PublishResult> {
  const { postId } = wake;
  const taken = await takeLease(deps.hub, wake, deps.workerId, deps.graceMs);
  switch (taken.kind) {
    case "not_ours":
      return { kind: "not_ours", postId };
    case "missed":
      return { kind: "failed", postId, code: "MISSED_ITS_TIME", reason: "It missed its time and was not sent." };
    case "lease":
      return await publishLeased(deps, taken.lease, signal);
  }
}

/** The same, for a post whose lease the caller has: "post now" takes it in the transaction that approves. */
export async function publishLeased(deps: PublishDeps, lease: Lease, signal?: AbortSignal): Promise<PublishResult> {
  const tweets = await loadTweets(deps.hub.db, lease.postId);
  const [root] = tweets;
  if (!root) return { kind: "not_ours", postId: lease.postId };
  const held = holdLease(deps, lease);
  const run = new Run(deps, held, root, tweets, signal);
  try {
    return await run.publish();
  } catch (error) {
    if (error instanceof LeaseLostError) return { kind: "not_ours", postId: lease.postId };
    return await run.broke(error);
  } finally {
    held.stop();
  }
}

class Run {
  readonly #deps: PublishDeps;
  readonly #held: HeldLease;
  readonly #signal: AbortSignal | undefined;
  readonly #postId: string;
  readonly #root: TweetRow;
  readonly #tweets: TweetRow[];
  /** Version of the token that was made by a refresh in this run. */
  #freshTokenVersion: number | null = null;
  #uploadedNow = false;

  constructor(deps: PublishDeps, held: HeldLease, root: TweetRow, tweets: TweetRow[], signal: AbortSignal | undefined) {
    this.#deps = deps;
    this.#held = held;
    this.#root = root;
    this.#tweets = tweets;
    this.#signal = signal;
    this.#postId = held.lease.postId;
  }

  async publish(): Promise<PublishResult> {
    const refusal = this.#changedSinceApproval();
    if (refusal) return await this.#stop(refusal.code, refusal.note);

    for (const tweet of this.#tweets) {
      while (tweet.externalPostId === null) {
        const ended = await this.#publishTweet(tweet);
        if (ended) return ended;
      }
    }
    const ids = this.#tweets.map((tweet) => tweet.externalPostId ?? "");
    return { kind: "published", postId: this.#postId, platformPostIds: ids };
  }

  /** One step on the way to this tweet's id. @returns the run's end, or null to go on (the tweet may have its id now) */
  async #publishTweet(tweet: TweetRow): Promise<PublishResult | null> {
    const { hub } = this.#deps;
    const open = await openAttempt(hub, tweet.id);
    if (open) return await this.#settle(tweet, open);

    if (this.#signal?.aborted) return await this.#handBack();
    const hold = await this.#appHold();
    if (hold) return await this.#restNow({ subStatus: "out_of_credits", dueAt: null, kind: "held", note: hold });
    const token = await this.#token();
    if ("ended" in token) return token.ended;
    const closed = await closedUntil(hub, tweet.accountId, "create");
    if (closed) return await this.#waitForLimit(closed);
    const media = await this.#media(tweet, token.credentials);
    if ("ended" in media) return media.ended;

    const replyToId = this.#parentId(tweet);
    const history = await attemptHistory(hub, tweet.id);
    const attemptId = await writeAttempt(hub, this.#held.lease, {
      tweetId: tweet.id,
      fingerprint: fingerprint(tweet, replyToId),
      replyToId,
      mediaCount: tweet.media.length,
      sinceId: replyToId ?? (await this.#newestOwnId(tweet.accountId)),
    });
    // The attempt is committed. A lease that ran out while it was written must not lead to a send.
    if (!this.#held.hasTime()) {
      const answered = { outcome: "not_sent" as const, detail: "the lease ran out before the send", meta: null };
      await hub.db.transaction((tx) => answerAttempt(tx, attemptId, answered));
      throw new LeaseLostError(`post ${this.#postId}: the lease ran out`);
    }
    const { outcome, meta } = await this.#deps.platform.createPost(token.credentials, {
      text: tweet.content,
      replyToId,
      mediaIds: media.mediaIds,
      ...(tweet.threadPosition === 0 ? labels(tweet) : {}),
    });
    const situation = await this.#situation({
      waitCount: history.waitCount,
      mayExist: history.mayExist,
      tokenIsFresh: this.#freshTokenVersion === token.version,
    });
    return await this.#record(tweet, attemptId, outcome, meta, nextStep(outcome, situation), token.version);
  }

  /** Writes outcome and step in one transaction, then says how the run goes on. */
  async #record(
    tweet: TweetRow,
    attemptId: number,
    outcome: Outcome,
    meta: AnswerMeta,
    step: Step,
    tokenVersion: number,
  ): Promise<PublishResult | null> {
    const { hub } = this.#deps;
    if (step.do === "posted") {
      await this.#posted(tweet, attemptId, step.externalPostId, "posted", meta);
      await noteLimits(hub, tweet.accountId, "create", meta);
      return null;
    }
    await noteLimits(hub, tweet.accountId, "create", meta);
    if (step.do === "wait" && outcome.kind === "wait") {
      await noteRefusal(hub, tweet.accountId, "create", outcome.scope, step.until);
    }
    const detail = "detail" in outcome ? outcome.detail : "cause" in outcome ? outcome.cause : null;
    const answered = { outcome: step.do === "look" ? null : step.outcome, detail, meta };
    switch (step.do) {
      case "wait":
        return await this.#restWith(attemptId, answered, {
          subStatus: step.subStatus,
          dueAt: step.until,
          spendsRetry: step.spendsRetry,
          kind: step.subStatus === "rate_limited" ? "rate_limited" : "retry",
          note: `${this.#label(tweet)}${step.note}`,
        });
      case "look":
        return await this.#restWith(attemptId, answered, {
          subStatus: "confirming",
          dueAt: step.until,
          kind: "confirming",
          note: `${this.#label(tweet)}${step.note}`,
        });
      case "refresh":
        await hub.db.transaction((tx) => answerAttempt(tx, attemptId, answered));
        return await this.#refreshRefused(tokenVersion);
      case "upload_again":
        await hub.db.transaction(async (tx) => {
          await answerAttempt(tx, attemptId, answered);
          await tx
            .update(postMedia)
            .set({ platformMediaId: null, platformMediaExpiresAt: null, altTextSet: false })
            .where(eq(postMedia.postId, tweet.id));
        });
        for (const item of tweet.media) item.platformMediaId = null;
        return null;
      case "hold_app":
        return await this.#holdApp(attemptId, answered, step.cap, step.note);
      case "stop":
        return await this.#stop(step.code, `${this.#label(tweet)}${step.note}`, attemptId, answered);
    }
  }

  // --- what may have happened before ---

  /** An attempt has no outcome: its owner died, or X did not answer. Look at X; never send first. */
  async #settle(tweet: TweetRow, attempt: OpenAttempt): Promise<PublishResult | null> {
    const { hub, platform } = this.#deps;
    const token = await this.#token();
    if ("ended" in token) return token.ended;
    await setSubStatus(hub, this.#held.lease, "confirming");
    const { answer, meta } = await platform.ownPosts(token.credentials, { sinceId: attempt.sinceId, max: 100 });
    await noteLimits(hub, tweet.accountId, "timeline", meta);
    if (answer.kind === "signed_out") return await this.#refreshRefused(token.version);
    if (answer.kind === "unavailable" || !answer.complete) {
      const cause = answer.kind === "unavailable" ? answer.cause : "X's list was cut short";
      return await this.#lookLater(tweet, attempt, cause, answer.kind === "unavailable" ? answer.retryAt : null);
    }
    const found = await this.#find(tweet, attempt, answer.posts);
    const verdict = judgeLook(found, attempt.elapsedMs);
    switch (verdict.kind) {
      case "found":
        await this.#posted(tweet, attempt.id, verdict.post.id, "adopted", null);
        return null;
      case "look_again":
        await this.#countLook(attempt);
        return await this.#restNow({
          subStatus: "confirming",
          dueAt: await this.#after(verdict.afterMs),
          kind: "confirming",
          note: `${this.#label(tweet)}Not on X so far. Looking again before anything is sent.`,
        });
      case "absent": {
        const answered = { outcome: "absent" as const, detail: attempt.detail, meta: null };
        // X had said "duplicate", yet the tweet is nowhere: sending again would only be refused again.
        if (attempt.httpStatus === 403) {
          const note = `${this.#label(tweet)}X refused the text as a duplicate, but the account does not show it.`;
          return await this.#stop("X_DUPLICATE", note, attempt.id, { ...answered, outcome: "refused" });
        }
        await hub.db.transaction((tx) => answerAttempt(tx, attempt.id, answered));
        return null;
      }
    }
  }

  async #find(tweet: TweetRow, attempt: OpenAttempt, ownPosts: OwnPost[]): Promise<OwnPost | null> {
    const { rows } = await this.#deps.hub.db.execute<{ id: string }>(sql`
      select external_post_id as id
      from psn.posts
      where account_id = ${tweet.accountId}
        and external_post_id in (select jsonb_array_elements_text(${JSON.stringify(ownPosts.map((post) => post.id))}::jsonb))`);
    const sent = {
      text: tweet.content,
      replyToId: attempt.replyToId,
      mediaCount: attempt.mediaCount,
      startedAt: attempt.startedAt,
      sinceId: attempt.sinceId,
    };
    return findSent(sent, ownPosts, new Set(rows.map((row) => row.id)));
  }

  async #lookLater(tweet: TweetRow, attempt: OpenAttempt, cause: string, retryAt: Date | null): Promise<PublishResult> {
    await this.#countLook(attempt);
    const delayMs = unavailableLookDelayMs(attempt.lookCount, this.#deps.random());
    const dueAt = await this.#after(delayMs);
    return await this.#restNow({
      subStatus: "confirming",
      dueAt: retryAt && retryAt > dueAt ? retryAt : dueAt,
      kind: "confirming",
      note: `${this.#label(tweet)}X's timeline cannot be read (${cause}). Nothing is sent until it can.`,
    });
  }

  async #countLook(attempt: OpenAttempt): Promise<void> {
    await this.#deps.hub.db.execute(sql`
      update psn.publish_attempts
      set look_count = look_count + 1, last_look_at = psn.now()
      where id = ${attempt.id}`);
  }

  // --- what must be good before a send ---

  async #token(): Promise<{ credentials: Credentials; version: number } | { ended: PublishResult }> {
    const answer = await credentialsFor(this.#deps, this.#root.accountId);
    if (answer.kind === "ok") return answer;
    return { ended: await this.#noToken(answer) };
  }

  /** X answered 401: one refresh, and on with the new token; or wait for the person, or for X. */
  async #refreshRefused(refusedVersion: number): Promise<PublishResult | null> {
    if (this.#freshTokenVersion === refusedVersion) {
      return await this.#noToken({ kind: "unavailable", reason: "X refuses even a token it has just made." });
    }
    const answer = await credentialsFor(this.#deps, this.#root.accountId, { refusedVersion });
    if (answer.kind !== "ok") return await this.#noToken(answer);
    this.#freshTokenVersion = answer.version;
    return null;
  }

  async #noToken(answer: { kind: "signed_out" | "unavailable"; reason: string }): Promise<PublishResult> {
    const signedOut = answer.kind === "signed_out";
    return await this.#restNow({
      subStatus: "awaiting_auth",
      dueAt: signedOut ? null : await this.#after(60_000 + 60_000 * this.#deps.random()),
      kind: "awaiting_auth",
      note: signedOut
        ? `${answer.reason} Sign in again with psn setup; the post goes out by itself afterwards.`
        : `${answer.reason} Trying again by itself.`,
    });
  }

  async #media(tweet: TweetRow, credentials: Credentials): Promise<{ mediaIds: string[] } | { ended: PublishResult }> {
    if (tweet.media.length === 0) return { mediaIds: [] };
    const ready = await mediaReady(this.#deps, this.#held.lease, tweet, credentials, this.#signal);
    if (ready.kind === "ready") {
      this.#uploadedNow ||= ready.uploadedNow;
      return { mediaIds: ready.mediaIds };
    }
    const label = this.#label(tweet);
    switch (ready.kind) {
      case "refused":
        return {
          ended: await this.#stop("X_MEDIA_REFUSED", `${label}X does not accept the media. X says: "${ready.detail}"`),
        };
      case "gone":
        return { ended: await this.#stop("MEDIA_GONE", `${label}${ready.detail}`) };
      case "wait":
        return { ended: await this.#waitForLimit(ready.until) };
      case "signed_out":
        return {
          ended: await this.#noToken({
            kind: "unavailable",
            reason: `X refused the token for media: ${ready.detail}.`,
          }),
        };
      case "out_of_credits":
        return { ended: await this.#holdApp(null, null, ready.cap, ready.detail) };
      case "failed": {
        const situation = await this.#situation({ waitCount: 0, mayExist: false, tokenIsFresh: false });
        const step = retryOrStop("not_sent", situation, "X_MEDIA_FAILED", `The upload failed (${ready.cause})`);
        if (step.do !== "wait")
          return { ended: await this.#stop("X_MEDIA_FAILED", `${label}${step.do === "stop" ? step.note : ""}`) };
        return {
          ended: await this.#restNow({
            subStatus: step.subStatus,
            dueAt: step.until,
            spendsRetry: true,
            kind: "retry",
            note: `${label}${step.note}`,
          }),
        };
      }
    }
  }

  async #waitForLimit(closedUntilTime: Date | null): Promise<PublishResult> {
    const until = rateLimitWaitUntil(closedUntilTime, await hubNow(this.#deps.hub.db), 0, this.#deps.random());
    return await this.#restNow({
      subStatus: "rate_limited",
      dueAt: until,
      kind: "rate_limited",
      note: "X's rate limit is used up, so nothing was sent. Going on by itself; no try is spent.",
    });
  }

  async #appHold(): Promise<string | null> {
    const [hold] = await this.#deps.hub.db.select().from(appHolds).where(eq(appHolds.clientId, this.#deps.clientId));
    return hold ? `${hold.detail}` : null;
  }

  #changedSinceApproval(): { code: string; note: string } | null {
    const hash = contentHash(
      this.#tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
      this.#root.metadata,
    );
    if (hash === this.#root.approvedHash) return null;
    return { code: "CHANGED_SINCE_APPROVAL", note: "What is stored is not what was approved, so it was not sent." };
  }

  // --- how a run ends ---

  async #posted(
    tweet: TweetRow,
    attemptId: number,
    externalPostId: string,
    outcome: "posted" | "adopted",
    meta: AnswerMeta | null,
  ): Promise<void> {
    const place = { id: tweet.id, position: tweet.threadPosition, count: this.#tweets.length };
    await recordPosted(this.#deps.hub, this.#held.lease, place, attemptId, externalPostId, {
      outcome,
      detail: null,
      meta,
    });
    tweet.externalPostId = externalPostId;
    this.#root.retryCount = 0;
  }

  async #restNow(to: Omit<Rest, "status" | "spendsRetry"> & { spendsRetry?: boolean }): Promise<PublishResult> {
    return await this.#restWith(null, null, to);
  }

  /** The attempt's answer stays written even when the lease is lost; only the rest of the post needs it. */
  async #restWith(
    attemptId: number | null,
    answered: { outcome: AttemptOutcome | null; detail: string | null; meta: AnswerMeta | null } | null,
    to: Omit<Rest, "status" | "spendsRetry"> & { spendsRetry?: boolean },
  ): Promise<PublishResult> {
    const { hub, engine } = this.#deps;
    const full: Rest = { spendsRetry: false, ...to, status: "retry" };
    const lost = await hub.db.transaction(async (tx) => {
      if (attemptId !== null && answered) await answerAttempt(tx, attemptId, answered);
      return await this.#giveBack(tx, full);
    });
    if (lost) throw lost;
    await engine.settle(hub, this.#postId);
    return { kind: "resting", postId: this.#postId, subStatus: to.subStatus, until: to.dueAt, note: to.note };
  }

  async #giveBack(tx: Tx, to: Rest): Promise<LeaseLostError | null> {
    try {
      const { scheduleVersion } = await rest(tx, this.#held.lease, to);
      if (to.dueAt) await this.#deps.engine.wake(tx, { postId: this.#postId, scheduleVersion, at: to.dueAt });
      else await this.#deps.engine.forget(tx, this.#postId);
      return null;
    } catch (error) {
      if (error instanceof LeaseLostError) return error;
      throw error;
    }
  }

  async #stop(
    code: string,
    note: string,
    attemptId: number | null = null,
    answered: { outcome: AttemptOutcome | null; detail: string | null; meta: AnswerMeta | null } | null = null,
  ): Promise<PublishResult> {
    const { hub } = this.#deps;
    const isPartial = this.#tweets.some((tweet) => tweet.externalPostId !== null);
    const lost = await hub.db.transaction(async (tx) => {
      if (attemptId !== null && answered) await answerAttempt(tx, attemptId, answered);
      return await this.#giveBack(tx, {
        status: "failed",
        subStatus: isPartial ? "thread_partial" : null,
        dueAt: null,
        spendsRetry: false,
        kind: "failed",
        note,
        failCode: code,
      });
    });
    if (lost) throw lost;
    return { kind: "failed", postId: this.#postId, code, reason: note };
  }

  /** Out of credits: the whole app waits, told once. The post rests until `psn post resume`. */
  async #holdApp(
    attemptId: number | null,
    answered: { outcome: AttemptOutcome | null; detail: string | null; meta: AnswerMeta | null } | null,
    cap: "credits" | "spend_cap" | "usage_cap",
    note: string,
  ): Promise<PublishResult> {
    await this.#deps.hub.db
      .insert(appHolds)
      .values({ clientId: this.#deps.clientId, reason: cap, detail: note, since: sql`psn.now()` })
      .onConflictDoNothing();
    return await this.#restWith(attemptId, answered, { subStatus: "out_of_credits", dueAt: null, kind: "held", note });
  }

  /**
   * A bug, a broken key or a hub that went away. An attempt that was written stays open and is settled by looking; the
   * post itself tries a few times more and then says so, instead of being taken over and broken for ever.
   * @throws the error itself when it cannot even be written down
   */
  async broke(error: unknown): Promise<PublishResult> {
    const what = error instanceof PsnError ? error.message : `PSN itself failed: ${String((error as Error).message)}`;
    try {
      const situation = await this.#situation({ waitCount: 0, mayExist: false, tokenIsFresh: false });
      const code = error instanceof PsnError ? error.code : "INTERNAL";
      const step = retryOrStop("not_sent", situation, code, what.replace(/\.$/, "").slice(0, 500));
      if (step.do !== "wait") return await this.#stop(code, step.do === "stop" ? step.note : what);
      const { subStatus, until, note } = step;
      return await this.#restNow({ subStatus, dueAt: until, spendsRetry: true, kind: "retry", note });
    } catch (second) {
      if (second instanceof LeaseLostError) return { kind: "not_ours", postId: this.#postId };
      throw error;
    }
  }

  /** The worker is asked to stop: give the post back, due at once for the next one. */
  async #handBack(): Promise<PublishResult> {
    return await this.#restNow({
      subStatus: this.#tweets.some((tweet) => tweet.externalPostId) ? "thread_partial" : null,
      dueAt: await hubNow(this.#deps.hub.db),
      kind: "handed_back",
      note: "The worker was asked to stop and gave the post back; another one goes on.",
    });
  }

  // --- small facts ---

  #label(tweet: TweetRow): string {
    return this.#tweets.length > 1 ? `Tweet ${tweet.threadPosition + 1}/${this.#tweets.length}: ` : "";
  }

  #parentId(tweet: TweetRow): string | null {
    if (tweet.threadPosition === 0) return null;
    const parent = this.#tweets[tweet.threadPosition - 1]?.externalPostId;
    if (!parent) throw new Error(`post ${this.#postId}: tweet ${tweet.threadPosition} would be sent before its parent`);
    return parent;
  }

  /** The newest own post that the hub knows: what an attempt makes is newer. Ids of equal length order as text. */
  async #newestOwnId(accountId: string): Promise<string | null> {
    const [row] = await this.#deps.hub.db
      .select({ id: posts.externalPostId })
      .from(posts)
      .where(sql`${posts.accountId} = ${accountId} and ${posts.externalPostId} is not null`)
      .orderBy(sql`length(${posts.externalPostId}) desc, ${posts.externalPostId} desc`)
      .limit(1);
    return row?.id ?? null;
  }

  async #situation(known: Pick<Situation, "waitCount" | "mayExist" | "tokenIsFresh">): Promise<Situation> {
    return {
      ...known,
      now: await hubNow(this.#deps.hub.db),
      random: this.#deps.random(),
      retryCount: this.#root.retryCount,
      mediaIsFresh: this.#uploadedNow,
    };
  }

  async #after(ms: number): Promise<Date> {
    return new Date((await hubNow(this.#deps.hub.db)).getTime() + ms);
  }
}

// --- internal ---

function labels(root: TweetRow) {
  const { poll, replySettings, madeWithAi, paidPartnership } = root.metadata;
  return {
    ...(poll ? { poll } : {}),
    ...(replySettings ? { replySettings } : {}),
    ...(madeWithAi ? { madeWithAi } : {}),
    ...(paidPartnership ? { paidPartnership } : {}),
  };
}

function fingerprint(tweet: TweetRow, replyToId: string | null): string {
  const media = tweet.media.map((item) => item.sha256);
  return createHash("sha256")
    .update(JSON.stringify([tweet.content, replyToId, media]))
    .digest("hex");
}
