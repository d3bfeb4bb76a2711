/** What must be good before a tweet is sent: no hold on the app, a token, an open limit, media that X holds. */
import { sql } from "drizzle-orm";
import { ask } from "../db/ask.ts";
import type { Hub } from "../db/connection.ts";
import { rowsOf, together } from "../db/together.ts";
import type { Credentials } from "../platform.ts";
import { credentialsFor } from "../tokens/keeper.ts";
import type { Ending, Endings, PublishDeps } from "./endings.ts";
import type { Lease } from "./ledger.ts";
import { closedUntilSql } from "./limits.ts";
import { mediaReady } from "./media-ready.ts";
import type { RunTweet } from "./tweets.ts";

export interface Cleared {
  credentials: Credentials;
  tokenVersion: number;
  mediaIds: string[];
  uploadedNow: boolean;
  /** The latest own post that the hub knows; null when it knows none. */
  newestId: string | null;
}

/** All of it, or how the run ends instead. */
export async function clearToSend(
  deps: PublishDeps,
  endings: Endings,
  lease: Lease,
  tweet: RunTweet,
  label: string,
  signal: AbortSignal | undefined,
): Promise<Cleared | { ended: Ending }> {
  const { accountId } = tweet;
  const [{ hold, closed, newestId }, token] = await Promise.all([
    standingOf(deps.hub, { accountId, clientId: deps.clientId }),
    credentialsFor(deps, accountId),
  ]);
  if (hold !== null) {
    return { ended: await endings.rest({ subStatus: "out_of_credits", dueAt: null, kind: "held", note: hold }) };
  }
  if (token.kind !== "ok") return { ended: await endings.noToken(token) };
  if (closed) return { ended: await endings.waitForLimit(closed) };
  const media = await prepareMedia(deps, endings, lease, tweet, label, token.credentials, signal);
  if ("ended" in media) return media;
  return { credentials: token.credentials, tokenVersion: token.version, newestId, ...media };
}

// --- internal ---

/** What the hub knows of an account right before a send. */
interface Standing {
  /** The hold on the app, in words. */
  hold: string | null;
  /** Until when X's limit on tweets is known to be closed. */
  closed: Date | null;
  /** The latest own post that the hub knows: what an attempt makes is newer. */
  newestId: string | null;
}

interface Asked {
  accountId: string;
  clientId: string;
}

const standingOf = together<Asked, Standing>({
  key: ({ accountId, clientId }) => `${accountId} ${clientId}`,
  isShared: true,
  many: readStandings,
  alone: async (hub, asked) => {
    for (const standing of (await readStandings(hub, [asked])).values()) return standing;
    throw new Error("a question about an account was not answered");
  },
});

async function readStandings(hub: Hub, asked: readonly Asked[]): Promise<Map<string, Standing>> {
  type Row = { key: string; hold: string | null; closed: Date | null; newest: string | null };
  const statement = sql`
    select asked.account_id || ' ' || asked.client_id as key,
      (select detail from psn.app_holds as hold where hold.client_id = asked.client_id) as hold,
      (${closedUntilSql(sql`asked.account_id`, "create")}) as closed,
      (
        select external_post_id
        from psn.posts as post
        where post.account_id = asked.account_id
          and post.external_post_id is not null
        order by post.published_at desc
        limit 1
      ) as newest
    from ${rowsOf(asked.map(({ accountId, clientId }) => ({ account_id: accountId, client_id: clientId })))}
      as asked (account_id text, client_id text)`;
  const rows = await ask<Row>(hub, "standing", statement);
  return new Map(rows.map(({ key, hold, closed, newest }) => [key, { hold, closed, newestId: newest }]));
}

async function prepareMedia(
  deps: PublishDeps,
  endings: Endings,
  lease: Lease,
  tweet: RunTweet,
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
