/**
 * What an author does with a post. Each act is one transaction that locks the post, asks whether it is allowed, and
 * writes; against a run that fires at the same moment one of the two wins and the other is told.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Hub, Tx } from "../db/connection.ts";
import { appHolds, postMedia, posts } from "../db/schema.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { contentHash } from "../publish/content-hash.ts";
import { addEvent, grantLease, type Lease, pgCode } from "../publish/ledger.ts";
import { requireAllowed, type Verb } from "../publish/transitions.ts";
import type { PostMetadata } from "../types/index.ts";
import { newId } from "../utils/id.ts";
import { loadPost, type Post } from "./read.ts";

export const TWEETS_MAX = 500;
const MEDIA_A_TWEET_MAX = 4;

export interface NewMedia {
  sha256: string;
  mime: string;
  byteLength: number;
  fileName: string;
  width: number | null;
  height: number | null;
  altText: string | null;
}

export interface NewTweet {
  text: string;
  separatorAfter: string;
  media: NewMedia[];
}

export interface NewPost {
  accountId: string;
  tweets: NewTweet[];
  /** The author's text before it was cut. */
  source: string;
  metadata?: PostMetadata;
  /** A second create with the same key answers with the first post. */
  idempotencyKey?: string;
}

/**
 * Stores a draft. With an idempotency key that was used before, answers with that post and writes nothing.
 * @throws PsnError POST_EMPTY, POST_TOO_MANY_TWEETS, MEDIA_TOO_MANY, IDEMPOTENCY_KEY_REUSED (the same key, other content)
 */
export async function createPost(hub: Hub, post: NewPost): Promise<{ postId: string; created: boolean }> {
  requireTweets(post.tweets);
  const hash = contentHash(post.tweets, post.metadata ?? {});
  const earlier = await findByKey(hub, post.idempotencyKey, hash);
  if (earlier) return { postId: earlier, created: false };
  const postId = newId();
  try {
    await hub.db.transaction(async (tx) => {
      await insertTweets(tx, postId, post.accountId, post.tweets, {
        status: "draft",
        source: post.source,
        metadata: post.metadata ?? {},
        idempotencyKey: post.idempotencyKey ?? null,
      });
      await addEvent(tx, postId, {
        kind: "created",
        status: "draft",
        note: `Draft with ${post.tweets.length} ${post.tweets.length === 1 ? "tweet" : "tweets"}.`,
      });
    });
  } catch (error) {
    // Two processes with one key at the same moment: the index lets one through.
    const winner = pgCode(error) === "23505" ? await findByKey(hub, post.idempotencyKey, hash) : null;
    if (winner) return { postId: winner, created: false };
    throw error;
  }
  return { postId, created: true };
}

/** What the author must have seen for an act to be theirs: refuses when the post has changed since. */
export interface Expecting {
  contentVersion?: number;
}

/**
 * Approves exactly what is stored. Binding: what is sent later equals it to the byte, or nothing is sent.
 * @throws PsnError POST_STATUS …, POST_CHANGED
 */
export async function approvePost(
  hub: Hub,
  postId: string,
  expecting: Expecting = {},
): Promise<{ approvedHash: string }> {
  return await change(hub, postId, "approve", expecting, async (tx, post) => {
    const approvedHash = await approve(tx, post);
    return { approvedHash };
  });
}

export interface Schedule {
  at: Date;
  /** The author's zone, kept to show the time as they said it. */
  timezone: string;
}

/**
 * Sets or moves the time of an approved post. A thread that was stopped half-way resumes at its first unsent tweet.
 * @throws PsnError POST_NOT_APPROVED, TIME_IN_PAST, POST_STATUS …, POST_CHANGED
 */
export async function schedulePost(
  hub: Hub,
  engine: Engine,
  postId: string,
  schedule: Schedule,
  expecting: Expecting = {},
): Promise<{ scheduleVersion: number }> {
  const result = await change(hub, postId, "schedule", expecting, async (tx, post) => {
    requireApproved(post);
    await requireFuture(tx, schedule);
    return await setSchedule(tx, engine, post, schedule, "scheduled");
  });
  await engine.settle(hub, postId);
  return result;
}

/**
 * Takes an approved post for publishing at once, whatever its schedule was, and gives its lease to the caller, who
 * publishes. Should the caller die, a worker takes over when the lease runs out.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …, POST_CHANGED
 */
