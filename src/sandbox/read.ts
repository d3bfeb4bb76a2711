/** The reads: posts by id, a user's timeline, users, usage. */
import type { Call, UserCall } from "./call.ts";
import { chargeReads } from "./money.ts";
import { presentIncludes, presentPost, presentUser } from "./present.ts";
import { invalidRequest, json, missingResource, type ParameterError, resourceNotFound } from "./problems.ts";
import type { SandboxPost, World } from "./state.ts";
import type { SandboxResponse } from "./types.ts";
import { readWanted, type Wanted } from "./wanted.ts";

const ID = /^[0-9]{1,19}$/;
/** X shows about this many of an account's newest posts, and no more. */
const TIMELINE_MAX = 3_200;

function livePost(call: Call, id: string): SandboxPost | undefined {
  const post = call.world.state.posts[id];
  return post === undefined || post.deletedAtMs !== null ? undefined : post;
}

/** Books what is returned, expansions included. Own posts are cheap only for the owner of the app. */
function book(call: Call, posts: SandboxPost[], userIds: string[], ownTimeline: boolean): void {
  const owned = ownTimeline && call.user !== null && call.user.id === call.app.ownerId;
  const ids = posts.map((post) => post.id);
  chargeReads(call.world, call.app, call.user, owned ? "readOwnPost" : "readPost", ids);
  chargeReads(call.world, call.app, call.user, "readUser", userIds);
}

/** `GET /2/tweets?ids=`: what is missing comes as `errors` inside a 200. */
export function postsByIds(call: Call): SandboxResponse {
  const { query } = call.request;
  const wanted = readWanted(query, call.dialect, "posts", ["ids"]);
  if ("status" in wanted) return wanted;
  const ids = (query.get("ids") ?? "").split(",").filter((id) => id !== "");
  if (ids.length < 1 || ids.length > 100) {
    const message = `size of 'ids' is not between 1 and 100: ${ids.length}`;
    return invalidRequest(wanted.dialect, [{ parameters: { ids }, message }]);
  }
  const bad = ids.filter((id) => !ID.test(id));
  if (bad.length > 0) {
    const message = `The \`ids\` query parameter value [${bad[0]}] does not match ^[0-9]{1,19}$`;
    return invalidRequest(wanted.dialect, [{ parameters: { ids: bad }, message }]);
  }
  const posts = ids.map((id) => livePost(call, id)).filter((post) => post !== undefined);
  const missing = ids.filter((id) => livePost(call, id) === undefined);
  const { includes, userIds, postIds } = presentIncludes(call.world, posts, wanted);
  book(call, [...posts, ...postIds.flatMap((id) => livePost(call, id) ?? [])], userIds, false);
  return json(200, {
    data: posts.length > 0 ? posts.map((post) => presentPost(call.world, post, wanted)) : undefined,
    includes,
    errors: missing.length > 0 ? missing.map((id) => missingResource(wanted.dialect, "tweet", "ids", id)) : undefined,
  });
}

/** `GET /2/tweets/:id`. The older API answered a missing one with `errors` in a 200. */
export function postById(call: Call): SandboxResponse {
  const wanted = readWanted(call.request.query, call.dialect, "posts", []);
  if ("status" in wanted) return wanted;
  const post = livePost(call, call.id);
  if (post === undefined) {
    return wanted.dialect === "2026-06"
      ? json(200, { errors: [missingResource(wanted.dialect, "tweet", "id", call.id)] })
      : resourceNotFound(wanted.dialect, "tweet", "id", call.id);
  }
  const { includes, userIds } = presentIncludes(call.world, [post], wanted);
  book(call, [post], userIds, false);
  return json(200, { data: presentPost(call.world, post, wanted), includes });
}

interface TimelineQuery {
  max: number;
  sinceId: bigint | null;
  untilId: bigint | null;
  startMs: number | null;
  endMs: number | null;
  withoutReplies: boolean;
  /** Exclusive upper bound that a page's token carries. */
  before: bigint | null;
}

const PAGE_PREFIX = "7140dibdnow9c7btw";

/** X's tokens are base32hex; this one carries the id of the page's last post behind a fixed start. */
function pageToken(lastId: string): string {
  return `${PAGE_PREFIX}${BigInt(lastId).toString(32)}`;
}

function readPageToken(token: string): bigint | null {
  const rest = token.startsWith(PAGE_PREFIX) ? token.slice(PAGE_PREFIX.length) : "";
  if (!/^[0-9a-v]{1,13}$/.test(rest)) return null;
  let value = 0n;
  for (const digit of rest) value = value * 32n + BigInt(Number.parseInt(digit, 32));
  return value;
}

