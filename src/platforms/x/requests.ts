/**
 * The requests that we make of X, as values. Pure: nothing here sends. Paths, names and bounds are X's OpenAPI 2.167.
 */
import type { CreatePostRequest } from "../../core/platform.ts";
import type { XEndpoint } from "./endpoints.ts";
import type { Form } from "./multipart.ts";
import { type Dialect, POST_FIELDS } from "./own-posts.ts";
import { BODY_BYTES_MAX } from "./transport.ts";
import { NumericIdSchema, type TweetCreate } from "./types.ts";

/** One request, before the address and the token are put to it. */
export interface XRequest {
  endpoint: XEndpoint;
  method: "GET" | "POST" | "DELETE";
  path: string;
  query?: Record<string, string>;
  /** JSON to send, or a form with bytes. */
  json?: unknown;
  form?: Form;
  /** Answers of more bytes are not read; default `BODY_BYTES_MAX`. */
  bodyBytesMax?: number;
  /** True for the requests that carry bytes of media: they may take longer. */
  carriesMedia?: boolean;
}

/** A hundred posts of 25,000 characters each, escaped, fit in. */
const POSTS_BYTES_MAX = 16 * BODY_BYTES_MAX;

/** X's page sizes for a timeline. */
const PAGE_SIZE_MIN = 5;
export const PAGE_SIZE_MAX = 100;

/** @param tweet a body that `TweetCreateSchema` has checked. */
export function createPostRequest(tweet: TweetCreate): XRequest {
  return { endpoint: "POST /2/tweets", method: "POST", path: "/2/tweets", json: { ...tweet, text: tweet.text ?? "" } };
}

/** Deletes a post; of an edited one all versions. */
export function deletePostRequest(id: string): XRequest {
  return { endpoint: "DELETE /2/tweets/:id", method: "DELETE", path: `/2/tweets/${pathId(id)}` };
}

/** X's most ids of one look-up. */
export const IDS_MAX = 100;

/** In the newer vocabulary the author is no field but an expansion. */
const AUTHOR: Record<Dialect, Record<string, string>> = {
  tweet: { "tweet.fields": "author_id" },
  post: { "post.fields": "created_at", expansions: "author_id" },
};

/** @param ids at most `IDS_MAX` */
export function postsByIdRequest(ids: readonly string[], dialect: Dialect): XRequest {
  return {
    endpoint: "GET /2/tweets",
    method: "GET",
    path: "/2/tweets",
    query: { ids: ids.map(pathId).join(","), ...AUTHOR[dialect] },
    bodyBytesMax: POSTS_BYTES_MAX,
  };
}

/** The core's request in X's words. Not yet checked: `TweetCreateSchema` does that. */
export function tweetOf(request: CreatePostRequest): TweetCreate {
  const { text, replyToId, mediaIds, poll, replySettings, madeWithAi, paidPartnership } = request;
  return {
    text,
    ...(mediaIds.length > 0 && { media: { media_ids: mediaIds } }),
    ...(replyToId !== null && { reply: { in_reply_to_tweet_id: replyToId } }),
    ...(poll !== undefined && { poll: { options: poll.options, duration_minutes: poll.durationMinutes } }),
    ...(replySettings !== undefined && { reply_settings: replySettings }),
    ...(madeWithAi !== undefined && { made_with_ai: madeWithAi }),
    ...(paidPartnership !== undefined && { paid_partnership: paidPartnership }),
  };
}

export function meRequest(): XRequest {
  return {
    endpoint: "GET /2/users/me",
    method: "GET",
    path: "/2/users/me",
    query: { "user.fields": "subscription_type,verified_type" },
  };
}

export interface TimelineQuery {
  userId: string;
  sinceId: string | null;
  pageSize: number;
  pageToken: string | null;
  dialect: Dialect;
}

