/**
 * Uploading media to X. Still images go in one request. GIFs and videos go in chunks, then wait for X to process them:
 *
 *   initialize → append 0, 1, 2, … → finalize → STATUS until succeeded
 *
 * Nothing is published by an upload, so whatever is unclear is tried again, a few times here and then by the caller, who
 * keeps how far it came.
 * At most one chunk is held in memory, whatever the size of the file.
 */
import {
  ALT_TEXT_LENGTH_MAX,
  altTextLength,
  MEDIA_LIMITS,
  type MediaAnswer,
  type MediaLimit,
  type MediaSource,
  type UploadOptions,
  type UploadState,
} from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import { type MediaFailure, processMediaResponse, processPlainMediaResponse, type UploadStep } from "./judge-media.ts";
import { altTextRequest, type MediaEncoding, oneShotUploadRequest, uploadStatusRequest } from "./requests.ts";
import type { Answer } from "./transport.ts";
import { uploadInChunks } from "./upload-chunks.ts";
import { attempt, attemptBytes, BACKOFF_MS, type Judged, readBytes, TRIES_MAX } from "./upload-step.ts";

/** How long one call waits for X to process. Long videos take minutes, and the caller goes on with the same upload. */
const PROCESSING_MS_MAX = 10 * 60_000;
/** X that has worked so long on one file never ends. */
const PROCESSING_TOTAL_MS_MAX = 2 * 3_600_000;
const STATUS_POLLS_MAX = 1_000;
/** An upload with less life than this is not gone on with. */
const LIFE_LEFT_MS_MIN = 60 * 60_000;

/** How a kind of media goes up: X's name for it, and whether in chunks. */
const UPLOADS: Record<MediaLimit["kind"], { category: string; chunked: boolean }> = {
  image: { category: "tweet_image", chunked: false },
  gif: { category: "tweet_gif", chunked: true },
  video: { category: "tweet_video", chunked: true },
};

export interface UploadSettings extends UploadOptions {
  /** Default `PROCESSING_MS_MAX`. */
  processingMsMax?: number | undefined;
}

export type UploadAnswer = MediaAnswer;

/**
 * Uploads one file and waits until X has processed it, at most `processingMsMax`. An upload that X does not know any more, or
 * does not take the rest of, is made once more from its beginning.
 * @throws the reason of `signal` when it is aborted, at the next step; what `keep` throws
 */
export async function uploadMedia(
  client: XClient,
  media: MediaSource,
  options: UploadSettings = {},
): Promise<Judged<UploadAnswer>> {
  const limit = MEDIA_LIMITS.get(media.mime);
  if (limit === undefined) return unsent(`X takes no files of the type ${media.mime.slice(0, 60)}`);
  if (!Number.isSafeInteger(media.byteLength) || media.byteLength <= 0) return unsent("the file is empty");
  if (media.byteLength > limit.bytesMax) {
    return unsent(`the file has ${media.byteLength} bytes, and X takes at most ${limit.bytesMax} of ${media.mime}`);
  }
  const { category, chunked } = UPLOADS[limit.kind];
  if (!chunked) return asAnswer(await uploadAtOnce(client, media, category, options.signal));
  const { resume } = options;
  const isAlive = resume && resume.expiresAt.getTime() - client.clock.now().getTime() >= LIFE_LEFT_MS_MIN;
  const first = await uploadFrom(client, media, category, isAlive ? resume : null, options);
  if (!first.isLost) return first;
  return await uploadFrom(client, media, category, null, options);
}

/** `isLost`: nothing more will come of this upload, and that says nothing of the file. */
type Ended = Judged<UploadAnswer> & { isLost: boolean };

async function uploadFrom(
  client: XClient,
  media: MediaSource,
  category: string,
  from: UploadState | null,
  options: UploadSettings,
): Promise<Ended> {
  if (from?.processingSince) return await awaitMedia(client, from, 0, options);
  const { answer, last, state } = await uploadInChunks(client, media, category, from, options);
  if (answer.kind === "processing" && state) return await awaitMedia(client, state, answer.checkAfterMs, options);
  const isRefusedLater = state !== null && answer.kind === "refused" && isUnknownUpload(last);
  const isGone = state !== null && answer.kind === "unavailable" && isNotFound(last);
  return { ...asAnswer({ answer, last }), isLost: isRefusedLater || isGone };
}

