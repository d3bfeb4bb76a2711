/**
 * Uploading media to X. Still images go in one request. GIFs and videos go in chunks, then wait for X to process them:
 *
 *   initialize → append 0, 1, 2, … → finalize → STATUS until succeeded
 *
 * Nothing is published by an upload, so whatever is unclear is tried again, a few times here and then by the caller.
 * At most one chunk is held in memory, whatever the size of the file.
 */
import type { MediaSource } from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import { isClientError } from "./judge.ts";
import {
  isTooLarge,
  type MediaTrouble,
  processMediaResponse,
  processPlainMediaResponse,
  type UploadStep,
} from "./judge-media.ts";
import {
  altTextRequest,
  appendUploadRequest,
  finalizeUploadRequest,
  initializeUploadRequest,
  oneShotUploadRequest,
  uploadStatusRequest,
  type XRequest,
} from "./requests.ts";
import type { Answer } from "./transport.ts";

const MIB = 1024 * 1024;

/** X documents 5 MB chunks; 5 MB was answered 413 where 1 MiB passed (May 2026). More only where 1000 chunks would not do. */
export const CHUNK_BYTES_MIN = MIB;
/** A chunk that is still too large at this size is not refused for its size. */
const CHUNK_BYTES_FLOOR = 64 * 1024;
/** X's document numbers chunks 0 to 999, its later pages 0 to 9999; halving after a 413 may need more than 1000. */
const SEGMENTS_MAX = 10_000;

/** Each chunk, and each other step, is sent at most so often. */
const TRIES_MAX = 4;
const BACKOFF_MS = 1_000;

/** How long we wait for X to process before the caller is told to come back. Long videos take minutes. */
export const PROCESSING_MS_MAX = 10 * 60_000;
const STATUS_POLLS_MAX = 1_000;

/** X's own limits (media/introduction, best practices; video as of September 2026, OpenAPI `total_bytes`). */
const KINDS: ReadonlyMap<string, { category: string; bytesMax: number; chunked: boolean }> = new Map([
  ["image/jpeg", { category: "tweet_image", bytesMax: 5 * MIB, chunked: false }],
  ["image/png", { category: "tweet_image", bytesMax: 5 * MIB, chunked: false }],
  ["image/webp", { category: "tweet_image", bytesMax: 5 * MIB, chunked: false }],
  ["image/gif", { category: "tweet_gif", bytesMax: 15 * MIB, chunked: true }],
  ["video/mp4", { category: "tweet_video", bytesMax: 16 * 1024 * MIB, chunked: true }],
  ["video/quicktime", { category: "tweet_video", bytesMax: 16 * 1024 * MIB, chunked: true }],
  ["video/webm", { category: "tweet_video", bytesMax: 16 * 1024 * MIB, chunked: true }],
]);

export const ALT_TEXT_LENGTH_MAX = 1_000;

export interface UploadOptions {
  signal?: AbortSignal | undefined;
  /** Default `PROCESSING_MS_MAX`. */
  processingMsMax?: number | undefined;
}

/** `processing`: X holds the whole file and still works on it; `awaitMedia` goes on from there without a new upload. */
export type UploadAnswer = Exclude<UploadStep, { kind: "broken" }>;

export interface ProcessingMedia {
  mediaId: string;
  expiresAt: Date;
  /** How long X asks to wait before the next look. */
  checkAfterMs: number;
}

/** One step's judgement and the answer that it was read from, for its headers. `last` is null when nothing was sent. */
export interface Judged<Step> {
  answer: Step;
  last: Answer | null;
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
  const kind = KINDS.get(media.mime);
  if (kind === undefined) return unsent(`X takes no files of the type ${media.mime.slice(0, 60)}`);
  if (!Number.isSafeInteger(media.byteLength) || media.byteLength <= 0) return unsent("the file is empty");
  if (media.byteLength > kind.bytesMax) {
    return unsent(`the file has ${media.byteLength} bytes, and X takes at most ${kind.bytesMax} of ${media.mime}`);
  }
  const uploaded = kind.chunked
    ? await uploadInChunks(client, media, kind.category, options.signal)
    : await uploadAtOnce(client, media, kind.category, options.signal);
  const { answer, last } = uploaded;
  if (answer.kind === "processing") return awaitMedia(client, answer, options);
  return { answer: answer.kind === "broken" ? { kind: "failed", cause: answer.cause } : answer, last };
}

/**
 * Waits for media that X is processing; also resumes the wait of an earlier process.
 * Nothing but `mediaId` is needed then: X's own expiry and pause come with the first answer.
 */
export async function awaitMedia(
  client: XClient,
  media: { mediaId: string; expiresAt?: Date; checkAfterMs?: number },
  { signal, processingMsMax = PROCESSING_MS_MAX }: UploadOptions = {},
): Promise<Judged<UploadAnswer>> {
  const { clock } = client;
  const endsAt = clock.now().getTime() + processingMsMax;
  let held: ProcessingMedia = {
    mediaId: media.mediaId,
    expiresAt: media.expiresAt ?? new Date(clock.now().getTime() + 86_400_000),
    checkAfterMs: media.checkAfterMs ?? 0,
  };
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
        failuresInARow++;
        if (failuresInARow >= TRIES_MAX && last.kind === "responded" && last.status === 404) {
          return { answer: { kind: "failed", cause: `X does not know the upload any more. ${step.cause}` }, last };
        }
        held = { ...held, checkAfterMs: Math.min(BACKOFF_MS * 2 ** failuresInARow, 30_000) };
        break;
      case "broken":
        return { answer: { kind: "failed", cause: step.cause }, last };
      case "refused":
        // STATUS says 400 "Not found" of media that needs no processing: no judgement on the file, which may be uploaded again.
        if (last.kind === "responded" && isClientError(last)) {
          return { answer: { kind: "failed", cause: step.detail }, last };
        }
        return { answer: step, last };
      default:
        return { answer: step, last };
    }
  }
  return { answer: { kind: "processing", ...held }, last };
}