export async function takeNow(
  hub: Hub,
  engine: Engine,
  postId: string,
  owner: string,
  expecting: Expecting = {},
): Promise<Lease> {
  const lease = await change(hub, postId, "now", expecting, async (tx, post) => {
    requireApproved(post);
    await engine.forget(tx, postId);
    const taken = await grantLease(tx, postId, owner, false);
    await tx
      .update(posts)
      .set({
        scheduleVersion: sql`${posts.scheduleVersion} + 1`,
        scheduledAt: null,
        scheduledTimezone: null,
        retryCount: 0,
        ...CLEARED,
      })
      .where(eq(posts.id, postId));
    return taken;
  });
  await engine.settle(hub, postId);
  return lease;
}

/**
 * Takes a scheduled or waiting post back to draft. What is on X already stays there.
 * @throws PsnError POST_STATUS …
 */
export async function cancelPost(hub: Hub, engine: Engine, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "cancel", expecting, async (tx, post) => {
    await toDraft(tx, engine, post);
    await addEvent(tx, postId, {
      kind: "cancelled",
      status: "draft",
      note: "Cancelled by its author; it is a draft again.",
    });
  });
  await engine.settle(hub, postId);
}

export interface Edit {
  /** All unsent tweets anew. Those on X are not given, and stay. */
  unsentTweets?: NewTweet[];
  source?: string;
  metadata?: PostMetadata;
  schedule?: Schedule;
}

/**
 * Changes text, media or time. A scheduled post stays scheduled: by editing it the author approves the new content,
 * and only the new content will ever be sent. A failed one becomes a draft that waits for approval.
 * @throws PsnError POST_EMPTY, MEDIA_TOO_MANY, TIME_IN_PAST, POST_STATUS …, POST_CHANGED, POST_UNSETTLED
 */
export async function editPost(
  hub: Hub,
  engine: Engine,
  postId: string,
  edit: Edit,
  expecting: Expecting = {},
): Promise<void> {
  await change(hub, postId, "edit", expecting, async (tx, post) => {
    if (edit.schedule) await requireFuture(tx, edit.schedule);
    const schedule = edit.schedule ?? keptSchedule(post);
    const wasWaiting = post.root.status === "scheduled" || post.root.status === "retry";
    if (edit.unsentTweets || edit.metadata) await replaceUnsent(tx, post, edit);
    if (!wasWaiting) {
      if (edit.schedule) {
        const fresh = await loadPost(tx, postId);
        await approve(tx, fresh);
        await setSchedule(tx, engine, fresh, edit.schedule, "edited");
        return;
      }
      if (post.root.status === "failed") await toDraft(tx, engine, post);
      await addEvent(tx, postId, { kind: "edited", status: "draft", note: "Edited; it waits for approval." });
      return;
    }
    const fresh = await loadPost(tx, postId);
    await approve(tx, fresh, "keep");
    if (post.root.status === "retry" && !edit.schedule) {
      await resume(tx, engine, fresh, "edited", "Edited while it waited; it goes on with the new text.");
      return;
    }
    if (schedule) await setSchedule(tx, engine, fresh, schedule, "edited");
  });
  await engine.settle(hub, postId);
}

/**
 * Lets a failed or waiting post go on at once, from its first tweet without an id.
 * @throws PsnError POST_NOT_APPROVED, POST_STATUS …
 */
export async function retryPost(hub: Hub, engine: Engine, postId: string, expecting: Expecting = {}): Promise<void> {
  await change(hub, postId, "retry", expecting, async (tx, post) => {
    requireApproved(post);
    await resume(tx, engine, post, "retried", "Tried again by its author.");
  });
  await engine.settle(hub, postId);
}

/**
 * Removes a draft that has nothing on X.
 * @throws PsnError POST_STATUS …, POST_PARTLY_SENT
 */
export async function deletePost(hub: Hub, postId: string): Promise<void> {
  await change(hub, postId, "delete", {}, async (tx, post) => {
    if (post.tweets.some((tweet) => tweet.externalPostId)) {
      throw new PsnError("POST_PARTLY_SENT", `Part of post ${postId} is on X, so its record is kept.`);
    }
    await tx.delete(posts).where(eq(posts.id, postId));
  });
}

