/** Which posts' media are begun now: by what X does not hold yet, and how fast the last uploads went. */
import { sql } from "drizzle-orm";
import type { Hub } from "../../db/connection.ts";
import { readSetting, writeSetting } from "../../db/settings.ts";
import { LIFE_LEFT_MS_MIN } from "../../post/upload-state.ts";
import { LEAD_MS_MAX, leadMs, speedAfter, UPLOAD_SPEED_UNKNOWN } from "../decide/lead.ts";

const DUE_MAX = 50;
const SPEED_KEY = "uploadBytesPerSecond";
/** Less says nothing of the line. */
const MEASURED_BYTES_MIN = 1_000_000;

/** Posts whose media should be begun now, the first due first; at most 50. */
export async function mediaDue(hub: Hub): Promise<string[]> {
  const { rows } = await hub.db.execute<{ id: string; inMs: number; bytes: string; videos: number; gifs: number }>(sql`
    select root.id,
      (extract(epoch from root.due_at - psn.now()) * 1000)::float8 as "inMs",
      sum(media.byte_length) as bytes,
      count(*) filter (where media.mime like 'video/%')::int as videos,
      count(*) filter (where media.mime = 'image/gif')::int as gifs
    from psn.posts as root
    join psn.posts as tweet on (tweet.id = root.id or tweet.parent_post_id = root.id)
    join psn.post_media as media on media.post_id = tweet.id
    left join psn.media_preparations as prepared
      on prepared.post_id = root.id and prepared.content_version = root.content_version
    where root.status = 'scheduled'
      and root.due_at between psn.now() and psn.now() + make_interval(secs => ${LEAD_MS_MAX / 1000})
      and tweet.external_post_id is null
      and ${isMissing}
      and (
        prepared.post_id is null
        or (
          prepared.code is null
          and prepared.next_at <= psn.now()
          and coalesce(prepared.owned_until, '-infinity') < psn.now()
        )
      )
    group by root.id, root.due_at
    order by root.due_at
    limit ${DUE_MAX}`);
  if (rows.length === 0) return [];
  const speed = (await readSpeed(hub)) ?? UPLOAD_SPEED_UNKNOWN;
  const begins = ({ inMs, bytes, videos, gifs }: (typeof rows)[number]) =>
    inMs <= leadMs({ bytes: Number(bytes), videos, gifs }, speed);
  return rows.filter(begins).map(({ id }) => id);
}

/** Keeps how fast files went up. `tookMs` has X's processing in it: the lead errs on the early side. */
export async function noteSpeed(hub: Hub, bytes: number, tookMs: number): Promise<void> {
  if (bytes < MEASURED_BYTES_MIN) return;
  await writeSetting(hub.db, SPEED_KEY, speedAfter(await readSpeed(hub), bytes, tookMs));
}

// --- internal ---

/** What X does not hold of a file, or not for long enough. */
const isMissing = sql`(
        media.platform_media_id is null
        or media.platform_media_expires_at < psn.now() + make_interval(secs => ${LIFE_LEFT_MS_MIN / 1000})
        or (media.alt_text is not null and not media.alt_text_set and media.alt_text_refused is null)
        or (select count(*) from jsonb_object_keys(media.captions_set)) < jsonb_array_length(media.captions)
      )`;

async function readSpeed(hub: Hub): Promise<number | null> {
  const value = await readSetting(hub.db, SPEED_KEY);
  return typeof value === "number" ? value : null;
}
