/** Files that are posts. One that was given before is that post, and is not made into a second one without a word. */

import { and, eq, inArray, isNull, not, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import { posts, syncedFiles } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { hashOfStored } from "../post/content-hash.ts";
import { isWaiting } from "../post/transitions.ts";
import { shellWord } from "../utils/shell-word.ts";
import { composingOf } from "./composing.ts";
import { findPostId, loadPost, type Post } from "./read.ts";
import { stateOf } from "./said-before.ts";
import { sentAndUnsent } from "./tweets.ts";

/** Of the two keys of an advisory lock; the other one is the file. */
const FILE_LOCK = 0x7066;

/** The file that a text came from. */
export interface SourceFile {
  /** As its author gave it, for messages and commands. */
  name: string;
  /** Absolute, without links; what the post keeps. */
  path: string;
  /** Other absolute names of it: earlier versions kept the path as it was given. */
  otherPaths?: readonly string[] | undefined;
  /** The post that its front matter names, by its id or a unique beginning. */
  id?: string | undefined;
  /** The time that its front matter names, in its own words, and the zone beside it. */
  at?: string | undefined;
  timezone?: string | undefined;
  /** Posts that it is known not to be: other files name them. */
  notPosts?: readonly string[] | undefined;
}

/** The words in which a file names its time. */
export function saidIn({ at = "", timezone = "" }: Pick<SourceFile, "at" | "timezone">): string {
  return `${at} ${timezone}`.trim();
}

/**
 * Refuses a file that is a post of the account already, in the transaction that makes the new one. `hash` is the content that
 * the file has now.
 * @throws PsnError POST_DUPLICATE when it says what the post says, FILE_IS_POST when it was changed since, POST_UNKNOWN for an
 *   id that no post has
 */
export async function requireNewFile(tx: Tx, accountId: string, file: SourceFile, hash: string): Promise<void> {
  // Two processes with one file at the same moment: the second waits, and finds the post of the first.
  await tx.execute(sql`select pg_advisory_xact_lock(${FILE_LOCK}, hashtext(${file.path}))`);
  const postId =
    file.id === undefined
      ? await findPostByPath(tx, [file.path, ...(file.otherPaths ?? [])], { ...file, accountId })
      : await idOf(tx, file.name, file.id);
  if (postId === null) return;
  const post = await loadPost(tx, postId);
  const isSame = hashOfStored(post) === hash;
  throw isSame ? sameAsPost(post, file) : changedSincePost(post, file);
}

/**
 * Refuses a file for `postId` whose front matter names another post.
 * @throws PsnError FILE_IS_POST, POST_UNKNOWN
 */
export async function requireFileOf(db: Db | Tx, postId: string, file: SourceFile): Promise<void> {
  if (file.id === undefined) return;
  const named = await idOf(db, file.name, file.id);
  if (named === postId) return;
  throw new PsnError("FILE_IS_POST", `${file.name} says that it is post ${named}, and this is post ${postId}.`, {
    hint: `Its own post: psn post edit ${named} --file ${shellWord(file.name)}. To use it here all the same, add --force.`,
    next: [`psn post edit ${named} --file ${shellWord(file.name)}`],
    details: { postId: named },
  });
}

/**
 * The post whose file has one of these absolute paths: of a folder that was synced the file's last place, else where the text came from.
 * Of several the one that can still be changed, then the latest.
 */
export async function findPostByPath(
  db: Db | Tx,
  paths: readonly string[],
  { accountId, notPosts = [] }: { accountId?: string | undefined; notPosts?: readonly string[] | undefined } = {},
): Promise<string | null> {
  const isAt = sql`case
    when ${syncedFiles.postId} is null then ${posts.metadata} ->> 'sourceFile'
    else ${syncedFiles.folder} || '/' || ${syncedFiles.path}
  end`;
  const [row] = await db
    .select({ id: posts.id })
    .from(posts)
    .leftJoin(syncedFiles, eq(syncedFiles.postId, posts.id))
    .where(
      and(
        isNull(posts.parentPostId),
        accountId === undefined ? undefined : eq(posts.accountId, accountId),
        inArray(isAt, [...paths]),
        notPosts.length === 0 ? undefined : not(sql`${posts.id} = ${anyOf(notPosts)}`),
      ),
    )
    .orderBy(sql`${posts.status} = 'published', ${posts.createdAt} desc, ${posts.id}`)
    .limit(1);
  return row?.id ?? null;
}

// --- internal ---

async function idOf(db: Db | Tx, name: string, id: string): Promise<string> {
  try {
    return await findPostId(db, id);
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    const hint =
      error.code === "POST_UNKNOWN" ? `To make a new post of it, take the line “id: …” out of it.` : error.hint;
    throw new PsnError(error.code, `The front matter of ${name}: ${error.message}`, hint ? { hint } : {});
  }
}

function sameAsPost(post: Post, file: SourceFile): PsnError {
  const { id, status, metadata } = post.root;
  const hints: string[] = [];
  const next: string[] = [];
  const hasNewTime = file.at !== undefined && composingOf(metadata).planned?.said !== saidIn(file);
  const canMove = status !== "published" && status !== "publishing";
  if (hasNewTime && canMove) {
    const zone = file.timezone === undefined ? "" : ` --timezone ${shellWord(file.timezone)}`;
    next.push(`psn post schedule ${id} --at ${shellWord(file.at ?? "")}${zone}`);
    hints.push(`For its new time: ${next[0]}.`);
  } else if (status === "draft" && post.root.approvedHash === null) {
    next.push(`psn post approve ${id}`);
    hints.push(`Go on with it: ${next[0]}.`);
  } else if (status === "published") {
    next.push(`psn post copy ${id}`);
    hints.push(`To say it again: ${next[0]}.`);
  } else {
    next.push(`psn post show ${id}`);
    hints.push(`Look at it: ${next[0]}. For another time: psn post schedule ${id} --at TIME.`);
  }
  hints.push("To say it twice on purpose, add --force.");
  return new PsnError(
    "POST_DUPLICATE",
    `${file.name} is post ${id} already, with the same words; it ${stateOf(post.root)}.`,
    {
      hint: hints.join(" "),
      next,
      details: details(post, file),
    },
  );
}

function changedSincePost(post: Post, file: SourceFile): PsnError {
  const { id, status, contentVersion } = post.root;
  const { sent } = sentAndUnsent(post);
  const edit = `psn post edit ${id} --file ${shellWord(file.name)}`;
  const edited = contentVersion > 1 ? ` Its words were edited since it was made: psn post show ${id}.` : "";
  const hint =
    status === "published"
      ? `What is on X cannot be changed. To say it again: psn post copy ${id}.`
      : status === "publishing"
        ? `Look again in a moment: psn post show ${id}.`
        : sent.length > 0
          ? `Part of it is on X: psn post show ${id}. Its rest can be given anew: psn post edit ${id} --text "…".`
          : isWaiting({ status })
            ? `To give the post what the file says now, once its author approves that: ${edit} --approve.${edited}`
            : `To give the post what the file says now: ${edit}.${edited}`;
  return new PsnError(
    "FILE_IS_POST",
    `${file.name} is post ${id} already, with other words; it ${stateOf(post.root)}.`,
    {
      hint: `${hint} To make another post of the file, add --new.`,
      next: status === "draft" && sent.length === 0 ? [edit, `psn post show ${id}`] : [`psn post show ${id}`],
      details: details(post, file),
    },
  );
}

function details({ root }: Post, { path }: SourceFile): Record<string, unknown> {
  return {
    postId: root.id,
    status: root.status,
    sourceFile: path,
    contentVersion: root.contentVersion,
    scheduledAt: root.scheduledAt?.toISOString() ?? null,
    publishedAt: root.publishedAt?.toISOString() ?? null,
  };
}
