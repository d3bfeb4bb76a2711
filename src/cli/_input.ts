/** Reading the author's text and media from arguments, files and stdin. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type Attachment, checkedAltText } from "../core/posts/attachments.ts";
import type { Fields, Io } from "./_command.ts";
import { decodeText } from "./_stdin.ts";

export const TEXT_FIELDS = {
  file: z
    .string()
    .optional()
    .meta({ aliases: ["f"], placeholder: "FILE", description: "Read the text from a UTF-8 file; - is stdin" }),
};

export const MEDIA_FIELDS = {
  media: z
    .array(z.string())
    .default([])
    .meta({
      aliases: ["m"],
      placeholder: "[N:]FILE",
      description: "Attach a file to tweet N (default 1); may be repeated",
    }),
  alt: z
    .array(z.string())
    .default([])
    .meta({ placeholder: "TEXT", description: "Alt text of the media, in the order of --media" }),
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
  { file }: Fields<typeof TEXT_FIELDS>,
): Promise<GivenText | null> {
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

/**
 * The attachments that `--media` and `--alt` name.
 * @throws PsnError USAGE, ALT_TOO_LONG
 */
export function readAttachments(io: Io, { media, alt: alts }: Fields<typeof MEDIA_FIELDS>): Attachment[] {
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
