/**
 * Media in the hub itself, for an engine that shares no disk with the author: chunks of 1 MiB, all or none. Bounded,
 * for a database is a dear place for videos; larger files belong into S3.
 */
import { eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { mediaChunks } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { byHashOnly, type MediaBackend } from "./backend.ts";

const CHUNK_BYTES = 1 << 20;
/** X's limit for a video of an account without Premium (x-api.md). */
const BLOB_BYTES_MAX = 512 * 1024 ** 2;
const TOTAL_BYTES_MAX = 4 * 1024 ** 3;

export function hubBackend(hub: Hub): MediaBackend {
  return byHashOnly({
    name: "the hub",
    bytesMax: BLOB_BYTES_MAX,
    async has({ sha256, byteLength }) {
      const { rows } = await hub.db.execute<{ length: string | null }>(sql`
        select sum(octet_length(bytes)) as length
        from psn.media_chunks
        where sha256 = ${sha256}`);
      return Number(rows[0]?.length ?? -1) === byteLength;
    },
    async put({ sha256, byteLength }, chunks) {
      await hub.db.transaction(async (tx) => {
        await requireRoom(tx, sha256, byteLength);
        await tx.delete(mediaChunks).where(eq(mediaChunks.sha256, sha256));
        let position = 0;
        for await (const bytes of ofSize(chunks)) {
          await tx.insert(mediaChunks).values({ sha256, position, bytes }).onConflictDoNothing();
          position++;
        }
      });
    },
    async read(sha256, start, end) {
      const first = Math.floor(start / CHUNK_BYTES);
      const last = Math.floor((end - 1) / CHUNK_BYTES);
      const { rows } = await hub.db.execute<{ bytes: Buffer }>(sql`
        select bytes
        from psn.media_chunks
        where sha256 = ${sha256} and position between ${first} and ${last}
        order by position`);
      const all = Buffer.concat(rows.map((row) => row.bytes));
      const from = start - first * CHUNK_BYTES;
      if (all.length < from + end - start) throw new Error(`media ${sha256} ended early in the hub`);
      return all.subarray(from, from + end - start);
    },
    async remove(sha256) {
      await hub.db.delete(mediaChunks).where(eq(mediaChunks.sha256, sha256));
    },
  });
}

// --- internal ---

/** By what is really there: a blob is noted before its bytes come, and one that is refused leaves its note for a day. */
async function requireRoom(tx: Tx, sha256: string, byteLength: number): Promise<void> {
  const { rows } = await tx.execute<{ total: string }>(sql`
    select coalesce(sum(byte_length), 0) as total
    from psn.media_blobs as blob
    where sha256 <> ${sha256}
      and exists (select from psn.media_chunks as chunk where chunk.sha256 = blob.sha256)`);
  if (Number(rows[0]?.total ?? 0) + byteLength <= TOTAL_BYTES_MAX) return;
  throw new PsnError("MEDIA_STORE_FULL", "The hub holds 4 GB of media, the most that it takes.", {
    hint: "Media of published posts is removed after a week. For more, use S3: docs/trigger.md tells how.",
  });
}

/** The same bytes in chunks of exactly CHUNK_BYTES, the last one shorter. */
async function* ofSize(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    while (bytes >= CHUNK_BYTES) {
      const joined = Buffer.concat(held);
      yield joined.subarray(0, CHUNK_BYTES);
      held = [joined.subarray(CHUNK_BYTES)];
      bytes -= CHUNK_BYTES;
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}
