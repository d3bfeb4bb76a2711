/**
 * How a run begins: it takes the lease, and where nothing is in the way, it has its first request written down by the same
 * statement. That is so for a post that is one tweet of text and never had a lease before, whose account has a token with
 * life in it, and that no hold and no limit keeps. Everything else begins with the lease alone and goes on step by step.
 *
 * It saves three round trips before the send, and four statements where many go out at once (measured in bench/publish).
 * What is promised stays: the attempt is committed before anything is sent.
 */
import { sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { together } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import { type RunTweet, runTweetNames } from "../../post/rows.ts";
import { settled, type TokenAnswer } from "../../tokens/refresh.ts";
import { type TokenRow, usableTokenSql } from "../../tokens/rows.ts";
import { answerAttempt, plainFingerprint } from "../attempts/attempts.ts";
import type { PublishDeps } from "../deps.ts";
import type { Endings } from "../finish.ts";
import { type Taken, type TakeOrder, takeLease, taking, type Wake } from "../lease/take.ts";
import type { Written } from "./prepare.ts";
import { standingColumns } from "./standing.ts";

/** What a run has that began with everything at once: its request may be sent as soon as the token opens. */
export interface Begun {
  /** The post's only tweet. */
  tweet: RunTweet;
  attemptId: number;
  token: TokenRow;
}

/** Takes a post whose wake-up came, and begins with it as far as one statement goes. */
export async function begin(deps: PublishDeps, { postId, scheduleVersion }: Wake): Promise<Taken> {
  const { workerId: owner, graceMs, clientId, apiHost = null } = deps;
  return await beginOne(deps.hub, { postId, scheduleVersion, owner, graceMs, clientId, apiHost });
}

/**
 * The request that was written together with the lease, if the token that was read with it opens. Else it is crossed out,
 * and the run goes step by step, which tells what is the matter.
 * @param askedAt when the lease was asked for, by `deps.clock`
 */
export async function openBegun(
  deps: PublishDeps,
  endings: Endings,
  { attemptId, token }: Begun,
  askedAt: Date,
): Promise<Written | null> {
  const answer = opened(deps, token);
  if (answer?.kind === "ok") {
    const { credentials, version: tokenVersion } = answer;
    return { attemptId, askedAt, cleared: { credentials, tokenVersion, mediaIds: [], uploadedNow: false } };
  }
  const answered = { outcome: "not_sent" as const, detail: "the token was not to be used as it was", meta: null };
  await endings.recorded(() => deps.hub.db.transaction((tx) => answerAttempt(tx, attemptId, answered)));
  return null;
}

// --- internal ---

function opened(deps: PublishDeps, token: TokenRow): TokenAnswer | null {
  try {
    return settled(deps, token);
  } catch {
    return null;
  }
}

const beginOne = together<TakeOrder, Taken>({
  key: ({ postId }) => postId,
  many: beginAll,
  alone: async (hub, { postId, scheduleVersion, owner, graceMs }) =>
    await takeLease(hub, { postId, scheduleVersion }, owner, graceMs),
});

type Row = Omit<RunTweet, "media"> &
  Omit<TokenRow, "id" | "accountId" | "metadata" | "refreshToken"> & {
    owner: string;
    fencing: string;
    attemptId: string | null;
    tokenId: string;
    tokenMetadata: TokenRow["metadata"];
  };

async function beginAll(hub: Hub, orders: readonly TakeOrder[]): Promise<Map<string, Taken>> {
  const accountId = sql`granted."accountId"`;
  const statement = sql`
    with ${taking(orders, { waits: false })},
    begun as materialized (
      select granted.*,
        token.id as "tokenId",
        token."platformUserId",
        token."accessToken",
        token."expiresAtMs",
        token.version,
        token.metadata as "tokenMetadata",
        case
          when token.id is not null
            and granted."externalPostId" is null
            and standing.hold is null
            and standing.closed is null
            and not exists (select from psn.posts as reply where reply.parent_post_id = granted.id)
            and not exists (select from psn.post_media as media where media.post_id = granted.id)
          then nextval('psn.publish_attempts_id_seq')
        end as "attemptId"
      from granted
      left join lateral (${usableTokenSql(accountId, sql`granted.api_host`)}) as token on granted.fencing = 1
      left join lateral (select ${standingColumns(accountId, sql`granted.client_id`)}) as standing on token.id is not null
    ),
    written as (
      insert into psn.publish_attempts
        (id, post_id, root_id, number, lease_fencing, fingerprint, media_count, started_at)
      select "attemptId", id, id, 1, fencing, ${plainFingerprint(sql`content`)}, 0, psn.now()
      from begun
      where "attemptId" is not null
    )
    select ${runTweetNames}, owner, fencing, "attemptId", "tokenId", "platformUserId", "accessToken", "expiresAtMs", version,
      "tokenMetadata"
    from begun`;
  const rows = await ask<Row>(hub, "begin", statement);
  return new Map(rows.map((row) => [row.id, takenOf(row)]));
}

function takenOf(row: Row): Taken {
  const lease = { postId: row.id, owner: row.owner, fencing: Number(row.fencing) };
  if (row.attemptId === null) return { kind: "lease", lease };
  const { owner: _, fencing: __, attemptId, ...begun } = row;
  const { tokenId, platformUserId, accessToken, expiresAtMs, version, tokenMetadata, ...tweet } = begun;
  const token: TokenRow = {
    id: tokenId,
    accountId: row.accountId,
    platformUserId,
    accessToken,
    // Not read: with a token that needs a refresh, nothing is begun at once.
    refreshToken: null,
    expiresAtMs,
    version,
    metadata: tokenMetadata,
  };
  return { kind: "lease", lease, begun: { tweet: { ...tweet, media: [] }, attemptId: Number(attemptId), token } };
}
