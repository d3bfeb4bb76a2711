/** Makes a tweet's media ready at X: uploaded by this account, with alt text, and not about to expire. */
import { eq } from "drizzle-orm";
import type { Clock } from "../../clock.ts";
import type { Hub } from "../../db/connection.ts";
import { postMedia } from "../../db/schema.ts";
import { PsnError } from "../../errors.ts";
import type { MediaStore } from "../../media/store.ts";
import type { Credentials, MediaAnswer, Platform } from "../../platform.ts";
import type { Lease } from "../../post/lease.ts";
import type { MediaRow, RunTweet } from "../../post/rows.ts";
import { setSubStatus } from "../lease/release.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { heard } from "../x-clock.ts";
import { type AltTextRule, leaveOutAltText, noteAltText } from "./alt-text.ts";

/** Of an `unavailable` that is about the alt text alone. */
export const ALT_TEXT_UNAVAILABLE = "X_ALT_TEXT_UNAVAILABLE";

/** X keeps an upload about 24 hours; one with less left than this is made anew (x-api.md §3.4). */
const LIFE_LEFT_MS_MIN = 60 * 60_000;

export type MediaReady =
  | { kind: "ready"; mediaIds: string[]; uploadedNow: boolean }
  | { kind: "gone"; detail: string }
  /** X refuses the alt text, and the author wants no tweet without it. */
  | { kind: "alt_text_refused"; detail: string }
  /** X, the way there, or the media store is away; `cause` is a sentence without its full stop. */
  | { kind: "unavailable"; code: string; cause: string }
  | Exclude<MediaAnswer, { kind: "ready" | "unavailable" }>;

/**
 * Uploads what is missing. An upload publishes nothing, so doing it twice after a crash is safe; each id is stored as
 * soon as it is known, so that it seldom happens.
 */
export async function mediaReady(
  deps: { hub: Hub; platform: Platform; media: MediaStore; clock: Clock },
  lease: Lease,
  tweet: RunTweet,
  credentials: Credentials,
  { signal, label, altText }: { signal: AbortSignal | undefined; label: string; altText: AltTextRule },
): Promise<MediaReady> {
  let uploadedNow = false;
  for (const item of tweet.media) {
    const first = await itemReady(deps, lease, tweet, item, credentials, signal);
    if (first.kind === "alt_text") {
      const { answer } = first;
      if (altText === "required" && answer.kind === "refused")
        return { kind: "alt_text_refused", detail: answer.detail };
      if (answer.kind === "unavailable" && altText !== "last_try") {
        return {
          kind: "unavailable",
          code: ALT_TEXT_UNAVAILABLE,
          cause: `X could not take the alt text (${answer.cause})`,
        };
      }
      const why = answer.kind === "refused" ? answer.detail : answer.cause;
      await leaveOutAltText(deps.hub, { postId: lease.postId, label }, item, why);
      uploadedNow ||= first.uploadedNow;
      continue;
    }
    if (first.kind !== "done") return first;
    uploadedNow ||= first.uploadedNow;
  }
  if (uploadedNow) await setSubStatus(deps.hub, lease, "media_uploaded");
  return { kind: "ready", mediaIds: tweet.media.flatMap((item) => item.platformMediaId ?? []), uploadedNow };
}

// --- internal ---

type Deps = Parameters<typeof mediaReady>[0];
type ItemReady =
  | { kind: "done"; uploadedNow: boolean }
  /** The file is at X, and its alt text is not. */
  | {
      kind: "alt_text";
      uploadedNow: boolean;
      answer: Extract<MediaAnswer, { kind: "refused" | "unavailable" }>;
    }
  | Exclude<MediaReady, { kind: "ready" | "alt_text_refused" }>;

