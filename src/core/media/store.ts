/**
 * Where attached bytes are kept, by content hash, from the moment they are attached until they are on X. Moving or
 * deleting the author's file changes nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PsnError } from "../errors.ts";
import type { MediaSource } from "../platform.ts";

/** X takes 16 GB at most, from Premium accounts (best-practices page, September 2026). */
export const MEDIA_BYTES_MAX = 16 * 1024 ** 3;

export interface MediaStore {
  /** Copies a file's bytes in, and tells their hash and length. The same bytes are kept once. */
  add(file: string): Promise<{ sha256: string; byteLength: number }>;
  /** @throws PsnError MEDIA_GONE when the store has no such bytes */
  source(media: { sha256: string; mime: string; byteLength: number }): Promise<MediaSource>;
}

/** The default store: a folder, two levels deep by hash. */
export function folderStore(folder: string): MediaStore {
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);
  return {
    async add(file) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const incoming = join(folder, `incoming-${randomBytes(8).toString("hex")}`);
      try {
        const { sha256, byteLength } = await copyHashed(file, incoming);
        const path = pathOf(sha256);
        await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
        await rename(incoming, path);
        return { sha256, byteLength };
      } finally {
        await rm(incoming, { force: true });
      }
    },
    async source({ sha256, mime, byteLength }) {
      const path = pathOf(sha256);
      const there = await stat(path).catch(() => null);
      if (there?.size !== byteLength) {
        throw new PsnError("MEDIA_GONE", `The media store has lost ${sha256.slice(0, 12)}… (${path}).`, {
          hint: "Attach the file again: psn post edit ID --media FILE",
        });
      }
      return {
        mime,
        byteLength,
        async read(start, end) {
          const handle = await open(path, "r");
          try {
            const bytes = Buffer.alloc(Math.max(0, Math.min(end, byteLength) - start));
            let filled = 0;
            while (filled < bytes.length) {
              const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
              if (bytesRead === 0) throw new Error(`${path} ended early`);
              filled += bytesRead;
            }
            return bytes;
          } finally {
            await handle.close();
          }
        },
      };
    },
  };
}

// --- internal ---

async function copyHashed(from: string, to: string): Promise<{ sha256: string; byteLength: number }> {
  const hash = createHash("sha256");
  let byteLength = 0;
  const out = await open(to, "wx", 0o600);
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
      byteLength += chunk.length;
      if (byteLength > MEDIA_BYTES_MAX) {
        throw new PsnError("MEDIA_TOO_LARGE", `${from} is larger than 16 GB, the most that X takes.`);
      }
      hash.update(chunk);
      await out.write(chunk);
    }
    await out.sync();
  } finally {
    await out.close();
  }
  return { sha256: hash.digest("hex"), byteLength };
}
