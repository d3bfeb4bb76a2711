/**
 * The record may be old: the hub was put back from a backup, or another copy of it went on. So before the first send after
 * every worker has been away, and after `psn hub claim`, each account's own posts are read and compared with the
 * record. What X shows and the record does not know is kept, and each tweet that was approved before is looked for there
 * instead of being sent again.
 */
import { and, eq, sql } from "drizzle-orm";
import type { Hub } from "../../db/connection.ts";
import { accountLooks, unknownPosts } from "../../db/schema.ts";
import type { OwnPost } from "../../platform.ts";
import { addEvent } from "../../post/history.ts";
import type { RunTweet } from "../../post/rows.ts";
import { PERHAPS_ON_X } from "../decide/next-step.ts";
import { judgeStray, type StrayVerdict } from "../decide/stray.ts";
import type { PublishResult } from "../deps.ts";
import { fail, refreshRefused, waitForToken, waitOrGiveUp } from "../finish.ts";
import { labelOf, type Run, replyToIdOf } from "../run.ts";
import { CLOCKS_UNKNOWN_MS, type LookDeps, type OwnList, POSTS_MAX, readOwnSince, readOwnTwice } from "./look-up.ts";

/** What the hub says of an account's look. */
export interface LookState {
  /** Posts that were approved before this may be on X; X was not looked at yet. */
  wantedBefore: Date | null;
  /** The record itself is in doubt: a person said so (`psn hub claim`), or it was found out. */
  isInDoubt: boolean;
  /** When X was last looked at, if that found what the record does not know. */
  strangersAt: Date | null;
}

/**
 * Looks at X, if that is wanted, and for this tweet among what the record does not know.
 * @returns the run's end; or the id under which the tweet stands on X, with nothing sent; or null: it is to be sent
 */
export async function lookBack(
  run: Run,
  tweet: RunTweet,
  state: LookState,
): Promise<{ ended: PublishResult } | { externalPostId: string } | null> {
  const { deps, root } = run;
  const approvedMs = root.approvedAt?.getTime() ?? 0;
  const mayBeThere = (before: Date | null) => before !== null && approvedMs < before.getTime();
  if (mayBeThere(state.wantedBefore)) {
    const ended = await look(run, tweet, state.isInDoubt);
    if (ended) return { ended };
  } else if (!mayBeThere(state.strangersAt)) {
    return null;
  }
  const verdict = await judge(run, tweet);
  switch (verdict.kind) {
    case "none":
      return null;
    case "ours":
      return { externalPostId: verdict.post.id };
    case "perhaps": {
      // Said once: who then says that it is to be sent has looked.
      await forget(deps.hub, tweet.accountId, verdict.post.id);
      const where = `https://x.com/i/status/${verdict.post.id}`;
      const what = `The account posted ${tweet.media.length > 1 ? "pictures" : "a picture"} without words (${where}) that PSN has no record of, and this may be it. So it was not sent.`;
      return { ended: await fail(run, PERHAPS_ON_X, `${labelOf(run, tweet)}${what}`) };
    }
  }
}

/**
 * X is to be compared with the record, and its timeline does not tell: waits up to the grace, and then fails, for only a person can look.
 * `psn post retry` is their word that the post is not there.
 * @param what a sentence without its full stop
 */
export async function waitToCompare(run: Run, what: string, notBefore: Date | null): Promise<PublishResult> {
  return await waitOrGiveUp(run, "RECORD_NOT_COMPARED", what, {
    subStatus: "confirming",
    notBefore,
    advice: ` Look on X whether it is there; when it is not: psn post retry ${run.root.id}`,
  });
}

// --- internal ---

/** One read of X for all posts of an account that begin at once. */
const looks = new WeakMap<Hub, Map<string, Promise<OwnList>>>();

/**
 * Reads the account's own posts and keeps what is not known. An account whose posts X does not let be read would wait for
 * ever after each absence. Where the hub's mark says that the record is whole, it goes on without; else it waits up to the
 * grace, and fails for a person to look.
 * @returns the run's end where X could not be read
 */
async function look(run: Run, tweet: RunTweet, isInDoubt: boolean): Promise<PublishResult | null> {
  const { deps, root } = run;
  const going = looks.get(deps.hub) ?? new Map<string, Promise<OwnList>>();
  looks.set(deps.hub, going);
  const { accountId } = root;
  const reading = going.get(accountId) ?? readAndKeep(deps, accountId).finally(() => going.delete(accountId));
  going.set(accountId, reading);
  const list = await reading;
  const wait = async (cause: string, retryAt: Date | null) => {
    const what = `Nothing ran for a while, or the hub was put back, so X is looked at first; its timeline cannot be read (${cause})`;
    return await waitToCompare(run, what, retryAt);
  };
  switch (list.kind) {
    case "no_token":
      return await waitForToken(run, list.answer);
    case "token_refused":
      return (await refreshRefused(run, list.version)) ?? (await wait("the token was refused", null));
    case "unavailable":
      if (list.isForbidden && deps.mark && !isInDoubt) return await goOnByMark(run, tweet, list.cause);
      return await wait(list.cause, list.retryAt);
    case "posts":
      return list.complete ? null : await wait("its list was cut short", null);
  }
}

