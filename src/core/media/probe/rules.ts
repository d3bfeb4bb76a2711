/**
 * What X takes, against what a file is. A refusal says limit, value and how to repair it; a doubt is a note with its source.
 * Pure. Sources: X's media best-practices page, the copy of September 2026 for videos.
 */
import type { MediaLimit } from "../../platform.ts";
import type { ImageFacts, MediaFileFacts, VideoFacts } from "./facts.ts";

/** Why X would refuse a file. */
export interface Refusal {
  code: "MEDIA_TYPE" | "MEDIA_TOO_LARGE" | "MEDIA_BROKEN" | "MEDIA_LIMIT";
  /** What follows the file's name. */
  says: string;
  hint: string;
}

/** What an author should know of a file before approving. */
export interface MediaNote {
  code: "media_doubtful" | "media_location" | "media_serial" | "media_not_decoded" | "media_fixed";
  message: string;
}

/** What an entitlement is about. */
export interface Entitled {
  mime: string;
  byteLength: number;
  durationMs?: number | null | undefined;
}

const MIB = 1024 ** 2;
const SOURCE = "X's media best practices";

export const GIF_LIMITS = { frames: 350, pixels: 300_000_000, width: 1280, height: 1080 } as const;
export const VIDEO_LIMITS = {
  durationMsMin: 500,
  minutesMax: 20,
  minutesMaxPaid: 125,
  bytesMax: 8 * 1024 * MIB,
  bytesMaxPaid: 16 * 1024 * MIB,
  framesPerSecondMax: 60,
  sideMin: 32,
  longSideMax: 1280,
  shortSideMax: 1024,
  ratioMax: 3,
} as const;

const MP4_HINT = "ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p -c:a aac out.mp4 makes an MP4 that X takes.";

/**
 * Whether a file has too many bytes. X says "5 MB" and not which; the larger reading is allowed.
 * @returns null for a file that fits
 */
export function tooManyBytes(byteLength: number, limit: MediaLimit): Refusal | null {
  if (byteLength <= limit.bytesMax) return null;
  const hint =
    limit.kind === "image"
      ? "--fix makes one of fewer bytes, or magick FILE -quality 85 out.jpg."
      : limit.kind === "gif"
        ? "gifsicle -O3 --lossy=80 FILE -o out.gif makes it smaller; as an MP4 it is smaller still."
        : "ffmpeg -i FILE -c:v libx264 -crf 28 out.mp4 makes it smaller.";
  const says = `has ${number(byteLength)} bytes; X takes at most ${number(limit.bytesMax)} (${inUnits(limit.bytesMax)}) for ${NAMES[limit.kind]}`;
  return { code: "MEDIA_TOO_LARGE", says, hint };
}

/** The first of X's limits that a file breaks; null when it breaks none. */
export function refusalOf(facts: MediaFileFacts): Refusal | null {
  if (facts.broken !== null) {
    const says = `cannot be shown whole: ${facts.broken}`;
    return { code: "MEDIA_BROKEN", says, hint: "Export or copy it again; it may not have been copied to its end." };
  }
  return facts.kind === "video" ? videoRefusal(facts) : imageRefusal(facts);
}

/** What depends on who posts it: a length and a size that only Premium has. @returns null where it may */
export function entitlementRefusal(media: Entitled, subscription: string | null): Refusal | null {
  if (!media.mime.startsWith("video/")) return null;
  const isPaid = subscription !== null && subscription !== "None";
  const minutes = isPaid ? VIDEO_LIMITS.minutesMaxPaid : VIDEO_LIMITS.minutesMax;
  const bytes = isPaid ? VIDEO_LIMITS.bytesMaxPaid : VIDEO_LIMITS.bytesMax;
  const whose = isPaid ? "with Premium" : "of an account without Premium";
  if ((media.durationMs ?? 0) > minutes * 60_000) {
    const says = `lasts ${duration(media.durationMs ?? 0)}; X takes ${minutes} minutes at most ${whose}`;
    return {
      code: "MEDIA_LIMIT",
      says,
      hint: `ffmpeg -i FILE -t ${minutes * 60} -c copy out.mp4 keeps its beginning.`,
    };
  }
  if (media.byteLength <= bytes) return null;
  const says = `has ${number(media.byteLength)} bytes; X takes at most ${number(bytes)} (${inUnits(bytes)}) ${whose}`;
  return { code: "MEDIA_TOO_LARGE", says, hint: "ffmpeg -i FILE -c:v libx264 -crf 28 out.mp4 makes it smaller." };
}

