/** What an account has said already. X refuses recent duplicates, and readers dislike them. */
import { and, eq, inArray, isNotNull, isNull, ne, or, sql } from "drizzle-orm";
import { anyOf } from "../db/batch.ts";
import type { Db, Tx } from "../db/connection.ts";
import { posts } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { PostRow } from "../post/rows.ts";
import { statusSaid } from "../post/status-words.ts";

/** X's own window is unpublished (x-api.md §7.2). */
export const SAID_BEFORE_DAYS = 7;
/** Of the two keys of an advisory lock; the other one is the account. */
const APPROVE_LOCK = 0x7073;

const recently = sql`${posts.publishedAt} > psn.now() - make_interval(days => ${SAID_BEFORE_DAYS})`;

/** When this account last posted each of these texts, by position; only those of the last days, and of other posts. */
export async function postedRecently(
  db: Db | Tx,
  accountId: string,
  texts: readonly string[],
  exceptPostId?: string,
): Promise<Map<number, Date>> {
  const wanted = [...new Set(texts)];
  const found = new Map<number, Date>();
  if (wanted.length === 0) return found;
  const isOther = sql`coalesce(${posts.parentPostId}, ${posts.id}) <> ${exceptPostId ?? ""}`;
  const rows = await db
    .select({ content: posts.content, at: sql<string>`max(${posts.publishedAt})` })
    .from(posts)
    .where(
      and(
        eq(posts.accountId, accountId),
        isNotNull(posts.externalPostId),
        recently,
        sql`${posts.content} = ${anyOf(wanted)}`,
        isOther,
      ),
    )
    .groupBy(posts.content);
  const times = new Map(rows.map((row) => [row.content, new Date(row.at)]));
  for (const [position, text] of texts.entries()) {
    const at = times.get(text);
    if (at && text !== "") found.set(position, at);
  }
  return found;
}

/**
 * Refuses what is to the byte another post of the account: one that waits to go out, or went out in the last days.
 * `hashes` are its content hashes.
 * @throws PsnError POST_DUPLICATE, with the other post and its time
 */
export async function requireNew(
  db: Db | Tx,
  accountId: string,
  hashes: readonly string[],
  exceptPostId: string | null,
): Promise<void> {
  // Each with its account and hash, so that each finds its own index.
  const isIt = and(eq(posts.accountId, accountId), inArray(posts.approvedHash, [...hashes]));
  const isSaid = and(isIt, isNotNull(posts.externalPostId), recently);
  const isWaiting = and(isIt, isNull(posts.externalPostId), ne(posts.status, "failed"));
  const [other] = await db
    .select()
    .from(posts)
    .where(and(or(isSaid, isWaiting), exceptPostId === null ? undefined : ne(posts.id, exceptPostId)))
    .orderBy(sql`${posts.publishedAt} desc nulls last`)
    .limit(1);
  if (!other) return;
  const { id, status, publishedAt } = other;
  throw new PsnError("POST_DUPLICATE", `Post ${id} says exactly the same and ${stateOf(other)}.`, {
    // Whether X has it is not known: nobody is told how it is said twice.
    hint:
      other.subStatus === "confirming" ? stepOf(other) : `${stepOf(other)} To say it twice on purpose, add --force.`,
    next: [`psn post show ${id}`],
    details: { postId: id, status, publishedAt: publishedAt?.toISOString() ?? null },
  });
}

/**
 * What has become of a post, as the end of a sentence: “is scheduled for 2027-03-15T08:00:00.000Z”. Whoever shows it tells its times on
 * the author's clock (`withLocalTimes`).
 */
export function stateOf(root: PostRow): string {
  const { status, subStatus, publishedAt, scheduledAt, approvedHash, failCode } = root;
  if (status === "published") return publishedAt ? `went out at ${publishedAt.toISOString()}` : "is published";
  if (publishedAt) return `is partly on X since ${publishedAt.toISOString()}, and ${statusSaid(status, subStatus)}`;
  if (status === "publishing") return "is being published";
  if (status === "scheduled" && scheduledAt) return `is scheduled for ${scheduledAt.toISOString()}`;
  if (status === "retry") return statusSaid(status, subStatus);
  if (status === "failed") return `failed (${failCode ?? "unknown"})`;
  return approvedHash === null ? "is a draft that is not approved" : "is an approved draft";
}

/** Makes approvals of one account wait for each other until the end of the transaction, so that two alike cannot both pass. */
export async function lockApprovals(tx: Tx, accountId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${APPROVE_LOCK}, hashtext(${accountId}))`);
}

// --- internal ---

/** Where a command that is repeated goes on. */
function stepOf({ id, status, subStatus }: PostRow): string {
  if (status === "scheduled")
    return `It goes out by itself: psn post show ${id}; another time: psn post schedule ${id} --at TIME.`;
  if (status === "publishing") return `If the run that had it has died, this goes on with it: psn post now ${id}.`;
  if (subStatus === "confirming")
    return `PSN is finding out whether X has it; do not send it again: psn post show ${id}.`;
  if (status === "retry") return `It goes on by itself while a worker runs: psn post show ${id}.`;
  return `Look at it: psn post show ${id}.`;
}
