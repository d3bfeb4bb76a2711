/**
 * A copy of a file without what says where, by whom and with which camera it was made. No picture is encoded anew: segments are
 * left out, and of a video the boxes are emptied where they stand. Orientation and colour profile stay.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readAt } from "../config/open-file.ts";
import { writeAll } from "../config/whole-file.ts";
import { inspectMedia } from "./inspect.ts";
import { openFile } from "./open-file.ts";
import {
  GIF_TRAILER,
  gifParts,
  isGifMetadata,
  jpegEnd,
  jpegMetadata,
  jpegParts,
  type Part,
  pngParts,
  webpParts,
} from "./probe/image.ts";
import { boxesOf, isMetadata } from "./probe/video.ts";

/** A copy that is there while `use` runs. */
export async function withStripped<T>(file: string, use: (copy: string) => Promise<T>): Promise<T> {
  const { mime, identity } = await inspectMedia(file);
  const folder = await mkdtemp(join(tmpdir(), `psn-strip-${randomBytes(4).toString("hex")}-`));
  try {
    const copy = join(folder, basename(file));
    const { handle } = await openFile(file, identity);
    try {
      const size = Number(identity.byteLength);
      if (mime.startsWith("video/")) await copyWithoutBoxes(handle, size, copy);
      else await writeFile(copy, stripImage(await readAt(handle, 0, size), mime), { mode: 0o600 });
    } finally {
      await handle.close();
    }
    return await use(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pure. */
export function stripImage(bytes: Buffer, mime: string): Buffer {
  if (mime === "image/jpeg") return stripJpeg(bytes);
  if (mime === "image/png") return stripPng(bytes);
  if (mime === "image/gif") return stripGif(bytes);
  return mime === "image/webp" ? stripWebp(bytes) : bytes;
}

// --- internal ---

const EXIF_HEAD = Buffer.from("Exif\0\0", "latin1");

/** EXIF with the orientation alone: one directory of one entry. */
function orientationOnly(orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write("MM", 0, "latin1");
  tiff.writeUInt16BE(42, 2);
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}

/** 2 to 8; null where the picture stands as it is stored, or says nothing. */
function orientationOf(tiff: Buffer): number | null {
  if (tiff.length < 14) return null;
  const isLittle = tiff.toString("latin1", 0, 2) === "II";
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = Math.min(first + 2 <= tiff.length ? u16(first) : 0, 1_000);
  for (let index = 0; index < count; index++) {
    const entry = first + 2 + 12 * index;
    if (u16(entry) !== 0x0112) continue;
    const value = u16(entry + 8);
    return value >= 2 && value <= 8 ? value : null;
  }
  return null;
}

/**
 * Leaves out EXIF, XMP, IPTC and comments, and what stands behind the picture: others with EXIF of their own, a clip, a maker's notes.
 * JFIF, colour profiles (APP2) and Adobe's APP14 stay; the list of the pictures behind it does not.
 */
function stripJpeg(bytes: Buffer): Buffer {
  const { parts, scanAt } = jpegParts(bytes);
  if (scanAt === null) return bytes;
  const exif = parts.find((part) => jpegMetadata(bytes, part)?.kind === "exif");
  const orientation = exif ? orientationOf(bytes.subarray(jpegMetadata(bytes, exif)?.start ?? 0, exif.dataEnd)) : null;
  const isList = ({ name, dataStart }: Part) =>
    name === "e2" && bytes.toString("latin1", dataStart, dataStart + 4) === "MPF\0";
  const kept = parts.filter((part) => part.start < scanAt && !["e1", "ed", "fe"].includes(part.name) && !isList(part));
  const body = orientation === null ? null : Buffer.concat([EXIF_HEAD, orientationOnly(orientation)]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE((body?.length ?? 0) + 2, 2);
  return Buffer.concat([
    bytes.subarray(0, 2),
    ...(body ? [head, body] : []),
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
    bytes.subarray(scanAt, jpegEnd(bytes, scanAt)),
  ]);
}

const PNG_PERSONAL = new Set(["eXIf", "tEXt", "iTXt", "zTXt", "tIME"]);

function stripPng(bytes: Buffer): Buffer {
  const parts = pngParts(bytes);
  const exif = parts.find(({ name }) => name === "eXIf");
  const orientation = exif ? orientationOf(bytes.subarray(exif.dataStart, exif.dataEnd)) : null;
  const made = orientation === null ? [] : [pngChunk("eXIf", orientationOnly(orientation))];
  const kept = parts.filter(({ name }) => !PNG_PERSONAL.has(name));
  const copy = ({ start, end }: Part) => bytes.subarray(start, end);
  const [header, ...rest] = kept;
  if (!header) return bytes;
  return Buffer.concat([bytes.subarray(0, 8), copy(header), ...made, ...rest.map(copy)]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const WEBP_EXIF_FLAG = 0x08;
const WEBP_XMP_FLAG = 0x04;

function stripWebp(bytes: Buffer): Buffer {
  const parts = webpParts(bytes);
  const exif = parts.find(({ name }) => name === "EXIF");
  const data = exif ? bytes.subarray(exif.dataStart, exif.dataEnd) : Buffer.alloc(0);
  const orientation = orientationOf(data.subarray(0, 6).equals(EXIF_HEAD) ? data.subarray(6) : data);
  const chunks = parts
    .filter(({ name }) => name !== "EXIF" && name !== "XMP ")
    .map(({ name, start, end, dataStart }) => {
      const chunk = Buffer.from(bytes.subarray(start, end));
      const flags = dataStart - start;
      if (name === "VP8X") {
        const kept = (chunk[flags] ?? 0) & ~WEBP_XMP_FLAG & ~WEBP_EXIF_FLAG;
        chunk[flags] = orientation === null ? kept : kept | WEBP_EXIF_FLAG;
      }
      return chunk;
    });
  if (orientation !== null) {
    const head = Buffer.alloc(8);
    head.write("EXIF", 0, "latin1");
    head.writeUInt32LE(26, 4);
    chunks.push(Buffer.concat([head, orientationOnly(orientation)]));
  }
  const body = Buffer.concat(chunks);
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}

/** Leaves out comments and XMP, and what stands behind the last picture. */
function stripGif(bytes: Buffer): Buffer {
  const { parts, isWhole } = gifParts(bytes);
  const [first] = parts;
  if (!isWhole || !first) return bytes;
  const kept = parts.filter(({ name, start }) => !isGifMetadata(bytes, name, start));
  return Buffer.concat([
    bytes.subarray(0, first.start),
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
    Buffer.of(GIF_TRAILER),
  ]);
}

const CHUNK_BYTES = 1 << 20;

/** In the copy, boxes that hold metadata become free space of the same length, so that nothing else moves. */
async function copyWithoutBoxes(source: FileHandle, size: number, copy: string): Promise<void> {
  const file = await open(copy, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      await writeAll(file, await readAt(source, at, Math.min(CHUNK_BYTES, size - at)));
    }
    const read = (position: number, length: number) => readAt(file, position, length);
    const empty = async (start: number, end: number) => {
      await file.write(Buffer.from("free", "latin1"), 0, 4, start - 4);
      for (let at = start; at < end; at += CHUNK_BYTES) {
        await file.write(Buffer.alloc(Math.min(CHUNK_BYTES, end - at)), 0, undefined, at);
      }
    };
    const within = async (start: number, end: number) => {
      for (const box of await boxesOf(read, start, end)) {
        if (box.type === "trak") await within(box.start, box.end);
        // One with a length of 64 bits has its name farther ahead, and is no box of metadata.
        const isNamed = (await read(box.start - 4, 4)).toString("latin1") === box.type;
        if (isNamed && (await isMetadata(read, box))) await empty(box.start, box.end);
      }
    };
    for (const box of await boxesOf(read, 0, size)) {
      if (box.type === "moov") await within(box.start, box.end);
      else if (await isMetadata(read, box)) await empty(box.start, box.end);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