/** Waits for media that X is processing. */
async function awaitMedia(
  client: XClient,
  state: UploadState,
  firstCheckMs: number,
  { signal, keep, processingMsMax = PROCESSING_MS_MAX }: UploadSettings,
): Promise<Ended> {
  const { clock } = client;
  const endsAt = clock.now().getTime() + processingMsMax;
  const givenUpAt = (state.processingSince ?? clock.now()).getTime() + PROCESSING_TOTAL_MS_MAX;
  let checkAfterMs = firstCheckMs;
  let last: Answer | null = null;
  let failuresInARow = 0;
  const ended = (answer: UploadAnswer, isLost = false): Ended => ({ answer, last, isLost });
  for (let poll = 0; poll < STATUS_POLLS_MAX; poll++) {
    // No point in sleeping past the end: the caller comes back later and knows the same then.
    if (clock.now().getTime() + checkAfterMs > endsAt) break;
    if (checkAfterMs > 0) await clock.sleep(checkAfterMs, signal);
    signal?.throwIfAborted();
    last = await client.ask(uploadStatusRequest(state.mediaId), signal);
    const step = processMediaResponse(last, client.context());
    switch (step.kind) {
      case "ready":
        return ended(step);
      case "processing":
        if (clock.now().getTime() >= givenUpAt)
          return ended({ kind: "failed", cause: "X has worked on it for two hours" });
        ({ checkAfterMs } = step);
        failuresInARow = 0;
        await keep?.({ ...state, processedPercent: step.percent });
        break;
      case "wait":
        // The file is at X: rather wait for the limit than upload it again, if there is time.
        checkAfterMs = waitMs(step.until, clock.now());
        break;
      case "failed":
      case "unavailable":
        failuresInARow++;
        if (failuresInARow >= TRIES_MAX && isNotFound(last)) {
          return ended({ kind: "failed", cause: `X does not know the upload any more. ${step.cause}` }, true);
        }
        // An outage: the caller comes back later, and holds nothing up meanwhile.
        if (failuresInARow >= 2 * TRIES_MAX) return ended({ kind: "unavailable", cause: step.cause });
        checkAfterMs = Math.min(BACKOFF_MS * 2 ** failuresInARow, 30_000);
        break;
      case "broken":
        return ended({ kind: "failed", cause: step.cause });
      case "refused":
        // STATUS says 400 "Not found" of an upload that it does not know: no judgement on the file.
        if (isUnknownUpload(last)) return ended({ kind: "failed", cause: step.detail }, true);
        return ended(step);
      default:
        return ended(step);
    }
  }
  const checkAt = new Date(clock.now().getTime() + Math.max(checkAfterMs, BACKOFF_MS));
  return ended({ kind: "processing", checkAt, detail: `X is still processing media ${state.mediaId}` });
}

function asAnswer({ answer, last }: Judged<UploadStep>): Judged<UploadAnswer> {
  switch (answer.kind) {
    case "broken":
      return { answer: { kind: "failed", cause: answer.cause }, last };
    case "processing":
      // Of a still image X has never said so; the next try uploads it again.
      return { answer: { kind: "failed", cause: `X is still processing media ${answer.mediaId}` }, last };
    default:
      return { answer, last };
  }
}

const isNotFound = (answer: Answer | null) => answer?.kind === "responded" && answer.status === 404;

/** What X says of an id, a segment or a sum of segments that it does not know, or not so. */
const isUnknownUpload = (answer: Answer | null) =>
  answer?.kind === "responded" && (answer.status === 400 || answer.status === 404);

/**
 * Sets what a screen reader says of an image or GIF. To be called before the tweet that shows it is created.
 * @returns `refused` without a request for a text that is empty or longer than `ALT_TEXT_LENGTH_MAX` characters (code
 *   points).
 */
export async function setAltText(
  client: XClient,
  mediaId: string,
  altText: string,
  signal?: AbortSignal,
): Promise<Judged<{ kind: "done" } | MediaFailure>> {
  const length = altTextLength(altText);
  if (length === 0 || length > ALT_TEXT_LENGTH_MAX) {
    return unsent(`an alt text has 1 to ${ALT_TEXT_LENGTH_MAX} characters, and this one ${length}`);
  }
  return attempt(client, () => altTextRequest(mediaId, altText), processPlainMediaResponse, signal);
}

async function uploadAtOnce(
  client: XClient,
  media: MediaSource,
  category: string,
  signal: AbortSignal | undefined,
): Promise<Judged<UploadStep>> {
  const bytes = await readBytes(media, 0, media.byteLength);
  if ("kind" in bytes) return { answer: bytes, last: null };
  const request = (encoding: MediaEncoding) => oneShotUploadRequest(bytes, media.mime, category, encoding);
  return attemptBytes(client, request, processMediaResponse, signal, { encoding: "multipart" });
}

function waitMs(until: Date | null, now: Date): number {
  return until === null ? 30_000 : Math.max(until.getTime() - now.getTime(), BACKOFF_MS);
}

/** Refused here, because X would. */
function unsent(detail: string): Judged<{ kind: "refused"; detail: string }> {
  return { answer: { kind: "refused", detail }, last: null };
}
