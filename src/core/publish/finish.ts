/** How a run ends: finished, resting until a time or for a person, or failed with a reason. Each is one transaction. */
import { sql } from "drizzle-orm";
import { hubNow, type Tx } from "../db/connection.ts";
import { isHubOutage } from "../db/errors.ts";
import { appHolds } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { RunTweet } from "../post/rows.ts";
import { type Answered, answerAttempt } from "./attempts/attempts.ts";
import { rateLimitWaitUntil } from "./decide/backoff.ts";
import { retryOrStop, type Situation } from "./decide/next-step.ts";
import type { PublishDeps, PublishResult } from "./deps.ts";
import type { HeldLease } from "./lease/heartbeat.ts";
import { LeaseLostError, type Rest, rest } from "./lease/lease.ts";
import { staggerMs } from "./rate-limits.ts";

export type Ending = PublishResult;

/** What is written of an attempt in the same transaction as the end. */
export interface AnsweredAttempt {
  attemptId: number;
  answered: Answered;
}

export type Waiting = Pick<Rest, "subStatus" | "dueAt" | "kind" | "note"> & { spendsRetry?: boolean };

const RECORD_ROUNDS_MAX = 25;
const RECORD_DELAY_MS_MAX = 5_000;
const HUB_LOST_DELAY_MS = 5_000;

export class Endings {
  readonly #deps: PublishDeps;
  readonly #held: HeldLease;
  readonly #root: RunTweet;
  readonly #tweets: readonly RunTweet[];

  constructor(deps: PublishDeps, held: HeldLease, root: RunTweet, tweets: readonly RunTweet[]) {
    this.#deps = deps;
    this.#held = held;
    this.#root = root;
    this.#tweets = tweets;
  }