/** A new draft with the same content. The original is not touched. */
export async function copyPost(hub: Hub, postId: string): Promise<{ postId: string }> {
  const post = await loadPost(hub.db, postId);
  const { postId: copy } = await createPost(hub, {
    accountId: post.root.accountId,
    source: post.root.source ?? "",
    metadata: post.root.metadata,
    tweets: post.tweets.map((tweet) => ({
      text: tweet.content,
      separatorAfter: tweet.separatorAfter,
      media: tweet.media,
    })),
  });
  return { postId: copy };
}

/** Lets go of the hold on the whole app; every post that waited for it is due at once. @returns how many */
export async function resumeApp(hub: Hub, engine: Engine, clientId: string): Promise<number> {
  return await wakeAll(
    hub,
    engine,
    sql`sub_status = 'out_of_credits'`,
    "The hold on the app was lifted.",
    async (tx) => {
      await tx.delete(appHolds).where(eq(appHolds.clientId, clientId));
    },
  );
}

/** An account signed in again: what waited for that is due at once. @returns how many */
export async function resumeAccount(hub: Hub, engine: Engine, accountId: string): Promise<number> {
  const waiting = sql`sub_status = 'awaiting_auth' and account_id = ${accountId}`;
  return await wakeAll(hub, engine, waiting, "The account signed in again.");
}

// --- internal ---

const CLEARED = { failCode: null, failReason: null, subStatus: null } as const;
const WAKE_MAX = 10_000;

async function change<T>(
  hub: Hub,
  postId: string,
  verb: Verb,
  expecting: Expecting,
  act: (tx: Tx, post: Post) => Promise<T>,
): Promise<T> {
  return await hub.db.transaction(async (tx) => {
    const post = await loadPost(tx, postId, true);
    requireAllowed(verb, postId, post.root.status);
    if (expecting.contentVersion !== undefined && expecting.contentVersion !== post.root.contentVersion) {
      throw new PsnError(
        "POST_CHANGED",
        `Post ${postId} has changed since you saw it (version ${expecting.contentVersion}, now ${post.root.contentVersion}).`,
        { hint: `Look at it again: psn post show ${postId}`, details: { contentVersion: post.root.contentVersion } },
      );
    }
    return await act(tx, post);
  });
}

async function approve(tx: Tx, post: Post, mode: "tell" | "keep" = "tell"): Promise<string> {
  requireTweets(post.tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })));
  const approvedHash = contentHash(
    post.tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
    post.root.metadata,
  );
  await tx.update(posts).set({ approvedHash, approvedAt: sql`psn.now()` }).where(eq(posts.id, post.root.id));
  if (mode === "tell") {
    await addEvent(tx, post.root.id, {
      kind: "approved",
      status: post.root.status,
      note: "Approved by its author.",
      facts: { hash: approvedHash },
    });
  }
  return approvedHash;
}

function requireApproved(post: Post): void {
  if (post.root.approvedHash !== null) return;
  throw new PsnError("POST_NOT_APPROVED", `Post ${post.root.id} is not approved; nothing is sent unapproved.`, {
    hint: `psn post show ${post.root.id}, then psn post approve ${post.root.id}`,
  });
}

/** The past is an error, not "now". */
async function requireFuture(tx: Tx, schedule: Schedule): Promise<void> {
  const { rows } = await tx.execute<{ now: string }>(sql`select psn.now() as now`);
  const now = new Date(rows[0]?.now ?? 0);
  if (schedule.at.getTime() > now.getTime()) return;
  throw new PsnError("TIME_IN_PAST", `${schedule.at.toISOString()} is in the past (it is ${now.toISOString()}).`, {
    hint: "Give a later time, or publish at once with: psn post now ID",
  });
}

function keptSchedule(post: Post): Schedule | null {
  const { scheduledAt, scheduledTimezone } = post.root;
  return scheduledAt ? { at: scheduledAt, timezone: scheduledTimezone ?? "UTC" } : null;
}

