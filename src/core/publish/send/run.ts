/** One run of a post: from its first tweet without an id as far as it goes now. */
import { eq } from "drizzle-orm";
import { postMedia } from "../../db/schema.ts";
import type { AnswerMeta, Outcome } from "../../platform.ts";
import { contentHash } from "../../post/content-hash.ts";
import type { RunTweet } from "../../post/rows.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import {
  answerAttempt,
  countLook,
  fingerprintOf,
  NO_PAST,
  type OpenAttempt,
  type PastAttempts,
  pastAttempts,
  writeAttempt,
} from "../attempts/attempts.ts";
import { finish, recordPosted } from "../attempts/record.ts";
import { lookForParent, lookForTweet } from "../confirm/look-up.ts";
import { isNamedReset, SEND_MS_MAX, SEND_WITHIN_MS, unavailableLookDelayMs } from "../decide/backoff.ts";
import { afterMissingParent, nextStep, type Situation, type Step } from "../decide/next-step.ts";
import type { PublishDeps } from "../deps.ts";
import type { AnsweredAttempt, Ending, Endings } from "../finish.ts";
import { type HeldLease, wallDeadline } from "../lease/heartbeat.ts";
import { setSubStatus } from "../lease/lease.ts";
import { noteLimits, noteRefusal } from "../rate-limits.ts";
import { type Cleared, clearToSend, type Written } from "./prepare.ts";
import { requestOf } from "./request.ts";

export class Run {
  readonly #deps: PublishDeps;
  readonly #held: HeldLease;
  readonly #endings: Endings;
  readonly #signal: AbortSignal | undefined;
  readonly #root: RunTweet;
  readonly #tweets: readonly RunTweet[];
  /** The first request, where it was written together with the lease and is not sent yet. */
  #atOnce: Written | null;
  /** Version of the token that was made by a refresh in this run. */
  #freshTokenVersion: number | null = null;
  /** This run has recorded the last id that was missing. */
  #isComplete = false;
  /** Tweets that this run has begun with. */
  readonly #tried = new Set<string>();
  /** Tweets whose media was uploaded in this run. */
  readonly #uploaded = new Set<string>();

  constructor(
    deps: PublishDeps,
    held: HeldLease,
    endings: Endings,
    root: RunTweet,
    tweets: readonly RunTweet[],
    signal: AbortSignal | undefined,
    atOnce: Written | null,
  ) {
    this.#atOnce = atOnce;
    this.#deps = deps;
    this.#held = held;
    this.#endings = endings;
    this.#root = root;
    this.#tweets = tweets;
    this.#signal = signal;
  }