  /**
   * Rests. The attempt's answer stays written even when the lease is lost; only the rest of the post needs it.
   * @throws LeaseLostError
   */
  async rest(to: Waiting, attempt?: AnsweredAttempt): Promise<Ending> {
    const { hub, engine } = this.#deps;
    const full: Rest = { spendsRetry: false, ...to, status: "retry" };
    await this.#giveBack(full, attempt);
    await engine.reconcile(hub, this.#root.id);
    return { kind: "resting", postId: this.#root.id, subStatus: to.subStatus, until: to.dueAt, note: to.note };
  }

  /** Fails with a reason for a person. @throws LeaseLostError */
  async stop(code: string, note: string, attempt?: AnsweredAttempt): Promise<Ending> {
    await this.#giveBack(
      {
        status: "failed",
        subStatus: this.#partial,
        dueAt: null,
        spendsRetry: false,
        kind: "failed",
        note,
        failCode: code,
      },
      attempt,
    );
    await this.#deps.engine.reconcile(this.#deps.hub, this.#root.id);
    return { kind: "failed", postId: this.#root.id, code, reason: note };
  }

  /** Out of credits: the whole app waits, told once. The post rests until `psn post resume`. */
  async holdApp(cap: "credits" | "spend_cap" | "usage_cap", note: string, attempt?: AnsweredAttempt): Promise<Ending> {
    await this.recorded(() =>
      this.#deps.hub.db
        .insert(appHolds)
        .values({ clientId: this.#deps.clientId, reason: cap, detail: note, since: sql`psn.now()` })
        .onConflictDoNothing(),
    );
    return await this.rest({ subStatus: "out_of_credits", dueAt: null, kind: "held", note }, attempt);
  }

  /** The token is not to be had: the person must sign in, or X is ill. */
  async noToken(answer: { kind: "signed_out" | "unavailable"; reason: string }): Promise<Ending> {
    const signedOut = answer.kind === "signed_out";
    return await this.rest({
      subStatus: "awaiting_auth",
      dueAt: signedOut ? null : await this.after(60_000 + 60_000 * this.#deps.random()),
      kind: "awaiting_auth",
      note: signedOut
        ? `${answer.reason} Sign in again with psn setup; the post goes out by itself afterwards.`
        : `${answer.reason} Trying again by itself.`,
    });
  }

  /** Waits for a limit that is known to be closed; nothing was sent. */
  async waitForLimit(closedUntil: Date | null): Promise<Ending> {
    const { hub, random } = this.#deps;
    const until = rateLimitWaitUntil(closedUntil, await hubNow(hub.db), 0, random());
    return await this.rest({
      subStatus: "rate_limited",
      dueAt: await this.stagger(until),
      kind: "rate_limited",
      note: "X's rate limit is used up, so nothing was sent. Going on by itself; no try is spent.",
    });
  }

  /** The worker is asked to stop: give the post back, due at once for the next one. */
  async handBack(attempt?: AnsweredAttempt): Promise<Ending> {
    const note = "The worker was asked to stop and gave the post back; another one goes on.";
    const dueAt = await this.recorded(() => hubNow(this.#deps.hub.db));
    return await this.rest({ subStatus: this.#partial, dueAt, kind: "handed_back", note }, attempt);
  }

  /** Rests after a failure that posted nothing, or fails when the tries are spent. */
  async retryOrStop(code: string, what: string, label = "", attempt?: AnsweredAttempt): Promise<Ending> {
    const step = retryOrStop("not_sent", await this.situation(), code, what);
    if (step.do !== "wait") return await this.stop(code, `${label}${step.do === "stop" ? step.note : what}`, attempt);
    const { subStatus, until, note } = step;
    return await this.rest(
      { subStatus, dueAt: until, spendsRetry: true, kind: "retry", note: `${label}${note}` },
      attempt,
    );
  }

  /**
   * A bug, a broken key or a hub that went away. An attempt that was written stays open and is settled by looking; the
   * post itself tries a few times more and then says so, instead of being taken over and broken for ever.
   * @throws the error itself when it cannot even be written down; the lease then runs out and the watchdog finds the post
   */
  async broke(error: unknown): Promise<Ending> {
    try {
      if (isHubOutage(error)) {
        return await this.rest({
          // What it waited for before this run began is over once more of it is on X.
          subStatus: this.#partial ?? this.#root.subStatus,
          dueAt: await this.after(HUB_LOST_DELAY_MS * (1 + this.#deps.random())),
          kind: "retry",
          note: "The hub went away in the middle of this and is back. Going on by itself; no try is spent.",
        });
      }
      const what = error instanceof PsnError ? error.message : `PSN itself failed: ${String((error as Error).message)}`;
      const code = error instanceof PsnError ? error.code : "INTERNAL";
      return await this.retryOrStop(code, what.replace(/\.$/, "").slice(0, 500));
    } catch (second) {
      if (second instanceof LeaseLostError) return { kind: "not_ours", postId: this.#root.id };
      throw error;
    }
  }

  /**
   * Writes down what X has answered, again and again while the hub is away: the id of a tweet is known here and nowhere
   * else. `act` must be fit to be done twice. Bounded to about two minutes; then the next run finds out by looking.
   */
  async recorded<T>(act: () => Promise<T>): Promise<T> {
    for (let round = 0; ; round++) {
      try {
        return await act();
      } catch (error) {
        if (round >= RECORD_ROUNDS_MAX || !isHubOutage(error)) throw error;
        await this.#deps.clock.sleep(Math.min(100 * 2 ** round, RECORD_DELAY_MS_MAX));
      }
    }
  }

  async situation(known: Partial<Situation> = {}): Promise<Situation> {
    return {
      waitCount: 0,
      mayExist: false,
      tokenIsFresh: false,
      mediaIsFresh: false,
      parentAgeMs: null,
      now: await hubNow(this.#deps.hub.db),
      random: this.#deps.random(),
      retryCount: this.#root.retryCount,
      ...known,
    };
  }

  async after(ms: number): Promise<Date> {
    return new Date((await hubNow(this.#deps.hub.db)).getTime() + ms);
  }

  /** A time at which many will go on at once, as this post's own: who was due first goes first. */
  async stagger(until: Date): Promise<Date> {
    const { id, accountId, scheduledAt, createdAt } = this.#root;
    return new Date(
      until.getTime() + (await staggerMs(this.#deps.hub, accountId, { id, since: scheduledAt ?? createdAt })),
    );
  }

  // --- internal ---

  get #partial(): "thread_partial" | null {
    return this.#tweets.some((tweet) => tweet.externalPostId !== null) ? "thread_partial" : null;
  }

  async #giveBack(to: Rest, attempt: AnsweredAttempt | undefined): Promise<void> {
    const lost = await this.recorded(() =>
      this.#deps.hub.db.transaction(async (tx) => {
        // The root row first, as whoever records a success does: the other way round the two could wait for each other.
        const lostLease = await this.#leave(tx, to);
        if (attempt) await answerAttempt(tx, attempt.attemptId, attempt.answered);
        return lostLease;
      }),
    );
    if (lost) throw lost;
  }

  async #leave(tx: Tx, to: Rest): Promise<LeaseLostError | null> {
    const postId = this.#root.id;
    try {
      const { scheduleVersion } = await rest(tx, this.#held.lease, to);
      if (to.dueAt) await this.#deps.engine.enqueue(tx, { postId, scheduleVersion, at: to.dueAt });
      else await this.#deps.engine.cancel(tx, postId);
      return null;
    } catch (error) {
      if (error instanceof LeaseLostError) return error;
      throw error;
    }
  }
}
