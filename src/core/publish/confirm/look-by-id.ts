/** Whether X holds a tweet whose id is known, and whose it is: for the parent of a follow-up, and for what was deleted. */
import { sql } from "drizzle-orm";
import type { AnswerMeta, PostsByIdAnswer } from "../../platform.ts";
import { charged, postsRead } from "../../spend/charge.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { heard } from "../x-clock.ts";
import type { About, LookDeps } from "./look-up.ts";

export type LookedById =
  /** `authorId` is X's id of the account, null where X does not say it. */
  | { kind: "there"; authorId: string | null; isOwn: boolean | null }
  | { kind: "gone" }
  /** X was not asked, or gave no usable answer. */
  | { kind: "not_known"; cause: string };

/** Asks X once for one tweet, unless the hub itself has taken it down. Writes nothing about any post. */
export async function lookById(
  deps: LookDeps,
  accountId: string,
  externalPostId: string,
  about: About = {},
): Promise<LookedById> {
  const { rows } = await deps.hub.db.execute(sql`
    select from psn.posts
    where account_id = ${accountId}
      and external_post_id = ${externalPostId}
      and deleted_at is not null`);
  if (rows.length > 0) return { kind: "gone" };
  const closed = await closedUntil(deps.hub, accountId, "lookup");
  if (closed) return { kind: "not_known", cause: "X's rate limit on reading is used up" };
  const token = await credentialsFor(deps, accountId);
  if (token.kind !== "ok") return { kind: "not_known", cause: token.reason };
  const askedAt = deps.clock.now();
  const asked = await charged(
    deps.hub,
    { cause: "post_look", host: deps.platform.host, accountId, ...about },
    () => deps.platform.postsById(token.credentials, [externalPostId]),
    postsRead,
  );
  const { answer, meta } = await heard<{ answer: PostsByIdAnswer; meta: AnswerMeta }>(deps, asked);
  await noteLimits(deps.hub, accountId, "lookup", meta);
  switch (answer.kind) {
    case "signed_out":
      return { kind: "not_known", cause: answer.detail };
    case "unavailable":
      if (answer.retryAt) {
        await noteWait(deps, accountId, "lookup", { scope: "account", until: answer.retryAt }, askedAt);
      }
      return { kind: "not_known", cause: answer.cause };
  }
  const post = answer.posts.find(({ id }) => id === externalPostId);
  if (post) {
    const { authorId } = post;
    const isOwn = authorId === null ? null : authorId === token.credentials.platformUserId;
    return { kind: "there", authorId, isOwn };
  }
  if (answer.missing.includes(externalPostId)) return { kind: "gone" };
  return { kind: "not_known", cause: "X's answer does not name the tweet" };
}
