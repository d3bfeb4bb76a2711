/** Captions of a video at X: a file of the category `subtitles`, which is then named to the video (x-api.md §3.1). */
import type { CaptionFile } from "../../core/platform.ts";
import type { XClient } from "./client.ts";
import { type MediaFailure, processMediaResponse, processPlainMediaResponse } from "./judge-media.ts";
import { type MediaEncoding, oneShotUploadRequest, subtitlesRequest } from "./requests.ts";
import { attempt, attemptBytes, type Judged } from "./upload-step.ts";

/**
 * Uploads one file of captions and names it to a video that X has processed. To be called before the tweet is created; again for the
 * same language, the later one stays.
 */
export async function addCaption(
  client: XClient,
  mediaId: string,
  { language, name, format, bytes }: CaptionFile,
  signal?: AbortSignal,
): Promise<Judged<{ kind: "done" } | MediaFailure>> {
  const request = (encoding: MediaEncoding) => oneShotUploadRequest(bytes, `text/${format}`, "subtitles", encoding);
  const sent = await attemptBytes(client, request, processMediaResponse, signal, { encoding: "multipart" });
  const { answer, last } = sent;
  if (answer.kind === "broken") return { answer: { kind: "failed", cause: answer.cause }, last };
  if (answer.kind !== "ready" && answer.kind !== "processing") return { answer, last };
  const track = { id: answer.mediaId, language, name };
  return await attempt(client, () => subtitlesRequest(mediaId, track), processPlainMediaResponse, signal);
}
