/** One step of an upload: sent, judged, and sent again a few times when nothing clear came back. */
import type { MediaSource } from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import type { MediaFailure } from "./judge-media.ts";
import type { MediaEncoding, XRequest } from "./requests.ts";
import type { Answer } from "./transport.ts";

/** Each chunk, and each other step, is sent at most so often. */
export const TRIES_MAX = 4;
export const BACKOFF_MS = 1_000;

/** One step's judgement and the answer that it was read from, for its headers. `last` is null when nothing was sent. */
export interface Judged<Step> {
  answer: Step;
  last: Answer | null;
}

/**
 * Sends one step, again after a pause when nothing clear came back. `request` is built anew each time: a form is read
 * once.
 */
export async function attempt<Step extends { kind: string }>(
  client: XClient,
  request: () => XRequest,
  judge: (answer: Answer, context: ReturnType<XClient["context"]>) => Step,
  signal: AbortSignal | undefined,
): Promise<Judged<Step> & { tries: number }> {
  for (let tries = 1; ; tries++) {
    const last = await client.ask(request(), signal);
    const answer = judge(last, client.context());
    if ((answer.kind !== "failed" && answer.kind !== "unavailable") || tries >= TRIES_MAX)
      return { answer, last, tries };
    await client.clock.sleep(BACKOFF_MS * 2 ** (tries - 1), signal);
    signal?.throwIfAborted();
  }
}

/** How the bytes of one upload go; what X asked for stays so until its end. */
export interface Wire {
  encoding: MediaEncoding;
}

/** The same for a step that carries bytes. X's form of them may change: where it takes JSON alone, it is sent again so. */
export async function attemptBytes<Step extends { kind: string }>(
  client: XClient,
  request: (encoding: MediaEncoding) => XRequest,
  judge: (answer: Answer, context: ReturnType<XClient["context"]>) => Step,
  signal: AbortSignal | undefined,
  wire: Wire,
): Promise<Judged<Step> & { tries: number }> {
  const first = await attempt(client, () => request(wire.encoding), judge, signal);
  if (wire.encoding !== "multipart" || !wantsJson(first.last)) return first;
  wire.encoding = "base64";
  return await attempt(client, () => request(wire.encoding), judge, signal);
}

function wantsJson(answer: Answer | null): boolean {
  if (answer?.kind !== "responded") return false;
  if (answer.status === 415) return true;
  return (
    answer.status === 400 &&
    /invalid json|must be json|expected json|application\/json/i.test(JSON.stringify(answer.json) ?? "")
  );
}

/** A file that cannot be read is not X's fault, but nothing was published either: the caller may try again. */
export async function readBytes(media: MediaSource, start: number, end: number): Promise<Uint8Array | MediaFailure> {
  let bytes: Uint8Array;
  try {
    bytes = await media.read(start, end);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code).slice(0, 60) : "unknown";
    return { kind: "unavailable", cause: `the media could not be read: ${code}` };
  }
  if (bytes.byteLength === end - start) return bytes;
  return { kind: "failed", cause: `the media store gave ${bytes.byteLength} bytes in place of ${end - start}` };
}
