/** `POST /2/tweets` and `DELETE /2/tweets/:id`: what X refuses, and what it keeps. */
import { parseJsonBody, type UserCall } from "./call.ts";
import { type CreateBody, CreateSchema } from "./create-schema.ts";
import { newId, randomText } from "./ids.ts";
import { currentState, isOwner, VIDEO_MINUTES_MAX, VIDEO_MINUTES_MAX_PAID } from "./media-store.ts";
import { charge } from "./money.ts";
import { isLong, shownText } from "./present-text.ts";
import {
  duplicate,
  forbidden,
  invalidRequest,
  json,
  notPermitted,
  notVisible,
  replyNotAllowed,
  resourceNotFound,
  sandboxFull,
  tooManyCashtags,
  videoTooLong,
} from "./problems.ts";
import { CAPS, postCount, random, type SandboxPost } from "./state.ts";
import {
  findEntities,
  findUrls,
  hasForbiddenCharacter,
  LONG_TEXT_MAX,
  SHORT_TEXT_MAX,
  weightedLength,
} from "./text.ts";
import type { SandboxResponse } from "./types.ts";

/** Media, poll, quote, card and message link exclude each other. */
const EXCLUSIVE = ["media", "poll", "quote_tweet_id", "card_uri", "direct_message_deep_link"] as const;

/** How far back duplicates are looked for, whatever the window: keeps one create bounded. */
const DUPLICATES_LOOKED_AT_MAX = 2_000;

/** Creates one post, or says why not. Everything is checked before anything is changed. */
export function createPost(call: UserCall): SandboxResponse {
  const parsed = parseJsonBody(call, CreateSchema);
  if (!parsed.ok) return parsed.response;
  const body = parsed.value;
  const refusal = judgeShape(call, body) ?? judgeText(call, body) ?? judgeMedia(call, body) ?? judgeReply(call, body);
  if (refusal !== null) return refusal;
  if (postCount(call.world.state) >= CAPS.posts) return sandboxFull("posts", CAPS.posts);
  return keep(call, body);
}

function judgeShape(call: UserCall, body: CreateBody): SandboxResponse | null {
  const named = EXCLUSIVE.filter((name) => body[name] !== undefined);
  if (named.length > 1) {
    const parameters = Object.fromEntries(named.map((name) => [name, []]));
    return invalidRequest(call.dialect, [{ parameters, message: `${named.join(" and ")} exclude each other.` }]);
  }
  if (body.text.trim() === "" && body.media === undefined && body.card_uri === undefined) {
    const message = "Requires either text or media to be provided.";
    return invalidRequest(call.dialect, [{ parameters: { text: [body.text] }, message }]);
  }
  if (body.edit_options !== undefined) {
    // Editing needs Premium and makes a new id; PSN never edits, so the sandbox only refuses it in X's words.
    return forbidden("You are not permitted to edit this Tweet.");
  }
  return null;
}

function judgeText(call: UserCall, body: CreateBody): SandboxResponse | null {
  const { text } = body;
  if (hasForbiddenCharacter(text)) {
    const message = "text contains an invalid character.";
    return invalidRequest(call.dialect, [{ parameters: { text: [] }, message }]);
  }
  const max = call.user.subscription === "None" ? SHORT_TEXT_MAX : LONG_TEXT_MAX;
  if (weightedLength(text.trim()) > max) return notPermitted();
  if (findEntities(text).filter((entity) => entity.kind === "cashtag").length > 1) return tooManyCashtags();
  return isDuplicate(call, text) ? duplicate() : null;
}

/** Normal forms by post, because every create compares with many. */
const normalForms = new WeakMap<SandboxPost, string>();

function normalForm(post: SandboxPost): string {
  const known = normalForms.get(post);
  if (known !== undefined) return known;
  const made = post.text.normalize("NFC").trim();
  normalForms.set(post, made);
  return made;
}

/** X compares with what the account wrote lately; a deleted original still counts. */
function isDuplicate(call: UserCall, text: string): boolean {
  const { state, now } = call.world;
  const wanted = text.normalize("NFC").trim();
  if (wanted === "") return false;
  const since = now.getTime() - state.settings.duplicateWindowMs;
  const ids = state.postsByUser[call.user.id] ?? [];
  for (const id of ids.slice(-DUPLICATES_LOOKED_AT_MAX)) {
    const post = state.posts[id];
    if (post === undefined || post.createdAtMs <= since) continue;
    if (normalForm(post) === wanted) return true;
  }
  return false;
}

