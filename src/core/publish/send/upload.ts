/**
 * Makes a tweet's media ready at X: uploaded by this account, with alt text, and not about to expire. A run does so that has
 * the post's lease, and before the post's time a job that has none; where they write, and what they say, is given by each.
 */
import type { Clock } from "../../clock.ts";
import { isHubOutage } from "../../db/errors.ts";
import { PsnError } from "../../errors.ts";
import type { MediaAnswer, MediaSource, UploadState } from "../../platform.ts";
import type { MediaRow, RunTweet } from "../../post/rows.ts";
import { isUploaded, readUploadState, storedUploadState } from "../../post/upload-state.ts";
import { charged } from "../../spend/charge.ts";
import type { PublishDeps } from "../deps.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { heard } from "../x-clock.ts";
import { leaveOutAltText } from "./alt-text.ts";
import { captionsReady } from "./captions.ts";
import type { UploadPlace } from "./upload-place.ts";

/** Of an `unavailable` that is about the alt text, or the captions, alone. */
export const ALT_TEXT_UNAVAILABLE = "X_ALT_TEXT_UNAVAILABLE";

export type MediaReady =
  | { kind: "ready"; mediaIds: string[]; uploadedNow: boolean }
  | { kind: "gone"; detail: string }
  /** X refuses the alt text, and the author wants no tweet without it. */
  | { kind: "alt_text_refused"; detail: string }
  /** X, the way there, or the media store is away; `cause` is a sentence without its full stop. */
  | { kind: "unavailable"; code: string; cause: string }
  | Exclude<MediaAnswer, { kind: "ready" | "unavailable" }>;

/** Media with which a post cannot go out: its author has to change it. */
type MediaRefused = Extract<MediaReady, { kind: "refused" | "alt_text_refused" | "gone" }>;

/** Why, for its author, as the post's run and the job before its time say it. */
export function mediaRefusal(made: MediaRefused, label: string): { code: string; note: string } {
  switch (made.kind) {
    case "refused":
      return { code: "X_MEDIA_REFUSED", note: `${label}X does not accept the media. X says: "${made.detail}"` };
    case "alt_text_refused": {
      const note = `${label}X does not take the alt text, and you asked that nothing goes out without it. X says: "${made.detail}"`;
      return { code: "X_ALT_TEXT_REFUSED", note };
    }
    case "gone":
      return { code: "MEDIA_GONE", note: `${label}${made.detail}` };
  }
}

/**
 * Uploads what is missing. An upload publishes nothing, so doing it twice after a crash is safe; how far each came is stored
 * on the way, and its id as soon as it is known, so that it seldom happens.
 */
export async function mediaReady(deps: UploadDeps, tweet: RunTweet, place: UploadPlace): Promise<MediaReady> {
  let uploadedNow = false;
  for (const item of tweet.media) {
    const first = await itemReady(deps, tweet, item, place);
    if (first.kind === "alt_text") {
      const { answer } = first;
      if (place.altText === "required" && answer.kind === "refused")
        return { kind: "alt_text_refused", detail: answer.detail };
      if (answer.kind === "unavailable" && place.altText !== "last_try") {
        return {
          kind: "unavailable",
          code: ALT_TEXT_UNAVAILABLE,
          cause: `X could not take the alt text (${answer.cause})`,
        };
      }
      await leaveOutAltText(place, item, answer.kind === "refused" ? answer.detail : answer.cause);
    } else if (first.kind !== "done") return first;
    uploadedNow ||= first.uploadedNow;
    const stopped = await captionsReady(deps, tweet, item, place);
    if (stopped?.kind === "unavailable") {
      return {
        kind: "unavailable",
        code: ALT_TEXT_UNAVAILABLE,
        cause: `X could not take the captions (${stopped.cause})`,
      };
    }
    if (stopped) return stopped;
  }
  if (uploadedNow) await place.say("media_uploaded");
  return { kind: "ready", mediaIds: tweet.media.flatMap((item) => item.platformMediaId ?? []), uploadedNow };
}

