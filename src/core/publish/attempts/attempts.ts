/**
 * The write-ahead ledger: every request that asks X to create a tweet is a row before it is sent, and the row says what
 * became of it. An attempt without an outcome is a tweet that may exist; nothing is sent for that tweet until it is confirmed.
 */
import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { PRICES } from "../../compose/prices.ts";
import { ask } from "../../db/ask.ts";
import { type BatchRun, batched, lockOfPost, rowsOf } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { pgCode } from "../../db/errors.ts";
import { publishAttempts } from "../../db/schema.ts";
import type { AnswerMeta, RefusedReason } from "../../platform.ts";
import { type Lease, LeaseLostError } from "../../post/lease.ts";
import type { MediaRow } from "../../post/rows.ts";
import { type Cause, isSandboxHost, unitMicros } from "../../spend/charge.ts";
import type { AttemptOutcome } from "../../types/index.ts";
import type { OpenAttempt } from "./past.ts";

/** By what X names the uploads of a tweet: each by its id, and by the key that X gave, should that be another's. */
export function mediaKeysOf(media: readonly Pick<MediaRow, "platformMediaId" | "platformMediaKey">[]): string[] {
  return media.flatMap(({ platformMediaId: id, platformMediaKey: key }) => [
    ...(id === null ? [] : [`_${id}`]),
    ...(key === null || key.endsWith(`_${id}`) ? [] : [key]),
  ]);
}

/** Tells two requests apart: a sha256 over text, parent and media, in hex. */
export function fingerprintOf(text: string, replyToId: string | null, sha256s: readonly string[]): string {
  return createHash("sha256")
    .update([text, replyToId ?? "", ...sha256s].join("\n"))
    .digest("hex");
}

export interface NewAttempt {
  tweetId: string;
  /** 0-based. All tweets before it must be on X, and it must not: tweets are sent in order. */
  position: number;
  fingerprint: string;
  replyToId: string | null;
  mediaCount: number;
  /** See `mediaKeysOf`. */
  mediaKeys: string[];
  /** Of the API that is asked; the tweet will be made by its clock. */
  host: string;
  /** What X bills for the request; null where none is sent, for X has the tweet already. */
  cause: Extract<Cause, "create" | "create_with_link"> | null;
}

/**
 * Writes the attempt before its request is sent, under the lease, and commits. From here on the tweet may exist.
 * @throws LeaseLostError when the lease is not ours, the tweet has an id by now, or another attempt is open.
 */
export async function writeAttempt(hub: Hub, lease: Lease, attempt: NewAttempt): Promise<number> {
  try {
    return await writeOne(hub, { lease, attempt });
  } catch (error) {
    // The unique index on open attempts refused: another worker's request is in flight, or waits to be confirmed.
    if (pgCode(error) === "23505") throw new LeaseLostError(`post ${lease.postId} has an open attempt`);
    throw error;
  }
}

interface AttemptOrder {
  lease: Lease;
  attempt: NewAttempt;
}

const writeOne = batched<AttemptOrder, number>({
  key: ({ lease }) => lease.postId,
  run: writeAll,
  leftOut: ({ lease }) => {
    throw new LeaseLostError(`post ${lease.postId} has another owner, or an open attempt`);
  },
});

