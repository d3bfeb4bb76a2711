/** Media in a folder, two levels deep by hash. A file is whole or not there: it is renamed into place. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { byHashOnly, type MediaBackend } from "./backend.ts";

export function folderBackend(folder: string): MediaBackend {
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);
  return byHashOnly({
    name: folder,
    bytesMax: Number.POSITIVE_INFINITY,
    async has({ sha256, byteLength }) {
      // Anything but "it is not there" (a disk that fails, a folder that may not be read) says nothing of the file.
      const there = await stat(pathOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      return there?.size === byteLength;
    },
    async put({ sha256 }, chunks) {
      await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
      const incoming = join(folder, `incoming-${randomBytes(8).toString("hex")}`);
      try {
        const out = await open(incoming, "wx", 0o600);
        try {
          for await (const chunk of chunks) await out.write(chunk);
          await out.sync();
        } finally {
          await out.close();
        }
        await rename(incoming, pathOf(sha256));
      } finally {
        await rm(incoming, { force: true });
      }
    },
    async read(sha256, start, end) {
      const handle = await open(pathOf(sha256), "r");
      try {
        const bytes = Buffer.alloc(end - start);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
          if (bytesRead === 0) throw new Error(`${pathOf(sha256)} ended early`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
    async remove(sha256) {
      await rm(pathOf(sha256), { force: true });
    },
  });
}
