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
}

/** 122 random bits, so that no file holds it. */
const BOUNDARY = `psn-${randomUUID()}`;
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

export function formBytes({ fields, media, mime }: Form): Uint8Array<ArrayBuffer> {
  const part = (header: string, value: string | number) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; ${header}\r\n\r\n${value}`;
  const values = Object.entries(fields).map(([name, value]) => `${part(`name="${name}"`, value)}\r\n`);
  const file = part(`name="media"; filename="media"\r\nContent-Type: ${mime}`, "");
  const encoder = new TextEncoder();
  const before = encoder.encode(values.join("") + file);
  const after = encoder.encode(`\r\n--${BOUNDARY}--\r\n`);
  const whole = new Uint8Array(before.length + media.length + after.length);
  whole.set(before);
  whole.set(media, before.length);
  whole.set(after, before.length + media.length);
  return whole;
}
