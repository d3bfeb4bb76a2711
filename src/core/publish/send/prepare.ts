/** What must be good before a tweet is sent: no hold on the app or the account, a token, an open limit, media that X holds. */
import { sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { batched, rowsOf } from "../../db/batch.ts";
import type { Credentials } from "../../platform.ts";
import { activeHoldSql, type Hold } from "../../post/holds.ts";
import type { RunTweet } from "../../post/rows.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import { type LookState, lookBack } from "../confirm/look-back.ts";
import { lookById } from "../confirm/look-by-id.ts";
import { PARENT_GONE, parentGoneNote } from "../confirm/parent.ts";
import { holdOf } from "../decide/holds.ts";
import type { PublishResult } from "../deps.ts";
import {
  defer,
  fail,
  retryOrFail,
  startHold,
  stopEarly,
  waitForHold,
  waitForLimit,
  waitForToken,
  waitOrGiveUp,
} from "../finish.ts";
import { closedUntilSql } from "../rate-limits.ts";
import { labelOf, type Run, situationOf } from "../run.ts";
import { lastAlive, perhapsAlive, unattended } from "../worker-liveness.ts";
import { ALT_TEXT_PATIENCE_MS, type AltTextRule } from "./alt-text.ts";
import { waitForCap } from "./cap.ts";
import { tooLongForAccount } from "./long-tweets.ts";
import { ALT_TEXT_UNAVAILABLE, type MediaReady, mediaReady, mediaRefusal } from "./upload.ts";
import { placeOfRun } from "./upload-place.ts";

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
  const [{ hold, closed, look, isCapped }, token] = await Promise.all([
    sendConditions(deps.hub, { accountId, clientId: deps.clientId }),
    credentialsFor(deps, accountId),
  ]);
  if (hold !== null) {
    return { ended: await waitForHold(run, { ...hold, until: hold.until === null ? null : new Date(hold.until) }) };
  }
  if (token.kind === "unavailable") {
    const what = token.reason.replace(/\.+$/, "");
    return { ended: await waitOrGiveUp(run, "X_TOKEN_UNAVAILABLE", what, { subStatus: "awaiting_auth" }) };
  }
  if (token.kind !== "ok") return { ended: await waitForToken(run, token) };
  const seen = await lookBack(run, tweet, look);
  if (seen) return seen;
  if (closed) return { ended: await waitForLimit(run, closed) };
  const capped = isCapped && tweet.threadPosition === 0 ? await waitForCap(run) : null;
  if (capped) return { ended: capped };
  const tooLong = await tooLongForAccount(run);
  if (tooLong) return { ended: await fail(run, "LIMIT_NOT_ALLOWED", tooLong) };
  const media = await prepareMedia(run, tweet, token.credentials);
  if ("ended" in media) return media;
  const orphaned = await parentGone(run, tweet);
  if (orphaned) return { ended: orphaned };
  return { credentials: token.credentials, tokenVersion: token.version, mediaIds: media.mediaIds };
}

// --- internal ---

/**
 * The parent of a follow-up, last of all: it may have been deleted since the approval. Where X cannot be asked, X itself refuses a
 * reply to a tweet that is gone.
 * @returns the run's end, or null
 */
async function parentGone(run: Run, tweet: RunTweet): Promise<PublishResult | null> {
  const { replyToId } = run.root.metadata;
  if (replyToId === undefined || tweet.threadPosition > 0) return null;
  const seen = await lookById(run.deps, tweet.accountId, replyToId, { rootId: run.root.id, tweetId: tweet.id });
  return seen.kind === "gone" ? await fail(run, PARENT_GONE, parentGoneNote(replyToId)) : null;
}

/** What the hub knows of an account right before a send. */
interface SendConditions {
  /** What keeps the app or the account from posting. */
  hold: (Omit<Hold, "until"> & { until: string | null }) | null;
  /** Until when X's limit on tweets is known to be closed. */
  closed: Date | null;
  look: LookState;
  /** The author has set limits on what may be spent. */
  isCapped: boolean;
}

/** Without a worker, only what was approved longer ago than this, or while one was here, may have gone out from elsewhere. */
const JUST_APPROVED_MINUTES = 10;

interface Asked {
  accountId: string;
  clientId: string;
}

const keyOf = ({ accountId, clientId }: Asked) => `${accountId} ${clientId}`;

