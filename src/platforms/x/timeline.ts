/** Walking through an account's timeline, within bounds, in whichever vocabulary X answers usefully. */
import { compareIds, type OwnPost, type OwnPostsAnswer } from "../../core/platform.ts";
import type { JudgeContext } from "./judge.ts";
import { processTimelineResponse } from "./judge-posts.ts";
import type { DecodedPost, Dialect } from "./own-posts.ts";
import { PAGE_SIZE_MAX, timelineRequest, type XRequest } from "./requests.ts";
import type { Answer } from "./transport.ts";

/** X shows about the newest 3,200 posts of an account; beyond, absence means nothing. */
const TIMELINE_POSTS_MAX = 3_200;
/** Pages may come back short; this bounds the requests even if every page holds a single post. */
const PAGES_MAX = 64;

interface Asker {
  ask(request: XRequest, signal?: AbortSignal): Promise<Answer>;
  context(): JudgeContext;
}

/**
 * The account's own posts newer than `sinceId`, newest first. `last` is X's last answer, for its headers.
 *
 * `complete` is claimed only when X named no further page, everything on the pages could be read, and every reply names
 * its parent: with less, "not there" would be a guess, and the caller sends again on the strength of it.
 */
export async function readTimeline(
  client: Asker,
  userId: string,
  query: { sinceId: string | null; max: number },
  signal?: AbortSignal,
): Promise<{ answer: OwnPostsAnswer; last: Answer }> {
  const first = await walk(client, userId, query, "tweet", signal);
  if (first.kind !== "posts" && first.kind !== "other_dialect") return { answer: first, last: first.last };
  if (first.kind === "posts" && first.posts.every(isRecognisable)) return finish(first, query);

  // X refused the older vocabulary, or silently left fields out: the newer one may do better.
  const second = await walk(client, userId, query, "post", signal);
  if (second.kind === "posts") return finish(second, query);
  if (first.kind === "posts") return finish({ ...first, last: second.last }, query);
  if (second.kind === "other_dialect") {
    return { answer: { kind: "unavailable", cause: second.cause, retryAt: null }, last: second.last };
  }
  return { answer: second, last: second.last };
}

type Walk = (
  | { kind: "posts"; posts: DecodedPost[]; reachedEnd: boolean }
  | { kind: "other_dialect"; cause: string }
  | Exclude<OwnPostsAnswer, { kind: "posts" }>
) & { last: Answer };

async function walk(
  client: Asker,
  userId: string,
  { sinceId, max }: { sinceId: string | null; max: number },
  dialect: Dialect,
  signal: AbortSignal | undefined,
): Promise<Walk> {
  const wanted = Math.min(Math.max(Math.trunc(max), 1), TIMELINE_POSTS_MAX);
  const posts = new Map<string, DecodedPost>();
  const tokensSeen = new Set<string>();
  let pageToken: string | null = null;
  let whole = true;
  for (let page = 1; ; page++) {
    const pageSize = Math.min(wanted - posts.size, PAGE_SIZE_MAX);
    const last = await client.ask(timelineRequest({ userId, sinceId, pageSize, pageToken, dialect }), signal);
    const judged = processTimelineResponse(last, client.context());
    if (judged.kind !== "page") return { ...judged, last };
    for (const decoded of judged.posts) {
      // X ignores a since_id that is too old for it, and then answers with everything.
      if (sinceId === null || compareIds(decoded.post.id, sinceId) > 0) posts.set(decoded.post.id, decoded);
    }
    whole &&= judged.whole;
    pageToken = judged.nextToken;
    const wentRound = pageToken !== null && tokensSeen.has(pageToken);
    if (pageToken === null || wentRound || posts.size >= wanted || page >= PAGES_MAX) {
      const reachedEnd = pageToken === null && whole && posts.size < TIMELINE_POSTS_MAX;
      return { kind: "posts", posts: [...posts.values()], reachedEnd, last };
    }
    tokensSeen.add(pageToken);
  }
}

function finish(
  { posts, reachedEnd, last }: Extract<Walk, { kind: "posts" }>,
  { max }: { max: number },
): { answer: OwnPostsAnswer; last: Answer } {
  const sorted: OwnPost[] = posts.map(({ post }) => post).sort((left, right) => compareIds(right.id, left.id));
  const kept = sorted.slice(0, Math.max(Math.trunc(max), 1));
  const complete = reachedEnd && kept.length === sorted.length && posts.every(isRecognisable);
  return { answer: { kind: "posts", posts: kept, complete }, last };
}

function isRecognisable({ parentKnown, textWhole }: DecodedPost): boolean {
  return parentKnown && textWhole;
}