/** An embedded hub that is the one its mark says has lost nothing: it goes on, and the history says on what. */
async function goOnByMark({ deps, root }: Run, tweet: RunTweet, cause: string): Promise<null> {
  if (tweet.threadPosition === 0) {
    const note = `Nothing ran for a while, and X does not let the account's posts be read (${cause}). The hub's mark says that the record is whole, so it goes on.`;
    await deps.hub.db.transaction((tx) => addEvent(tx, root.id, { kind: "not_compared", status: "publishing", note }));
  }
  return null;
}

async function readAndKeep(deps: LookDeps, accountId: string): Promise<OwnList> {
  const { hub } = deps;
  // What is posted while X is being read is known by then, or is in the next list.
  const from = await lookFrom(hub, accountId);
  const { sinceId, firstApproval, isThorough } = from;
  const list =
    sinceId === null
      ? await readOwnSince(deps, accountId, firstApproval, isThorough)
      : await readOwnTwice(deps, accountId, sinceId, POSTS_MAX);
  if (list.kind === "posts" && list.complete) await keep(hub, accountId, list.posts, from);
  return list;
}

/** From where X is read, and when that was asked. */
interface LookFrom {
  /** The newest tweet of the account that the record knows; null where there is none, or the record itself is in doubt. */
  sinceId: string | null;
  /** When the first post was approved that may still be sent. */
  firstApproval: Date;
  isThorough: boolean;
  askedAt: Date;
}

async function lookFrom(hub: Hub, accountId: string): Promise<LookFrom> {
  const isInDoubt = sql`exists (select from psn.account_looks where account_id = ${accountId} and is_thorough and looked_at is null)`;
  const { rows } = await hub.db.execute<{ since: string | null; first: string; thorough: boolean; asked: string }>(sql`
    select
      psn.now() as asked,
      ${isInDoubt} as thorough,
      (
        select tweet.external_post_id
        from psn.posts as tweet
        where tweet.account_id = ${accountId}
          and tweet.external_post_id is not null
          and not ${isInDoubt}
        order by length(tweet.external_post_id) desc, tweet.external_post_id desc
        limit 1
      ) as since,
      coalesce(
        (
          select min(approved_at)
          from psn.posts
          where account_id = ${accountId}
            and approved_hash is not null
            and status in ('scheduled', 'publishing', 'retry', 'failed')
        ),
        psn.now()
      ) as first`);
  const [row] = rows;
  return {
    sinceId: row?.since ?? null,
    firstApproval: new Date(row?.first ?? 0),
    isThorough: row?.thorough ?? true,
    askedAt: new Date(row?.asked ?? 0),
  };
}

async function keep(hub: Hub, accountId: string, posts: readonly OwnPost[], from: LookFrom): Promise<void> {
  await hub.db.transaction(async (tx) => {
    // What lies before the newest known tweet was not read again: what an earlier look found there is still so.
    if (from.sinceId === null) await tx.delete(unknownPosts).where(eq(unknownPosts.accountId, accountId));
    const rows = posts.map(({ id, text, replyToId, mediaCount, createdAt, isBeginning }) => ({
      accountId,
      externalPostId: id,
      text,
      replyToId,
      mediaCount,
      madeAt: createdAt,
      isBeginning: isBeginning ?? false,
    }));
    if (rows.length > 0) await tx.insert(unknownPosts).values(rows).onConflictDoNothing();
    // A look that was wanted while X was being read is still to come.
    const isWantedAgain = sql`${accountLooks.wantedAt} > ${from.askedAt}`;
    await tx
      .insert(accountLooks)
      .values({ accountId, wantedAt: from.askedAt, isThorough: false, lookedAt: from.askedAt })
      .onConflictDoUpdate({
        target: accountLooks.accountId,
        set: { lookedAt: from.askedAt, isThorough: sql`${accountLooks.isThorough} and ${isWantedAgain}` },
      });
  });
}

async function judge(run: Run, tweet: RunTweet): Promise<StrayVerdict> {
  const { deps, root } = run;
  // What the author said by hand before approving this is another post; the clocks of hub and X may differ.
  const earliest = new Date((root.approvedAt?.getTime() ?? 0) - CLOCKS_UNKNOWN_MS);
  const { rows } = await deps.hub.db.execute<{
    id: string;
    text: string;
    reply: string | null;
    media: number;
    beginning: boolean;
  }>(sql`
    select external_post_id as id, text, reply_to_id as reply, media_count as media, is_beginning as beginning
    from psn.unknown_posts as seen
    where account_id = ${tweet.accountId}
      and (made_at is null or made_at > ${earliest})
      and not exists (
        select
        from psn.posts as known
        where known.account_id = seen.account_id
          and known.external_post_id = seen.external_post_id
      )
      -- It may be what another post's unanswered request made, which looks for it by itself.
      and not exists (
        select
        from psn.publish_attempts as attempt
        join psn.posts as other on other.id = attempt.post_id
        where attempt.outcome is null
          and other.account_id = ${tweet.accountId}
          and other.id <> ${tweet.id}
          and other.content = ${tweet.content}
      )`);
  const strays = rows.map(({ id, text, reply, media, beginning }) => ({
    id,
    text,
    replyToId: reply,
    mediaCount: media,
    isBeginning: beginning,
  }));
  const replyToId = replyToIdOf(run, tweet);
  const unsent = { text: tweet.content, replyToId, mediaCount: tweet.media.length };
  return judgeStray(unsent, strays, deps.platform.sameText);
}

async function forget(hub: Hub, accountId: string, externalPostId: string): Promise<void> {
  await hub.db
    .delete(unknownPosts)
    .where(and(eq(unknownPosts.accountId, accountId), eq(unknownPosts.externalPostId, externalPostId)));
}
