/** Media of the hub, and its settings. docs/storage.md tells each column's meaning. */
import { bigint, check, integer, jsonb, primaryKey, text } from "drizzle-orm/pg-core";
import { bytes, IS_HASH, instant, psn } from "./shared.ts";

/**
 * Which bytes the media store holds, whatever kind of store it is. Noted before they are written, so none is forgotten.
 */
export const mediaBlobs = psn.table(
  "media_blobs",
  {
    sha256: text("sha256").primaryKey(),
    byteLength: bigint("byte_length", { mode: "number" }).notNull(),
    /** When they were last attached; young bytes are never cleaned away, for their post may not be written yet. */
    attachedAt: instant("attached_at").notNull(),
    /** The file that they came from, sealed: bytes that are lost or damaged are restored from it, if it still has them. */
    origin: text("origin"),
  },
  () => [check("media_blobs_sha256_is_hash", IS_HASH)],
);

/** Media bytes, where the store is the hub itself: chunks of at most 1 MiB under their hash. */
export const mediaChunks = psn.table(
  "media_chunks",
  {
    sha256: text("sha256").notNull(),
    position: integer("position").notNull(),
    bytes: bytes("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.sha256, t.position] }), check("media_chunks_sha256_is_hash", IS_HASH)],
);

/** Small facts of the hub itself: the id of the encryption key, the engine in use. */
export const hubSettings = psn.table("hub_settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  updatedAt: instant("updated_at").notNull(),
});