export const sendConditions = batched<Asked, SendConditions>({
  key: keyOf,
  isShared: true,
  run: async (hub, asked, how) => {
    const rows = asked.map(({ accountId, clientId }) => ({ account_id: accountId, client_id: clientId }));
    const statement = sql`
      select asked.account_id as "accountId", asked.client_id as "clientId",
        (${activeHoldSql(sql`asked.account_id`, sql`asked.client_id`)}) as hold,
        (${closedUntilSql(sql`asked.account_id`, "create")}) as closed,
        exists (select from psn.spend_limits) as "isCapped",
        case
          when look.wanted_at > coalesce(look.looked_at, '-infinity') then look.wanted_at
          when ${unattended} and coalesce(look.looked_at, '-infinity') <= coalesce(${lastAlive}, '-infinity')
            then greatest(${perhapsAlive}, psn.now() - make_interval(mins => ${sql.raw(String(JUST_APPROVED_MINUTES))}))
        end as "wantedBefore",
        coalesce(look.is_thorough, false) as "isInDoubt",
        case
          when exists (select from psn.unknown_posts as seen where seen.account_id = asked.account_id) then look.looked_at
        end as "strangersAt"
      from ${rowsOf(rows)} as asked (account_id text, client_id text)
      left join psn.account_looks as look on look.account_id = asked.account_id`;
    type Row = Asked & LookState & Omit<SendConditions, "look">;
    const known = await ask<Row>(hub, "send_conditions", statement, how);
    return new Map(
      known.map(({ hold, closed, isCapped, wantedBefore, isInDoubt, strangersAt, ...account }) => [
        keyOf(account),
        { hold, closed, isCapped, look: { wantedBefore, isInDoubt, strangersAt } },
      ]),
    );
  },
  leftOut: ({ accountId }) => {
    throw new Error(`the send conditions of account ${accountId} were not read`);
  },
});

// --- internal ---

/**
 * The media of this tweet and of all that follow it, so that what fails does so before more of the thread is public. What is
 * ready costs nothing here.
 */
async function prepareMedia(
  run: Run,
  tweet: RunTweet,
  credentials: Credentials,
): Promise<{ mediaIds: string[] } | { ended: PublishResult }> {
  const rest = run.tweets.filter(({ threadPosition }) => threadPosition > tweet.threadPosition);
  const own = await prepareMediaOf(run, tweet, credentials);
  if ("ended" in own) return own;
  for (const later of rest) {
    if (later.externalPostId !== null) continue;
    const ready = await prepareMediaOf(run, later, credentials);
    if ("ended" in ready) return ready;
  }
  return own;
}

async function prepareMediaOf(
  run: Run,
  tweet: RunTweet,
  credentials: Credentials,
): Promise<{ mediaIds: string[] } | { ended: PublishResult }> {
  if (tweet.media.length === 0) return { mediaIds: [] };
  const { deps, held, signal } = run;
  const label = labelOf(run, tweet);
  const make = (altText: AltTextRule) =>
    mediaReady(deps, tweet, placeOfRun(deps.hub, held.lease, { credentials, signal, label, altText }));
  const isRequired = run.root.metadata.altRequired === true;
  let ready = await make(isRequired ? "required" : "wanted");
  if (ready.kind === "unavailable" && ready.code === ALT_TEXT_UNAVAILABLE && !isRequired && !signal?.aborted) {
    const { outageMs } = await situationOf(run);
    if (outageMs >= ALT_TEXT_PATIENCE_MS) ready = await make("last_try");
  }
  if (ready.kind === "ready") {
    if (ready.uploadedNow) run.uploaded.add(tweet.id);
    return ready;
  }
  return { ended: await endWithout(run, ready, label) };
}

/** How a run ends whose media are not ready. */
async function endWithout(
  run: Run,
  answer: Exclude<MediaReady, { kind: "ready" }>,
  label: string,
): Promise<PublishResult> {
  switch (answer.kind) {
    case "refused":
    case "alt_text_refused":
    case "gone": {
      const { code, note } = mediaRefusal(answer, label);
      return await fail(run, code, note);
    }
    case "wait":
      return await waitForLimit(run, answer.until);
    case "processing": {
      const note = `${label}${answer.detail}; going on by itself, and nothing is uploaded again.`;
      return await defer(run, { subStatus: "media_processing", dueAt: answer.checkAt, kind: "media_processing", note });
    }
    case "signed_out":
      return await waitForToken(run, {
        kind: "unavailable",
        reason: `X refused the token for media: ${answer.detail}.`,
      });
    case "out_of_credits":
    case "held":
      return await startHold(run, holdOf(answer));
    case "unavailable":
      if (run.signal?.aborted) return await stopEarly(run);
      return await waitOrGiveUp(run, answer.code, answer.cause, { label });
    case "failed":
      if (run.signal?.aborted) return await stopEarly(run);
      return await retryOrFail(run, "X_MEDIA_FAILED", `The upload failed (${answer.cause})`, label);
  }
}
