/**
 * Uploading media to X. Still images go in one request. GIFs and videos go in chunks, then wait for X to process them:
 *
 *   initialize → append 0, 1, 2, … → finalize → STATUS until succeeded
 *
 * Nothing is published by an upload, so whatever is unclear is tried again, a few times here and then by the caller.
 * At most one chunk is held in memory, whatever the size of the file.
 */
import {
  ALT_TEXT_LENGTH_MAX,
  altTextLength,
  MEDIA_LIMITS,
  type MediaLimit,
  type MediaSource,
} from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import { type MediaFailure, processMediaResponse, processPlainMediaResponse, type UploadStep } from "./judge-media.ts";
import { altTextRequest, oneShotUploadRequest, uploadStatusRequest } from "./requests.ts";
import { type Answer, isClientError } from "./transport.ts";
import { uploadInChunks } from "./upload-chunks.ts";
import { attempt, BACKOFF_MS, type Judged, readBytes, TRIES_MAX } from "./upload-step.ts";

/** How long we wait for X to process before the caller comes back later. Long videos take minutes. */
const PROCESSING_MS_MAX = 10 * 60_000;
const STATUS_POLLS_MAX = 1_000;

/** How a kind of media goes up: X's name for it, and whether in chunks. */
const UPLOADS: Record<MediaLimit["kind"], { category: string; chunked: boolean }> = {
  image: { category: "tweet_image", chunked: false },
  gif: { category: "tweet_gif", chunked: true },
  video: { category: "tweet_video", chunked: true },
};

export interface UploadOptions {
  signal?: AbortSignal | undefined;
  /** Default `PROCESSING_MS_MAX`. */
  processingMsMax?: number | undefined;
}

export type UploadAnswer = Exclude<UploadStep, { kind: "broken" | "processing" }>;

/** Media that X holds whole and still works on. */
interface ProcessingMedia {
  mediaId: string;
  mediaKey: string | null;
  expiresAt: Date;
  /** How long X asks to wait before the next look. */
  checkAfterMs: number;
}

/**
 * Uploads one file and waits until X has processed it, at most `processingMsMax`.
 * @throws the reason of `signal` when it is aborted, at the next step.
 */
export async function uploadMedia(
  client: XClient,
  media: MediaSource,
  options: UploadOptions = {},
): Promise<Judged<UploadAnswer>> {
  const limit = MEDIA_LIMITS.get(media.mime);
  if (limit === undefined) return unsent(`X takes no files of the type ${media.mime.slice(0, 60)}`);
  if (!Number.isSafeInteger(media.byteLength) || media.byteLength <= 0) return unsent("the file is empty");
  if (media.byteLength > limit.bytesMax) {
    return unsent(`the file has ${media.byteLength} bytes, and X takes at most ${limit.bytesMax} of ${media.mime}`);
  }
  const { category, chunked } = UPLOADS[limit.kind];
  const uploaded = chunked
    ? await uploadInChunks(client, media, category, options.signal)
    : await uploadAtOnce(client, media, category, options.signal);
  const { answer, last } = uploaded;
  if (answer.kind === "processing") return awaitMedia(client, answer, options);
  return { answer: answer.kind === "broken" ? { kind: "failed", cause: answer.cause } : answer, last };
}

/** Waits for media that X is processing. */
async function awaitMedia(
  client: XClient,
  media: ProcessingMedia,
  { signal, processingMsMax = PROCESSING_MS_MAX }: UploadOptions,
): Promise<Judged<UploadAnswer>> {
  const { clock } = client;
  const endsAt = clock.now().getTime() + processingMsMax;
  let held = media;
  let last: Answer | null = null;
  let failuresInARow = 0;
  for (let poll = 0; poll < STATUS_POLLS_MAX; poll++) {
    // No point in sleeping past the end: the caller comes back later and knows the same then.
    if (clock.now().getTime() + held.checkAfterMs > endsAt) break;
    await clock.sleep(held.checkAfterMs, signal);
    signal?.throwIfAborted();
    last = await client.ask(uploadStatusRequest(held.mediaId), signal);
    const step = processMediaResponse(last, client.context());
    switch (step.kind) {
      case "ready":
        return { answer: step, last };
      case "processing":
        held = step;
        failuresInARow = 0;
        break;
      case "wait":
        // The file is at X: rather wait for the limit than upload it again, if there is time.
        held = { ...held, checkAfterMs: waitMs(step.until, clock.now()) };
        break;
      case "failed":
      case "unavailable":
        failuresInARow++;
        if (failuresInARow >= TRIES_MAX && last.kind === "responded" && last.status === 404) {
          return { answer: { kind: "failed", cause: `X does not know the upload any more. ${step.cause}` }, last };
        }
        // An outage: the caller comes back later, and holds nothing up meanwhile.
        if (failuresInARow >= 2 * TRIES_MAX) return { answer: notReady(held), last };
        held = { ...held, checkAfterMs: Math.min(BACKOFF_MS * 2 ** failuresInARow, 30_000) };
        break;
      case "broken":
        return { answer: { kind: "failed", cause: step.cause }, last };
      case "refused":
        // STATUS says 400 "Not found" of media that needs no processing: no judgement on the file, which may be
        // uploaded again.
        if (last.kind === "responded" && isClientError(last)) {
          return { answer: { kind: "failed", cause: step.detail }, last };
        }
        return { answer: step, last };
      default:
        return { answer: step, last };
    }
  }
  return { answer: notReady(held), last };
}

/** The next try uploads again: nobody keeps the id of media that is not ready. */
function notReady({ mediaId }: ProcessingMedia): UploadAnswer {
  return { kind: "failed", cause: `X is still processing media ${mediaId}` };
}

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
  return attempt(client, () => oneShotUploadRequest(bytes, media.mime, category), processMediaResponse, signal);
}

function waitMs(until: Date | null, now: Date): number {
  return until === null ? 30_000 : Math.max(until.getTime() - now.getTime(), BACKOFF_MS);
}

/** Refused here, because X would. */
function unsent(detail: string): Judged<{ kind: "refused"; detail: string }> {
  return { answer: { kind: "refused", detail }, last: null };
}
