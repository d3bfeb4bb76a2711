/**
 * A file that goes to X in segments: initialize, append 0, 1, 2, …, finalize. While one segment is on its way the next is read,
 * hashed and made ready to be sent, so two are in memory at most; what X holds is told after each, so that another run goes on there.
 */
import type { MediaSource, UploadOptions, UploadState } from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import {
  isTooLarge,
  type MediaFailure,
  processMediaResponse,
  processPlainMediaResponse,
  type UploadStep,
} from "./judge-media.ts";
import { madeForm } from "./multipart.ts";
import { appendUploadRequest, finalizeUploadRequest, initializeUploadRequest, segmentForm } from "./requests.ts";
import type { Answer } from "./transport.ts";
import { attempt, attemptBytes, BACKOFF_MS, type Judged, readBytes, type Wire } from "./upload-step.ts";

/**
 * X documents segments of 5 MB; 5 MB was answered 413 where 1 MiB passed (May 2026). More only where 1000 segments would
 * not do.
 */
const SEGMENT_BYTES_MIN = 1024 * 1024;
/** A segment that is still too large at this size is not refused for its size. */
const SEGMENT_BYTES_FLOOR = 64 * 1024;
/** X's document numbers segments 0 to 999, its later pages 0 to 9999; halving after a 413 may need more than 1000. */
const SEGMENTS_MAX = 10_000;

/** What came of sending the bytes: X's answer, and how far the upload is now. */
export type Sent = Judged<UploadStep> & { state: UploadState | null };

/** Everything up to and including finalize, from where `from` is. Whether X must still process the file is in the answer. */
export async function uploadInChunks(
  client: XClient,
  media: MediaSource,
  category: string,
  from: UploadState | null,
  options: UploadOptions,
): Promise<Sent> {
  const { signal } = options;
  const begun = from ? null : await initialize(client, media, category, options);
  const state = from ?? begun?.state;
  if (!state) return begun as Sent;

  const appended = await appendAll(client, media, state, options);
  if (appended.answer.kind !== "done") return { answer: appended.answer, last: appended.last, state: appended.state };

  const finished = await attempt(client, () => finalizeUploadRequest(state.mediaId), processMediaResponse, signal);
  const { mediaId, mediaKey, expiresAt } = state;
  const whole = { ...appended.state, processingSince: client.clock.now() };
  // A finalize whose answer was lost may be refused when it is sent again, by this process or by the one before, though X
  // has the file: STATUS knows.
  const mayHaveBeenSent = finished.tries > 1 || (from !== null && from.sentBytes >= media.byteLength);
  if (mayHaveBeenSent && ["refused", "failed", "unavailable"].includes(finished.answer.kind)) {
    const asked = {
      kind: "processing" as const,
      mediaId,
      mediaKey,
      expiresAt,
      checkAfterMs: BACKOFF_MS,
      percent: null,
    };
    return { answer: asked, last: finished.last, state: whole };
  }
  if (finished.answer.kind !== "processing") return { ...finished, state: appended.state };
  const processing = { ...whole, expiresAt: finished.answer.expiresAt, processedPercent: finished.answer.percent };
  await options.keep?.(processing);
  return { ...finished, state: processing };
}

type Segment = ReturnType<typeof madeForm>;

/**
 * Reads a segment, and makes its form, before it is asked for. One that is then not asked for, since X took a smaller one, is read
 * again.
 */
function aheadReader(media: MediaSource) {
  type Read = { index: number; start: number; end: number; segment: Promise<Segment | MediaFailure> };
  let begun: Read | null = null;
  const read = async (index: number, start: number, end: number): Promise<Segment | MediaFailure> => {
    const bytes = await readBytes(media, start, end);
    if ("kind" in bytes) return bytes;
    const segment = madeForm(segmentForm(index, bytes));
    media.release?.(bytes);
    return segment;
  };
  return {
    begin(index: number, start: number, end: number): void {
      if (start >= end) return;
      const segment = read(index, start, end);
      // Nobody may ask for it.
      segment.catch(() => {});
      begun = { index, start, end, segment };
    },
    async read(index: number, start: number, end: number): Promise<Segment | MediaFailure> {
      const last = begun;
      begun = null;
      if (last?.index === index && last.start === start && last.end === end) return await last.segment;
      // A source hashes what it reads in the order in which it is asked.
      await last?.segment.catch(() => {});
      return await read(index, start, end);
    },
    /** Until nothing is read any more. */
    async settle(): Promise<void> {
      await begun?.segment.catch(() => {});
    },
  };
}

async function initialize(
  client: XClient,
  media: MediaSource,
  category: string,
  { signal, keep }: UploadOptions,
): Promise<Sent> {
  const begin = () => initializeUploadRequest(media.mime, media.byteLength, category);
  const begun = await attempt(client, begin, processMediaResponse, signal);
  if (begun.answer.kind !== "ready" && begun.answer.kind !== "processing") return { ...begun, state: null };
  const { mediaId, mediaKey, expiresAt } = begun.answer;
  const state: UploadState = {
    mediaId,
    mediaKey,
    expiresAt,
    sentBytes: 0,
    segments: 0,
    segmentBytes: Math.max(SEGMENT_BYTES_MIN, Math.ceil(media.byteLength / 1000)),
    processingSince: null,
    processedPercent: null,
  };
  await keep?.(state);
  return { ...begun, state };
}

/** Sends the file's bytes in order. X takes segments of different sizes, so a 413 halves from where it happened. */
async function appendAll(
  client: XClient,
  media: MediaSource,
  from: UploadState,
  { signal, keep }: UploadOptions,
): Promise<Judged<{ kind: "done" } | MediaFailure> & { state: UploadState }> {
  const wire: Wire = { encoding: "multipart" };
  let state = from;
  let last: Answer | null = null;
  let keeping: Promise<void> = Promise.resolve();
  const ended = async (answer: { kind: "done" } | MediaFailure) => {
    await keeping;
    return { answer, last, state };
  };
  const reader = aheadReader(media);
  try {
    while (state.sentBytes < media.byteLength) {
      if (state.segments >= SEGMENTS_MAX)
        return await ended({ kind: "failed", cause: "X takes too small segments only" });
      const { mediaId, sentBytes, segments: index, segmentBytes } = state;
      const end = Math.min(sentBytes + segmentBytes, media.byteLength);
      const segment = await reader.read(index, sentBytes, end);
      if ("kind" in segment) return await ended(segment);
      reader.begin(index + 1, end, Math.min(end + segmentBytes, media.byteLength));
      const request = (encoding: Wire["encoding"]) => appendUploadRequest(mediaId, segment, encoding);
      const sent = await attemptBytes(client, request, processPlainMediaResponse, signal, wire).catch(async (error) => {
        await keeping;
        throw error;
      });
      last = sent.last;
      if (last !== null && isTooLarge(last) && segmentBytes > SEGMENT_BYTES_FLOOR) {
        const half = Math.ceil(Math.min(segmentBytes, segment.media.byteLength) / 2);
        state = { ...state, segmentBytes: Math.max(half, SEGMENT_BYTES_FLOOR) };
        continue;
      }
      if (sent.answer.kind !== "done") return await ended(sent.answer);
      // `fetch` has taken a copy. The collector would let many segments gather.
      segment.made.buffer.transfer(0);
      state = { ...state, sentBytes: end, segments: index + 1 };
      await keeping;
      keeping = keep?.(state) ?? keeping;
      // It is awaited a segment later; until then a failure of it must not count as one that nothing handles.
      keeping.catch(() => {});
    }
    return await ended({ kind: "done" });
  } finally {
    await reader.settle();
  }
}
