/**
 * MP4 and QuickTime by their boxes, wherever `moov` stands: duration, size as shown, frames a second, codecs, chroma, location.
 * Reads headers and a few small boxes, never a table of samples, so neither a long video nor lengths that lie take memory.
 */
import { readXmp, together, VIDEO_LOCATION } from "./exif.ts";
import type { Personal, ReadAt, VideoFacts } from "./facts.ts";

interface Box {
  type: string;
  /** Where its content begins and ends. */
  start: number;
  end: number;
  /** Said to go on behind the end of what holds it. */
  isCut: boolean;
}

/** Boxes of one level; the file's own, or a track's, are a handful. */
const BOXES_MAX = 1_000;
const TRACKS_MAX = 32;
/** Sample entries, with the codec's configuration. */
const DESCRIPTION_BYTES_MAX = 64 * 1024;
const METADATA_BYTES_MAX = 1024 * 1024;
const TIMING_BYTES_MAX = 64 * 1024;

/** @returns null for bytes that have neither a movie nor pictures' data */
export async function readVideo(read: ReadAt, size: number, mime: VideoFacts["mime"]): Promise<VideoFacts | null> {
  const boxes = await boxesOf(read, 0, size);
  const movie = boxes.find(({ type }) => type === "moov");
  const facts: VideoFacts = {
    kind: "video",
    mime,
    durationMs: null,
    width: null,
    height: null,
    framesPerSecond: null,
    codec: null,
    chroma: null,
    bits: null,
    audioCodec: null,
    hasVideo: false,
    hasLocation: false,
    hasSerial: false,
    broken: null,
  };
  const isCut = boxes.some((box) => box.isCut);
  if (!movie) return { ...facts, broken: "it has no movie header (moov): it is cut short, or was never finished" };
  const parts = await boxesOf(read, movie.start, movie.end);
  const header = parts.find(({ type }) => type === "mvhd");
  facts.durationMs = header ? await durationOf(read, header) : null;
  for (const track of parts.filter(({ type }) => type === "trak").slice(0, TRACKS_MAX))
    await addTrack(read, track, facts);
  Object.assign(facts, await personalOf(read, [...boxes, ...parts]));
  // Of a fragmented file the movie header says nothing of the length.
  const isFragmented = parts.some(({ type }) => type === "mvex");
  if (isFragmented && !facts.durationMs) facts.durationMs = null;
  const hasData = isFragmented || boxes.some(({ type }) => type === "mdat");
  if (isCut || !hasData) facts.broken = "it is cut short";
  return facts;
}

/** The boxes between two places of a file. One that says it ends behind `end` is the last. */
export async function boxesOf(read: ReadAt, start: number, end: number): Promise<Box[]> {
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end && boxes.length < BOXES_MAX; ) {
    const head = await read(at, 16);
    if (head.length < 8) break;
    let length = head.readUInt32BE(0);
    let headBytes = 8;
    if (length === 1 && head.length === 16) {
      length = Number(head.readBigUInt64BE(8));
      headBytes = 16;
    } else if (length === 0) length = end - at;
    if (length < headBytes) break;
    const stop = at + length;
    const box = {
      type: head.toString("latin1", 4, 8),
      start: at + headBytes,
      end: Math.min(stop, end),
      isCut: stop > end,
    };
    boxes.push(box);
    at = stop;
  }
  return boxes;
}

// --- internal ---

/** `mvhd` and `mdhd`: version 1 has 64 bits. */
async function durationOf(read: ReadAt, { start }: Box): Promise<number | null> {
  const data = await read(start, 32);
  const isLong = data[0] === 1;
  if (data.length < (isLong ? 32 : 20)) return null;
  const scale = data.readUInt32BE(isLong ? 20 : 12);
  const units = isLong ? Number(data.readBigUInt64BE(24)) : data.readUInt32BE(16);
  // All ones: not known.
  if (scale === 0 || units === 0 || units === 0xffffffff || units >= 2 ** 63) return null;
  return Math.round((units / scale) * 1000);
}

async function addTrack(read: ReadAt, track: Box, facts: VideoFacts): Promise<void> {
  const parts = await boxesOf(read, track.start, track.end);
  const inside = async (of: Box | undefined) => (of ? await boxesOf(read, of.start, of.end) : []);
  const find = (boxes: readonly Box[], type: string) => boxes.find((box) => box.type === type);
  const media = await inside(find(parts, "mdia"));
  const handler = find(media, "hdlr");
  const kind = handler ? (await read(handler.start, 12)).toString("latin1", 8, 12) : "";
  if (kind !== "vide" && kind !== "soun") return;
  const table = await inside(find(await inside(find(media, "minf")), "stbl"));
  const description = find(table, "stsd");
  const entry = description
    ? await read(description.start, Math.min(description.end - description.start, DESCRIPTION_BYTES_MAX))
    : Buffer.alloc(0);
  const codec = entry.length >= 16 ? entry.toString("latin1", 12, 16) : null;
  if (kind === "soun") {
    facts.audioCodec ??= codec;
    return;
  }
  if (facts.hasVideo) return;
  facts.hasVideo = true;
  facts.codec = codec;
  Object.assign(facts, coloursOf(entry));
  const header = find(parts, "tkhd");
  if (header) Object.assign(facts, await shownSize(read, header));
  const timing = find(media, "mdhd");
  const [lengthMs, count] = [timing && (await durationOf(read, timing)), await sampleCount(read, find(table, "stts"))];
  if (lengthMs && count > 1) facts.framesPerSecond = Math.round((count / lengthMs) * 1e5) / 100;
}

