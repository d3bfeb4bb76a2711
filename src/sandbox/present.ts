/** Posts, users, media and polls as X's JSON, in either vocabulary. */
import { isLong, noteText, shownText } from "./present-text.ts";
import type { SandboxMedia, SandboxPost, SandboxUser, World } from "./state.ts";
import type { Wanted } from "./wanted.ts";

type Json = Record<string, unknown>;

/** X only asks for a language guess; the sandbox does not guess. */
const UNDETERMINED = "und";

function metrics(world: World, post: SandboxPost, wanted: Wanted): Json {
  let replies = 0;
  for (const other of Object.values(world.state.posts)) {
    if (other.replyToId === post.id && other.deletedAtMs === null) replies += 1;
  }
  return {
    [wanted.dialect === "2026-06" ? "retweet_count" : "repost_count"]: 0,
    reply_count: replies,
    like_count: 0,
    quote_count: 0,
    bookmark_count: 0,
    impression_count: 0,
  };
}

function references(post: SandboxPost): Json[] {
  const found: Json[] = [];
  if (post.replyToId !== null) found.push({ type: "replied_to", id: post.replyToId });
  if (post.quoteId !== null) found.push({ type: "quoted", id: post.quoteId });
  return found;
}

/** Only the fields asked for; `id`, `text` and the edit history always come. */
export function presentPost(world: World, post: SandboxPost, wanted: Wanted): Json {
  const old = wanted.dialect === "2026-06";
  const author = world.state.users[post.authorId];
  const shown = shownText(world, post, author?.handle ?? "i");
  const fields: Json = { id: post.id, text: shown.text };
  fields[old ? "edit_history_tweet_ids" : "edit_history_post_ids"] = [post.id];
  const asks = (name: string) => wanted.post.has(name);
  const expands = (name: string) => wanted.expansions.has(name);
  const parent = post.replyToId === null ? undefined : world.state.posts[post.replyToId];

  if (asks("author_id") || expands("author_id")) fields.author_id = post.authorId;
  if (asks("username") || expands("username")) fields.username = author?.handle;
  if (asks("created_at")) fields.created_at = new Date(post.createdAtMs).toISOString();
  if (asks("conversation_id")) fields.conversation_id = post.conversationId;
  if ((asks("in_reply_to_user_id") || expands("in_reply_to_user_id")) && parent !== undefined) {
    fields.in_reply_to_user_id = parent.authorId;
  }
  const refers = references(post);
  const wantsReferences = old
    ? asks("referenced_tweets") || expands("referenced_tweets.id") || expands("referenced_tweets.id.author_id")
    : expands("referenced_posts");
  if (wantsReferences && refers.length > 0) fields[old ? "referenced_tweets" : "referenced_posts"] = refers;
  if ((asks("entities") || expands("entities.mentions.username")) && Object.keys(shown.entities).length > 0) {
    fields.entities = shown.entities;
  }
  const note = old ? "note_tweet" : "note_post";
  if (asks(note) && isLong(world, post)) {
    const whole = noteText(world, post);
    fields[note] = Object.keys(whole.entities).length > 0 ? whole : { text: whole.text };
  }
  const attachments: Json = {};
  const keys = post.mediaIds.map((id) => world.state.media[id]?.mediaKey).filter((key) => key !== undefined);
  if (keys.length > 0) attachments.media_keys = keys;
  if (post.poll !== null) attachments.poll_ids = [post.poll.id];
  const wantsAttachments = asks("attachments") || expands("attachments.media_keys") || expands("attachments.poll_ids");
  if (wantsAttachments && Object.keys(attachments).length > 0) fields.attachments = attachments;
  if (asks("media_metadata") && keys.length > 0) {
    fields.media_metadata = post.mediaIds.flatMap((id) => {
      const media = world.state.media[id];
      return media === undefined ? [] : [{ media_key: media.mediaKey, alt_text: media.altText ?? undefined }];
    });
  }
  if (asks("public_metrics")) fields.public_metrics = metrics(world, post, wanted);
  if (asks("reply_settings")) fields.reply_settings = post.replySettings ?? "everyone";
  if (asks("lang")) fields.lang = UNDETERMINED;
  if (asks("possibly_sensitive")) fields.possibly_sensitive = false;
  if (asks("paid_partnership")) fields.paid_partnership = post.paidPartnership;
  if (asks("source")) fields.source = world.state.apps[post.clientId]?.name ?? "sandbox";
  if (asks("display_text_range")) fields.display_text_range = [0, [...shown.text].length];
  if (asks("edit_controls")) {
    const editableUntil = new Date(post.createdAtMs + 60 * 60_000).toISOString();
    fields.edit_controls = {
      edits_remaining: 5,
      is_edit_eligible: post.replyToId === null,
      editable_until: editableUntil,
    };
  }
  return fields;
}

