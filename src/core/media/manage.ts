/** What the media store holds, for a person: what for, whether it is whole, and what can go. */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { checkBlob } from "./check-blob.ts";
import type { ChosenStore } from "./choose.ts";
import { cleanMedia } from "./clean.ts";
import { restoreBlob } from "./require-whole.ts";

export interface KeptMedia {
  sha256: string;
  byteLength: number;
  /** As it was called when it was attached last. */
  fileName: string | null;
  attachedAt: Date;
  /** Posts that show it, newest first, ten at most. */
  postIds: string[];
  /** post: a post shows it. undo: an earlier version of one does. nothing: it goes a day after it was attached. */
  keptFor: "post" | "undo" | "nothing";
}

/** The newest first, `limit` at most. */
export async function listMedia(hub: Hub, limit: number): Promise<KeptMedia[]> {
  type Row = Omit<KeptMedia, "byteLength" | "attachedAt" | "keptFor"> & {
    byteLength: string;
    attachedAt: string;
    inVersion: boolean;
  };
  const { rows } = await hub.db.execute<Row & Record<string, unknown>>(sql`
    select blob.sha256, blob.byte_length as "byteLength", blob.attached_at as "attachedAt",
      (select max(media.file_name) from psn.post_media as media where media.sha256 = blob.sha256) as "fileName",
      array(
        select distinct coalesce(tweet.parent_post_id, tweet.id)
        from psn.post_media as media
        join psn.posts as tweet on tweet.id = media.post_id
        where media.sha256 = blob.sha256
        limit 10
      ) as "postIds",
      exists (
        select
        from psn.draft_versions as version
        where version.tweets @> jsonb_build_array(
          jsonb_build_object('media', jsonb_build_array(jsonb_build_object('sha256', blob.sha256)))
        )
      ) as "inVersion"
    from psn.media_blobs as blob
    order by blob.attached_at desc
    limit ${limit}`);
  return rows.map(({ inVersion, byteLength, attachedAt, ...row }) => ({
    ...row,
    byteLength: Number(byteLength),
    attachedAt: new Date(attachedAt),
    keptFor: row.postIds.length > 0 ? "post" : inVersion ? "undo" : "nothing",
  }));
}

const ROUNDS_MAX = 1_000;

/** Removes all that no post can use any more. @returns how many */
export async function collectMedia(hub: Hub, store: Pick<ChosenStore, "backend">): Promise<number> {
  let removed = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const count = await cleanMedia(hub, store);
    if (count === 0) break;
    removed += count;
  }
  return removed;
}

export interface CheckedMedia extends KeptMedia {
  state: "whole" | "restored" | "missing" | "damaged";
}

/** Reads every kept byte, and restores what is not whole from the file that it came from, if that still has it. */
export async function verifyMedia(
  hub: Hub,
  store: ChosenStore,
  limit: number,
  signal?: AbortSignal,
): Promise<CheckedMedia[]> {
  const checked: CheckedMedia[] = [];
  for (const media of await listMedia(hub, limit)) {
    signal?.throwIfAborted();
    const state = await checkBlob(store.backend, media);
    checked.push({
      ...media,
      state: state === "whole" ? state : (await restoreBlob(store, media)) ? "restored" : state,
    });
  }
  return checked;
}
