/** The right to make the media of one version of a post ready: one process has it, for as long as the post stays the same. */
import { type SQL, sql } from "drizzle-orm";
import { anyOf } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { addEvent } from "../../post/history.ts";
import { LeaseLostError } from "../../post/lease.ts";
import type { NewEvent, PostStatus } from "../../types/index.ts";
import type { PublishDeps } from "../deps.ts";

/** A process that says nothing for so long has died: longer than one request with media may take. */
const OWNED_SECONDS = 180;

const ownedUntil = sql`psn.now() + make_interval(secs => ${OWNED_SECONDS})`;

/** The right to work on one version of a post's media. */
export interface Claim {
  postId: string;
  owner: string;
  contentVersion: number;
  status: PostStatus;
  tries: number;
}

/** @returns null when another process has it, or the post is in none of these states */
export async function claimMedia(
  { hub, workerId: owner }: PublishDeps,
  postId: string,
  statuses: PostStatus[],
): Promise<Claim | null> {
  const { rows } = await hub.db.execute<{ contentVersion: number; status: PostStatus; tries: number }>(sql`
    with wanted as (
      select id, content_version, status
      from psn.posts
      where id = ${postId} and parent_post_id is null and status = ${anyOf(statuses)}
    ),
    claimed as (
      insert into psn.media_preparations as prepared (post_id, content_version, owner, owned_until, next_at)
      select id, content_version, ${owner}, ${ownedUntil}, psn.now()
      from wanted
      on conflict (post_id) do update
      set content_version = excluded.content_version,
        owner = excluded.owner,
        owned_until = excluded.owned_until,
        tries = case when prepared.content_version = excluded.content_version then prepared.tries else 0 end,
        code = null,
        note = null
      where coalesce(prepared.owned_until, '-infinity') < psn.now()
        or prepared.content_version <> excluded.content_version
      returning post_id, tries
    )
    select wanted.content_version as "contentVersion", wanted.status, claimed.tries
    from claimed
    join wanted on wanted.id = claimed.post_id`);
  const [row] = rows;
  return row ? { postId, owner, ...row } : null;
}

/** Says that this process is still at it. */
export async function renewClaim(tx: Tx, { postId, owner }: Claim): Promise<void> {
  await tx.execute(sql`
    update psn.media_preparations
    set owned_until = ${ownedUntil}
    where post_id = ${postId} and owner = ${owner}`);
}

/** The condition that the post is still the one that was claimed, and the claim still this process's. */
export function stillClaimed({ postId, owner, contentVersion, status }: Claim): SQL {
  return sql`exists (
    select
    from psn.posts as post
    join psn.media_preparations as prepared on prepared.post_id = post.id
    where post.id = ${postId}
      and post.status = ${status}
      and post.content_version = ${contentVersion}
      and prepared.owner = ${owner}
      and prepared.content_version = ${contentVersion}
  )`;
}

export interface Recorded {
  inMs: number;
  tries: number;
  code?: string;
  note?: string;
  event?: Omit<NewEvent, "status">;
}

/** Gives the claim back with what came of it. @throws LeaseLostError when the post changed meanwhile */
export async function record(hub: Hub, claim: Claim, { inMs, tries, code, note, event }: Recorded): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const { rows } = await tx.execute(sql`
      update psn.media_preparations
      set owner = null, owned_until = null, next_at = psn.now() + make_interval(secs => ${inMs / 1000}),
        tries = ${tries}, code = ${code ?? null}, note = ${note ?? null}
      where post_id = ${claim.postId} and ${stillClaimed(claim)}
      returning post_id`);
    if (rows.length === 0) throw new LeaseLostError(`post ${claim.postId} changed while its media went up`);
    if (event) await addEvent(tx, claim.postId, { ...event, status: claim.status });
  });
}

/** Gives the claim back without a word on the post. */
export async function releaseClaim(hub: Hub, { postId, owner }: Claim, inMs: number): Promise<void> {
  await hub.db.execute(sql`
    update psn.media_preparations
    set owner = null, owned_until = null, next_at = psn.now() + make_interval(secs => ${inMs / 1000})
    where post_id = ${postId} and owner = ${owner}`);
}
