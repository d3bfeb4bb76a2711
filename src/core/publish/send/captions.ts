/**
 * Captions on their way to X, after their video. They are worth less than the tweet: what X refuses is told, and the tweet goes without.
 * Each is uploaded and then named to the video; a process that dies in between does both again, and X keeps one track a language.
 */
import type { MediaAnswer } from "../../platform.ts";
import type { MediaRow, RunTweet } from "../../post/rows.ts";
import type { PublishDeps } from "../deps.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { heard } from "../x-clock.ts";
import type { UploadPlace } from "./upload-place.ts";

type CaptionsDeps = Pick<PublishDeps, "hub" | "platform" | "clock">;
type Stopped = Exclude<MediaAnswer, { kind: "ready" | "processing" | "refused" | "failed" }>;

/** @returns null when nothing is left to be done, else why it stopped */
export async function captionsReady(
  deps: CaptionsDeps,
  tweet: RunTweet,
  item: MediaRow,
  place: UploadPlace,
): Promise<Stopped | null> {
  const mediaId = item.platformMediaId;
  if (mediaId === null) return null;
  for (const { language, name, format, text, sha256 } of captionsLeft(item)) {
    const until = await closedUntil(deps.hub, tweet.accountId, "upload");
    if (until) return { kind: "wait", until, scope: "account", detail: "X's rate limit on uploads is used up" };
    const askedAt = deps.clock.now();
    const caption = { language, name, format, bytes: Buffer.from(text) };
    const said = await deps.platform.addCaption(place.credentials, mediaId, caption, place.signal);
    const { answer, meta } = await heard(deps, said);
    await noteLimits(deps.hub, tweet.accountId, "upload", meta);
    if (answer.kind === "wait") await noteWait(deps, tweet.accountId, "upload", answer, askedAt);
    if (answer.kind === "done") {
      await keep(item, place, language, { sha256 });
      continue;
    }
    if (answer.kind === "unavailable" || answer.kind === "failed") {
      // A tweet waits for them as for an alt text that X cannot take just now.
      if (place.altText === "wanted" || place.signal?.aborted) return { kind: "unavailable", cause: answer.cause };
    } else if (answer.kind !== "refused") return answer;
    const refused = answer.kind === "refused" ? answer.detail : answer.cause;
    const note = `${place.label}X does not take the captions of ${item.fileName} in ${name}, so the tweet goes out without them. X says: "${refused}"`;
    await keep(item, place, language, { sha256, refused }, note);
  }
  return null;
}

// --- internal ---

/** Captions that X was not given for this upload, and did not refuse. */
function captionsLeft({ captions, captionsSet }: Pick<MediaRow, "captions" | "captionsSet">) {
  return captions.filter(({ language, sha256 }) => captionsSet[language]?.sha256 !== sha256);
}

async function keep(
  item: MediaRow,
  place: UploadPlace,
  language: string,
  state: MediaRow["captionsSet"][string],
  note?: string,
): Promise<void> {
  item.captionsSet = { ...item.captionsSet, [language]: state };
  const event = note === undefined ? undefined : { kind: "captions_refused", note };
  await place.write(item, { captionsSet: item.captionsSet }, event);
}
