/**
 * Earlier versions of a draft: a bounded stack, so that a change can be taken back. What was taken back is a second stack in the
 * same table, under the negative of the content version that it was, until the next change.
 */
import { and, asc, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { Tx } from "../db/connection.ts";
import { draftVersions } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Post } from "./read.ts";
import { asNewTweet, sentAndUnsent } from "./tweets.ts";

const VERSIONS_MAX = 50;
const VERSIONS_BYTES_MAX = 8 * 1024 * 1024;

export type DraftVersion = typeof draftVersions.$inferSelect;

/**
 * Keeps what the post is now, before a change. `withSource` when the author's text changes, too. A change of the author's makes what
 * was undone before it unreachable; a redo (`isRedo`) leaves the rest of it.
 */
export async function keepVersion(
  tx: Tx,
  post: Post,
  note: string,
  withSource: boolean,
  isRedo = false,
): Promise<void> {
  const { id } = post.root;
  await insertVersion(tx, post, note, withSource, 1);
  const undone = isRedo ? sql`` : sql`content_version < 0 or`;
  await tx.execute(sql`
    delete from psn.draft_versions
    where post_id = ${id} and (${undone} content_version in (
      select content_version
      from (
        select
          content_version,
          row_number() over newest_first as rank,
          sum(pg_column_size(tweets) + coalesce(pg_column_size(source), 0)) over newest_first as bytes
        from psn.draft_versions
        where post_id = ${id} and content_version > 0
        window newest_first as (order by content_version desc)
      ) as kept
      where rank > ${VERSIONS_MAX} or (rank > 1 and bytes > ${VERSIONS_BYTES_MAX})
    ))`);
}

/** Keeps what the post is now, before its last change is undone, for `redo`. `note` is the change that is undone. */
export async function keepUndone(tx: Tx, post: Post, note: string, withSource: boolean): Promise<void> {
  await insertVersion(tx, post, note, withSource, -1);
}

/**
 * The version that `redo` goes forward to.
 * @throws PsnError REDO_NOTHING, REDO_TOO_LATE when more is on X than was then
 */
export async function latestUndone(tx: Tx, post: Post): Promise<DraftVersion> {
  const { id } = post.root;
  const [version] = await tx
    .select()
    .from(draftVersions)
    .where(and(eq(draftVersions.postId, id), lt(draftVersions.contentVersion, 0)))
    .orderBy(asc(draftVersions.contentVersion))
    .limit(1);
  if (!version) {
    throw new PsnError("REDO_NOTHING", `Post ${id} has no undone change.`, {
      hint: "What was undone can be done again until the next change.",
    });
  }
  if (version.sentCount !== sentAndUnsent(post).sent.length) throw tooLate("REDO_TOO_LATE", id);
  return version;
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
    .where(and(eq(draftVersions.postId, id), gt(draftVersions.contentVersion, 0)))
    .orderBy(desc(draftVersions.contentVersion))
    .limit(1);
  if (!version) {
    throw new PsnError("UNDO_NOTHING", `Post ${id} has no earlier version.`, {
      hint: `The last ${VERSIONS_MAX} changes are kept.`,
    });
  }
  if (version.sentCount !== sentAndUnsent(post).sent.length) throw tooLate("UNDO_TOO_LATE", id);
  return version;
}

export async function dropVersion(tx: Tx, post: Post, contentVersion: number): Promise<void> {
  await tx
    .delete(draftVersions)
    .where(and(eq(draftVersions.postId, post.root.id), eq(draftVersions.contentVersion, contentVersion)));
}

// --- internal ---

async function insertVersion(tx: Tx, post: Post, note: string, withSource: boolean, sign: 1 | -1): Promise<void> {
  const { id, contentVersion, metadata, source } = post.root;
  const { sent, unsent } = sentAndUnsent(post);
  await tx.insert(draftVersions).values({
    postId: id,
    contentVersion: sign * contentVersion,
    sentCount: sent.length,
    tweets: unsent.map(asNewTweet),
    metadata,
    source: withSource ? source : null,
    note,
    createdAt: sql`psn.now()`,
  });
}

function tooLate(code: string, id: string): PsnError {
  return new PsnError(code, `More of post ${id} is on X than when that change was made.`, {
    hint: `Change the rest instead: psn post edit ${id}`,
    next: [`psn post edit ${id}`],
  });
}