async function writeAll(hub: Hub, orders: readonly AttemptOrder[], how: BatchRun): Promise<Map<string, number>> {
  const wanted = orders.map(({ lease, attempt }) => ({
    root_id: lease.postId,
    owner: lease.owner,
    fencing: lease.fencing,
    tweet_id: attempt.tweetId,
    position: attempt.position,
    fingerprint: attempt.fingerprint,
    reply_to_id: attempt.replyToId,
    media_count: attempt.mediaCount,
    media_keys: attempt.mediaKeys,
    host: attempt.host,
    cause: attempt.cause,
    unit_micros: attempt.cause && unitMicros(attempt.cause),
    is_sandbox: isSandboxHost(attempt.host),
  }));
  // The count of ids is on the locked row itself, so it is read anew after a wait for the lock: a success that a
  // worker without a lease records at this moment is seen.
  const statement = sql`
    with wanted as (
      select *
      from ${rowsOf(wanted)} as wanted (
        root_id text, owner text, fencing bigint, tweet_id text, position integer,
        fingerprint text, reply_to_id text, media_count integer, media_keys text[], host text,
        cause text, unit_micros bigint, is_sandbox boolean
      )
    ),
    root as (
      select wanted.*, post.account_id
      from wanted
      join psn.posts as post on post.id = wanted.root_id
      where post.status = 'publishing'
        and post.lease_owner = wanted.owner
        and post.lease_fencing = wanted.fencing
        and post.lease_expires_at > psn.now()
        and cardinality(post.platform_post_ids) = wanted.position
      order by post.id
      ${lockOfPost(how)}
    ),
    attempt as (
      insert into psn.publish_attempts
        (post_id, root_id, number, lease_fencing, fingerprint, reply_to_id, media_count, media_keys, x_ahead_ms, host, started_at)
      select tweet_id, root_id,
        1 + coalesce((select max(number) from psn.publish_attempts as earlier where earlier.post_id = root.tweet_id), 0),
        fencing, fingerprint, reply_to_id, media_count, media_keys,
        (select ahead_ms from psn.clock_offsets as clock where clock.host = root.host),
        host, psn.now()
      from root
      returning root_id, id
    ),
    charge as (
      insert into psn.spend
        (account_id, cause, root_id, tweet_id, attempt_id, unit_micros, units, prices_as_of, is_sandbox)
      select account_id, cause, root.root_id, tweet_id, attempt.id, unit_micros, 1, ${PRICES.asOf}::date, is_sandbox
      from attempt
      join root on root.root_id = attempt.root_id
      where cause is not null
    )
    select root_id as "rootId", id
    from attempt`;
  const rows = await ask<{ rootId: string; id: string }>(
    hub,
    how.waits ? "attempt_waiting" : "attempt",
    statement,
    how,
  );
  return new Map(rows.map((row) => [row.rootId, Number(row.id)]));
}

/** What an answer said, beside its outcome. */
export interface Answered {
  outcome: AttemptOutcome | null;
  detail: string | null;
  /** Why X refused the request. */
  refusedReason?: RefusedReason | null;
  meta: AnswerMeta | null;
}

/** Writes what is known of an open attempt; an outcome of null leaves it open, to be looked for. */
export async function answerAttempt(tx: Tx, attemptId: number, answered: Answered): Promise<void> {
  await tx
    .update(publishAttempts)
    .set({
      answeredAt: sql`coalesce(${publishAttempts.answeredAt}, psn.now())`,
      outcome: answered.outcome,
      // X was looked at just now, or its author has.
      ...(answered.outcome === "absent" ? { lastLookAt: sql`psn.now()` } : {}),
      detail: answered.detail?.slice(0, 1000) ?? null,
      ...(answered.refusedReason ? { refusedReason: answered.refusedReason } : {}),
      ...(answered.meta ? { httpStatus: answered.meta.httpStatus, transactionId: answered.meta.transactionId } : {}),
    })
    .where(and(eq(publishAttempts.id, attemptId), sql`${publishAttempts.outcome} is null`));
}

/** Counts a look, unless somebody else counted one meanwhile. */
export async function countLook(hub: Hub, attempt: Pick<OpenAttempt, "id" | "lookCount">): Promise<void> {
  await hub.db.execute(sql`
    update psn.publish_attempts
    set look_count = look_count + 1, last_look_at = psn.now()
    where id = ${attempt.id}
      and look_count = ${attempt.lookCount}`);
}

/** A look at X that settles nothing about the attempt, and is not of those that must come before it is given up. */
export async function noteLook(hub: Hub, attemptId: number): Promise<void> {
  await hub.db.execute(sql`update psn.publish_attempts set last_look_at = psn.now() where id = ${attemptId}`);
}