// --- internal ---

type UploadDeps = Pick<PublishDeps, "hub" | "platform" | "media" | "clock">;
type ItemReady =
  | { kind: "done"; uploadedNow: boolean }
  /** The file is at X, and its alt text is not. */
  | {
      kind: "alt_text";
      uploadedNow: boolean;
      answer: Extract<MediaAnswer, { kind: "refused" | "unavailable" }>;
    }
  | Exclude<MediaReady, { kind: "ready" | "alt_text_refused" }>;

async function itemReady(deps: UploadDeps, tweet: RunTweet, item: MediaRow, place: UploadPlace): Promise<ItemReady> {
  const uploadedNow = !isUploaded(item, deps.clock.now());
  const takesAltText = item.altText !== null && item.altTextRefused === null;
  const wantsAltText = takesAltText && (uploadedNow || !item.altTextSet);
  if (uploadedNow || wantsAltText) {
    const until = await closedUntil(deps.hub, tweet.accountId, "upload");
    if (until) return { kind: "wait", until, scope: "account", detail: "X's rate limit on uploads is used up" };
  }
  if (uploadedNow) {
    const refused = await upload(deps, tweet, item, place);
    if (refused) return refused;
  }
  if (takesAltText && item.altText && !item.altTextSet && item.platformMediaId) {
    const askedAt = deps.clock.now();
    const { platformMediaId, altText } = item;
    const said = await charged(
      deps.hub,
      {
        cause: "alt_text",
        host: deps.platform.host,
        accountId: tweet.accountId,
        rootId: tweet.parentPostId ?? tweet.id,
        tweetId: tweet.id,
      },
      () => deps.platform.setAltText(place.credentials, platformMediaId, altText, place.signal),
      ({ answer, meta: { httpStatus } }) => (answer.kind === "done" ? 1 : httpStatus === null ? null : 0),
    );
    const { answer, meta } = await heard(deps, said);
    await noteLimits(deps.hub, tweet.accountId, "upload", meta);
    if (answer.kind === "wait") await noteWait(deps, tweet.accountId, "upload", answer, askedAt);
    if (answer.kind === "refused" && !uploadedNow) {
      // X may have lost the upload before its time: again from the start, and a second refusal is about the words.
      item.platformMediaId = item.platformMediaKey = null;
      item.upload = null;
      return await itemReady(deps, tweet, item, place);
    }
    if (answer.kind === "refused" || answer.kind === "unavailable") return { kind: "alt_text", uploadedNow, answer };
    if (answer.kind !== "done") return answer;
    item.altTextSet = true;
    await place.write(item, { altTextSet: true });
  }
  return { kind: "done", uploadedNow };
}

/** What a media store says of itself. */
const STORE_CODES = new Set(["MEDIA_GONE", "MEDIA_STORE_UNAVAILABLE"]);

