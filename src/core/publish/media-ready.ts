/** Makes a tweet's media ready at X: uploaded by this account, with alt text, and not about to expire. */
import { eq } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Hub } from "../db/connection.ts";
import { postMedia } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { MediaStore } from "../media/store.ts";
import type { AnswerMeta, Credentials, MediaAnswer, Platform } from "../platform.ts";
import { type Lease, setSubStatus, type TweetRow } from "./ledger.ts";
import { noteLimits } from "./limits.ts";

/** X keeps an upload about 24 hours; one with less left than this is made anew (x-api.md §3.4). */
const LIFE_LEFT_MS_MIN = 60 * 60_000;

export type MediaReady =
  | { kind: "ready"; mediaIds: string[]; uploadedNow: boolean }
  | { kind: "gone"; detail: string }
  | Exclude<MediaAnswer, { kind: "ready" }>;

/**
 * Uploads what is missing. An upload publishes nothing, so doing it twice after a crash is safe; each id is stored as
 * soon as it is known, so that it seldom happens.
 */
export async function mediaReady(
  deps: { hub: Hub; platform: Platform; media: MediaStore; clock: Clock },
  lease: Lease,
  tweet: TweetRow,
  credentials: Credentials,
  signal?: AbortSignal,
): Promise<MediaReady> {
  const { hub, platform } = deps;
  let uploadedNow = false;
  const note = (meta: AnswerMeta) => noteLimits(hub, tweet.accountId, "upload", meta);
  for (const item of tweet.media) {
    const lifeLeftMs = (item.platformMediaExpiresAt?.getTime() ?? 0) - deps.clock.now().getTime();
    if (item.platformMediaId === null || lifeLeftMs < LIFE_LEFT_MS_MIN) {
      await setSubStatus(hub, lease, "media_uploading");
      const source = await deps.media.source(item).catch((error) => {
        if (error instanceof PsnError) return error;
        throw error;
      });
      if (source instanceof PsnError) return { kind: "gone", detail: source.message };
      const { answer, meta } = await platform.uploadMedia(credentials, source, signal);
      await note(meta);
      if (answer.kind !== "ready") return answer;
      uploadedNow = true;
      item.platformMediaId = answer.mediaId;
      item.platformMediaExpiresAt = answer.expiresAt;
      item.altTextSet = false;
      await hub.db
        .update(postMedia)
        .set({ platformMediaId: answer.mediaId, platformMediaExpiresAt: answer.expiresAt, altTextSet: false })
        .where(eq(postMedia.id, item.id));
    }
    if (item.altText && !item.altTextSet) {
      const { answer, meta } = await platform.setAltText(credentials, item.platformMediaId, item.altText, signal);
      await note(meta);
      if (answer.kind !== "done") return answer;
      item.altTextSet = true;
      await hub.db.update(postMedia).set({ altTextSet: true }).where(eq(postMedia.id, item.id));
    }
  }
  if (uploadedNow) await setSubStatus(hub, lease, "media_uploaded");
  return { kind: "ready", mediaIds: tweet.media.flatMap((item) => item.platformMediaId ?? []), uploadedNow };
}
