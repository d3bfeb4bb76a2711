/**
 * An account's own posts as X's timelines show them, with X's decorations undone. X has two vocabularies (its rewrite
 * of August 2026 renamed `tweet.fields`, `referenced_tweets`, `note_tweet`): we ask in the older one, which every page
 * of X's prose uses, and read both.
 */
import { z } from "zod";
import { unescapeHtml } from "../../core/compose/html-entities.ts";
import { comparable } from "../../core/compose/source.ts";
import type { OwnPost } from "../../core/platform.ts";
import { idTime } from "./snowflake.ts";
import { NumericIdSchema } from "./types.ts";

/** In which words to ask for fields. */
export type Dialect = "tweet" | "post";

/** The query parameters that make a post complete enough to be recognised. */
export const POST_FIELDS: Record<Dialect, Record<string, string>> = {
  tweet: {
    "tweet.fields": "attachments,conversation_id,created_at,entities,in_reply_to_user_id,note_tweet,referenced_tweets",
  },
  // In this dialect references are no field but an expansion.
  post: {
    "post.fields": "attachments,conversation_id,created_at,entities,note_post",
    expansions: "in_reply_to_user_id,referenced_posts",
  },
};

/** X's longest posts have 25,000 characters, each of which it may escape; what is longer is not read, and vouches for nothing. */
const TEXT_UNITS_MAX = 250_000;
const ADDRESS_UNITS_MAX = 10_000;
const URLS_MAX = 5_000;

const UrlEntitySchema = z.object({
  url: z.string().max(ADDRESS_UNITS_MAX).nullish().catch(null),
  expanded_url: z.string().max(ADDRESS_UNITS_MAX).nullish().catch(null),
  display_url: z.string().max(ADDRESS_UNITS_MAX).nullish().catch(null),
});
type UrlEntity = z.infer<typeof UrlEntitySchema>;

const EntitiesSchema = z
  .object({ urls: z.array(UrlEntitySchema).max(URLS_MAX).nullish().catch(null) })
  .nullish()
  .catch(null);

const ReferencesSchema = z
  .array(z.object({ type: z.string(), id: NumericIdSchema }))
  .nullish()
  .catch(null);
const NoteSchema = z
  .object({ text: z.string().max(TEXT_UNITS_MAX), entities: EntitiesSchema })
  .nullish()
  .catch(null);

const RawPostSchema = z.object({
  id: NumericIdSchema,
  text: z.string().max(TEXT_UNITS_MAX),
  created_at: z.string().nullish().catch(null),
  conversation_id: z.string().nullish().catch(null),
  in_reply_to_user_id: z.string().nullish().catch(null),
  entities: EntitiesSchema,
  attachments: z
    // What cannot be read stands for media that are there.
    .object({ media_keys: z.array(z.string().nullable().catch(null)).max(100).nullish().catch([null]) })
    .nullish()
    .catch({ media_keys: [null] }),
  referenced_tweets: ReferencesSchema,
  referenced_posts: ReferencesSchema,
  note_tweet: NoteSchema,
  note_post: NoteSchema,
});
type RawPost = z.infer<typeof RawPostSchema>;

export interface DecodedPost {
  post: OwnPost;
  /** False when the post is a reply and X did not say to what: `replyToId` is then null without meaning "none". */
  parentKnown: boolean;
  /** False when X showed only the beginning of a long text. */
  textWhole: boolean;
}

/** Reads one post of either dialect; null when it has no id or no text. Pure. */
export function decodeOwnPost(raw: unknown): DecodedPost | null {
  const parsed = RawPostSchema.safeParse(raw);
  if (!parsed.success) return null;
  const post = parsed.data;
  const parent = (post.referenced_tweets ?? post.referenced_posts)?.find(({ type }) => type === "replied_to");
  const isReply =
    (typeof post.in_reply_to_user_id === "string" && post.in_reply_to_user_id !== "") ||
    (typeof post.conversation_id === "string" && post.conversation_id !== post.id);
  const shown = post.attachments?.media_keys ?? [];
  const { text, whole, endsInMedia } = decodeText(post, shown.length > 0);
  // The link to its media says that there are some, also where X leaves their keys out.
  const mediaKeys = shown.length === 0 && endsInMedia ? [null] : shown.map(readMediaKey);
  return {
    post: {
      id: post.id,
      text,
      replyToId: parent?.id ?? null,
      mediaCount: mediaKeys.length,
      mediaKeys,
      createdAt: createdAt(post),
      isBeginning: !whole,
    },
    parentKnown: parent !== undefined || !isReply,
    textWhole: whole,
  };
}

