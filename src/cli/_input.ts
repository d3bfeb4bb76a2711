/** Reading the author's text and media from arguments, files and stdin. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { PsnError } from "../core/errors.ts";
import { type InspectedMedia, inspectMedia, requireMix } from "../core/media/inspect.ts";
import type { MediaStore } from "../core/media/store.ts";
import { ALT_TEXT_LENGTH_MAX, altTextLength } from "../core/platform.ts";
import type { NewMedia } from "../core/posts/write.ts";
import type { Io, OptionDef, Parsed } from "./_command.ts";
import { decodeText } from "./_main.ts";

export const TEXT_OPTIONS: Record<string, OptionDef> = {
  file: { type: "string", short: "f", value: "FILE", help: "Read the text from a UTF-8 file; - is stdin" },
};

export const MEDIA_OPTIONS: Record<string, OptionDef> = {
  media: {
    type: "string",
    short: "m",
    multiple: true,
    value: "[N:]FILE",
    help: "Attach a file to tweet N (default 1); may be repeated",
  },
  alt: { type: "string", multiple: true, value: "TEXT", help: "Alt text of the media, in the order of --media" },
};

const TEXT_BYTES_MAX = 16 * 1024 * 1024;

export interface GivenText {
  text: string;
  /** Where it came from, when from a file. */
  file: string | null;
}

/**
 * The text of a command: its argument, `--file`, or stdin for `-`. Null when none was given.
 * @throws PsnError TEXT_UNREADABLE, TEXT_NOT_UTF8, TEXT_TOO_LARGE, USAGE
 */
export async function readText(
  io: Io,
  argument: string | undefined,
  options: Parsed["options"],
): Promise<GivenText | null> {
  const file = typeof options.file === "string" ? options.file : undefined;
  if (argument !== undefined && file !== undefined) {
    throw new PsnError("USAGE", "Give the text either as an argument or with --file, not both.");
  }
  if (argument === "-" || file === "-") return { text: await io.readStdin(), file: null };
  if (argument !== undefined) return { text: argument, file: null };
  if (file === undefined) return null;
  const path = resolve(io.cwd, file);
  try {
    const there = await stat(path);
    if (!there.isFile()) throw new Error("it is not a file");
    if (there.size > TEXT_BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", `${file} is larger than 16 MiB.`);
    // A final line break is the editor's, not the author's.
    return { text: decodeText(await readFile(path), file).replace(/\r?\n$/, ""), file: path };
  } catch (error) {
    if (error instanceof PsnError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PsnError(
      "TEXT_UNREADABLE",
      `${file} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}.`,
      {
        hint: "Check the path; relative paths count from the folder you are in.",
      },
    );
  }
}

export interface Attachment {
  /** 0-based. */
  tweet: number;
  file: string;
  altText: string | null;
}

/**
 * The attachments that `--media` and `--alt` name.
 * @throws PsnError USAGE, ALT_TOO_LONG
 */
export function readAttachments(io: Io, options: Parsed["options"]): Attachment[] {
  const media = (options.media as string[] | undefined) ?? [];
  const alts = (options.alt as string[] | undefined) ?? [];
  if (alts.length > media.length) {
    throw new PsnError("USAGE", `There are ${alts.length} --alt for ${media.length} --media.`, {
      hint: "Each --alt describes the --media of the same rank.",
    });
  }
  return media.map((spec, index) => {
    const parts = /^(\d{1,3}):(.+)$/s.exec(spec);
    const number = parts ? Number(parts[1]) : 1;
    if (number < 1) throw new PsnError("USAGE", "Tweets are counted from 1: --media 1:FILE.");
    return { tweet: number - 1, file: resolve(io.cwd, parts?.[2] ?? spec), altText: checkedAltText(alts[index]) };
  });
}

/** @throws PsnError ALT_TOO_LONG */
export function checkedAltText(given: string | undefined): string | null {
  const altText = given?.trim() || null;
  const length = altTextLength(altText ?? "");
  if (length > ALT_TEXT_LENGTH_MAX) {
    throw new PsnError("ALT_TOO_LONG", `An alt text has ${length} characters; X takes ${ALT_TEXT_LENGTH_MAX}.`, {
      hint: "Say in fewer words what is to be seen.",
    });
  }
  return altText;
}

/**
 * Looks into all attachments, and writes nothing. By tweet, for `count` tweets.
 * @throws PsnError MEDIA_…, USAGE for a tweet that does not exist
 */
export async function inspectAttachments(
  attachments: readonly Attachment[],
  count: number,
): Promise<(InspectedMedia & { altText: string | null })[][]> {
  const byTweet: (InspectedMedia & { altText: string | null })[][] = Array.from({ length: count }, () => []);
  for (const { tweet, file, altText } of attachments) {
    const items = byTweet[tweet];
    if (!items) {
      throw new PsnError("USAGE", `There is no tweet ${tweet + 1}; the text makes ${count}.`, {
        hint: "psn preview shows the numbers.",
      });
    }
    items.push({ ...(await inspectMedia(file)), altText });
  }
  for (const items of byTweet) requireMix(items);
  return byTweet;
}

/**
 * Checks all attachments before any is stored, then copies them into the media store. By tweet, for `count` tweets.
 * @throws PsnError MEDIA_…, USAGE for a tweet that does not exist
 */
export async function storeAttachments(
  store: MediaStore,
  attachments: readonly Attachment[],
  count: number,
): Promise<NewMedia[][]> {
  const stored: NewMedia[][] = [];
  for (const items of await inspectAttachments(attachments, count)) {
    const media: NewMedia[] = [];
    for (const { file, fileName, mime, width, height, altText } of items) {
      const { sha256, byteLength } = await store.add(file);
      media.push({ sha256, byteLength, fileName, mime, width, height, altText });
    }
    stored.push(media);
  }
  return stored;
}
