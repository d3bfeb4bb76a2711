/**
 * A form with one file, as bytes (RFC 7578). The runtimes' own `FormData` copies the file twice and leaves both copies to the collector,
 * which lets dozens of segments gather; here there is one copy, whose memory its sender gives back.
 */
import { randomUUID } from "node:crypto";

/** The values are PSN's own words and numbers: nothing in them needs escaping. */
export interface Form {
  fields: Record<string, string | number>;
  media: Uint8Array;
  mime: string;
  /** The form as it is sent, where it was made ahead. Its memory is given back by who made it. */
  made?: Uint8Array<ArrayBuffer>;
}

/** 122 random bits, so that no file holds it. */
const BOUNDARY = `psn-${randomUUID()}`;
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** Makes a form ahead of its request. `media` of the result is a part of `made`, so the bytes that were given are free. */
export function madeForm(form: Form): Form & { made: Uint8Array<ArrayBuffer> } {
  const { bytes, mediaStart } = write(form);
  return { ...form, media: bytes.subarray(mediaStart, mediaStart + form.media.length), made: bytes };
}

export function formBytes(form: Form): Uint8Array<ArrayBuffer> {
  return write(form).bytes;
}

// --- internal ---

function write({ fields, media, mime }: Form): { bytes: Uint8Array<ArrayBuffer>; mediaStart: number } {
  const part = (header: string, value: string | number) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; ${header}\r\n\r\n${value}`;
  const values = Object.entries(fields).map(([name, value]) => `${part(`name="${name}"`, value)}\r\n`);
  const file = part(`name="media"; filename="media"\r\nContent-Type: ${mime}`, "");
  const encoder = new TextEncoder();
  const before = encoder.encode(values.join("") + file);
  const after = encoder.encode(`\r\n--${BOUNDARY}--\r\n`);
  // Not zeroed, since each byte is written; and no part of a pool, since its memory is given back.
  const whole = Buffer.allocUnsafeSlow(before.length + media.length + after.length);
  whole.set(before);
  whole.set(media, before.length);
  whole.set(after, before.length + media.length);
  return { bytes: whole, mediaStart: before.length };
}