/** Of a file that nobody in particular would post: what only some accounts may. @returns null where everyone may */
export function entitlementNote(media: Entitled & { fileName: string }): MediaNote | null {
  const refused = entitlementRefusal(media, null);
  if (!refused) return null;
  const message = `${media.fileName} ${refused.says}. psn preview --account @HANDLE tells whether yours may post it.`;
  return { code: "media_doubtful", message };
}

/** What to say of a file that X takes, or may take. */
export function notesOf(facts: MediaFileFacts, fileName: string, byteLength: number): MediaNote[] {
  const notes: MediaNote[] = [];
  const doubt = (message: string) => notes.push({ code: "media_doubtful", message: `${fileName} ${message}` });
  if (facts.hasLocation) {
    notes.push({
      code: "media_location",
      message: `${fileName} says where it was taken, and goes to X as it is. --strip takes that out.`,
    });
  }
  if (facts.hasSerial) {
    notes.push({
      code: "media_serial",
      message: `${fileName} names its camera's serial number or owner, and goes to X as it is. --strip takes that out.`,
    });
  }
  if (facts.kind === "image") {
    if (facts.mime !== "image/gif" && byteLength > 5_000_000) {
      doubt(`has ${number(byteLength)} bytes; ${SOURCE} say 5 MB, which may be 5,000,000.`);
    }
    if (facts.mime === "image/gif" && facts.frames === 1) {
      doubt("has one frame: X takes it as a GIF, alone in its tweet. As a PNG it can stand with other images.");
    }
    if (facts.isArithmetic) {
      doubt(
        `is a JPEG with arithmetic coding, which most browsers do not show; ${SOURCE} do not name it. magick FILE out.jpg makes a common one.`,
      );
    }
    if (facts.mime === "image/webp" && facts.frames > 1) {
      doubt(`is an animated WebP (${facts.frames} frames), which ${SOURCE} do not name; X may show its first frame.`);
    }
    if (facts.mime === "image/png" && facts.frames > 1) {
      doubt(`is an animated PNG (${facts.frames} frames), which ${SOURCE} do not name; X may show its first frame.`);
    }
    return notes;
  }
  for (const message of videoDoubts(facts)) doubt(message);
  return notes;
}

// --- internal ---

export const NAMES: Record<MediaLimit["kind"], string> = { image: "an image", gif: "a GIF", video: "a video" };

function imageRefusal({ mime, width, height, frames, rare }: ImageFacts): Refusal | null {
  if (rare) {
    const says = `is ${rare}, which browsers do not show`;
    return { code: "MEDIA_TYPE", says, hint: "magick FILE -depth 8 out.jpg makes a common one." };
  }
  if (mime !== "image/gif") return null;
  const hint =
    "gifsicle --resize-fit 1280x1080 --colors 128 FILE '#0--2' -o out.gif makes it smaller; or attach it as an MP4.";
  const limit = (says: string): Refusal => ({ code: "MEDIA_LIMIT", says, hint });
  if (width > GIF_LIMITS.width || height > GIF_LIMITS.height) {
    return limit(`is ${width}×${height} pixels; X takes GIFs up to ${GIF_LIMITS.width}×${GIF_LIMITS.height}`);
  }
  if (frames > GIF_LIMITS.frames) return limit(`has ${frames} frames; X takes GIFs of ${GIF_LIMITS.frames} at most`);
  const pixels = frames * width * height;
  if (pixels <= GIF_LIMITS.pixels) return null;
  return limit(
    `has ${number(pixels)} pixels in all (${frames} frames of ${width}×${height}); X takes ${number(GIF_LIMITS.pixels)} at most`,
  );
}