/** `id`, `name`, `username`, and what was asked for. */
export function presentUser(world: World, user: SandboxUser, wanted: Wanted): Json {
  const asks = (name: string) => wanted.user.has(name);
  const old = wanted.dialect === "2026-06";
  const fields: Json = { id: user.id, name: user.name, username: user.handle };
  const own = (world.state.postsByUser[user.id] ?? []).filter((id) => world.state.posts[id]?.deletedAtMs === null);
  if (asks("created_at")) fields.created_at = new Date(user.createdAtMs).toISOString();
  if (asks("description")) fields.description = user.description;
  if (asks("subscription_type")) fields.subscription_type = user.subscription;
  if (asks("verified")) fields.verified = user.verifiedType !== "none";
  if (asks("verified_type")) fields.verified_type = user.verifiedType;
  if (asks("protected")) fields.protected = false;
  if (asks("url")) fields.url = "";
  if (asks("profile_image_url")) fields.profile_image_url = `https://pbs.sandbox.invalid/profile/${user.id}.png`;
  if (asks("public_metrics")) {
    fields.public_metrics = {
      followers_count: 0,
      following_count: 0,
      listed_count: 0,
      [old ? "tweet_count" : "post_count"]: own.length,
    };
  }
  const newest = own.at(-1);
  const recent = old ? "most_recent_tweet_id" : "most_recent_post_id";
  if ((asks(recent) || wanted.expansions.has(recent)) && newest !== undefined) fields[recent] = newest;
  return fields;
}

function presentMedia(media: SandboxMedia, wanted: Wanted): Json {
  const asks = (name: string) => wanted.media.has(name);
  const fields: Json = { media_key: media.mediaKey, type: media.kind };
  if (asks("alt_text") && media.altText !== null) fields.alt_text = media.altText;
  if (asks("width") && media.width !== null) fields.width = media.width;
  if (asks("height") && media.height !== null) fields.height = media.height;
  if (asks("duration_ms") && media.durationMs !== null) fields.duration_ms = media.durationMs;
  const extension = (media.mime ?? "").split("/")[1] ?? "bin";
  if (asks("url") && media.kind === "photo") fields.url = `https://pbs.sandbox.invalid/media/${media.id}.${extension}`;
  if (asks("preview_image_url") && media.kind !== "photo") {
    fields.preview_image_url = `https://pbs.sandbox.invalid/media/${media.id}/preview.jpg`;
  }
  return fields;
}

function presentPoll(world: World, post: SandboxPost, wanted: Wanted): Json {
  const poll = post.poll;
  if (poll === null) return {};
  const endMs = post.createdAtMs + poll.durationMinutes * 60_000;
  const options = poll.options.map((label, index) => ({ position: index + 1, label, votes: 0 }));
  const fields: Json = { id: poll.id, options };
  if (wanted.poll.has("duration_minutes")) fields.duration_minutes = poll.durationMinutes;
  if (wanted.poll.has("end_datetime")) fields.end_datetime = new Date(endMs).toISOString();
  if (wanted.poll.has("voting_status")) fields.voting_status = world.now.getTime() < endMs ? "open" : "closed";
  return fields;
}

/** `includes` for these posts, or undefined when nothing was expanded. Also says which users and posts it holds. */
export function presentIncludes(
  world: World,
  posts: SandboxPost[],
  wanted: Wanted,
): { includes: Json | undefined; userIds: string[]; postIds: string[] } {
  const users = new Map<string, SandboxUser>();
  const others = new Map<string, SandboxPost>();
  const media = new Map<string, SandboxMedia>();
  const polls: Json[] = [];
  const expands = (name: string) => wanted.expansions.has(name);
  const addUser = (id: string | undefined) => {
    const user = id === undefined ? undefined : world.state.users[id];
    if (user !== undefined) users.set(user.id, user);
  };
  for (const post of posts) {
    if (expands("author_id") || expands("username")) addUser(post.authorId);
    const parent = post.replyToId === null ? undefined : world.state.posts[post.replyToId];
    if (expands("in_reply_to_user_id")) addUser(parent?.authorId);
    const wantsOthers = expands("referenced_posts") || expands("referenced_tweets.id");
    for (const id of [post.replyToId, post.quoteId]) {
      const other = id === null ? undefined : world.state.posts[id];
      if (other === undefined || other.deletedAtMs !== null) continue;
      if (wantsOthers) others.set(other.id, other);
      if (expands("referenced_tweets.id.author_id")) addUser(other.authorId);
    }
    if (expands("attachments.media_keys")) {
      for (const id of post.mediaIds) {
        const found = world.state.media[id];
        if (found !== undefined) media.set(id, found);
      }
    }
    if (expands("attachments.poll_ids") && post.poll !== null) polls.push(presentPoll(world, post, wanted));
  }
  const includes: Json = {};
  if (users.size > 0) includes.users = [...users.values()].map((user) => presentUser(world, user, wanted));
  if (media.size > 0) includes.media = [...media.values()].map((item) => presentMedia(item, wanted));
  if (polls.length > 0) includes.polls = polls;
  if (others.size > 0) {
    const key = wanted.dialect === "2026-06" ? "tweets" : "posts";
    includes[key] = [...others.values()].map((post) => presentPost(world, post, wanted));
  }
  return {
    includes: Object.keys(includes).length > 0 ? includes : undefined,
    userIds: [...users.keys()],
    postIds: [...others.keys()],
  };
}