async function setSchedule(
  tx: Tx,
  engine: Engine,
  post: Post,
  schedule: Schedule,
  kind: "scheduled" | "edited",
): Promise<{ scheduleVersion: number }> {
  const { id } = post.root;
  const [row] = await tx
    .update(posts)
    .set({
      status: "scheduled",
      ...CLEARED,
      scheduledAt: schedule.at,
      scheduledTimezone: schedule.timezone,
      dueAt: schedule.at,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, id))
    .returning({ scheduleVersion: posts.scheduleVersion });
  const scheduleVersion = row?.scheduleVersion ?? 0;
  await engine.wake(tx, { postId: id, scheduleVersion, at: schedule.at });
  await addEvent(tx, id, {
    kind,
    status: "scheduled",
    note: `${kind === "edited" ? "Edited; scheduled" : "Scheduled"} for ${schedule.at.toISOString()}.`,
    facts: { at: schedule.at.toISOString(), timezone: schedule.timezone, scheduleVersion },
  });
  return { scheduleVersion };
}

async function resume(tx: Tx, engine: Engine, post: Post, kind: string, note: string): Promise<void> {
  const [row] = await tx
    .update(posts)
    .set({
      status: "retry",
      ...CLEARED,
      dueAt: sql`psn.now()`,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      // The author has spoken, so the time that was missed no longer counts.
      scheduledAt: null,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, post.root.id))
    .returning({ scheduleVersion: posts.scheduleVersion, dueAt: posts.dueAt });
  if (!row?.dueAt) throw new Error(`post ${post.root.id} vanished under its lock`);
  await engine.wake(tx, { postId: post.root.id, scheduleVersion: row.scheduleVersion, at: row.dueAt });
  await addEvent(tx, post.root.id, { kind, status: "retry", note });
}

async function toDraft(tx: Tx, engine: Engine, post: Post): Promise<void> {
  await tx
    .update(posts)
    .set({
      status: "draft",
      ...CLEARED,
      scheduledAt: null,
      scheduledTimezone: null,
      dueAt: null,
      scheduleVersion: sql`${posts.scheduleVersion} + 1`,
      retryCount: 0,
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, post.root.id));
  await engine.forget(tx, post.root.id);
}

/** Puts new tweets in the place of all that have no id. The root row stays, for it carries the post. */
async function replaceUnsent(tx: Tx, post: Post, edit: Edit): Promise<void> {
  const { id, accountId } = post.root;
  const sent = post.tweets.filter((tweet) => tweet.externalPostId !== null);
  const unsent = post.tweets.filter((tweet) => tweet.externalPostId === null);
  const { rows } = await tx.execute<{ open: number }>(sql`
    select count(*)::int as open from psn.publish_attempts where root_id = ${id} and outcome is null`);
  if ((rows[0]?.open ?? 0) > 0 && edit.unsentTweets) {
    throw new PsnError("POST_UNSETTLED", `PSN is still finding out whether a tweet of post ${id} is on X.`, {
      hint: `Wait until that is known: psn post show ${id}`,
    });
  }
  if (edit.unsentTweets) {
    const tweets = edit.unsentTweets;
    requireTweets([...sent.map((tweet) => ({ text: tweet.content, media: tweet.media })), ...tweets]);
    if (tweets.length === 0 && unsent.length > 0 && sent.length === 0) {
      throw new PsnError("POST_EMPTY", "A post needs at least one tweet.");
    }
    for (const tweet of unsent) {
      if (tweet.id === id) await tx.delete(postMedia).where(eq(postMedia.postId, id));
      else await tx.delete(posts).where(eq(posts.id, tweet.id));
    }
    let position = sent.length;
    for (const tweet of tweets) {
      if (position === 0) {
        await tx
          .update(posts)
          .set({ content: tweet.text, separatorAfter: tweet.separatorAfter })
          .where(eq(posts.id, id));
        await insertMedia(tx, id, tweet.media);
      } else {
        await insertChild(tx, id, accountId, position, tweet);
      }
      position++;
    }
  }
  await tx
    .update(posts)
    .set({
      contentVersion: sql`${posts.contentVersion} + 1`,
      ...(post.root.status === "draft" || post.root.status === "failed"
        ? { approvedHash: null, approvedAt: null }
        : {}),
      ...(edit.source === undefined ? {} : { source: edit.source }),
      ...(edit.metadata === undefined ? {} : { metadata: edit.metadata }),
      updatedAt: sql`psn.now()`,
    })
    .where(eq(posts.id, id));
}

