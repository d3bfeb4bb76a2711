/** The files of posts that are not published yet, from one media store into another: before an engine elsewhere needs them. */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import type { ChosenStore } from "./choose.ts";
import { copyBlob } from "./store.ts";

/**
 * Copies what waiting posts need. What is there already is skipped, so it can be repeated until nothing is left.
 * @returns how many files were copied
 * @throws PsnError MEDIA_TOO_LARGE, MEDIA_CHANGED
 */
export async function copyWaitingMedia(hub: Hub, from: ChosenStore, to: ChosenStore): Promise<number> {
  if (to.kind === from.kind) return 0;
  const { rows } = await hub.db.execute<{ sha256: string; byteLength: string }>(sql`
    select distinct media.sha256, media.byte_length as "byteLength"
    from psn.post_media as media
    join psn.posts as tweet on tweet.id = media.post_id
    join psn.posts as root on root.id = coalesce(tweet.parent_post_id, tweet.id)
    where root.status <> 'published'`);
  let copied = 0;
  for (const { sha256, byteLength } of rows) {
    if (await copyBlob(from.backend, to.backend, { sha256, byteLength: Number(byteLength) })) copied++;
  }
  return copied;
}
