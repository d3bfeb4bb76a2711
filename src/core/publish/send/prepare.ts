/** What must be good before a tweet is sent: no hold on the app, a token, an open limit, media that X holds. */
import type { Credentials } from "../../platform.ts";
import type { RunTweet } from "../../post/rows.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import type { PublishDeps } from "../deps.ts";
import type { Ending, Endings } from "../finish.ts";
import type { Lease } from "../lease/lease.ts";
import { standingOf } from "./standing.ts";
import { mediaReady } from "./upload.ts";

export interface Cleared {
  credentials: Credentials;
  tokenVersion: number;
  mediaIds: string[];
  uploadedNow: boolean;
}

/** A request that is written down, and may be sent at once or not at all. */
export interface Written {
  attemptId: number;
  /** Before its attempt was asked for, by the caller's clock. */
  askedAt: Date;
  cleared: Cleared;
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
  const [{ hold, closed }, token] = await Promise.all([
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
  return { credentials: token.credentials, tokenVersion: token.version, ...media };
}

// --- internal ---

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
