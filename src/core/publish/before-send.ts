/** What must be good before a tweet is sent: no hold on the app, a token, an open limit, media that X holds. */
import { sql } from "drizzle-orm";
import { appHolds, posts } from "../db/schema.ts";
import type { Credentials } from "../platform.ts";
import { credentialsFor } from "../tokens/keeper.ts";
import type { Ending, Endings, PublishDeps } from "./endings.ts";
import type { Lease, TweetRow } from "./ledger.ts";
import { closedUntilSql } from "./limits.ts";
import { mediaReady } from "./media-ready.ts";

export interface Cleared {
  credentials: Credentials;
  tokenVersion: number;
  mediaIds: string[];
  uploadedNow: boolean;
}

/** All of it, or how the run ends instead. */
export async function clearToSend(
  deps: PublishDeps,
  endings: Endings,
  lease: Lease,
  tweet: TweetRow,
  label: string,
  signal: AbortSignal | undefined,
): Promise<Cleared | { ended: Ending }> {
  const { hold, closed } = await obstacles(deps, tweet.accountId);
  if (hold !== null) {
    return { ended: await endings.rest({ subStatus: "out_of_credits", dueAt: null, kind: "held", note: hold }) };
  }
  const token = await credentialsFor(deps, tweet.accountId);
  if (token.kind !== "ok") return { ended: await endings.noToken(token) };
  if (closed) return { ended: await endings.waitForLimit(closed) };
  const media = await prepareMedia(deps, endings, lease, tweet, label, token.credentials, signal);
  if ("ended" in media) return media;
  return { credentials: token.credentials, tokenVersion: token.version, ...media };
}

/** The newest own post that the hub knows: what an attempt makes is newer. Ids of equal length order as text. */
export async function newestOwnId(deps: PublishDeps, accountId: string): Promise<string | null> {
  const [row] = await deps.hub.db
    .select({ id: posts.externalPostId })
    .from(posts)
    .where(sql`${posts.accountId} = ${accountId} and ${posts.externalPostId} is not null`)
    .orderBy(sql`length(${posts.externalPostId}) desc, ${posts.externalPostId} desc`)
    .limit(1);
  return row?.id ?? null;
}

// --- internal ---

/** The hold on the app, in words, and until when X's limit on tweets is known to be closed. */
async function obstacles(deps: PublishDeps, accountId: string): Promise<{ hold: string | null; closed: Date | null }> {
  const { rows } = await deps.hub.db.execute<{ hold: string | null; closed: string | null }>(sql`
    select
      (select detail from ${appHolds} where client_id = ${deps.clientId}) as hold,
      (${closedUntilSql(accountId, "create")}) as closed`);
  const [row] = rows;
  return { hold: row?.hold ?? null, closed: row?.closed ? new Date(row.closed) : null };
}

async function prepareMedia(
  deps: PublishDeps,
  endings: Endings,
  lease: Lease,
  tweet: TweetRow,
  label: string,
  credentials: Credentials,
  signal: AbortSignal | undefined,
): Promise<{ mediaIds: string[]; uploadedNow: boolean } | { ended: Ending }> {
  if (tweet.media.length === 0) return { mediaIds: [], uploadedNow: false };
  const ready = await mediaReady(deps, lease, tweet, credentials, signal);
  switch (ready.kind) {
    case "ready":
      return ready;
    case "refused":
      return {
        ended: await endings.stop("X_MEDIA_REFUSED", `${label}X does not accept the media. X says: "${ready.detail}"`),
      };
    case "gone":
      return { ended: await endings.stop("MEDIA_GONE", `${label}${ready.detail}`) };
    case "wait":
      return { ended: await endings.waitForLimit(ready.until) };
    case "signed_out":
      return {
        ended: await endings.noToken({
          kind: "unavailable",
          reason: `X refused the token for media: ${ready.detail}.`,
        }),
      };
    case "out_of_credits":
      return { ended: await endings.holdApp(ready.cap, ready.detail) };
    case "failed":
      if (signal?.aborted) return { ended: await endings.handBack() };
      return { ended: await endings.retryOrStop("X_MEDIA_FAILED", `The upload failed (${ready.cause})`, label) };
  }
}
