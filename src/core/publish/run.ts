/** One run of a post: what it works with, what it has learned on the way, and how it writes down what X said. */
import { sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import { hubNow } from "../db/connection.ts";
import { isHubOutage } from "../db/errors.ts";
import type { AnswerMeta } from "../platform.ts";
import type { RunTweet } from "../post/rows.ts";
import { type Answered, answerAttempt } from "./attempts/attempts.ts";
import { recordPosted } from "./attempts/record.ts";
import type { Situation } from "./decide/next-step.ts";
import type { PublishDeps } from "./deps.ts";
import type { HeldLease } from "./lease/heartbeat.ts";

export interface Run {
  readonly deps: PublishDeps;
  readonly held: HeldLease;
  readonly root: RunTweet;
  /** In order; the root is the first. */
  readonly tweets: readonly RunTweet[];
  readonly signal: AbortSignal | undefined;
  /** When a tweet of this run was made, by this machine's clock: for how young it is, which the hub's clock must not say. */
  readonly postedAt: Map<string, Date>;
  /** Tweets whose media was uploaded in this run. */
  readonly uploaded: Set<string>;
  /** Version of the token that was made by a refresh in this run. */
  freshTokenVersion: number | null;
  /** No tweet of the rest is longer than the account may post. */
  isLengthChecked: boolean;
  /** This run has recorded the last id that was missing. */
  isComplete: boolean;
}

/** @returns null for a post that has no row any more */
export function startRun(
  deps: PublishDeps,
  held: HeldLease,
  tweets: readonly RunTweet[],
  signal: AbortSignal | undefined,
): Run | null {
  const [root] = tweets;
  if (!root) return null;
  return {
    deps,
    held,
    root,
    tweets,
    signal,
    uploaded: new Set(),
    postedAt: new Map(),
    freshTokenVersion: null,
    isLengthChecked: false,
    isComplete: false,
  };
}

/** What an attempt's row says once it is answered. */
export interface AnsweredAttempt {
  attemptId: number;
  answered: Answered;
}

/** Before a note about one tweet of several. */
export function labelOf({ tweets }: Run, tweet: RunTweet): string {
  return tweets.length > 1 ? `Tweet ${tweet.threadPosition + 1}/${tweets.length}: ` : "";
}

/** The tweet that this one replies to; null for the first. */
export function parentOf({ root, tweets }: Run, tweet: RunTweet): RunTweet | null {
  if (tweet.threadPosition === 0) return null;
  const parent = tweets[tweet.threadPosition - 1];
  if (parent?.externalPostId) return parent;
  throw new Error(`post ${root.id}: tweet ${tweet.threadPosition} would be sent before its parent`);
}

/** The id of the tweet that this one replies to; null for a post's first, unless the post is a follow-up. */
export function replyToIdOf(run: Run, tweet: RunTweet): string | null {
  return parentOf(run, tweet)?.externalPostId ?? run.root.metadata.replyToId ?? null;
}

/** What a post that stops here is to be called: some of it is on X, or nothing. */
export function partialOf({ tweets }: Run): "thread_partial" | null {
  return tweets.some((tweet) => tweet.externalPostId !== null) ? "thread_partial" : null;
}

const HUB_ROUNDS_MAX = 25;
const HUB_DELAY_MS = 100;
const HUB_DELAY_MS_MAX = 5_000;

/**
 * Does what follows X's answer, again and again while the hub is away: the id of a tweet is known here and nowhere else.
 * `act` must be fit to be done twice. Bounded to about two minutes; then the next run finds out by looking.
 */
export async function untilHubAnswers<T>({ deps }: Run, act: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round++) {
    try {
      return await act();
    } catch (error) {
      if (round >= HUB_ROUNDS_MAX || !isHubOutage(error)) throw error;
      await deps.clock.sleep(Math.min(HUB_DELAY_MS * 2 ** round, HUB_DELAY_MS_MAX));
    }
  }
}

/** The hub's time, so many ms from now. */
export async function hubTime(run: Run, inMs = 0): Promise<Date> {
  const now = await untilHubAnswers(run, () => hubNow(run.deps.hub.db));
  return new Date(now.getTime() + inMs);
}

/** What happens to a post while it only waits for what is away. */
const DURING_OUTAGE = ["leased", "taken_over", "swept", "released"];

/**
 * What a decision needs to know beside X's answer. `outageMs`: how long this post has waited for the network, X or the media
 * store, by its history; 0 when it has not just done so.
 */
export async function situationOf(run: Run): Promise<Situation> {
  const { deps, root } = run;
  const isOutage = sql`(kind = 'unreachable' or (kind = 'awaiting_auth' and facts ? 'until'))`;
  const { rows } = await untilHubAnswers(run, () =>
    deps.hub.db.execute<{ now: string; outageMs: number | null }>(sql`
      select psn.now() as now,
        (
          select (extract(epoch from psn.now() - min(at)) * 1000)::float8
          from psn.post_events
          where post_id = ${root.id}
            and ${isOutage}
            and id > coalesce(
              (
                select max(id)
                from psn.post_events
                where post_id = ${root.id} and not ${isOutage} and not kind = ${anyOf(DURING_OUTAGE)}
              ),
              0
            )
        ) as "outageMs"`),
  );
  const [row] = rows;
  if (!row) throw new Error("a select without a table has one row");
  return {
    now: new Date(row.now),
    outageMs: Math.max(0, row.outageMs ?? 0),
    graceMs: deps.graceMs,
    waitCount: 0,
    mayExist: false,
    tokenIsFresh: false,
    mediaIsFresh: false,
    parentAgeMs: null,
    random: deps.random(),
    retryCount: root.retryCount,
  };
}

/** Records that a tweet is on X, in the hub and for the rest of this run. */
export async function recordTweet(
  run: Run,
  tweet: RunTweet,
  made: { attemptId: number; externalPostId: string; how: "posted" | "adopted"; meta: AnswerMeta | null },
): Promise<void> {
  const { deps, held, root, tweets } = run;
  const onX = { ...made, tweetId: tweet.id, position: tweet.threadPosition, count: tweets.length };
  const { isComplete } = await untilHubAnswers(run, () => recordPosted(deps.hub, { lease: held.lease, tweet: onX }));
  run.isComplete = isComplete;
  tweet.externalPostId = made.externalPostId;
  run.postedAt.set(tweet.id, deps.clock.now());
  root.retryCount = 0;
}

/** Records an answer that made no tweet, where the run goes on. */
export async function recordAnswer(run: Run, { attemptId, answered }: AnsweredAttempt): Promise<void> {
  await untilHubAnswers(run, () => run.deps.hub.db.transaction((tx) => answerAttempt(tx, attemptId, answered)));
}
