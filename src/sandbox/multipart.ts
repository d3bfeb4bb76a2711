/** The part of multipart/form-data that an upload uses. Pure; bounded by the caller's body. */

export interface Part {
  name: string;
  contentType: string | null;
  data: Uint8Array;
}

const PARTS_MAX = 16;
const PART_HEADER_BYTES_MAX = 4_096;

/** The parts of a body, or null when it is no well-formed multipart/form-data. */
export function parseMultipart(contentType: string, body: Uint8Array): Part[] | null {
  const boundary = /boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`\r\n--${mark}`);
  const first = Buffer.from(`--${mark}`);
  let at: number;
  if (bytes.subarray(0, first.length).equals(first)) at = first.length;
  else {
    const preamble = bytes.indexOf(delimiter);
    if (preamble < 0) return null;
    at = preamble + delimiter.length;
  }
  const parts: Part[] = [];
  for (;;) {
    const ending = bytes.subarray(at, at + 2).toString("latin1");
    if (ending === "--") return parts;
    if (ending !== "\r\n" || parts.length >= PARTS_MAX) return null;
    const headerEnd = bytes.indexOf("\r\n\r\n", at);
    if (headerEnd < 0 || headerEnd - at > PART_HEADER_BYTES_MAX) return null;
    const headers = bytes.subarray(at, headerEnd).toString("utf8");
    const next = bytes.indexOf(delimiter, headerEnd + 2);
    if (next < 0) return null;
    const name = /content-disposition:[^\r\n]*[;\s]name="([^"]*)"/i.exec(headers)?.[1];
    if (name === undefined) return null;
    const type = /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? null;
    const start = Math.min(headerEnd + 4, next);
    parts.push({ name, contentType: type, data: new Uint8Array(bytes.subarray(start, next)) });
    at = next + delimiter.length;
  }
}
