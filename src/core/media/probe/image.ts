/** JPEG, PNG, GIF and WebP by their own structure: size, frames, whether they end where they should. Pure; linear in the bytes. */

import { readExif, readXmp, together } from "./exif.ts";
import type { ImageFacts, Personal } from "./facts.ts";

type Shape = Omit<ImageFacts, "kind" | "mime">;

/** @returns null for bytes that are no such file at all */
export function readImage(bytes: Buffer, mime: ImageFacts["mime"]): ImageFacts | null {
  const shape = READERS[mime](bytes);
  if (!shape) return null;
  const { width, height } = shape;
  const isEmpty = width < 1 || height < 1;
  return {
    kind: "image",
    mime,
    ...shape,
    broken: isEmpty ? `it says that it is ${width}×${height} pixels` : shape.broken,
  };
}

/** A part of a file: a JPEG segment, a PNG or WebP chunk, with its header. */
export interface Part {
  name: string;
  start: number;
  end: number;
  /** Where its content begins and ends. */
  dataStart: number;
  dataEnd: number;
}

/** The segments of a JPEG up to its picture data, and where that begins; null where the file ends before. */
export function jpegParts(bytes: Buffer): { parts: Part[]; scanAt: number | null } {
  const parts: Part[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes, and markers without content.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xd9) break;
    else {
      const length = bytes.readUInt16BE(at + 2);
      const end = at + 2 + length;
      if (length < 2) break;
      parts.push({
        name: marker.toString(16),
        start: at,
        end,
        dataStart: at + 4,
        dataEnd: Math.min(end, bytes.length),
      });
      if (marker === 0xda) return { parts, scanAt: at };
      at = end;
    }
  }
  return { parts, scanAt: null };
}

/** Where a JPEG's own picture ends; what follows is another one (MPO, gain maps), a clip, or a maker's notes. */
export function jpegEnd(bytes: Buffer, scanAt: number): number {
  for (let at = scanAt; at + 4 <= bytes.length; ) {
    // Past the segment that begins a scan, or stands between two of them.
    at = bytes.indexOf(0xff, at + 2 + bytes.readUInt16BE(at + 2));
    // Within a scan: a byte 0xff itself, a restart, or filling.
    while (at >= 0 && at + 1 < bytes.length && isOfScan(bytes[at + 1] ?? 0)) {
      at = bytes.indexOf(0xff, bytes[at + 1] === 0xff ? at + 1 : at + 2);
    }
    if (at < 0) break;
    if (bytes[at + 1] === 0xd9) return at + 2;
  }
  return bytes.length;
}

/** The chunks of a PNG. */
export function pngParts(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length) break;
    parts.push({ name: bytes.toString("latin1", at + 4, at + 8), start: at, end, dataStart: at + 8, dataEnd: end - 4 });
    at = end;
  }
  return parts;
}

/** The chunks of a WebP. */
export function webpParts(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const dataEnd = at + 8 + length;
    if (dataEnd > bytes.length) break;
    const end = Math.min(dataEnd + (length % 2), bytes.length);
    parts.push({ name: bytes.toString("latin1", at, at + 4), start: at, end, dataStart: at + 8, dataEnd });
    at = end;
  }
  return parts;
}

/**
 * The blocks of a GIF: pictures, whose bytes are skipped, and extensions by their label in hexadecimal (GIF89a, 12 to 26).
 * @returns `isWhole` false where they end in the middle of one, or something else stands there
 */
export function gifParts(bytes: Buffer): { parts: Part[]; isWhole: boolean } {
  const colours = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  const parts: Part[] = [];
  let at = 13 + colours(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === GIF_TRAILER) return { parts, isWhole: true };
    if (block !== 0x2c && block !== 0x21) return { parts, isWhole: false };
    const isPicture = block === 0x2c;
    const dataStart = at + (isPicture ? 10 + colours(bytes[at + 9] ?? 0) + 1 : 2);
    const end = afterSubBlocks(bytes, dataStart);
    if (end === null) return { parts, isWhole: false };
    const name = isPicture ? GIF_PICTURE : (bytes[at + 1] ?? 0).toString(16);
    parts.push({ name, start: at, end, dataStart, dataEnd: end });
    at = end;
  }
  // Many writers leave the last byte out, and every reader takes it.
  return { parts, isWhole: at === bytes.length };
}

