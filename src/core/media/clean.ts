/**
 * Removes media that no post needs any more: a week after publishing, or a day after it was attached to nothing. An earlier version that
 * `psn post undo` can bring back needs its media, too.
 */
import { eq, sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { mediaBlobs } from "../db/schema.ts";
import type { ChosenStore } from "./choose.ts";

const KEPT_DAYS_AFTER_PUBLISHING = 7;
/** A blob is noted before its post is written; a young one is never touched. */
const KEPT_HOURS_AFTER_ATTACHING = 24;
const BATCH_MAX = 100;

/**
 * One round. The note of a blob goes last, so a crash in between is finished by the next round.
 * @returns how many were removed
 */
export async function cleanMedia(hub: Hub, store: Pick<ChosenStore, "backend">): Promise<number> {
  return await hub.db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ sha256: string }>(sql`
      select sha256
      from psn.media_blobs as blob
      where attached_at < psn.now() - make_interval(hours => ${KEPT_HOURS_AFTER_ATTACHING})
        and not exists (
          select
          from psn.post_media as media
          join psn.posts as tweet on tweet.id = media.post_id
          join psn.posts as root on root.id = coalesce(tweet.parent_post_id, tweet.id)
          where media.sha256 = blob.sha256
            and (
              root.status <> 'published'
              or root.updated_at > psn.now() - make_interval(days => ${KEPT_DAYS_AFTER_PUBLISHING})
            )
        )
        and not exists (
          select
          from psn.draft_versions as version
          join psn.posts as root on root.id = version.post_id
          where (
              root.status <> 'published'
              or root.updated_at > psn.now() - make_interval(days => ${KEPT_DAYS_AFTER_PUBLISHING})
            )
            and version.tweets @> jsonb_build_array(
              jsonb_build_object('media', jsonb_build_array(jsonb_build_object('sha256', blob.sha256)))
            )
        )
      order by attached_at
      limit ${BATCH_MAX}
      for update of blob skip locked`);
    for (const { sha256 } of rows) {
      await store.backend.remove(sha256);
      await tx.delete(mediaBlobs).where(eq(mediaBlobs.sha256, sha256));
    }
    await tx.execute(sql`
      delete from psn.media_preparations as prepared
      where not exists (select from psn.posts where id = prepared.post_id and status in ('draft', 'scheduled', 'failed'))`);
    return rows.length;
  });
}
