/** What X's processing makes of a whole file, as its page of best practices says. Pure. */
import type { Sniffed } from "./sniff.ts";

const GIF_FRAMES_MAX = 350;
const GIF_PIXELS_MAX = 300_000_000;
const VIDEO_MS_MIN = 500;
const SIDE_MIN = 32;
const RATIO_MAX = 3;

/** What is wrong with a picture that is all there; null when nothing is. */
export function wrongImage(bytes: Buffer, { mime, width, height }: Sniffed): string | null {
  if (!width || !height) return "Image dimensions must be greater than zero.";
  const isCut =
    (mime === "image/png" && bytes.indexOf("IEND", 8, "latin1") < 0) ||
    (mime === "image/jpeg" && bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) < bytes.lastIndexOf(Buffer.of(0xff, 0xda)));
  return isCut ? "The image is truncated." : null;
}

/** What is wrong with a file of captions; null when nothing is. X's documents name SRT and WebVTT. */
export function wrongSubtitles(bytes: Buffer): string | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "The subtitles are not UTF-8.";
  }
  const time = text.startsWith("WEBVTT")
    ? /^(?:\d{2,}:)?\d\d:\d\d\.\d{3}[ \t]+-->[ \t]+(?:\d{2,}:)?\d\d:\d\d\.\d{3}/m
    : /^\d+:\d\d:\d\d[,.]\d{3} +--> +\d+:\d\d:\d\d[,.]\d{3}/m;
  return time.test(text) ? null : "The subtitles are neither SRT nor WebVTT.";
}

/** What is wrong with a GIF; null when nothing is. */
export function wrongGif(bytes: Buffer, { width, height }: Sniffed): string | null {
  if ((width ?? 0) > 1280 || (height ?? 0) > 1080) return "GIF dimensions exceed 1280x1080.";
  const frames = framesOf(bytes);
  if (frames > GIF_FRAMES_MAX) return `GIF has ${frames} frames; the maximum is ${GIF_FRAMES_MAX}.`;
  return frames * (width ?? 0) * (height ?? 0) > GIF_PIXELS_MAX ? "GIF exceeds 300 million pixels." : null;
}

/** The movie header, near the file's beginning or its end. */
export interface Movie {
  durationMs: number | null;
  width: number | null;
  height: number | null;
}

/** @param parts the first and the last bytes of the file */
export function movieOf(parts: readonly Buffer[]): Movie | null {
  for (const bytes of parts) {
    const at = bytes.indexOf("mvhd", 0, "latin1");
    if (at < 0 || at + 36 > bytes.length) continue;
    return { durationMs: durationAt(bytes, at), ...sizeIn(bytes) };
  }
  return null;
}

/** Why the processing of a video fails; null when it does not. */
export function wrongVideo(movie: Movie | null): string | null {
  if (movie === null) return "The video has no movie header.";
  const { durationMs, width, height } = movie;
  if (durationMs !== null && durationMs > 0 && durationMs < VIDEO_MS_MIN)
    return "The video is shorter than 0.5 seconds.";
  if (!width || !height) return null;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < SIDE_MIN) return "The video is smaller than 32x32.";
  return long / short > RATIO_MAX + 0.01 ? "The video's aspect ratio is not between 1:3 and 3:1." : null;
}

// --- internal ---

function durationAt(bytes: Buffer, at: number): number | null {
  const isLong = bytes[at + 4] === 1;
  const scale = bytes.readUInt32BE(at + (isLong ? 24 : 16));
  const units = isLong ? Number(bytes.readBigUInt64BE(at + 28)) : bytes.readUInt32BE(at + 20);
  return scale === 0 ? null : Math.round((units / scale) * 1000);
}

/** Of the first track that has a size. */
function sizeIn(bytes: Buffer): { width: number | null; height: number | null } {
  for (let at = bytes.indexOf("tkhd", 0, "latin1"); at >= 0; at = bytes.indexOf("tkhd", at + 4, "latin1")) {
    const size = at + (bytes[at + 4] === 1 ? 92 : 80);
    if (size + 8 > bytes.length) break;
    const [width, height] = [bytes.readUInt16BE(size), bytes.readUInt16BE(size + 4)];
    if (width > 0 && height > 0) return { width, height };
  }
  return { width: null, height: null };
}

/** Counts the picture blocks of a GIF. */
function framesOf(bytes: Buffer): number {
  const colours = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let frames = 0;
  let at = 13 + colours(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x2c) at += 10 + colours(bytes[at + 9] ?? 0) + 1;
    else if (block === 0x21) at += 2;
    else break;
    for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) at += 1 + length;
    at += 1;
    if (block === 0x2c) frames++;
  }
  return frames;
}