  /** @throws LeaseLostError when another worker has the post now */
  async publish(): Promise<Ending> {
    if (this.#hash() !== this.#root.approvedHash) {
      const note = "What is stored is not what was approved, so it was not sent.";
      return await this.#endings.stop("CHANGED_SINCE_APPROVAL", note, this.#unsent(note));
    }
    for (const tweet of this.#tweets) {
      while (tweet.externalPostId === null) {
        const past = await this.#past(tweet);
        const ended = past.open ? await this.#settle(tweet, past.open) : await this.#send(tweet, past);
        if (ended) return ended;
      }
    }
    // The last tweet's record has done this, unless it came from a worker without the lease.
    if (!this.#isComplete) await this.#endings.recorded(() => finish(this.#deps.hub, this.#held.lease));
    const platformPostIds = this.#tweets.map((tweet) => tweet.externalPostId ?? "");
    return { kind: "published", postId: this.#root.id, platformPostIds };
  }

  // --- internal ---

  /** What came of earlier requests for a tweet. Each was made under a lease, so before the first of this one there are none. */
  async #past(tweet: RunTweet): Promise<PastAttempts> {
    const isFirst = this.#held.lease.fencing === 1 && !this.#tried.has(tweet.id);
    this.#tried.add(tweet.id);
    return isFirst ? NO_PAST : await pastAttempts(this.#deps.hub, tweet.id);
  }

  /** Sends one tweet. @returns the run's end, or null to go on (the tweet may have its id now) */
  async #send(tweet: RunTweet, past: PastAttempts): Promise<Ending | null> {
    const { clock, platform } = this.#deps;
    if (this.#signal?.aborted) return await this.#endings.handBack(this.#unsent("the worker was asked to stop"));
    const written = this.#takeAtOnce() ?? (await this.#write(tweet));
    if ("ended" in written) return written.ended;
    const { attemptId, askedAt, cleared } = written;
    // The attempt is committed: from here on the tweet may exist. A process that slept meanwhile must not send, for others
    // may have settled this attempt as absent. Nothing is awaited between this question and the request.
    if (!this.#isInTime(askedAt)) return await this.#notSent(attemptId);
    const deadline = wallDeadline(clock, new Date(askedAt.getTime() + SEND_MS_MAX));
    const { outcome, meta } = await platform
      .createPost(
        cleared.credentials,
        requestOf(this.#root, tweet, this.#replyToId(tweet), cleared.mediaIds),
        deadline.signal,
      )
      .finally(deadline.release);
    if (outcome.kind === "posted") {
      await this.#posted(tweet, attemptId, outcome.externalPostId, "posted", meta);
      await this.#noteLimits(tweet, askedAt, outcome, meta);
      return null;
    }
    const situation = await this.#situation(tweet, past, cleared);
    const step = nextStep(outcome, situation);
    await this.#noteLimits(tweet, askedAt, outcome, meta, step);
    return await this.#record(tweet, attemptId, outcome, meta, step, situation, cleared.tokenVersion);
  }

  #takeAtOnce(): Written | null {
    const atOnce = this.#atOnce;
    this.#atOnce = null;
    return atOnce;
  }

  /** What becomes of a request that was written together with the lease and is not sent. */
  #unsent(detail: string): AnsweredAttempt | undefined {
    const atOnce = this.#takeAtOnce();
    return atOnce ? { attemptId: atOnce.attemptId, answered: { outcome: "not_sent", detail, meta: null } } : undefined;
  }

  /** Makes sure of all that a send needs, then writes it down. */
  async #write(tweet: RunTweet): Promise<Written | { ended: Ending }> {
    const { hub, clock } = this.#deps;
    const { lease } = this.#held;
    const cleared = await clearToSend(this.#deps, this.#endings, lease, tweet, this.#label(tweet), this.#signal);
    if ("ended" in cleared) return cleared;
    if (cleared.uploadedNow) this.#uploaded.add(tweet.id);
    const replyToId = this.#replyToId(tweet);
    const askedAt = clock.now();
    const attemptId = await writeAttempt(hub, lease, {
      tweetId: tweet.id,
      position: tweet.threadPosition,
      fingerprint: fingerprintOf(
        tweet.content,
        replyToId,
        tweet.media.map(({ sha256 }) => sha256),
      ),
      replyToId,
      mediaCount: tweet.media.length,
    });
    return { attemptId, askedAt, cleared };
  }

  #isInTime(askedAt: Date): boolean {
    const sinceMs = this.#deps.clock.now().getTime() - askedAt.getTime();
    return this.#held.hasTime() && Math.abs(sinceMs) <= SEND_WITHIN_MS;
  }

  /** The request was not sent because writing it down took too long; the machine may have slept. */
  async #notSent(attemptId: number): Promise<Ending> {
    const answered = { outcome: "not_sent" as const, detail: "too long between the record and the send", meta: null };
    return await this.#endings.retryOrStop(
      "TOO_SLOW",
      "The machine slept or the hub was slow, so nothing was sent",
      "",
      {
        attemptId,
        answered,
      },
    );
  }

  /** Writes outcome and step in one transaction, then says how the run goes on. */
  async #record(
    tweet: RunTweet,
    attemptId: number,
    outcome: Outcome,
    meta: AnswerMeta,
    step: Step,
    situation: Situation,
    tokenVersion: number,
  ): Promise<Ending | null> {
    const { hub } = this.#deps;
    const endings = this.#endings;
    if (step.do === "posted") throw new Error("a success is recorded before any step");
    const detail = "detail" in outcome ? outcome.detail : "cause" in outcome ? outcome.cause : null;
    const attempt: AnsweredAttempt = {
      attemptId,
      answered: { outcome: step.do === "look" ? null : step.outcome, detail, meta },
    };
    const note = `${this.#label(tweet)}${step.note}`;
    switch (step.do) {
      case "wait": {
        const isLimit = step.subStatus === "rate_limited";
        return await endings.rest(
          {
            subStatus: step.subStatus,
            dueAt: isLimit ? await endings.stagger(step.until) : step.until,
            spendsRetry: step.spendsRetry,
            kind: isLimit ? "rate_limited" : "retry",
            note,
          },
          attempt,
        );
      }
      case "look":
        return await endings.rest({ subStatus: "confirming", dueAt: step.until, kind: "confirming", note }, attempt);
      case "check_parent": {
        const parentId = this.#parent(tweet)?.externalPostId ?? "";
        const seen = await lookForParent(this.#deps, tweet.accountId, parentId);
        const next = afterMissingParent(seen, step.note, situation);
        return await this.#record(tweet, attemptId, outcome, meta, next, situation, tokenVersion);
      }
      case "refresh":
        await this.#answered(attempt);
        return await this.#refreshRefused(tokenVersion);
      case "upload_again":
        await this.#answered(attempt);
        await hub.db
          .update(postMedia)
          .set({ platformMediaId: null, platformMediaExpiresAt: null, altTextSet: false })
          .where(eq(postMedia.postId, tweet.id));
        for (const item of tweet.media) item.platformMediaId = null;
        return null;
      case "hold_app":
        return await endings.holdApp(step.cap, step.note, attempt);
      case "stop":
        return await endings.stop(step.code, note, attempt);
    }
  }

  /** An attempt has no outcome: its owner died, or X did not answer. Look at X; never send first. */
  async #settle(tweet: RunTweet, attempt: OpenAttempt): Promise<Ending | null> {
    const { hub, random } = this.#deps;
    const endings = this.#endings;
    await setSubStatus(hub, this.#held.lease, "confirming");
    const seen = await lookForTweet(this.#deps, tweet, attempt);
    switch (seen.kind) {
      case "no_token":
        return await endings.noToken(seen.answer);
      case "token_refused":
        return await this.#refreshRefused(seen.version);
      case "unavailable": {
        const dueAt = await endings.after(unavailableLookDelayMs(attempt.elapsedMs, random()));
        return await endings.rest({
          subStatus: "confirming",
          dueAt: seen.retryAt && seen.retryAt > dueAt ? seen.retryAt : dueAt,
          kind: "confirming",
          note: `${this.#label(tweet)}X's timeline cannot be read (${seen.cause}). Nothing is sent until it can.`,
        });
      }
    }
    const { verdict } = seen;
    switch (verdict.kind) {
      case "found":
        await this.#posted(tweet, attempt.id, verdict.post.id, "adopted", null);
        return null;
      case "look_again":
        if (verdict.counts) await countLook(hub, attempt);
        return await endings.rest({
          subStatus: "confirming",
          dueAt: await endings.after(verdict.afterMs),
          kind: "confirming",
          note: `${this.#label(tweet)}Not on X so far. Looking again before anything is sent.`,
        });
      case "absent": {
        const attemptId = attempt.id;
        // X had refused it, and an earlier request did not make it either: sending again would only be refused again.
        if (attempt.httpStatus === 403) {
          const isDuplicate = /duplicate/i.test(attempt.detail ?? "");
          const note = `${this.#label(tweet)}X refused it, and the account does not show it. X says: "${attempt.detail ?? ""}"`;
          const answered = { outcome: "refused" as const, detail: attempt.detail, meta: null };
          return await endings.stop(isDuplicate ? "X_DUPLICATE" : "X_NOT_PERMITTED", note, { attemptId, answered });
        }
        await this.#answered({ attemptId, answered: { outcome: "absent", detail: attempt.detail, meta: null } });
        return null;
      }
    }
  }

  /** X answered 401: one refresh, and on with the new token; or wait for the person, or for X. */
  async #refreshRefused(refusedVersion: number): Promise<Ending | null> {
    if (this.#freshTokenVersion === refusedVersion) {
      return await this.#endings.noToken({
        kind: "unavailable",
        reason: "X refuses even a token it has just made.",
      });
    }
    const answer = await credentialsFor(this.#deps, this.#root.accountId, { refusedVersion });
    if (answer.kind !== "ok") return await this.#endings.noToken(answer);
    this.#freshTokenVersion = answer.version;
    return null;
  }

  async #posted(
    tweet: RunTweet,
    attemptId: number,
    externalPostId: string,
    outcome: "posted" | "adopted",
    meta: AnswerMeta | null,
  ): Promise<void> {
    const place = { tweetId: tweet.id, position: tweet.threadPosition, count: this.#tweets.length };
    const answered = { outcome, detail: null, meta };
    const { lease } = this.#held;
    const { isComplete } = await this.#endings.recorded(() =>
      recordPosted(this.#deps.hub, { lease, place, attemptId, externalPostId, answered }),
    );
    this.#isComplete = isComplete;
    tweet.externalPostId = externalPostId;
    // Only for how young a parent is, to some minutes.
    tweet.publishedAt = this.#deps.clock.now();
    this.#root.retryCount = 0;
  }

  async #answered({ attemptId, answered }: AnsweredAttempt): Promise<void> {
    await this.#endings.recorded(() => this.#deps.hub.db.transaction((tx) => answerAttempt(tx, attemptId, answered)));
  }

  /** What the headers said, for all workers. Losing it costs a refusal; what X answered must still be recorded. */
  async #noteLimits(tweet: RunTweet, askedAt: Date, outcome: Outcome, meta: AnswerMeta, step?: Step): Promise<void> {
    const { hub, clock } = this.#deps;
    const now = clock.now();
    const sinceSentMs = now.getTime() - askedAt.getTime();
    try {
      await noteLimits(hub, tweet.accountId, "create", meta, sinceSentMs);
      if (outcome.kind === "wait" && step?.do === "wait") {
        const { scope, until } = outcome;
        const refusal = { scope, until: step.until, isNamed: isNamedReset(until, now), sinceSentMs };
        await noteRefusal(hub, tweet.accountId, "create", refusal);
      }
    } catch {
      // The hub is away. What matters more is written next, and waits for it.
    }
  }

  async #situation(tweet: RunTweet, { waitCount, mayExist }: PastAttempts, cleared: Cleared): Promise<Situation> {
    const situation = await this.#endings.recorded(() => this.#endings.situation());
    const parent = this.#parent(tweet);
    return {
      ...situation,
      waitCount,
      mayExist,
      tokenIsFresh: this.#freshTokenVersion === cleared.tokenVersion,
      mediaIsFresh: this.#uploaded.has(tweet.id),
      parentAgeMs: parent?.publishedAt ? situation.now.getTime() - parent.publishedAt.getTime() : null,
    };
  }

  #hash(): string {
    return contentHash(
      this.#tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
      this.#root.metadata,
    );
  }

  #label(tweet: RunTweet): string {
    return this.#tweets.length > 1 ? `Tweet ${tweet.threadPosition + 1}/${this.#tweets.length}: ` : "";
  }

  #replyToId(tweet: RunTweet): string | null {
    return this.#parent(tweet)?.externalPostId ?? null;
  }

  #parent(tweet: RunTweet): RunTweet | null {
    if (tweet.threadPosition === 0) return null;
    const parent = this.#tweets[tweet.threadPosition - 1];
    if (parent?.externalPostId) return parent;
    throw new Error(`post ${this.#root.id}: tweet ${tweet.threadPosition} would be sent before its parent`);
  }
}