/**
 * Sets what a screen reader says of an image or GIF. To be called before the tweet that shows it is created.
 * @returns `refused` without a request for a text that is empty or longer than `ALT_TEXT_LENGTH_MAX` characters (code points).
 */
export async function setAltText(
  client: XClient,
  mediaId: string,
  altText: string,
  signal?: AbortSignal,
): Promise<Judged<{ kind: "done" } | MediaTrouble>> {
  const length = [...altText].length;
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

async function uploadInChunks(
  client: XClient,
  media: MediaSource,
  category: string,
  signal: AbortSignal | undefined,
): Promise<Judged<UploadStep>> {
  const begin = () => initializeUploadRequest(media.mime, media.byteLength, category);
  const begun = await attempt(client, begin, processMediaResponse, signal);
  if (begun.answer.kind !== "ready" && begun.answer.kind !== "processing") return begun;
  const { mediaId } = begun.answer;

  const appended = await appendAll(client, media, mediaId, signal);
  if (appended.answer.kind !== "done") return { answer: appended.answer, last: appended.last };

  const finished = await attempt(client, () => finalizeUploadRequest(mediaId), processMediaResponse, signal);
  // A finalize whose answer was lost may be refused when it is sent again, though X has the file: STATUS knows.
  if (finished.tries > 1 && (finished.answer.kind === "refused" || finished.answer.kind === "failed")) {
    return {
      answer: { kind: "processing", mediaId, expiresAt: begun.answer.expiresAt, checkAfterMs: BACKOFF_MS },
      last: finished.last,
    };
  }
  return finished;
}

/** Sends the file's bytes in order. X takes chunks of different sizes, so a 413 halves from where it happened. */
async function appendAll(
  client: XClient,
  media: MediaSource,
  mediaId: string,
  signal: AbortSignal | undefined,
): Promise<Judged<{ kind: "done" } | MediaTrouble>> {
  let chunkBytes = Math.max(CHUNK_BYTES_MIN, Math.ceil(media.byteLength / 1000));
  let sentBytes = 0;
  let last: Answer | null = null;
  for (let segment = 0; sentBytes < media.byteLength; ) {
    if (segment >= SEGMENTS_MAX)
      return { answer: { kind: "failed", cause: "X takes only chunks that are too small" }, last };
    const end = Math.min(sentBytes + chunkBytes, media.byteLength);
    const bytes = await readBytes(media, sentBytes, end);
    if ("kind" in bytes) return { answer: bytes, last };
    const index = segment;
    const chunk = await attempt(
      client,
      () => appendUploadRequest(mediaId, index, bytes),
      processPlainMediaResponse,
      signal,
    );
    last = chunk.last;
    if (last !== null && isTooLarge(last) && chunkBytes > CHUNK_BYTES_FLOOR) {
      chunkBytes = Math.max(Math.ceil(Math.min(chunkBytes, bytes.byteLength) / 2), CHUNK_BYTES_FLOOR);
      continue;
    }
    if (chunk.answer.kind !== "done") return { answer: chunk.answer, last };
    sentBytes = end;
    segment++;
  }
  return { answer: { kind: "done" }, last };
}

/** Sends one step, again after a pause when nothing clear came back. `request` is built anew each time: a form is read once. */
async function attempt<Step extends { kind: string }>(
  client: XClient,
  request: () => XRequest,
  judge: (answer: Answer, context: ReturnType<XClient["context"]>) => Step,
  signal: AbortSignal | undefined,
): Promise<Judged<Step> & { tries: number }> {
  for (let tries = 1; ; tries++) {
    const last = await client.ask(request(), signal);
    const answer = judge(last, client.context());
    if (answer.kind !== "failed" || tries >= TRIES_MAX) return { answer, last, tries };
    await client.clock.sleep(BACKOFF_MS * 2 ** (tries - 1), signal);
    signal?.throwIfAborted();
  }
}

/** A file that cannot be read is not X's fault, but nothing was published either: the caller may try again. */
async function readBytes(media: MediaSource, start: number, end: number): Promise<Uint8Array | MediaTrouble> {
  let bytes: Uint8Array;
  try {
    bytes = await media.read(start, end);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code).slice(0, 60) : "unknown";
    return { kind: "failed", cause: `the media could not be read (${code})` };
  }
  if (bytes.byteLength === end - start) return bytes;
  return { kind: "failed", cause: `the media store gave ${bytes.byteLength} bytes in place of ${end - start}` };
}

function waitMs(until: Date | null, now: Date): number {
  return until === null ? 30_000 : Math.max(until.getTime() - now.getTime(), BACKOFF_MS);
}

/** Refused here, because X would. */
function unsent(detail: string): Judged<{ kind: "refused"; detail: string }> {
  return { answer: { kind: "refused", detail }, last: null };
}
