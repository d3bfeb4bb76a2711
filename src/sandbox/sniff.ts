/** What a file is, from its bytes: the name and the declared type prove nothing. Pure. */

export interface Sniffed {
  mime: string;
  width: number | null;
  height: number | null;
  /** Only videos whose movie header stands near the start. */
  durationMs: number | null;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.subarray(start, start + length)).toString("latin1");
}

/** The type and size that the first bytes show, or null when they show nothing X takes. */
export function sniff(bytes: Uint8Array): Sniffed | null {
  if (bytes.length < 12) return null;
  const data = view(bytes);
  const image = (mime: string, width: number, height: number): Sniffed => ({ mime, width, height, durationMs: null });
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n" && bytes.length >= 24) {
    return image("image/png", data.getUint32(16), data.getUint32(20));
  }
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6)))
    return image("image/gif", data.getUint16(6, true), data.getUint16(8, true));
  if (data.getUint16(0) === 0xffd8) return jpegSize(bytes, data);
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return webpSize(bytes, data);
  if (ascii(bytes, 0, 2) === "BM" && bytes.length >= 26) {
    return image("image/bmp", data.getInt32(18, true), Math.abs(data.getInt32(22, true)));
  }
  if (ascii(bytes, 4, 4) === "ftyp") {
    const mime = ascii(bytes, 8, 4) === "qt  " ? "video/quicktime" : "video/mp4";
    return { mime, width: null, height: null, durationMs: movieDuration(bytes, data) };
  }
  if (data.getUint32(0) === 0x1a45dfa3) return { mime: "video/webm", width: null, height: null, durationMs: null };
  if (bytes[0] === 0x47 && bytes.length > 188 && bytes[188] === 0x47) {
    return { mime: "video/mp2t", width: null, height: null, durationMs: null };
  }
  return null;
}

/** Walks the JPEG segments to the frame header; ends at the file's end at the latest. */
function jpegSize(bytes: Uint8Array, data: DataView): Sniffed | null {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      return { mime: "image/jpeg", width: data.getUint16(at + 7), height: data.getUint16(at + 5), durationMs: null };
    }
    at += 2 + Math.max(2, data.getUint16(at + 2));
  }
  return null;
}

function webpSize(bytes: Uint8Array, data: DataView): Sniffed | null {
  if (bytes.length < 30) return null;
  const made = (width: number, height: number): Sniffed => ({ mime: "image/webp", width, height, durationMs: null });
  switch (ascii(bytes, 12, 4)) {
    case "VP8 ":
      return made(data.getUint16(26, true) & 0x3fff, data.getUint16(28, true) & 0x3fff);
    case "VP8L": {
      const bits = data.getUint32(21, true);
      return made((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case "VP8X":
      return made(
        1 + (data.getUint16(24, true) | ((bytes[26] ?? 0) << 16)),
        1 + (data.getUint16(27, true) | ((bytes[29] ?? 0) << 16)),
      );
    default:
      return null;
  }
}

/** The movie header (`mvhd`) says time scale and duration. */
function movieDuration(bytes: Uint8Array, data: DataView): number | null {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("mvhd");
  if (at < 0 || at + 36 > bytes.length) return null;
  const long = bytes[at + 4] === 1;
  const scale = data.getUint32(at + (long ? 24 : 16));
  const units = long ? Number(data.getBigUint64(at + 28)) : data.getUint32(at + 20);
  return scale === 0 ? null : Math.round((units / scale) * 1000);
}