/** A kind of media and the id of the upload, such as `3_1989…`. Anything else says nothing about which media it is. */
function readMediaKey(key: string | null): string | null {
  return key !== null && /^\d{1,4}_\d{1,19}$/.test(key) ? key : null;
}

function createdAt({ id, created_at: text }: RawPost): Date | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? idTime(id) : new Date(time);
}

function decodeText(post: RawPost, hasMedia: boolean): { text: string; whole: boolean; endsInMedia: boolean } {
  const note = post.note_tweet ?? post.note_post;
  // The note repeats the whole text, with entities of its own; media links may be known to the outer ones only.
  const text = note?.text ?? post.text;
  const urls = [...(note?.entities?.urls ?? []), ...(post.entities?.urls ?? [])];
  const ending = stripEnding(text, urls, post.id, hasMedia);
  // Entities first: an expanded address may hold "&lt;" of its own, and is not escaped by X.
  const plain = unescapeHtml(ending.text);
  return {
    text: comparable(expandLinks(plain, urls)),
    whole: note ? true : !ending.cut,
    endsInMedia: ending.isMedia,
  };
}

const SHORT_LINK = /https?:\/\/t\.co\/\w+/g;
const FINAL_SHORT_LINK = /https?:\/\/t\.co\/\w+$/;
/** A post has at most one media link and one link to its own whole text. */
const ENDINGS_MAX = 2;

/**
 * Takes off the links that X appends: to the post's own media, and to its whole text when it shows only the beginning.
 */
function stripEnding(
  text: string,
  urls: UrlEntity[],
  postId: string,
  hasMedia: boolean,
): { text: string; cut: boolean; isMedia: boolean } {
  let rest = text;
  let cut = false;
  let isMedia = false;
  for (let round = 0; round < ENDINGS_MAX; round++) {
    const match = FINAL_SHORT_LINK.exec(rest.trimEnd());
    if (match === null) break;
    const before = rest.slice(0, match.index).trimEnd();
    const entity = urls.find(({ url }) => url === match[0]);
    const target = entity?.expanded_url ?? "";
    const isWholeText = new RegExp(`/(i/web/)?status/${postId}/?$`).test(target) && before.endsWith("…");
    // The id must be this post's: an author may well end with a link to somebody else's photo.
    const isOwnMedia = new RegExp(`/status/${postId}/(photo|video)/\\d+/?$`).test(target);
    // Without a target, only a link of a post with media that X displays as a picture, or does not describe at all.
    const isUnnamedMedia = hasMedia && target === "" && /^(pic\.(x|twitter)\.com\/|$)/.test(entity?.display_url ?? "");
    if (!isWholeText && !isOwnMedia && !isUnnamedMedia) break;
    cut ||= isWholeText;
    isMedia ||= isOwnMedia;
    rest = before;
  }
  return { text: rest, cut, isMedia };
}

/**
 * Puts the author's links back. `expanded_url` is what was written; `unwound_url` is where redirects lead, which it was
 * not.
 */
function expandLinks(text: string, urls: UrlEntity[]): string {
  const targets = new Map<string, string>();
  for (const { url, expanded_url: target } of urls) if (url && target && !targets.has(url)) targets.set(url, target);
  const longest = Math.max(0, ...[...targets.keys()].map((url) => url.length));
  return text.replace(SHORT_LINK, (run) => {
    // Letters may follow a link without a blank, as in "example.comand…" before Japanese: the longest known link
    // counts.
    for (let length = Math.min(run.length, longest); length > 0; length--) {
      const target = targets.get(run.slice(0, length));
      if (target !== undefined) return target + run.slice(length);
    }
    return run;
  });
}
