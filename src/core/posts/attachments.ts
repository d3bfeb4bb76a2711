/** Files that an author attaches, by tweet: looked into before anything is stored. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaptionRow } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { readCaption, requireCaptions, requireVideo } from "../media/captions.ts";
import { fixPicture } from "../media/fix.ts";
import { type InspectedMedia, inspectMedia, requireMix } from "../media/inspect.ts";
import { changed } from "../media/open-file.ts";
import type { MediaStore } from "../media/store.ts";
import { withStripped } from "../media/strip.ts";
import { ALT_TEXT_LENGTH_MAX, altTextLength } from "../platform.ts";
import type { NewMedia } from "./tweets.ts";

export interface Attachment {
  /** 0-based. */
  tweet: number;
  /** An absolute path. */
  file: string;
  altText: string | null;
  /** Without what says where and by whom it was made. */
  strip?: boolean | undefined;
  /** A picture that X refuses becomes one that it takes, where that can be made of it. */
  fix?: boolean | undefined;
  /** Of a video. */
  captions?: readonly { language: string; file: string }[] | undefined;
}

/** Line breaks and tabs are words' own; the others nobody sees, and a terminal obeys them. */
const CONTROL = /(?![\n\r\t])\p{Cc}/u;

/** @throws PsnError ALT_TOO_LONG, TEXT_INVALID_CHARACTER */
export function checkedAltText(given: string | undefined): string | null {
  const altText = given?.trim() || null;
  const length = altTextLength(altText ?? "");
  if (length > ALT_TEXT_LENGTH_MAX) {
    throw new PsnError("ALT_TOO_LONG", `An alt text has ${length} characters; X takes ${ALT_TEXT_LENGTH_MAX}.`, {
      hint: "Say in fewer words what is to be seen.",
    });
  }
  const control = CONTROL.exec(altText ?? "")?.[0];
  if (control !== undefined) {
    const code = (control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    throw new PsnError("TEXT_INVALID_CHARACTER", `An alt text holds the control character U+${code}.`, {
      hint: "It is invisible and of no use; take it out.",
    });
  }
  return altText;
}

/** A file that was looked into; of one that is stripped, its copy was. `file` of one that was fixed is what was made of it. */
type Seen = InspectedMedia & { altText: string | null; strip?: boolean; captions: CaptionRow[] };

/**
 * Looks into all attachments, and writes nothing. By tweet, for `count` tweets. `subscription` is that of the account, where it
 * is known: what depends on it is refused before a file of gigabytes is copied.
 * @throws PsnError MEDIA_…, CAPTIONS_INVALID, USAGE for a tweet that does not exist
 */
export async function inspectAttachments(
  attachments: readonly Attachment[],
  count: number,
  subscription?: string | null,
): Promise<Seen[][]> {
  return await withFolder((folder) => inspectAll(folder, attachments, count, subscription));
}

/**
 * Checks all attachments before any is stored, then copies them into the media store. By tweet, for `count` tweets.
 * @throws PsnError MEDIA_…, USAGE for a tweet that does not exist
 */
export async function storeAttachments(
  store: MediaStore,
  attachments: readonly Attachment[],
  count: number,
  subscription?: string | null,
): Promise<NewMedia[][]> {
  return await withFolder(async (folder) => {
    const stored: NewMedia[][] = [];
    for (const items of await inspectAll(folder, attachments, count, subscription)) {
      const media: NewMedia[] = [];
      for (const item of items) media.push(await storeOne(store, item));
      stored.push(media);
    }
    return stored;
  });
}

// --- internal ---

/** Makes the folder for pictures that are made, when the first one is. */
type Folder = () => Promise<string>;

/** That folder, once it is asked for, is there while `use` runs. */
async function withFolder<T>(use: (folder: Folder) => Promise<T>): Promise<T> {
  let made: Promise<string> | undefined;
  try {
    return await use(() => {
      made ??= mkdtemp(join(tmpdir(), "psn-media-"));
      return made;
    });
  } finally {
    if (made) await rm(await made, { recursive: true, force: true });
  }
}

async function inspectAll(
  folder: Folder,
  attachments: readonly Attachment[],
  count: number,
  subscription: string | null | undefined,
): Promise<Seen[][]> {
  const byTweet: Seen[][] = Array.from({ length: count }, () => []);
  for (const attachment of attachments) {
    const items = byTweet[attachment.tweet];
    if (!items) {
      throw new PsnError("USAGE", `There is no tweet ${attachment.tweet + 1}; the text makes ${count}.`, {
        hint: "psn preview shows the numbers.",
      });
    }
    const seen = await seenOf(folder, attachment, subscription);
    items.push({ ...seen, altText: attachment.altText, captions: await captionsOf(attachment, seen) });
  }
  for (const items of byTweet) requireMix(items);
  return byTweet;
}

async function captionsOf({ captions: given = [] }: Attachment, video: InspectedMedia): Promise<CaptionRow[]> {
  if (given.length > 0) requireVideo(video.mime, video.fileName);
  const captions: CaptionRow[] = [];
  for (const { file, language } of given) captions.push(await readCaption(file, language, video.durationMs));
  requireCaptions(captions);
  return captions;
}

/** The file as it will be stored. What fits is never encoded anew, and what was fixed has nothing left to strip. */
async function seenOf(
  folder: Folder,
  { file, strip, fix }: Attachment,
  subscription: string | null | undefined,
): Promise<InspectedMedia & { strip?: boolean }> {
  const look = (path: string) => inspectMedia(path, subscription);
  try {
    return strip ? { ...(await withStripped(file, look)), file, strip } : await look(file);
  } catch (error) {
    if (!fix || !(error instanceof PsnError)) throw error;
    const { path, fileName, message } = await fixPicture(file, error, await folder());
    const seen = await look(path);
    return { ...seen, fileName, notes: [{ code: "media_fixed", message }, ...seen.notes] };
  }
}

async function storeOne(store: MediaStore, { file, identity, strip, ...facts }: Seen): Promise<NewMedia> {
  const add = strip ? withStripped(file, (copy) => addCopy(store, copy, file, facts.mime)) : store.add(file, identity);
  return { ...facts, ...(await add) };
}

/** The copy is made anew, so it is looked into anew: what is stored is of the kind that was seen. */
async function addCopy(store: MediaStore, copy: string, file: string, mime: string) {
  const seen = await inspectMedia(copy);
  if (seen.mime !== mime) throw changed(file);
  return await store.add(copy, seen.identity);
}
