/** Whether kept bytes are what their hash says: on their way out, where they are attached again, and when somebody asks. */
import { createHash } from "node:crypto";
import { PsnError } from "../errors.ts";
import { type Blob, type MediaBackend, type OpenBlob, openBlob } from "./backend.ts";

const CHUNK_BYTES = 1 << 20;

export type BlobState = "whole" | "missing" | "damaged";

/** Reads all of it. @throws what the backend throws when it cannot be asked */
export async function checkBlob(backend: MediaBackend, blob: Blob): Promise<BlobState> {
  if (!(await backend.has(blob))) return "missing";
  const hash = createHash("sha256");
  const opened = await openBlob(backend, blob.sha256);
  try {
    for (let start = 0; start < blob.byteLength; start += CHUNK_BYTES) {
      hash.update(await opened.read(start, Math.min(start + CHUNK_BYTES, blob.byteLength)));
    }
  } finally {
    await opened.close();
  }
  return hash.digest("hex") === blob.sha256 ? "whole" : "damaged";
}

/**
 * Reads a blob for who sends it from its beginning to its end, perhaps some of it twice, or from a place in the middle. What
 * was skipped is read as well, and the part that has the last byte is given only when all of it has the right hash.
 * @param onDamage when it has not; what it throws is thrown
 * @param staysOpen the blob is opened once for all parts, until `close`; else for each part
 */
export function checkedRead(
  backend: MediaBackend,
  { sha256, byteLength }: Blob,
  onDamage: () => Promise<never>,
  staysOpen: boolean,
): OpenBlob {
  let opened: Promise<OpenBlob> | null = null;
  const close = async () => {
    const last = opened;
    opened = null;
    const blob = await last?.catch(() => null);
    // What was read is read.
    await blob?.close().catch(() => {});
  };
  const part = async (start: number, end: number): Promise<Uint8Array> => {
    if (!staysOpen) return await backend.read(sha256, start, end);
    opened ??= openBlob(backend, sha256);
    return await (await opened).read(start, end);
  };
  const hash = createHash("sha256");
  let hashed = 0;
  let isGood: boolean | null = null;
  const take = (start: number, bytes: Uint8Array) => {
    const known = hashed - start;
    if (known < 0 || known >= bytes.length) return;
    hash.update(bytes.subarray(known));
    hashed = start + bytes.length;
  };
  const read = async (start: number, end: number) => {
    const stop = Math.min(end, byteLength);
    if (stop <= start) return new Uint8Array();
    while (hashed < start) {
      const until = Math.min(hashed + CHUNK_BYTES, start);
      take(hashed, await part(hashed, until));
    }
    const bytes = await part(start, stop);
    take(start, bytes);
    if (stop < byteLength) return bytes;
    isGood ??= hash.digest("hex") === sha256;
    return isGood ? bytes : await onDamage();
  };
  return { read, close };
}

/** Bytes that are not those which were approved. `details.isRepaired`: they are again, so the same may be tried again. */
export function damaged(name: string, sha256: string, origin: string | null): PsnError {
  const what = `The media store (${name}) holds other bytes than were attached under ${sha256.slice(0, 12)}…`;
  if (origin !== null) {
    return new PsnError("MEDIA_DAMAGED", `${what}; they were restored from ${origin}.`, {
      details: { isRepaired: true },
    });
  }
  return new PsnError("MEDIA_DAMAGED", `${what}, so nothing of it is posted.`, {
    hint: "Attach the file again: psn post edit ID --media FILE",
    details: { isRepaired: false },
  });
}