/** Comments, and what an application wrote but the loop and the colour profile, which is XMP as a rule (XMP specification, part 3). */
export function isGifMetadata(bytes: Buffer, name: string, start: number): boolean {
  if (name === "fe") return true;
  return name === "ff" && !GIF_SHOWN.includes(bytes.toString("latin1", start + 3, start + 14));
}

const GIF_PICTURE = "picture";
export const GIF_TRAILER = 0x3b;
const GIF_SHOWN = ["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"];

const EXIF_HEAD = "Exif\0\0";
const XMP_HEAD = "http://ns.adobe.com/xap/1.0/\0";

/** Whether a JPEG segment holds EXIF or XMP, and where that begins in it. */
export function jpegMetadata(bytes: Buffer, part: Part): { kind: "exif" | "xmp"; start: number } | null {
  if (part.name !== "e1") return null;
  const starts = (head: string) => bytes.toString("latin1", part.dataStart, part.dataStart + head.length) === head;
  if (starts(EXIF_HEAD)) return { kind: "exif", start: part.dataStart + EXIF_HEAD.length };
  if (starts(XMP_HEAD) || starts("http://ns.adobe.com/xmp/extension/")) {
    return { kind: "xmp", start: part.dataStart + XMP_HEAD.length };
  }
  return null;
}

// --- internal ---

const isOfScan = (byte: number) => byte === 0 || byte === 0xff || (byte >= 0xd0 && byte <= 0xd7);

/** Of what stands behind a JPEG: its first segments may be another JPEG's, and a clip says its place in a box of its own. */
function personalBehind(bytes: Buffer): Personal {
  const found: Personal[] = [];
  for (let at = bytes.indexOf(SOI); at >= 0 && found.length < BEHIND_MAX; at = bytes.indexOf(SOI, at + 3)) {
    const picture = bytes.subarray(at, at + BEHIND_BYTES_MAX);
    found.push(together(jpegParts(picture).parts.map((part) => personalOf(picture, part))));
  }
  const text = bytes.toString("latin1");
  return together([...found, readXmp(text), { ...NO_ONE, hasLocation: PLACE_IN_CLIP.test(text) }]);
}

const SOI = Buffer.of(0xff, 0xd8, 0xff);
/** Pictures behind a picture, and how much of each is looked at; EXIF stands first. */
const BEHIND_MAX = 16;
const BEHIND_BYTES_MAX = 256 * 1024;
/** Of four letters alone there are some by chance in data that is compressed. */
const PLACE_IN_CLIP = /\xa9xyz.{4}[+-]\d|com\.apple\.quicktime\.location/s;

function personalOf(bytes: Buffer, part: Part): Personal {
  const found = jpegMetadata(bytes, part);
  if (!found) return NO_ONE;
  const data = bytes.subarray(found.start, part.dataEnd);
  return found.kind === "exif" ? readExif(data) : readXmp(data.toString("latin1"));
}

const NO_ONE: Personal = { hasLocation: false, hasSerial: false };
const CUT_SHORT = "it is cut short";

const READERS: Record<ImageFacts["mime"], (bytes: Buffer) => Shape | null> = {
  "image/jpeg": readJpeg,
  "image/png": readPng,
  "image/gif": readGif,
  "image/webp": readWebp,
};