async function itemReady(
  deps: Deps,
  lease: Lease,
  tweet: RunTweet,
  item: MediaRow,
  credentials: Credentials,
  signal: AbortSignal | undefined,
): Promise<ItemReady> {
  const lifeLeftMs = (item.platformMediaExpiresAt?.getTime() ?? 0) - deps.clock.now().getTime();
  const uploadedNow = item.platformMediaId === null || lifeLeftMs < LIFE_LEFT_MS_MIN;
  const takesAltText = item.altText !== null && item.altTextRefused === null;
  const wantsAltText = takesAltText && (uploadedNow || !item.altTextSet);
  if (uploadedNow || wantsAltText) {
    const until = await closedUntil(deps.hub, tweet.accountId, "upload");
    if (until) return { kind: "wait", until, scope: "account", detail: "X's rate limit on uploads is used up" };
  }
  if (uploadedNow) {
    const refused = await upload(deps, lease, tweet, item, credentials, signal);
    if (refused) return refused;
  }
  if (takesAltText && item.altText && !item.altTextSet && item.platformMediaId) {
    const askedAt = deps.clock.now();
    const said = await deps.platform.setAltText(credentials, item.platformMediaId, item.altText, signal);
    const { answer, meta } = await heard(deps, said);
    await noteLimits(deps.hub, tweet.accountId, "upload", meta);
    if (answer.kind === "wait") await noteWait(deps, tweet.accountId, "upload", answer, askedAt);
    if (answer.kind === "refused" && !uploadedNow) {
      // X may have lost the upload before its time: again from the start, and a second refusal is about the words.
      item.platformMediaId = item.platformMediaKey = null;
      return await itemReady(deps, lease, tweet, item, credentials, signal);
    }
    if (answer.kind === "refused" || answer.kind === "unavailable") return { kind: "alt_text", uploadedNow, answer };
    if (answer.kind !== "done") return answer;
    await noteAltText(deps.hub, item);
  }
  return { kind: "done", uploadedNow };
}

/** What a media store says of itself. */
const STORE_CODES = new Set(["MEDIA_GONE", "MEDIA_STORE_UNAVAILABLE"]);

/** Uploads one file and stores X's id for it. @returns null when that is done */
async function upload(
  deps: Deps,
  lease: Lease,
  tweet: RunTweet,
  item: MediaRow,
  credentials: Credentials,
  signal: AbortSignal | undefined,
): Promise<Exclude<MediaReady, { kind: "ready" | "alt_text_refused" }> | null> {
  await setSubStatus(deps.hub, lease, "media_uploading");
  const source = await deps.media.source(item).catch((error) => {
    if (error instanceof PsnError && STORE_CODES.has(error.code)) return error;
    throw error;
  });
  if (source instanceof PsnError) {
    const { code, message } = source;
    if (code === "MEDIA_GONE") return { kind: "gone", detail: message };
    return { kind: "unavailable", code, cause: message.replace(/\.+$/, "") };
  }
  const askedAt = deps.clock.now();
  const { answer, meta } = await heard(deps, await deps.platform.uploadMedia(credentials, source, signal));
  await noteLimits(deps.hub, tweet.accountId, "upload", meta);
  if (answer.kind === "wait") await noteWait(deps, tweet.accountId, "upload", answer, askedAt);
  if (answer.kind === "unavailable") {
    const cause = `The upload could not be made (${answer.cause})`;
    return { kind: "unavailable", code: "X_MEDIA_UNAVAILABLE", cause };
  }
  if (answer.kind !== "ready") return answer;
  item.platformMediaId = answer.mediaId;
  item.platformMediaKey = answer.mediaKey;
  item.platformMediaExpiresAt = answer.expiresAt;
  item.altTextSet = false;
  await deps.hub.db
    .update(postMedia)
    .set({
      platformMediaId: answer.mediaId,
      platformMediaKey: answer.mediaKey,
      platformMediaExpiresAt: answer.expiresAt,
      altTextSet: false,
    })
    .where(eq(postMedia.id, item.id));
  return null;
}