/** Replies are kept, since the tweets of a thread are replies; reposts of others are never ours. */
export function timelineRequest({ userId, sinceId, pageSize, pageToken, dialect }: TimelineQuery): XRequest {
  return {
    endpoint: "GET /2/users/:id/tweets",
    method: "GET",
    path: `/2/users/${pathId(userId)}/tweets`,
    query: {
      max_results: String(Math.min(Math.max(Math.trunc(pageSize), PAGE_SIZE_MIN), PAGE_SIZE_MAX)),
      exclude: "retweets",
      ...(sinceId !== null && { since_id: NumericIdSchema.parse(sinceId) }),
      ...(pageToken !== null && { pagination_token: pageToken }),
      ...POST_FIELDS[dialect],
    },
    bodyBytesMax: POSTS_BYTES_MAX,
  };
}

/** How bytes go to X. Its OpenAPI has both, its prose the first alone, and its simulator takes the second alone. */
export type MediaEncoding = "multipart" | "base64";

/** The whole file in one request; X takes no `media_type` here. */
export function oneShotUploadRequest(
  bytes: Uint8Array,
  mime: string,
  category: string,
  encoding: MediaEncoding = "multipart",
): XRequest {
  const body = mediaBody({ fields: { media_category: category }, media: bytes, mime }, encoding);
  return { endpoint: "POST /2/media/upload", method: "POST", path: "/2/media/upload", ...body };
}

export function initializeUploadRequest(mime: string, totalBytes: number, category: string): XRequest {
  return {
    endpoint: "POST /2/media/upload/initialize",
    method: "POST",
    path: "/2/media/upload/initialize",
    json: { media_type: mime, total_bytes: totalBytes, media_category: category },
  };
}

/** A segment of a file, as `appendUploadRequest` sends it. */
export function segmentForm(segmentIndex: number, bytes: Uint8Array): Form {
  return { fields: { segment_index: segmentIndex }, media: bytes, mime: "application/octet-stream" };
}

export function appendUploadRequest(mediaId: string, segment: Form, encoding: MediaEncoding = "multipart"): XRequest {
  return {
    endpoint: "POST /2/media/upload/:id/append",
    method: "POST",
    path: `/2/media/upload/${pathId(mediaId)}/append`,
    ...mediaBody(segment, encoding),
  };
}

export function finalizeUploadRequest(mediaId: string): XRequest {
  return {
    endpoint: "POST /2/media/upload/:id/finalize",
    method: "POST",
    path: `/2/media/upload/${pathId(mediaId)}/finalize`,
  };
}

export function uploadStatusRequest(mediaId: string): XRequest {
  return {
    endpoint: "GET /2/media/upload",
    method: "GET",
    path: "/2/media/upload",
    query: { media_id: pathId(mediaId), command: "STATUS" },
  };
}

export function altTextRequest(mediaId: string, altText: string): XRequest {
  return {
    endpoint: "POST /2/media/metadata",
    method: "POST",
    path: "/2/media/metadata",
    json: { id: pathId(mediaId), metadata: { alt_text: { text: altText } } },
  };
}

/** Names a file of captions that was uploaded to its video. */
export function subtitlesRequest(
  mediaId: string,
  { id, language, name }: { id: string; language: string; name: string },
): XRequest {
  return {
    endpoint: "POST /2/media/subtitles",
    method: "POST",
    path: "/2/media/subtitles",
    json: {
      id: pathId(mediaId),
      media_category: "TweetVideo",
      subtitles: { id: pathId(id), language_code: language, display_name: name },
    },
  };
}

/**
 * An id that is about to stand in an address.
 * @throws ZodError when it is none: ids are validated where they enter, so this is a bug of the caller.
 */
function pathId(id: string): string {
  return NumericIdSchema.parse(id);
}

function mediaBody(form: Form, encoding: MediaEncoding): Pick<XRequest, "json" | "form" | "carriesMedia"> {
  if (encoding === "base64") {
    const { buffer, byteOffset, byteLength } = form.media;
    const media = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    return { json: { ...form.fields, media }, carriesMedia: true };
  }
  return { form, carriesMedia: true };
}
