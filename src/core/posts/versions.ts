/** Earlier versions of a draft: a bounded stack, so that a change can be taken back. */
import { and, desc, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/connection.ts";
import { draftVersions } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Post } from "./read.ts";
import { asNewTweet, sentAndUnsent } from "./tweets.ts";

const VERSIONS_MAX = 50;
const VERSIONS_BYTES_MAX = 8 * 1024 * 1024;

export type DraftVersion = typeof draftVersions.$inferSelect;

/** Keeps what the post is now, before a change. `withSource` when the author's text changes, too. */
export async function keepVersion(tx: Tx, post: Post, note: string, withSource: boolean): Promise<void> {
  const { id, contentVersion, metadata, source } = post.root;
  const { sent, unsent } = sentAndUnsent(post);
  await tx.insert(draftVersions).values({
    postId: id,
    contentVersion,
    sentCount: sent.length,
    tweets: unsent.map(asNewTweet),
    metadata,
    source: withSource ? source : null,
    note,
    createdAt: sql`psn.now()`,
  });
  await tx.execute(sql`
    delete from psn.draft_versions
    where post_id = ${id} and content_version in (
      select content_version
      from (
        select
          content_version,
          row_number() over newest_first as rank,
          sum(pg_column_size(tweets) + coalesce(pg_column_size(source), 0)) over newest_first as bytes
        from psn.draft_versions
        where post_id = ${id}
        window newest_first as (order by content_version desc)
      ) as kept
      where rank > ${VERSIONS_MAX} or (rank > 1 and bytes > ${VERSIONS_BYTES_MAX})
    )`);
}

/**
 * The version that `undo` goes back to.
 * @throws PsnError UNDO_NOTHING, UNDO_TOO_LATE when more is on X than was then
 */
export async function latestVersion(tx: Tx, post: Post): Promise<DraftVersion> {
  const { id } = post.root;
  const [version] = await tx
    .select()
    .from(draftVersions)
    .where(eq(draftVersions.postId, id))
    .orderBy(desc(draftVersions.contentVersion))
    .limit(1);
  if (!version) {
    throw new PsnError("UNDO_NOTHING", `Post ${id} has no earlier version.`, {
      hint: `The last ${VERSIONS_MAX} changes are kept.`,
    });
  }
  if (version.sentCount !== sentAndUnsent(post).sent.length) {
    throw new PsnError("UNDO_TOO_LATE", `More of post ${id} is on X than when that change was made.`, {
      hint: `Change the rest instead: psn post edit ${id}`,
    });
  }
  return version;
}

export async function dropVersion(tx: Tx, post: Post, contentVersion: number): Promise<void> {
  await tx
    .delete(draftVersions)
    .where(and(eq(draftVersions.postId, post.root.id), eq(draftVersions.contentVersion, contentVersion)));
}