function videoRefusal({
  hasVideo,
  audioCodec,
  durationMs,
  framesPerSecond,
  width,
  height,
}: VideoFacts): Refusal | null {
  if (!hasVideo) {
    const says = audioCodec ? "has sound and no pictures" : "has no pictures";
    return { code: "MEDIA_TYPE", says, hint: "X takes sound only as the track of a video." };
  }
  const limit = (says: string, hint: string): Refusal => ({ code: "MEDIA_LIMIT", says, hint });
  if (durationMs !== null && durationMs < VIDEO_LIMITS.durationMsMin) {
    return limit(`lasts ${durationMs / 1000} s; X takes videos from 0.5 s on`, "A GIF may be shorter.");
  }
  if (framesPerSecond !== null && framesPerSecond > VIDEO_LIMITS.framesPerSecondMax + 0.5) {
    const says = `has ${framesPerSecond} frames a second; X takes ${VIDEO_LIMITS.framesPerSecondMax} at most`;
    return limit(says, "ffmpeg -i FILE -r 60 out.mp4 leaves out the others.");
  }
  if (!width || !height) return null;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < VIDEO_LIMITS.sideMin) {
    return limit(
      `is ${width}×${height}; X takes videos from 32×32 on`,
      "ffmpeg -i FILE -vf scale=320:-2 out.mp4 makes it larger.",
    );
  }
  if (long / short > VIDEO_LIMITS.ratioMax + 0.01) {
    const says = `is ${width}×${height}, which is ${(long / short).toFixed(1)} to 1; X takes 1 to 3 up to 3 to 1`;
    return limit(says, "ffmpeg -i FILE -vf pad=… out.mp4 puts bars beside it.");
  }
  return null;
}

function videoDoubts({ codec, chroma, bits, audioCodec, width, height, durationMs }: VideoFacts): string[] {
  const doubts: string[] = [];
  if (codec !== null && codec !== "avc1" && codec !== "avc3") {
    doubts.push(
      `is encoded as ${CODECS[codec] ?? codec.replace(/[^\x20-\x7e]/g, "?")}; ${SOURCE} say H.264. ${MP4_HINT}`,
    );
  }
  if (chroma !== null && chroma !== "4:2:0") doubts.push(`has chroma ${chroma}; ${SOURCE} say 4:2:0. ${MP4_HINT}`);
  if (bits !== null && bits !== 8) {
    doubts.push(
      `has ${bits} bits a colour; ${SOURCE} do not name that, and 8 is what players of H.264 show. ${MP4_HINT}`,
    );
  }
  if (audioCodec !== null && audioCodec !== "mp4a") {
    doubts.push(
      `has sound that is no AAC (${audioCodec.replace(/[^\x20-\x7e]/g, "?")}); ${SOURCE} say AAC LC. ${MP4_HINT}`,
    );
  }
  if (durationMs === null) doubts.push("does not say how long it lasts, so that was not checked.");
  if (width && height) {
    const [short, long] = [Math.min(width, height), Math.max(width, height)];
    if (long > VIDEO_LIMITS.longSideMax || short > VIDEO_LIMITS.shortSideMax) {
      doubts.push(`is ${width}×${height}; ${SOURCE} say 1280×1024 at most, though larger ones are widely posted.`);
    }
  }
  return doubts;
}

const CODECS: Record<string, string> = {
  hvc1: "H.265 (hvc1)",
  hev1: "H.265 (hev1)",
  av01: "AV1",
  vp09: "VP9",
  mp4v: "MPEG-4 Part 2",
  apch: "ProRes",
  apcn: "ProRes",
  ap4h: "ProRes",
};

const number = (value: number) => value.toLocaleString("en-US");

function inUnits(bytes: number): string {
  return bytes < 1024 * MIB ? `${bytes / MIB} MiB` : `${bytes / (1024 * MIB)} GiB`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
