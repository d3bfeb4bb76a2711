/**
 * Captions of a video (SubRip or WebVTT), one file a language, checked before approval: kind by its bytes, language, size, times. A file is
 * small, so its text is kept with the post itself and not in the media store.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { readAt } from "../config/open-file.ts";
import type { CaptionRow } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { openFile } from "./open-file.ts";

/** X documents no limit. Two hours of talk have about 150 kB. */
const BYTES_MAX = 256 * 1024;
const CAPTIONS_MAX = 10;
const CUES_MAX = 20_000;
/** Captions that end a moment after the video are common, and do no harm. */
const LATE_MS_MAX = 2_000;

/**
 * Reads and checks one file.
 * @param given the language as its author wrote it
 * @param durationMs of the video; null where it is not known
 * @throws PsnError CAPTIONS_INVALID
 */
export async function readCaption(file: string, given: string, durationMs: number | null): Promise<CaptionRow> {
  const fileName = basename(file).slice(0, 255);
  const language = languageOf(given, fileName);
  const bytes = await bytesOf(file, fileName);
  const text = decoded(bytes, fileName);
  const format = /^\uFEFF?WEBVTT(?:[ \t\r\n]|$)/.test(text) ? "vtt" : "srt";
  checkCues(text, format, fileName, durationMs);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { language, name: nameOf(language), format, fileName, sha256, text };
}

/**
 * One file a language, and no more than `CAPTIONS_MAX`.
 * @throws PsnError CAPTIONS_INVALID
 */
export function requireCaptions(captions: readonly Pick<CaptionRow, "language">[]): void {
  if (captions.length > CAPTIONS_MAX)
    throw invalid(`A video has ${captions.length} files of captions; ${CAPTIONS_MAX} at most.`);
  const seen = new Set<string>();
  for (const { language } of captions) {
    if (seen.has(language))
      throw invalid(`There are two files of captions in ${language}.`, "Give one file a language.");
    seen.add(language);
  }
}

/** Captions belong to a video alone. @throws PsnError CAPTIONS_INVALID */
export function requireVideo(mime: string, fileName: string): void {
  if (mime.startsWith("video/")) return;
  throw invalid(`${fileName} is no video; X takes captions for videos only.`, "Say what it shows in its alt text.");
}

// --- internal ---

function invalid(message: string, hint = HINT): PsnError {
  return new PsnError("CAPTIONS_INVALID", message, { hint });
}

const HINT = "Captions are an SRT or WebVTT file in UTF-8 with a language of two letters: --captions en:talk.srt.";

function languageOf(given: string, fileName: string): string {
  const code = given.trim().toLowerCase();
  const name = /^[a-z]{2}$/.test(code)
    ? new Intl.DisplayNames(["en"], { type: "language", fallback: "none" }).of(code)
    : undefined;
  if (name !== undefined) return code.toUpperCase();
  throw invalid(
    `“${given.slice(0, 20)}” is no language of ${fileName}: X takes two letters of ISO 639-1, such as en or pt, and no region.`,
  );
}

/** The language in itself, as a menu has it: engines differ in its first letter. */
function nameOf(language: string): string {
  const code = language.toLowerCase();
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? language;
  return `${name.slice(0, 1).toLocaleUpperCase(code)}${name.slice(1)}`;
}

async function bytesOf(file: string, fileName: string): Promise<Buffer> {
  const { handle, identity } = await openFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof PsnError) throw error;
    const why = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw invalid(`${file} cannot be read: ${why}.`, "Check the path.");
  });
  try {
    const size = Number(identity.byteLength);
    if (size === 0) throw invalid(`${fileName} is empty.`);
    if (size > BYTES_MAX)
      throw invalid(
        `${fileName} has ${size.toLocaleString("en-US")} bytes; captions have ${BYTES_MAX.toLocaleString("en-US")} at most.`,
      );
    // One more than it had: a file that has grown is another one.
    const bytes = await readAt(handle, 0, size + 1);
    if (bytes.length !== size)
      throw invalid(`${fileName} changed while it was being read.`, "Try again when nothing writes to it.");
    return bytes;
  } finally {
    await handle.close();
  }
}

function decoded(bytes: Buffer, fileName: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(`${fileName} is not UTF-8.`, "Save it as UTF-8.");
  }
  const control = /(?![\n\r\t])\p{Cc}/u.exec(text);
  if (control) throw invalid(`${fileName} holds a control character (line ${lineAt(text, control.index)}).`);
  return text;
}

const SRT_TIME = String.raw`(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})`;
const VTT_TIME = String.raw`(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})`;
const TIMES = {
  srt: new RegExp(`^${SRT_TIME} +--> +${SRT_TIME}(?: .*)?$`),
  vtt: new RegExp(`^${VTT_TIME}[ \\t]+-->[ \\t]+${VTT_TIME}(?:[ \\t].*)?$`),
};

/** Each line with an arrow is a cue's times; they go forward, and not beyond the video. */
function checkCues(text: string, format: CaptionRow["format"], fileName: string, durationMs: number | null): void {
  const lines = text.split(/\r\n|\n|\r/);
  let cues = 0;
  let startedMs = 0;
  for (const [index, line] of lines.entries()) {
    if (!line.includes("-->")) continue;
    const at = `line ${index + 1} of ${fileName}`;
    const found = TIMES[format].exec(line.trim());
    if (!found) throw invalid(`The times in ${at} cannot be read: ${line.trim().slice(0, 60)}`, TIME_HINTS[format]);
    const [startMs, endMs] = [msOf(found.slice(1, 5)), msOf(found.slice(5, 9))];
    if (endMs <= startMs) throw invalid(`The caption in ${at} ends before it begins, or at once.`);
    if (startMs < startedMs)
      throw invalid(`The caption in ${at} begins before the one above it.`, "Sort them by their time.");
    if (durationMs !== null && endMs > durationMs + LATE_MS_MAX) {
      const [ends, lasts] = [seconds(endMs), seconds(durationMs)];
      throw invalid(
        `The caption in ${at} ends at ${ends} s, and the video lasts ${lasts} s.`,
        "Are they those of this video?",
      );
    }
    if ((lines[index + 1] ?? "").trim() === "") throw invalid(`The caption in ${at} says nothing.`);
    startedMs = startMs;
    cues++;
    if (cues > CUES_MAX) throw invalid(`${fileName} has more than ${CUES_MAX.toLocaleString("en-US")} captions.`);
  }
  if (cues === 0) throw invalid(`${fileName} has no captions: there is no line with times in it.`);
}

const TIME_HINTS = {
  srt: "In SRT they are written 00:00:01,000 --> 00:00:04,500.",
  vtt: "In WebVTT they are written 00:01.000 --> 00:04.500, with hours before them where needed.",
};

function msOf([hours = "0", minutes, rest, ms]: string[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(rest)) * 1000 + Number(ms);
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);
const lineAt = (text: string, index: number) => text.slice(0, index).split("\n").length;