function readTimelineQuery(query: URLSearchParams): TimelineQuery | ParameterError[] {
  const errors: ParameterError[] = [];
  const refuse = (name: string, message: string) => {
    errors.push({ parameters: { [name]: [query.get(name) ?? ""] }, message });
    return null;
  };
  const id = (name: string): bigint | null => {
    const value = query.get(name);
    if (value === null) return null;
    return ID.test(value)
      ? BigInt(value)
      : refuse(name, `The \`${name}\` query parameter does not match ^[0-9]{1,19}$`);
  };
  const time = (name: string): number | null => {
    const value = query.get(name);
    if (value === null) return null;
    const valid = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(valid) ? refuse(name, `The \`${name}\` query parameter is no RFC 3339 time in UTC`) : valid;
  };
  const maxText = query.get("max_results") ?? "10";
  const max = Number(maxText);
  if (!/^\d{1,3}$/.test(maxText) || max < 5 || max > 100) {
    refuse("max_results", `The \`max_results\` query parameter value [${maxText}] is not between 5 and 100`);
  }
  const exclude = (query.get("exclude") ?? "").split(",").filter((item) => item !== "");
  if (exclude.some((item) => item !== "replies" && item !== "retweets")) {
    refuse("exclude", "The `exclude` query parameter value is not one of [retweets,replies]");
  }
  const token = query.get("pagination_token");
  const before = token === null ? null : readPageToken(token);
  if (token !== null && before === null) refuse("pagination_token", "The pagination_token is invalid");
  const [sinceId, untilId, startMs, endMs] = [id("since_id"), id("until_id"), time("start_time"), time("end_time")];
  if (errors.length > 0) return errors;
  return { max, sinceId, untilId, startMs, endMs, before, withoutReplies: exclude.includes("replies") };
}

/** `GET /2/users/:id/tweets`: newest first; a post appears only once its lag has passed. */
export function userTimeline(call: Call): SandboxResponse {
  const { world, request } = call;
  const wanted = readWanted(request.query, call.dialect, "posts", [
    "max_results",
    "pagination_token",
    "since_id",
    "until_id",
    "start_time",
    "end_time",
    "exclude",
  ]);
  if ("status" in wanted) return wanted;
  const query = readTimelineQuery(request.query);
  if (Array.isArray(query)) return invalidRequest(wanted.dialect, query);
  const user = world.state.users[call.id];
  if (user === undefined) {
    return json(200, { errors: [missingResource(wanted.dialect, "user", "id", call.id)] });
  }
  const nowMs = world.now.getTime();
  const visible: SandboxPost[] = [];
  let walked = 0;
  for (const id of (world.state.postsByUser[user.id] ?? []).toReversed()) {
    const post = world.state.posts[id];
    if (post === undefined || post.deletedAtMs !== null) continue;
    if (post.visibleAtMs > nowMs || post.createdAtMs + call.timelineLagMs > nowMs) continue;
    walked += 1;
    if (walked > TIMELINE_MAX || visible.length > query.max) break;
    if (inRange(post, query)) visible.push(post);
  }
  const whole = visible.slice(0, query.max);
  const last = whole.at(-1);
  const page = call.timelineHasGap ? withGap(world, whole) : whole;
  const { includes, userIds, postIds } = presentIncludes(world, page, wanted);
  book(call, page, userIds, user.id === call.user?.id);
  book(
    call,
    postIds.flatMap((id) => livePost(call, id) ?? []),
    [],
    false,
  );
  const meta = {
    result_count: page.length,
    newest_id: page[0]?.id,
    oldest_id: page.at(-1)?.id,
    next_token: visible.length > whole.length && last !== undefined ? pageToken(last.id) : undefined,
  };
  return json(200, {
    data: page.length > 0 ? page.map((post) => presentPost(world, post, wanted)) : undefined,
    includes,
    meta,
  });
}

/** Without its newest post that no page has lacked before. */
function withGap({ leftOut }: World, page: readonly SandboxPost[]): SandboxPost[] {
  const missing = page.find(({ id }) => !leftOut.has(id));
  if (missing) leftOut.add(missing.id);
  return page.filter((post) => post !== missing);
}

function inRange(post: SandboxPost, query: TimelineQuery): boolean {
  const id = BigInt(post.id);
  if (query.before !== null && id >= query.before) return false;
  if (query.sinceId !== null && id <= query.sinceId) return false;
  if (query.untilId !== null && id >= query.untilId) return false;
  if (query.startMs !== null && post.createdAtMs < query.startMs) return false;
  if (query.endMs !== null && post.createdAtMs >= query.endMs) return false;
  return !(query.withoutReplies && post.replyToId !== null);
}

/** `GET /2/users/me`. */
export function usersMe(call: UserCall): SandboxResponse {
  const wanted = readWanted(call.request.query, call.dialect, "users", []);
  if ("status" in wanted) return wanted;
  return userAnswer(call, wanted, call.user.id);
}

/** `GET /2/users/:id`. */
export function userById(call: Call): SandboxResponse {
  const wanted = readWanted(call.request.query, call.dialect, "users", []);
  if ("status" in wanted) return wanted;
  return userAnswer(call, wanted, call.id);
}

function userAnswer(call: Call, wanted: Wanted, id: string): SandboxResponse {
  const user = call.world.state.users[id];
  if (user === undefined) return json(200, { errors: [missingResource(wanted.dialect, "user", "id", id)] });
  chargeReads(call.world, call.app, call.user, "readUser", [user.id]);
  return json(200, { data: presentUser(call.world, user, wanted) });
}

/** `GET /2/usage/tweets`: only with the app-only bearer. */
export function usage(call: Call): SandboxResponse {
  const read = call.world.state.ledgerTotals.readPost?.count ?? 0;
  const own = call.world.state.ledgerTotals.readOwnPost?.count ?? 0;
  return json(200, {
    data: {
      cap_reset_day: 1,
      project_cap: "3000000",
      project_id: call.app.accountId,
      project_usage: String(read + own),
    },
  });
}