function readJpeg(bytes: Buffer): Shape | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  const { parts, scanAt } = jpegParts(bytes);
  const frame = parts.find(({ name }) => /^c[0-9a-f]$/.test(name) && !["c4", "c8", "cc"].includes(name));
  const personal = parts.map((part) => personalOf(bytes, part));
  if (scanAt !== null) personal.push(personalBehind(bytes.subarray(jpegEnd(bytes, scanAt))));
  const size = frame && frame.dataStart + 5 <= bytes.length ? frame : null;
  const bits = size ? bytes[size.dataStart] : 8;
  // Lossless and hierarchical frames, by their names (ITU-T T.81, B.1.1.3).
  const isRareFrame = /^c([3567b]|[d-f])$/.test(size?.name ?? "");
  const isWhole = scanAt !== null && bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) > scanAt;
  return {
    width: size ? bytes.readUInt16BE(size.dataStart + 3) : 0,
    height: size ? bytes.readUInt16BE(size.dataStart + 1) : 0,
    frames: 1,
    broken: isWhole ? null : CUT_SHORT,
    // By the name of its frame (ITU-T T.81, B.1.1.3).
    isArithmetic: /^c[9a-f]$/.test(size?.name ?? ""),
    rare: isRareFrame ? "a lossless or hierarchical JPEG" : bits !== 8 ? `a JPEG of ${bits} bits a colour` : null,
    ...together(personal),
  };
}

function readPng(bytes: Buffer): Shape | null {
  if (bytes.length < 24 || bytes.toString("latin1", 12, 16) !== "IHDR") return null;
  const parts = pngParts(bytes);
  const named = (name: string) => parts.find((part) => part.name === name);
  const personal = parts.map(({ name, dataStart, dataEnd }) => {
    if (name === "eXIf") return readExif(bytes.subarray(dataStart, dataEnd));
    const isText = name === "iTXt" || name === "tEXt";
    return isText ? readXmp(bytes.toString("latin1", dataStart, dataEnd)) : NO_ONE;
  });
  const control = named("acTL");
  const isWhole = named("IDAT") !== undefined && named("IEND") !== undefined;
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    frames:
      control && control.dataEnd - control.dataStart >= 8 ? Math.max(1, bytes.readUInt32BE(control.dataStart)) : 1,
    broken: isWhole ? null : CUT_SHORT,
    ...together(personal),
  };
}

function readWebp(bytes: Buffer): Shape | null {
  if (bytes.length < 30 || bytes.toString("latin1", 8, 12) !== "WEBP") return null;
  const parts = webpParts(bytes);
  const size = webpSize(bytes);
  const personal = parts.map(({ name, dataStart, dataEnd }) => {
    const data = bytes.subarray(dataStart, dataEnd);
    if (name === "XMP ") return readXmp(data.toString("latin1"));
    if (name !== "EXIF") return NO_ONE;
    return readExif(data.toString("latin1", 0, 6) === EXIF_HEAD ? data.subarray(6) : data);
  });
  const frames = parts.filter(({ name }) => name === "ANMF").length;
  const isWhole =
    bytes.readUInt32LE(4) + 8 <= bytes.length && parts.some(({ name }) => /^(?:VP8[ L]|ANMF)$/.test(name));
  return { ...size, frames: Math.max(1, frames), broken: isWhole ? null : CUT_SHORT, ...together(personal) };
}

function webpSize(bytes: Buffer): { width: number; height: number } {
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
    default:
      return { width: 0, height: 0 };
  }
}

function readGif(bytes: Buffer): Shape | null {
  if (bytes.length < 13) return null;
  const { parts, isWhole } = gifParts(bytes);
  const frames = parts.filter(({ name }) => name === GIF_PICTURE).length;
  const personal = parts.map(({ name, start, end }) =>
    isGifMetadata(bytes, name, start) ? readXmp(bytes.toString("latin1", start, end)) : NO_ONE,
  );
  return {
    width: bytes.readUInt16LE(6),
    height: bytes.readUInt16LE(8),
    frames,
    broken: isWhole && frames > 0 ? null : CUT_SHORT,
    ...together(personal),
  };
}

function afterSubBlocks(bytes: Buffer, from: number): number | null {
  for (let at = from; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    at += 1 + length;
    if (length === 0) return at;
  }
  return null;
}
