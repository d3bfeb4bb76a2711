/** What must be good before a tweet is sent: no hold on the app, a token, an open limit, media that X holds. */
import { sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { batched, rowsOf } from "../../db/batch.ts";
import type { Credentials } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import { type LookState, lookBack } from "../confirm/look-back.ts";
import type { PublishResult } from "../deps.ts";
import { defer, fail, holdApp, retryOrFail, stopEarly, waitForLimit, waitForToken } from "../finish.ts";
import { closedUntilSql } from "../rate-limits.ts";
import { labelOf, type Run } from "../run.ts";
import { lastAlive, unattended } from "../worker-liveness.ts";
import { tooLongForAccount } from "./long-tweets.ts";
import { mediaReady } from "./upload.ts";

/** What a request is sent with. */
export interface Prepared {
  credentials: Credentials;
  tokenVersion: number;
  mediaIds: string[];
}

/** All of it; or how the run ends instead; or where on X the tweet stands, though the record did not know. */
export async function prepare(
  run: Run,
  tweet: RunTweet,
): Promise<Prepared | { ended: PublishResult } | { externalPostId: string }> {
  const { deps } = run;
  const { accountId } = tweet;
  const [{ hold, closed, look }, token] = await Promise.all([
    sendConditions(deps.hub, { accountId, clientId: deps.clientId }),
    credentialsFor(deps, accountId),
  ]);
  if (hold !== null) {
    return { ended: await defer(run, { subStatus: "out_of_credits", dueAt: null, kind: "held", note: hold }) };
  }
  if (token.kind !== "ok") return { ended: await waitForToken(run, token) };
  const seen = await lookBack(run, tweet, look);
  if (seen) return seen;
  if (closed) return { ended: await waitForLimit(run, closed) };
  const tooLong = await tooLongForAccount(run);
  if (tooLong) return { ended: await fail(run, "LIMIT_NOT_ALLOWED", tooLong) };
  const media = await prepareMedia(run, tweet, token.credentials);
  if ("ended" in media) return media;
  return { credentials: token.credentials, tokenVersion: token.version, mediaIds: media.mediaIds };
}

// --- internal ---

/** What the hub knows of an account right before a send. */
interface SendConditions {
  /** The hold on the app, in words. */
  hold: string | null;
  /** Until when X's limit on tweets is known to be closed. */
  closed: Date | null;
  look: LookState;
}

/** Without a worker, only what was approved longer ago than this may have gone out from elsewhere. */
const JUST_APPROVED_MINUTES = 10;

interface Asked {
  accountId: string;
  clientId: string;
}

const keyOf = ({ accountId, clientId }: Asked) => `${accountId} ${clientId}`;

const sendConditions = batched<Asked, SendConditions>({
  key: keyOf,
  isShared: true,
  run: async (hub, asked, how) => {
    const rows = asked.map(({ accountId, clientId }) => ({ account_id: accountId, client_id: clientId }));
    const statement = sql`
      select asked.account_id as "accountId", asked.client_id as "clientId",
        (select detail from psn.app_holds as hold where hold.client_id = asked.client_id) as hold,
        (${closedUntilSql(sql`asked.account_id`, "create")}) as closed,
        case
          when look.wanted_at > coalesce(look.looked_at, '-infinity') then look.wanted_at
          when ${unattended} and coalesce(look.looked_at, '-infinity') <= coalesce(${lastAlive}, '-infinity')
            then psn.now() - make_interval(mins => ${sql.raw(String(JUST_APPROVED_MINUTES))})
        end as "wantedBefore",
        case
          when exists (select from psn.unknown_posts as seen where seen.account_id = asked.account_id) then look.looked_at
        end as "strangersAt"
      from ${rowsOf(rows)} as asked (account_id text, client_id text)
      left join psn.account_looks as look on look.account_id = asked.account_id`;
    type Row = Asked & LookState & Omit<SendConditions, "look">;
    const known = await ask<Row>(hub, "send_conditions", statement, how);
    return new Map(
      known.map(({ hold, closed, wantedBefore, strangersAt, ...account }) => [
        keyOf(account),
        { hold, closed, look: { wantedBefore, strangersAt } },
      ]),
    );
  },
  leftOut: ({ accountId }) => {
    throw new Error(`the send conditions of account ${accountId} were not read`);
  },
});

async function prepareMedia(
  run: Run,
  tweet: RunTweet,
  credentials: Credentials,
): Promise<{ mediaIds: string[] } | { ended: PublishResult }> {
  if (tweet.media.length === 0) return { mediaIds: [] };
  const label = labelOf(run, tweet);
  const ready = await mediaReady(run.deps, run.held.lease, tweet, credentials, run.signal);
  switch (ready.kind) {
    case "ready":
      if (ready.uploadedNow) run.uploaded.add(tweet.id);
      return ready;
    case "refused":
      return {
        ended: await fail(run, "X_MEDIA_REFUSED", `${label}X does not accept the media. X says: "${ready.detail}"`),
      };
    case "gone":
      return { ended: await fail(run, "MEDIA_GONE", `${label}${ready.detail}`) };
    case "wait":
      return { ended: await waitForLimit(run, ready.until) };
    case "signed_out": {
      const reason = `X refused the token for media: ${ready.detail}.`;
      return { ended: await waitForToken(run, { kind: "unavailable", reason }) };
    }
    case "out_of_credits":
      return { ended: await holdApp(run, ready.cap, ready.detail) };
    case "failed":
      if (run.signal?.aborted) return { ended: await stopEarly(run) };
      return { ended: await retryOrFail(run, "X_MEDIA_FAILED", `The upload failed (${ready.cause})`, label) };
  }
}
