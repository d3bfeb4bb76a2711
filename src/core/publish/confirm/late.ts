/**
 * Looking for a tweet of a post that is not going out any more: it failed, its author cancelled it, or another request's
 * tweet was found, while a request was unanswered. Nothing is sent here and no lease is needed; its author only learns
 * what is on X.
 */
import { and, eq, inArray, sql } from "drizzle-orm";
import { posts, publishAttempts } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import { loadTweets, type TweetRow } from "../../post/rows.ts";
import type { PostStatus } from "../../types/index.ts";
import { answerAttempt, countLook, noteLook } from "../attempts/attempts.ts";
import { type OpenAttempt, pastAttempts } from "../attempts/past.ts";
import { recordPosted } from "../attempts/record.ts";
import { perhapsOnX } from "../decide/next-step.ts";
import { type LookDeps, lookForTweet } from "./look-up.ts";

/** Of these nobody has a run that would look. */
export const ENDED: readonly PostStatus[] = ["draft", "failed", "published"];

/** One look for each open attempt of a post that is not going out. @returns whether there was any */
export async function lookLate(deps: LookDeps, postId: string): Promise<boolean> {
  const { hub } = deps;
  const open = await hub.db
    .select({ tweetId: publishAttempts.postId })
    .from(publishAttempts)
    .innerJoin(posts, eq(posts.id, publishAttempts.rootId))
    .where(
      and(
        eq(publishAttempts.rootId, postId),
        sql`${publishAttempts.outcome} is null`,
        inArray(posts.status, [...ENDED]),
      ),
    );
  if (open.length === 0) return false;
  const tweets = await loadTweets(hub.db, postId);
  for (const { tweetId } of open) {
    const tweet = tweets.find((candidate) => candidate.id === tweetId);
    const attempt = tweet && (await pastAttempts(hub, tweetId)).open;
    if (!tweet || !attempt) continue;
    const seen = await lookForTweet(deps, tweet, attempt);
    if (seen.kind === "unclear") await tellPerhaps(deps, { postId, tweet, attempt, shownId: seen.postId });
    // A sign-in that ended, or a timeline that is down: the watchdog comes again.
    if (seen.kind !== "seen") {
      await noteLook(hub, attempt.id);
      continue;
    }
    const { verdict } = seen;
    if (verdict.kind === "found") {
      const { threadPosition: position } = tweet;
      const made = { attemptId: attempt.id, externalPostId: verdict.post.id, how: "adopted" as const, meta: null };
      await recordPosted(hub, { lease: { postId }, tweet: { ...made, tweetId, position, count: tweets.length } });
    } else if (verdict.kind === "absent") {
      const answered = { outcome: "absent" as const, detail: attempt.detail, meta: null };
      await hub.db.transaction((tx) => answerAttempt(tx, attempt.id, answered));
    } else if (verdict.counts) {
      await countLook(hub, attempt);
    }
  }
  return true;
}

// --- internal ---

/** X may never tell more, so the author learns at once how to settle it; once for a request. Nothing is sent meanwhile. */
async function tellPerhaps(
  { hub }: LookDeps,
  { postId, tweet, attempt, shownId }: { postId: string; tweet: TweetRow; attempt: OpenAttempt; shownId: string },
): Promise<void> {
  const note = perhapsOnX(shownId, { id: postId, tweet: tweet.threadPosition + 1 });
  await hub.db.transaction(async (tx) => {
    const [root] = await tx.select({ status: posts.status }).from(posts).where(eq(posts.id, postId)).for("update");
    const { rowCount } = await tx.execute(sql`
      select from psn.post_events
      where post_id = ${postId} and (facts ->> 'perhapsOfAttempt')::bigint = ${attempt.id}`);
    if (root?.status && rowCount === 0) {
      const facts = { perhapsOfAttempt: attempt.id };
      await addEvent(tx, postId, { kind: "perhaps_on_x", status: root.status, note, facts });
    }
  });
}