/** `tkhd` ends with a matrix, and the size before it is turned. */
async function shownSize(read: ReadAt, { start }: Box): Promise<{ width: number | null; height: number | null }> {
  const data = await read(start, 96);
  const at = data[0] === 1 ? 52 : 40;
  if (data.length < at + 44) return { width: null, height: null };
  const [width, height] = [data.readUInt32BE(at + 36) / 65_536, data.readUInt32BE(at + 40) / 65_536];
  const isTurned = data.readInt32BE(at) === 0 && data.readInt32BE(at + 4) !== 0;
  const [w, h] = [Math.round(width), Math.round(height)];
  return isTurned ? { width: h, height: w } : { width: w, height: h };
}

/** `stts` says how many frames have which length; of a table that is too long the beginning is enough for a rate. */
async function sampleCount(read: ReadAt, box: Box | undefined): Promise<number> {
  if (!box || box.end - box.start > TIMING_BYTES_MAX) return 0;
  const data = await read(box.start, box.end - box.start);
  if (data.length < 8) return 0;
  let count = 0;
  for (let at = 8; at + 8 <= data.length; at += 8) count += data.readUInt32BE(at);
  return count;
}

const CHROMAS = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"];
/** Profiles of H.264 whose configuration says the chroma behind its parameter sets; the others are 4:2:0. */
const AVC_HIGH_PROFILES = new Set([100, 110, 122, 144, 244]);

type Colours = Pick<VideoFacts, "chroma" | "bits">;

function coloursOf(entry: Buffer): Colours {
  const avc = entry.indexOf("avcC", 16, "latin1");
  if (avc > 0 && avc + 11 < entry.length) return avcColours(entry.subarray(avc + 4));
  const hevc = entry.indexOf("hvcC", 16, "latin1");
  const isHevc = hevc > 0 && hevc + 21 < entry.length;
  return { chroma: isHevc ? (CHROMAS[(entry[hevc + 20] ?? 0) & 3] ?? null) : null, bits: null };
}

/** ISO/IEC 14496-15, 5.3.3.1: chroma and bits stand behind the parameter sets, and not every writer puts them there. */
function avcColours(config: Buffer): Colours {
  const profile = config[1] ?? 0;
  if (!AVC_HIGH_PROFILES.has(profile)) return { chroma: "4:2:0", bits: 8 };
  let at = 6;
  const skip = (count: number) => {
    for (let index = 0; index < count && at + 2 <= config.length; index++) at += 2 + config.readUInt16BE(at);
  };
  skip((config[5] ?? 0) & 31);
  const pictures = config[at] ?? 0;
  at += 1;
  skip(pictures);
  const [chroma, bits] = [config[at] ?? 0, config[at + 1] ?? 0];
  if ((chroma & 0xfc) === 0xfc) {
    return { chroma: CHROMAS[chroma & 3] ?? null, bits: (bits & 0xf8) === 0xf8 ? 8 + (bits & 7) : null };
  }
  // What the profile allows at most; of High, which most files have, that is all it allows.
  return { chroma: profile === 244 ? "4:4:4" : profile === 122 ? "4:2:2" : "4:2:0", bits: profile === 100 ? 8 : null };
}

/** Boxes of metadata in one file; there are a few. */
const METADATA_BOXES_MAX = 16;
const XMP_UUID = "be7acfcb97a942e89c71999491e3afac";

/** Whether a box holds what is said about a video: its user data, its tags, or XMP under its number (XMP specification, part 3). */
export async function isMetadata(read: ReadAt, { type, start }: Pick<Box, "type" | "start">): Promise<boolean> {
  if (type === "udta" || type === "meta") return true;
  return type === "uuid" && (await read(start, 16)).toString("hex") === XMP_UUID;
}

async function personalOf(read: ReadAt, boxes: readonly Box[]): Promise<Personal> {
  const found: Personal[] = [];
  for (const box of boxes) {
    if (found.length >= METADATA_BOXES_MAX || !(await isMetadata(read, box))) continue;
    const data = await read(box.start, Math.min(box.end - box.start, METADATA_BYTES_MAX));
    const text = data.toString("latin1");
    found.push(readXmp(text), { hasLocation: VIDEO_LOCATION.test(text), hasSerial: false });
  }
  return together(found);
}