async function insertTweets(
  tx: Tx,
  rootId: string,
  accountId: string,
  tweets: readonly NewTweet[],
  root: Pick<typeof posts.$inferInsert, "status" | "source" | "metadata" | "idempotencyKey">,
): Promise<void> {
  const [first, ...others] = tweets;
  if (!first) throw new PsnError("POST_EMPTY", "A post needs at least one tweet.");
  await tx.insert(posts).values({
    ...root,
    id: rootId,
    accountId,
    content: first.text,
    separatorAfter: first.separatorAfter,
    createdAt: sql`psn.now()`,
    updatedAt: sql`psn.now()`,
  });
  await insertMedia(tx, rootId, first.media);
  for (const [index, tweet] of others.entries()) await insertChild(tx, rootId, accountId, index + 1, tweet);
}

async function insertChild(
  tx: Tx,
  rootId: string,
  accountId: string,
  position: number,
  tweet: NewTweet,
): Promise<void> {
  const id = newId();
  await tx.insert(posts).values({
    id,
    accountId,
    parentPostId: rootId,
    threadPosition: position,
    content: tweet.text,
    separatorAfter: tweet.separatorAfter,
    createdAt: sql`psn.now()`,
    updatedAt: sql`psn.now()`,
  });
  await insertMedia(tx, id, tweet.media);
}

async function insertMedia(tx: Tx, postId: string, media: readonly NewMedia[]): Promise<void> {
  for (const [position, item] of media.entries()) {
    const { sha256, mime, byteLength, fileName, width, height, altText } = item;
    await tx
      .insert(postMedia)
      .values({ id: newId(), postId, position, sha256, mime, byteLength, fileName, width, height, altText });
  }
}

function requireTweets(tweets: readonly { text: string; media: readonly unknown[] }[]): void {
  if (tweets.length === 0 || tweets.some((tweet) => tweet.text.trim() === "" && tweet.media.length === 0)) {
    throw new PsnError("POST_EMPTY", "A tweet needs text or media.", {
      hint: "Give a text: psn post create --file FILE",
    });
  }
  if (tweets.length > TWEETS_MAX) {
    throw new PsnError("POST_TOO_MANY_TWEETS", `That is ${tweets.length} tweets; a post holds ${TWEETS_MAX} at most.`);
  }
  if (tweets.some((tweet) => tweet.media.length > MEDIA_A_TWEET_MAX)) {
    throw new PsnError("MEDIA_TOO_MANY", `X takes ${MEDIA_A_TWEET_MAX} images a tweet at most.`);
  }
}

async function findByKey(hub: Hub, key: string | undefined, hash: string): Promise<string | null> {
  if (key === undefined) return null;
  const [row] = await hub.db
    .select({ id: posts.id, metadata: posts.metadata })
    .from(posts)
    .where(and(eq(posts.idempotencyKey, key), eq(posts.userId, "local")));
  if (!row) return null;
  const post = await loadPost(hub.db, row.id);
  const same =
    contentHash(
      post.tweets.map((tweet) => ({ text: tweet.content, media: tweet.media })),
      row.metadata,
    ) === hash;
  // An edited post keeps its key; only a first version that was never touched can be compared.
  if (same || post.root.contentVersion > 1) return row.id;
  throw new PsnError("IDEMPOTENCY_KEY_REUSED", `The key belongs to post ${row.id}, which has other content.`, {
    hint: "Use a new key for a new post.",
    details: { postId: row.id },
  });
}

async function wakeAll(
  hub: Hub,
  engine: Engine,
  which: ReturnType<typeof sql>,
  note: string,
  also: (tx: Tx) => Promise<void> = async () => {},
): Promise<number> {
  const woken = await hub.db.transaction(async (tx) => {
    await also(tx);
    const { rows } = await tx.execute<{ id: string; version: number; due_at: string }>(sql`
      update psn.posts
      set due_at = psn.now(), sub_status = null, updated_at = psn.now()
      where id in (
        select id from psn.posts where status = 'retry' and ${which} order by created_at limit ${WAKE_MAX} for update
      )
      returning id, schedule_version as version, due_at`);
    for (const row of rows) {
      await engine.wake(tx, { postId: row.id, scheduleVersion: row.version, at: new Date(row.due_at) });
      await addEvent(tx, row.id, { kind: "resumed", status: "retry", note });
    }
    return rows;
  });
  for (const row of woken) await engine.settle(hub, row.id);
  return woken.length;
}
