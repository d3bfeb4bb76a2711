/** A file that goes to X in chunks: initialize, append 0, 1, 2, …, finalize. One chunk is in memory at a time. */
import type { MediaSource } from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import {
  isTooLarge,
  type MediaFailure,
  processMediaResponse,
  processPlainMediaResponse,
  type UploadStep,
} from "./judge-media.ts";
import { appendUploadRequest, finalizeUploadRequest, initializeUploadRequest } from "./requests.ts";
import type { Answer } from "./transport.ts";
import { attempt, BACKOFF_MS, type Judged, readBytes } from "./upload-step.ts";

/**
 * X documents 5 MB chunks; 5 MB was answered 413 where 1 MiB passed (May 2026). More only where 1000 chunks would not
 * do.
 */
const CHUNK_BYTES_MIN = 1024 * 1024;
/** A chunk that is still too large at this size is not refused for its size. */
const CHUNK_BYTES_FLOOR = 64 * 1024;
/** X's document numbers chunks 0 to 999, its later pages 0 to 9999; halving after a 413 may need more than 1000. */
const SEGMENTS_MAX = 10_000;

/** Everything up to and including finalize. Whether X must still process the file is in the answer. */
export async function uploadInChunks(
  client: XClient,
  media: MediaSource,
  category: string,
  signal: AbortSignal | undefined,
): Promise<Judged<UploadStep>> {
  const begin = () => initializeUploadRequest(media.mime, media.byteLength, category);
  const begun = await attempt(client, begin, processMediaResponse, signal);
  if (begun.answer.kind !== "ready" && begun.answer.kind !== "processing") return begun;
  const { mediaId, mediaKey, expiresAt } = begun.answer;

  const appended = await appendAll(client, media, mediaId, signal);
  if (appended.answer.kind !== "done") return { answer: appended.answer, last: appended.last };

  const finished = await attempt(client, () => finalizeUploadRequest(mediaId), processMediaResponse, signal);
  // A finalize whose answer was lost may be refused when it is sent again, though X has the file: STATUS knows.
  if (finished.tries > 1 && ["refused", "failed", "unavailable"].includes(finished.answer.kind)) {
    return {
      answer: { kind: "processing", mediaId, mediaKey, expiresAt, checkAfterMs: BACKOFF_MS },
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
): Promise<Judged<{ kind: "done" } | MediaFailure>> {
  let chunkBytes = Math.max(CHUNK_BYTES_MIN, Math.ceil(media.byteLength / 1000));
  let sentBytes = 0;
  let last: Answer | null = null;
  for (let segment = 0; sentBytes < media.byteLength; ) {
    if (segment >= SEGMENTS_MAX) return { answer: { kind: "failed", cause: "X takes too small chunks only" }, last };
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
