/** Which file is which post: by the id in the file, by `.psn-sync.json`, by what the hub noted, by the path that the post came from. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { anyOf } from "../../db/batch.ts";
import type { Hub, Tx } from "../../db/connection.ts";
import { posts, syncedFiles } from "../../db/schema.ts";
import { PsnError } from "../../errors.ts";
import { plannedOf } from "../composing.ts";
import { findPostByPath } from "../from-file.ts";
import { heldSql, readHeld } from "../held-back.ts";
import { takenBackByHand } from "../meant.ts";
import type { KnownPost, ReadFile, SyncDeps } from "./types.ts";

/** Of `--no-touch`, in the folder itself. */
export const BINDINGS_FILE = ".psn-sync.json";

const BindingsSchema = z.object({
  version: z.literal(1),
  /** Post ids by path. */
  files: z.record(z.string().max(4096), z.string().regex(/^[0-9a-z]{1,64}$/)),
});

/** The ids that `.psn-sync.json` holds. @throws PsnError SYNC_FILE_INVALID */
export async function readBindings(
  deps: SyncDeps,
  folder: string,
): Promise<{ files: Record<string, string>; bytes: Uint8Array | null }> {
  const bytes = await deps.disk.read(`${folder}/${BINDINGS_FILE}`);
  if (bytes === null) return { files: {}, bytes };
  try {
    return { files: BindingsSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).files, bytes };
  } catch {
    throw new PsnError("SYNC_FILE_INVALID", `${BINDINGS_FILE} in ${folder} is not what psn post sync writes.`, {
      hint: "Put it back, or remove it: files with an id in their front matter are known without it.",
    });
  }
}

/** Writes it anew, if it says something else. @returns false when somebody else wrote it meanwhile */
export async function writeBindings(
  deps: SyncDeps,
  folder: string,
  { bytes, files }: { bytes: Uint8Array | null; files: Record<string, string> },
): Promise<boolean> {
  const sorted = Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const after = new TextEncoder().encode(`${JSON.stringify({ version: 1, files: sorted }, null, 2)}\n`);
  if (bytes !== null && Buffer.compare(after, bytes) === 0) return true;
  if (bytes === null && Object.keys(files).length === 0) return true;
  return await deps.disk.replace(`${folder}/${BINDINGS_FILE}`, after, bytes);
}

/** The post whose file lies there, as `.psn-sync.json` says or as the hub noted it, and that is none of `named`; null for none. */
export async function postIdAt(
  hub: Hub,
  absolute: string,
  inBindings: string | undefined,
  named: readonly string[],
): Promise<string | null> {
  if (inBindings !== undefined && !named.includes(inBindings)) {
    const [there] = await hub.db.select({ id: posts.id }).from(posts).where(eq(posts.id, inBindings));
    if (there) return there.id;
  }
  return await findPostByPath(hub.db, [absolute], { notPosts: named });
}

/** Posts by their ids. */
export async function knownPosts(hub: Hub, ids: readonly string[]): Promise<Map<string, KnownPost>> {
  if (ids.length === 0) return new Map();
  const postedCount = sql<number>`(select count(*)::int from psn.posts as tweet where (tweet.id = ${posts.id} or tweet.parent_post_id = ${posts.id}) and tweet.external_post_id is not null)`;
  const rows = await hub.db
    .select({
      post: posts,
      synced: syncedFiles,
      postedCount,
      cancelledByHand: takenBackByHand(sql`${posts.id}`),
      held: heldSql,
      plannedPast: sql<boolean>`coalesce((${posts.metadata} #>> '{planned,at}')::timestamptz < psn.now() and ${posts.scheduledAt} is null, false)`,
    })
    .from(posts)
    .leftJoin(syncedFiles, eq(syncedFiles.postId, posts.id))
    .where(and(inArray(posts.id, [...ids]), isNull(posts.parentPostId)));
  return new Map(
    rows.map(({ post, synced, held, ...more }) => [
      post.id,
      {
        id: post.id,
        accountId: post.accountId,
        status: post.status ?? "draft",
        subStatus: post.subStatus,
        contentVersion: post.contentVersion,
        scheduleVersion: post.scheduleVersion,
        isApproved: post.approvedHash !== null,
        isApprovedByFile: synced !== null && post.approvedAt !== null && post.approvedAt <= synced.syncedAt,
        scheduled: post.scheduledAt && { at: post.scheduledAt, timezone: post.scheduledTimezone ?? "UTC" },
        planned: plannedOf(post.metadata),
        source: post.source,
        sourceFile: post.metadata.sourceFile ?? null,
        bound: synced,
        held: readHeld(held),
        ...more,
      },
    ]),
  );
}

/** Posts that this folder was synced with, and that are none of `presentIds`, or lay where a file is that cannot be read. */
export async function missingFiles(
  hub: Hub,
  folder: string,
  { presentIds, unreadPaths }: { presentIds: readonly string[]; unreadPaths: readonly string[] },
): Promise<{ postId: string; path: string; fingerprint: string; status: string }[]> {
  const { rows } = await hub.db.execute<{ postId: string; path: string; fingerprint: string; status: string }>(sql`
    select synced.post_id as "postId", synced.path, synced.fingerprint, post.status
    from psn.synced_files as synced
    join psn.posts as post on post.id = synced.post_id
    where synced.folder = ${folder}
      and (not synced.post_id = ${anyOf(presentIds)} or synced.path = ${anyOf(unreadPaths)})
    order by synced.path, synced.post_id`);
  return rows;
}

/** Notes that file and post agree, in the transaction that made them agree. */
export async function bind(tx: Tx, folder: string, postId: string, { path, fingerprint }: ReadFile): Promise<void> {
  await tx.execute(sql`
    insert into psn.synced_files (post_id, folder, path, fingerprint, content_version, synced_at)
    select id, ${folder}, ${path}, ${fingerprint}, content_version, psn.now()
    from psn.posts
    where id = ${postId}
    on conflict (post_id) do update
    set folder = excluded.folder,
      path = excluded.path,
      fingerprint = excluded.fingerprint,
      content_version = excluded.content_version,
      synced_at = excluded.synced_at`);
}
