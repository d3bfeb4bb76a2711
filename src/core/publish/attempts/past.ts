/** What earlier requests for a tweet say: the one whose outcome is not known, those given up, and limits met in a row. */
import { type SQL, sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { anyOf, type BatchRun, batched } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import type { publishAttempts } from "../../db/schema.ts";
import { groupBy } from "../../utils/group.ts";

type AttemptRow = Pick<
  typeof publishAttempts.$inferSelect,
  | "id"
  | "postId"
  | "replyToId"
  | "fingerprint"
  | "mediaKeys"
  | "startedAt"
  | "xAheadMs"
  | "outcome"
  | "detail"
  | "refusedReason"
  | "lookCount"
>;

/** An attempt whose outcome is not known, as it has to be looked for. */
export interface OpenAttempt extends AttemptRow {
  /** Since the attempt began, by the hub's clock. */
  elapsedMs: number;
  /** Since the last look that counted; null before the first. */
  sinceLookMs: number | null;
  /**
   * When the first of this tweet's requests without an answer began, and what X held then. An earlier one that was not
   * found in time may turn up late, and then it is the tweet.
   */
  firstStartedAt: Date;
  firstReplyToId: string | null;
  firstId: number;
  firstXAheadMs: number | null;
  /** Of the uploads of those that sent the same; null where it is not known of one. */
  allMediaKeys: string[] | null;
}

/** One that had no answer and was looked for long enough. */
export interface GivenUpAttempt extends OpenAttempt {
  lastLookAt: Date | null;
}

/** What earlier attempts at a tweet say. */
export interface PastAttempts {
  /** One whose outcome is not known: nothing is sent before that is known. */
  open: OpenAttempt | null;
  /** Those that had no answer and were not found, in their order: the tweet may exist all the same. */
  givenUp: GivenUpAttempt[];
  /** Rate limits met in a row, the latest attempts. */
  waitCount: number;
}

/** The latest requests of a tweet, enough to count limits in a row. An outage that spends no try makes hundreds. */
const LATEST_MAX = 50;

type PastRow = AttemptRow & Pick<GivenUpAttempt, "elapsedMs" | "sinceLookMs" | "lastLookAt">;

/** What is known of the requests made for a tweet so far. */
export const pastAttempts = batched<string, PastAttempts>({
  key: (tweetId) => tweetId,
  isShared: true,
  run: readAllPast,
  leftOut: (tweetId) => {
    throw new Error(`the requests of tweet ${tweetId} were not read`);
  },
});

async function readAllPast(hub: Hub, tweetIds: readonly string[], how: BatchRun): Promise<Map<string, PastAttempts>> {
  const ofTheSame = sql`psn.publish_attempts as other where other.post_id = attempt.post_id`;
  const ageMs = (column: string) => sql`(extract(epoch from psn.now() - ${sql.raw(column)}) * 1000)::float8`;
  // The open one and the first that was given up count whatever came after them.
  const statement = sql`
    select id, post_id as "postId", fingerprint, reply_to_id as "replyToId",
      ${mediaKeysSql("attempt")} as "mediaKeys", started_at as "startedAt", x_ahead_ms as "xAheadMs", outcome, detail, refused_reason as "refusedReason", look_count as "lookCount",
      ${ageMs("started_at")} as "elapsedMs",
      ${ageMs("last_look_at")} as "sinceLookMs", last_look_at as "lastLookAt"
    from psn.publish_attempts as attempt
    where post_id = ${anyOf(tweetIds)}
      and (
        outcome is null
        or number = (select min(number) from ${ofTheSame} and outcome = 'absent')
        or number > (select max(number) from ${ofTheSame}) - ${sql.raw(String(LATEST_MAX))}
      )
    order by post_id, number`;
  const rows = await ask<Omit<PastRow, "id"> & { id: string }>(hub, "past_attempts", statement, how);
  const byTweet = groupBy(
    rows.map((row) => ({ ...row, id: Number(row.id) })),
    ({ postId }) => postId,
  );
  return new Map(tweetIds.map((id) => [id, judgePast(byTweet.get(id) ?? [])]));
}

function judgePast(rows: readonly PastRow[]): PastAttempts {
  const unanswered = rows.filter(({ outcome }) => outcome === null || outcome === "absent");
  const open = unanswered.find(({ outcome }) => outcome === null);
  const givenUp = unanswered.filter(({ outcome }) => outcome === "absent");
  const lastOther = rows.findLastIndex(({ outcome }) => outcome !== "wait");
  return {
    open: open ? asLookedFor(open, unanswered) : null,
    givenUp: givenUp.map((row) => asLookedFor(row, unanswered)),
    waitCount: rows.length - 1 - lastOther,
  };
}

/** With what is known of the tweet's requests without an answer, this one among them. */
function asLookedFor<Row extends PastRow>(row: Row, unanswered: readonly PastRow[]) {
  const first = unanswered[0];
  if (!first) throw new Error(`attempt ${row.id} has an answer, and is to be looked for`);
  // Other words, or other files, are another tweet, though it has the same row.
  const alike = unanswered.filter(({ fingerprint }) => fingerprint === row.fingerprint);
  return {
    ...row,
    firstStartedAt: first.startedAt,
    firstReplyToId: first.replyToId,
    firstId: first.id,
    firstXAheadMs: first.xAheadMs,
    allMediaKeys: alike.some(({ mediaKeys }) => mediaKeys === null)
      ? null
      : alike.flatMap(({ mediaKeys }) => mediaKeys ?? []),
  };
}

/**
 * What tells the uploads of an attempt apart, by the name of its row. Where a version before wrote it, its tweet's uploads
 * are the attempt's, for none is made anew before the attempt has its answer.
 */
export function mediaKeysSql(attempt: "attempt"): SQL {
  const row = sql.raw(attempt);
  return sql`coalesce(${row}.media_keys, case
    when ${row}.media_count = 0 then '{}'::text[]
    else (
      select array_agg('_' || media.platform_media_id)
      from psn.post_media as media
      where media.post_id = ${row}.post_id
        and media.platform_media_id is not null
    )
  end)`;
}
