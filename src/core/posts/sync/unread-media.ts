/**
 * A file whose media cannot be read just now: where all else is as its post was taken from it, nobody has asked for anything else. Pure.
 */
import { basename, extname } from "node:path";
import { plannedOf } from "../composing.ts";
import { saidIn } from "../from-file.ts";
import type { Post } from "../read.ts";
import type { PostFile } from "./types.ts";

/** They are away, half written or being written; of what X does not take another one is meant. */
export const UNREAD_MEDIA: ReadonlySet<string> = new Set([
  "MEDIA_UNREADABLE",
  "MEDIA_EMPTY",
  "MEDIA_BROKEN",
  "MEDIA_CHANGED",
  "MEDIA_STORE_UNAVAILABLE",
  "MEDIA_STORE_FULL",
]);

/** Whether the file says what its post was given, but for the bytes of its media. */
export function saysAllButMedia({ root, tweets }: Post, { content }: { content: PostFile }): boolean {
  const { poll = null, replyToId } = root.metadata;
  const has = tweets.flatMap(({ threadPosition, media }) =>
    media.map(({ fileName, altText }) => mediaSaid(threadPosition, fileName, altText)),
  );
  const names = (content.attachments ?? []).map(({ tweet, file, altText }) => mediaSaid(tweet, file, altText));
  return (
    root.source?.trimEnd() === content.text.trimEnd() &&
    (plannedOf(root.metadata)?.said ?? "") === saidIn(content) &&
    JSON.stringify(poll) === JSON.stringify(content.poll ?? null) &&
    (replyToId === undefined) === (content.replyTo === undefined) &&
    has.toSorted().join("\n") === names.toSorted().join("\n")
  );
}

// --- internal ---

/** A picture that was fixed may have another kind than its file. */
const mediaSaid = (tweet: number, file: string, altText: string | null): string =>
  JSON.stringify([tweet, basename(file, extname(file)), altText]);