function judgeMedia(call: UserCall, body: CreateBody): SandboxResponse | null {
  const ids = body.media?.media_ids ?? [];
  if (ids.length === 0) return null;
  const { world, user } = call;
  const refuse = (message: string) =>
    invalidRequest(call.dialect, [{ parameters: { "media.media_ids": ids }, message }]);
  const found = ids.map((id) => world.state.media[id]);
  const usable = found.every(
    (media) =>
      media !== undefined &&
      isOwner(media, user) &&
      media.expiresAtMs > world.now.getTime() &&
      currentState(world, media) === "ready" &&
      (media.category.startsWith("tweet_") || media.category === "amplify_video"),
  );
  if (!usable || new Set(ids).size !== ids.length) return refuse("Your media IDs are invalid.");
  const moving = found.filter((media) => media?.kind !== "photo");
  if (moving.length > 0 && found.length > 1) return refuse("Only 4 photos, or 1 GIF, or 1 video may be attached.");
  const minutesMax = user.subscription === "None" ? VIDEO_MINUTES_MAX : VIDEO_MINUTES_MAX_PAID;
  const tooLong = moving.some((media) => (media?.durationMs ?? 0) > minutesMax * 60_000);
  return tooLong ? videoTooLong(minutesMax) : null;
}

/** Replies and quotes: one's own always; others' only when they mentioned the account (rules of February 2026). */
function judgeReply(call: UserCall, body: CreateBody): SandboxResponse | null {
  const { state } = call.world;
  if (body.quote_tweet_id !== undefined) {
    if (!call.app.enterprise) return replyNotAllowed(call.dialect);
    const quoted = state.posts[body.quote_tweet_id];
    if (quoted === undefined || quoted.deletedAtMs !== null) {
      return resourceNotFound(call.dialect, "tweet", "quote_tweet_id", body.quote_tweet_id);
    }
  }
  const parentId = body.reply?.in_reply_to_tweet_id;
  if (parentId === undefined) return null;
  const parent = state.posts[parentId];
  if (parent === undefined) return resourceNotFound(call.dialect, "tweet", "reply.in_reply_to_tweet_id", parentId);
  if (parent.deletedAtMs !== null) return notVisible();
  if (parent.authorId === call.user.id || call.app.enterprise) return null;
  return mentions(parent, call.user.handle) ? null : replyNotAllowed(call.dialect);
}

function mentions(post: SandboxPost, handle: string): boolean {
  return findEntities(post.text).some(
    (entity) => entity.kind === "mention" && entity.value.toLowerCase() === handle.toLowerCase(),
  );
}

function keep(call: UserCall, body: CreateBody): SandboxResponse {
  const { world, user, app } = call;
  const { state } = world;
  const { settings } = state;
  const { text, media, reply, poll, quote_tweet_id, reply_settings, made_with_ai, paid_partnership, ...extras } = body;
  const id = newId(world);
  const parentId = reply?.in_reply_to_tweet_id ?? null;
  const parent = parentId === null ? undefined : state.posts[parentId];
  const urls = findUrls(text.normalize("NFC").trim());
  const shortLink = () => `https://t.co/${randomText(world, 10)}`;
  const nowMs = world.now.getTime();
  const lagMs = settings.timelineLagMs + Math.floor(random(world) * settings.timelineLagJitterMs);
  const post: SandboxPost = {
    id,
    authorId: user.id,
    clientId: app.clientId,
    text,
    shortLinks: urls.map(shortLink),
    mediaLink: media === undefined ? null : shortLink(),
    selfLink: null,
    replyToId: parentId,
    quoteId: quote_tweet_id ?? null,
    conversationId: parent?.conversationId ?? id,
    mediaIds: media?.media_ids ?? [],
    poll:
      poll === undefined ? null : { id: newId(world), options: poll.options, durationMinutes: poll.duration_minutes },
    replySettings: reply_settings ?? null,
    madeWithAi: made_with_ai ?? false,
    paidPartnership: paid_partnership ?? false,
    extras: {
      ...extras,
      ...(media === undefined ? {} : { media: { ...media, media_ids: undefined } }),
      ...(reply?.exclude_reply_user_ids === undefined ? {} : { exclude_reply_user_ids: reply.exclude_reply_user_ids }),
    },
    createdAtMs: nowMs,
    visibleAtMs: nowMs + lagMs,
    deletedAtMs: null,
  };
  if (isLong(world, post)) post.selfLink = shortLink();
  state.posts[id] = post;
  const own = state.postsByUser[user.id] ?? [];
  own.push(id);
  state.postsByUser[user.id] = own;
  const summoned = parent !== undefined && parent.authorId !== user.id;
  const price = urls.length > 0 ? "createWithUrl" : summoned ? "createSummonedReply" : "create";
  charge(world, app, user, price, 1, id);
  const history = call.dialect === "2026-06" ? "edit_history_tweet_ids" : "edit_history_post_ids";
  return json(201, { data: { id, text: shownText(world, post, user.handle).text, [history]: [id] } });
}

/** Deletes one's own post. The post stays in the record, marked, so that a comparison sees it was there. */
export function deletePost(call: UserCall): SandboxResponse {
  const post = call.world.state.posts[call.id];
  if (post === undefined || post.deletedAtMs !== null) return resourceNotFound(call.dialect, "tweet", "id", call.id);
  if (post.authorId !== call.user.id) return forbidden("You are not authorized to delete this Tweet.");
  post.deletedAtMs = call.world.now.getTime();
  charge(call.world, call.app, call.user, "delete", 1, post.id);
  return json(200, { data: { deleted: true } });
}