/** Uploads one file, from where an earlier upload stopped, and stores X's id for it. @returns null when that is done */
async function upload(
  deps: UploadDeps,
  tweet: RunTweet,
  item: MediaRow,
  place: UploadPlace,
): Promise<Exclude<MediaReady, { kind: "ready" | "alt_text_refused" }> | null> {
  const resume = readUploadState(item.upload, item.byteLength);
  await place.say(resume?.processingSince ? "media_processing" : "media_uploading");
  const source = await deps.media.source(item, { staysOpen: true }).catch((error) => {
    if (error instanceof PsnError && STORE_CODES.has(error.code)) return error;
    throw error;
  });
  if (source instanceof PsnError) {
    const { code, message } = source;
    if (code === "MEDIA_GONE") return { kind: "gone", detail: message };
    return { kind: "unavailable", code, cause: message.replace(/\.+$/, "") };
  }
  const askedAt = deps.clock.now();
  const { keep, settle } = keeper(item, place, deps.clock);
  const { media, damage } = watched(source);
  const said = await deps.platform
    .uploadMedia(place.credentials, media, { signal: place.signal, resume, keep })
    .finally(() => source.close?.())
    .finally(settle);
  const found = damage();
  if (found) return await withoutDamaged(item, place, found);
  const { answer, meta } = await heard(deps, said);
  await noteLimits(deps.hub, tweet.accountId, "upload", meta);
  if (answer.kind === "wait") await noteWait(deps, tweet.accountId, "upload", answer, askedAt);
  if (answer.kind === "unavailable") {
    const cause = `The upload could not be made (${answer.cause})`;
    return { kind: "unavailable", code: "X_MEDIA_UNAVAILABLE", cause };
  }
  if (answer.kind === "ready") {
    const { mediaId: platformMediaId, mediaKey: platformMediaKey, expiresAt: platformMediaExpiresAt } = answer;
    const uploaded = {
      platformMediaId,
      platformMediaKey,
      platformMediaExpiresAt,
      altTextSet: false,
      captionsSet: {},
      upload: null,
    };
    Object.assign(item, uploaded);
    await place.write(item, uploaded);
    return null;
  }
  // Of this upload nothing more will come. One that was only stopped, or waits for a limit or for X, is gone on with.
  const isOver = answer.kind === "refused" || (answer.kind === "failed" && !place.signal?.aborted);
  if (isOver && item.upload !== null) {
    item.upload = null;
    await place.write(item, { upload: null });
  }
  return answer;
}

/** The source, and what it said of its bytes when they were not those that were approved. */
function watched(source: MediaSource): { media: MediaSource; damage: () => PsnError | null } {
  let found: PsnError | null = null;
  const read = async (start: number, end: number) => {
    try {
      return await source.read(start, end);
    } catch (error) {
      if (error instanceof PsnError && error.code === "MEDIA_DAMAGED") found = error;
      throw error;
    }
  };
  return { media: { ...source, read }, damage: () => found };
}

/** X has wrong bytes in an upload that was not finished; nothing can become of it. */
async function withoutDamaged(item: MediaRow, place: UploadPlace, { message, code, details }: PsnError) {
  item.upload = null;
  await place.write(item, { upload: null });
  if (details?.isRepaired !== true) return { kind: "gone" as const, detail: message };
  return { kind: "unavailable" as const, code, cause: message.replace(/\.+$/, "") };
}

/** Between two writes of how far an upload came. A fast line sends a hundred segments in it, none of which is worth a commit. */
const KEPT_EVERY_MS = 500;

interface Keeper {
  keep(state: UploadState): Promise<void>;
  /** Stores what `keep` was given last, if it is not stored yet. */
  settle(): Promise<void>;
}

/**
 * Stores how far an upload came: its beginning, the end of its bytes and X's processing at once, what lies between now and then.
 * A process that is killed, or a hub that is away for a moment, costs segments that are sent again, not the upload.
 */
function keeper(item: MediaRow, place: UploadPlace, clock: Clock): Keeper {
  let isStored = true;
  let storedMs: number | null = null;
  let wasProcessing = false;
  const store = async (isProcessing: boolean) => {
    storedMs = clock.now().getTime();
    try {
      await place.write(item, { upload: item.upload });
      isStored = true;
      if (isProcessing && !wasProcessing) await place.say("media_processing");
      wasProcessing = isProcessing;
    } catch (error) {
      if (!isHubOutage(error)) throw error;
    }
  };
  return {
    async keep(state) {
      item.upload = storedUploadState(state);
      isStored = false;
      const isProcessing = state.processingSince !== null;
      const isRecent = storedMs !== null && Math.abs(clock.now().getTime() - storedMs) < KEPT_EVERY_MS;
      if (isRecent && !isProcessing && state.sentBytes < item.byteLength) return;
      await store(isProcessing);
    },
    async settle() {
      if (!isStored) await store(wasProcessing);
    },
  };
}
