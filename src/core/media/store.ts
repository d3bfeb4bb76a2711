/**
 * Where attached bytes are kept, by content hash, from the moment they are attached until they are on X. Moving or
 * deleting the author's file changes nothing. A store is a media backend (a folder, the hub, S3) under the rules below.
 */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { isHubOutage } from "../db/errors.ts";
import { PsnError } from "../errors.ts";
import { MEDIA_LIMITS, type MediaSource } from "../platform.ts";
import type { Blob, MediaBackend } from "./backend.ts";
import { checkBlob, checkedRead, damaged } from "./check-blob.ts";
import { folderBackend } from "./folder-backend.ts";
import { changed, type FileIdentity, openFile } from "./open-file.ts";

const MEDIA_BYTES_MAX = Math.max(...[...MEDIA_LIMITS.values()].map(({ bytesMax }) => bytesMax));
const CHUNK_BYTES = 1 << 20;

export interface MediaStore {
  /**
   * Copies a file's bytes in, and tells their hash and length. The same bytes are kept once.
   * @param seen the file as it was looked at
   * @throws PsnError MEDIA_CHANGED when it is another one by now, or changes while it is read
   */
  add(file: string, seen?: FileIdentity): Promise<{ sha256: string; byteLength: number }>;
  /**
   * What the store lacks is restored from the file that it came from, if that is still there. Reading the last byte throws PsnError
   * MEDIA_DAMAGED when the bytes are not those of the hash.
   * @param staysOpen for who reads all of it in parts, and then closes it
   * @throws PsnError MEDIA_GONE when the store has no such bytes, MEDIA_STORE_UNAVAILABLE when it does not say
   */
  source(
    media: { sha256: string; mime: string; byteLength: number },
    more?: { staysOpen?: boolean },
  ): Promise<MediaSource>;
}

/** What a store notes beside its bytes. */
export interface StoreNotes {
  /** Gets each blob before its bytes are written, with the file that they come from. */
  before?(blob: Blob, origin: string): Promise<void>;
  /** The file that a blob came from, absolute and on the machine that attached it; null where that is not known. */
  originOf?(sha256: string): Promise<string | null>;
}

/** A store over a backend. */
export function storeOn(backend: MediaBackend, { before, originOf }: StoreNotes = {}): MediaStore {
  /** Puts the bytes back from the file that they came from, if that still has them. @returns the file */
  const restore = async (blob: Blob): Promise<string | null> => {
    const origin = (await originOf?.(blob.sha256).catch(() => null)) ?? null;
    if (origin === null) return null;
    try {
      const { handle } = await openFile(origin);
      try {
        const found = await measure(handle, origin);
        if (found.sha256 !== blob.sha256) return null;
        await backend.remove(blob.sha256);
        await backend.put(blob, checked(blob, chunksOf(handle), origin));
        return origin;
      } finally {
        await handle.close();
      }
    } catch {
      // It has moved, or is on another machine.
      return null;
    }
  };
  return {
    async add(file, seen) {
      const { handle } = await openFile(file, seen);
      try {
        const blob = await measure(handle, file);
        if (blob.byteLength > backend.bytesMax) {
          throw new PsnError(
            "MEDIA_TOO_LARGE",
            `${file} has ${megabytes(blob.byteLength)}; ${backend.name} takes ${megabytes(backend.bytesMax)} at most.`,
          );
        }
        await before?.(blob, file);
        // What is there under the hash may be damaged: attaching it again repairs it.
        const state = await checkBlob(backend, blob);
        if (state === "damaged") await backend.remove(blob.sha256);
        if (state !== "whole") await backend.put(blob, checked(blob, chunksOf(handle), file));
        return blob;
      } finally {
        await handle.close();
      }
    },
    async source({ sha256, mime, byteLength }, { staysOpen = false } = {}) {
      const isThere = await backend.has({ sha256, byteLength }).catch((error) => {
        if (isHubOutage(error) || (error instanceof PsnError && error.code === "MEDIA_STORE_UNAVAILABLE")) throw error;
        throw new PsnError("MEDIA_STORE_UNAVAILABLE", `${backend.name} could not be asked: ${error.message}`, {
          hint: "See that the media store is there and may be read.",
          cause: error,
        });
      });
      const blob = { sha256, byteLength };
      if (!isThere && (await restore(blob)) === null) {
        throw new PsnError("MEDIA_GONE", `The media store (${backend.name}) has lost ${sha256.slice(0, 12)}….`, {
          hint: "Attach the file again: psn post edit ID --media FILE",
        });
      }
      const onDamage = async () => {
        throw damaged(backend.name, sha256, await restore(blob));
      };
      return { mime, byteLength, ...checkedRead(backend, blob, onDamage, staysOpen), release };
    },
  };
}

/** Copies a blob from one backend to another, checking its hash on the way. @returns false when it was there already */
export async function copyBlob(from: MediaBackend, to: MediaBackend, blob: Blob): Promise<boolean> {
  if (await to.has(blob)) return false;
  if (blob.byteLength > to.bytesMax) {
    throw new PsnError("MEDIA_TOO_LARGE", `A file of ${megabytes(blob.byteLength)} does not fit into ${to.name}.`);
  }
  const chunks = async function* () {
    for (let start = 0; start < blob.byteLength; start += CHUNK_BYTES) {
      yield await from.read(blob.sha256, start, Math.min(start + CHUNK_BYTES, blob.byteLength));
    }
  };
  await to.put(blob, checked(blob, chunks(), from.name));
  return true;
}

/** The default store: a folder on this machine. */
export function folderStore(folder: string): MediaStore {
  return storeOn(folderBackend(folder));
}

// --- internal ---

/**
 * Gives memory back at once. The collector sees small objects and lets fifty parts of a mebibyte gather: for a video of 512 MB
 * it was 95 MiB more, and is 47 so. Whatever still reads the bytes finds none, never others.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  // A part of a larger buffer is of a message that holds more.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** The file from its beginning, whatever was read of it before. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

async function measure(handle: FileHandle, file: string): Promise<Blob> {
  const hash = createHash("sha256");
  let byteLength = 0;
  for await (const chunk of chunksOf(handle)) {
    byteLength += chunk.length;
    if (byteLength > MEDIA_BYTES_MAX) {
      throw new PsnError("MEDIA_TOO_LARGE", `${file} is larger than 16 GB, the most that X takes.`);
    }
    hash.update(chunk);
  }
  return { sha256: hash.digest("hex"), byteLength };
}

/** Passes the chunks on and, at their end, throws unless they were the blob's. */
async function* checked(blob: Blob, chunks: AsyncIterable<Uint8Array>, from: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let byteLength = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    byteLength += chunk.length;
    yield chunk;
  }
  if (byteLength === blob.byteLength && hash.digest("hex") === blob.sha256) return;
  throw changed(from);
}
