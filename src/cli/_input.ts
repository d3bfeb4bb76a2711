/** Reading the author's text and media from arguments, files and stdin. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type Attachment, checkedAltText } from "../core/posts/attachments.ts";
import { type Fields, flag, type Io } from "./_command.ts";
import { fileExists, findFile } from "./_files.ts";
import { chunksOfFile, decodeText, plainText, readBytes } from "./_stdin.ts";

export const TEXT_FIELDS = {
  file: z
    .string()
    .optional()
    .meta({
      aliases: ["f"],
      placeholder: "FILE",
      description: "Read the text from a file (UTF-8, or UTF-16 with its mark); - is stdin",
    }),
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
  captions: z.array(z.string()).default([]).meta({
    placeholder: "[N:]LANGUAGE:FILE",
    description: "Captions (SRT or WebVTT) of the video of tweet N (default 1), as in en:talk.srt; may be repeated",
  }),
  strip: flag("Leave out of each --media where, by whom and with which camera it was made"),
  fix: flag("Of each --media that X refuses, make one that it takes: AVIF and TIFF, pictures of too many bytes"),
  altFile: z.array(z.string()).default([]).meta({
    placeholder: "FILE",
    description: "The same from files, where a shell would take $ and ` out of it; - is stdin",
  }),
};

export interface GivenText {
  text: string;
  /** Where it came from, when from a file. */
  file: string | null;
  /** It is all of stdin, which is read as a file is. */
  isStdin: boolean;
}

/**
 * The text of a command: its argument, `--file`, or stdin for `-`. Null when none was given.
 * @throws PsnError TEXT_UNREADABLE, TEXT_NOT_UTF8, TEXT_INVALID_CHARACTER, TEXT_TOO_LARGE, USAGE
 */
export async function readText(
  io: Io,
  argument: string | undefined,
  { file }: Fields<typeof TEXT_FIELDS>,
): Promise<GivenText | null> {
  if (argument !== undefined && file !== undefined) {
    throw new PsnError("USAGE", "Give the text either as an argument or with --file, not both.");
  }
  if (argument === "-") return { text: await io.readStdin(), file: null, isStdin: true };
  if (argument !== undefined) {
    const text = plainText(argument, "The text");
    await refuseFileName(io.cwd, text);
    return { text, file: null, isStdin: false };
  }
  if (file === undefined) return null;
  if (file === "-") return { text: await io.readStdin(), file: null, isStdin: true };
  const path = await findFile(io.cwd, file);
  return { text: await textOfFile(io, path, file), file: path, isStdin: false };
}

/**
 * Words that are given as an option or, where a shell would take characters out of them, in a file: `--alt`, `--alt-file`.
 * @param option as typed, without the dashes
 * @throws PsnError TEXT_…, USAGE when both are given
 */
export async function readWords(
  io: Io,
  option: string,
  words: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  if (words !== undefined && file !== undefined) {
    throw new PsnError("USAGE", `Give --${option} or --${option}-file, not both.`);
  }
  if (words !== undefined) return plainText(words, `--${option}`);
  if (file === undefined) return undefined;
  // Of stdin, too, the last line break is the editor's or the shell's.
  if (file === "-") return (await io.readStdin()).replace(/\n$/, "");
  return await textOfFile(io, await findFile(io.cwd, file), file);
}

/**
 * The attachments that `--media` names, with their alt texts.
 * @throws PsnError USAGE, ALT_TOO_LONG, TEXT_…
 */
export async function readAttachments(
  io: Io,
  { media, alt: words, altFile: files, strip, fix, captions }: Fields<typeof MEDIA_FIELDS>,
): Promise<Attachment[]> {
  if (words.length > 0 && files.length > 0) throw new PsnError("USAGE", "Give --alt or --alt-file, not both.");
  if (files.filter((file) => file === "-").length > 1)
    throw new PsnError("USAGE", "Stdin holds one text: one --alt-file -.");
  const option = files.length > 0 ? "--alt-file" : "--alt";
  const count = Math.max(words.length, files.length);
  if (count > media.length) {
    throw new PsnError("USAGE", `There are ${count} ${option} for ${media.length} --media.`, {
      hint: `Each ${option} describes the --media of the same rank.`,
    });
  }
  const attachments: Attachment[] = [];
  for (const [index, spec] of media.entries()) {
    const altText = checkedAltText(await readWords(io, "alt", words[index], files[index]));
    attachments.push({ ...(await placeOf(io, spec)), altText, strip, fix });
  }
  return await withCaptions(io, attachments, captions);
}

/**
 * The same with their captions: `[N:]LANGUAGE:FILE`, each for the one file of tweet N.
 * @throws PsnError USAGE
 */
export async function withCaptions(
  io: Pick<Io, "cwd">,
  attachments: readonly Attachment[],
  given: readonly string[],
): Promise<Attachment[]> {
  const all = attachments.map((one) => ({ ...one, captions: [...(one.captions ?? [])] }));
  for (const spec of given) {
    const [, number = "1", language = "", file = ""] = /^(?:(\d{1,3}):)?([^:]{1,35}):(.+)$/s.exec(spec) ?? [];
    if (file === "") {
      throw new PsnError("USAGE", `“${spec.slice(0, 80)}” does not name captions.`, {
        hint: "--captions en:talk.srt, or --captions 2:en:talk.srt for the video of the second tweet.",
      });
    }
    const carriers = all.filter(({ tweet }) => tweet === Number(number) - 1);
    const [carrier] = carriers;
    if (!carrier || carriers.length > 1) {
      throw new PsnError("USAGE", `--captions ${spec.slice(0, 80)}: tweet ${number} has no video of its own here.`, {
        hint: "Name the video with --media in the same command; a video stands alone in its tweet.",
      });
    }
    carrier.captions.push({ language, file: await findFile(io.cwd, file) });
  }
  return all;
}

/** The text of a file's bytes. @throws PsnError TEXT_NOT_UTF8, TEXT_INVALID_CHARACTER */
export function textOfBytes(bytes: Uint8Array, name: string): string {
  // A final line break is the editor's, not the author's.
  return decodeText(bytes, name).replace(/\n$/, "");
}

// --- internal ---

/** A name with its ending. */
const FILE_NAME = /^[^\n]{1,255}\.[A-Za-z0-9]{1,10}$/;

/** Nobody tweets the name of a file that lies here; they mean what is in it. @throws PsnError USAGE */
async function refuseFileName(cwd: string, text: string): Promise<void> {
  if (!FILE_NAME.test(text) || !(await fileExists(cwd, text))) return;
  throw new PsnError("USAGE", `“${text}” is the name of a file that is here.`, {
    hint: "For the text that is in it, put --file before it. To say the name itself, give it on stdin: -.",
  });
}

/** `N:FILE`, unless a file is called just that, as `12:30.png` may be. */
async function placeOf(io: Io, spec: string): Promise<{ tweet: number; file: string }> {
  const parts = /^(\d{1,3}):(.+)$/s.exec(spec);
  if (!parts || (await fileExists(io.cwd, spec))) return { tweet: 0, file: await findFile(io.cwd, spec) };
  const number = Number(parts[1]);
  if (number < 1) throw new PsnError("USAGE", "Tweets are counted from 1: --media 1:FILE.");
  return { tweet: number - 1, file: await findFile(io.cwd, parts[2] ?? "") };
}

async function textOfFile({ signal }: Pick<Io, "signal">, path: string, name: string): Promise<string> {
  try {
    const bytes = await readBytes(chunksOfFile(path, signal), name);
    return textOfBytes(bytes, name);
  } catch (error) {
    if (error instanceof PsnError || error === signal.reason) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PsnError(
      "TEXT_UNREADABLE",
      `${name} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}.`,
      { hint: "Check the path; relative paths count from the folder you are in." },
    );
  }
}
