/**
 * The port between the core and a social platform: its limits, what it can be asked, and what it can answer.
 * `platforms/x` implements it; the core knows nothing of HTTP.
 *
 * No method throws for what X answers, or fails to answer: each returns what is known, in the words below, so that the
 * caller can record it before it decides anything. They throw only when aborted before anything was sent, or for a bug.
 */
/** The longest text of one post, as `core/compose` counts it. */
export const TWEET_LIMIT = 280;
/** The same for an account that may write long posts. */
export const LONG_POST_LIMIT = 25_000;

/** What an account of this subscription may post at once. X's paid tiers write long posts (changelog of 2024-08-20). */
export function textLimitOf(subscription: string | null): number {
  return subscription === null || subscription === "None" ? TWEET_LIMIT : LONG_POST_LIMIT;
}

/** The most code points that an alt text may have. */
export const ALT_TEXT_LENGTH_MAX = 1_000;

/** The length of an alt text: X counts code points, so an emoji is one where UTF-16 has two units. */
export function altTextLength(altText: string): number {
  return [...altText].length;
}

export interface MediaLimit {
  kind: "image" | "gif" | "video";
  bytesMax: number;
  widthMax?: number;
  heightMax?: number;
}

const MIB = 1024 ** 2;
const IMAGE: MediaLimit = { kind: "image", bytesMax: 5 * MIB };
/** From accounts with Premium; X refuses the longest of others when it has processed them. */
const VIDEO: MediaLimit = { kind: "video", bytesMax: 16 * 1024 * MIB };

/** The files that X takes, by MIME type (best-practices page, September 2026). */
export const MEDIA_LIMITS: ReadonlyMap<string, MediaLimit> = new Map([
  ["image/jpeg", IMAGE],
  ["image/png", IMAGE],
  ["image/webp", IMAGE],
  ["image/gif", { kind: "gif", bytesMax: 15 * MIB, widthMax: 1280, heightMax: 1080 }],
  ["video/mp4", VIDEO],
  ["video/quicktime", VIDEO],
]);

/** The most images of one post; a GIF or a video stands alone. */
export const IMAGES_MAX = 4;

const NUMERIC_ID = /^[0-9]{1,19}$/;

/** True for an id of a post or of an account: 1 to 19 decimal digits. Ids pass 2^53, so they are never numbers. */
export function isNumericId(value: unknown): value is string {
  return typeof value === "string" && NUMERIC_ID.test(value);
}

/**
 * Orders two ids of posts by age, older first, for `Array.prototype.sort`. Ids grow with time; the order of texts would
 * put "9" after "10".
 * @throws TypeError when either is not an id; that is a bug of the caller, since every id is validated when it enters.
 */
export function compareIds(left: string, right: string): number {
  if (!isNumericId(left) || !isNumericId(right)) throw new TypeError("not an id of a post: 1 to 19 digits expected");
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** What we know after asking X to create one tweet. */
export type Outcome =
  | { kind: "posted"; externalPostId: string }
  /** X said no for good; sending the same again would be refused again. Nothing was posted. */
  | { kind: "refused"; reason: RefusedReason; detail: string }
  /** 429. Nothing was posted. `until` is null when X named no time. */
  | { kind: "wait"; until: Date | null; scope: "account" | "app"; detail: string }
  /** 401. Nothing was posted; the token may be stale, revoked, or X may be down for everyone. */
  | { kind: "signed_out"; detail: string }
  /** 402, spend cap or monthly usage cap: the whole app waits for a person. Nothing was posted. */
  | OutOfCredits
  /** X refuses everything of the account, or of the app. Nothing was posted. */
  | HeldAnswer
  /** The request never left this machine (DNS, TCP or TLS failed). Nothing was posted. */
  | { kind: "not_sent"; cause: string }
  /** The request left and no usable answer came back: the tweet may exist. */
  | { kind: "unknown"; cause: string };

export const REFUSED_REASONS = [
  "duplicate",
  "not_permitted", // X's catch-all 403: too long for the account, app permission, locked account
  "too_long",
  "reply_not_allowed", // parent deleted, or the rules on replies and quotes
  "parent_missing",
  "media_invalid", // expired, unprocessed or another user's media id: upload again once
  "media_too_long",
  "cashtags",
  "invalid",
] as const;
export type RefusedReason = (typeof REFUSED_REASONS)[number];

export interface OutOfCredits {
  kind: "out_of_credits";
  cap: "credits" | "spend_cap" | "usage_cap";
  detail: string;
}

/** Why X refuses everything of an account, or of the app, whatever it is asked to post. */
export const HELD_REASONS = [
  "locked",
  "suspended",
  "daily_limit", // the day's posts are used up, and X names no reset
  "automated", // "this request looks like it might be automated"
  "app_not_enrolled",
  "app_forbidden",
] as const;
export type HeldReason = (typeof HELD_REASONS)[number];

export interface HeldAnswer {
  kind: "held";
  scope: "account" | "app";
  reason: HeldReason;
  /** After so many ms X may be asked again; null: when a person has done something. */
  restMs: number | null;
  detail: string;
}

/** One rate-limit window as X's headers describe it. */
export interface RateLimitWindow {
  /** Which of X's three header families it came from. */
  window: "15min" | "user_24h" | "app_24h";
  limit: number;
  remaining: number;
  resetAt: Date;
}

/** Facts of one answer, kept for history and support. Never holds a token. */
export interface AnswerMeta {
  httpStatus: number | null;
  transactionId: string | null;
  rateLimits: RateLimitWindow[];
}

/** An account's right to speak. `accessToken` is a secret. */
export interface Credentials {
  accessToken: string;
  /** The account's id at X. */
  platformUserId: string;
}

export interface CreatePostRequest {
  text: string;
  replyToId: string | null;
  mediaIds: string[];
  poll?: { options: string[]; durationMinutes: number };
  replySettings?: "following" | "mentionedUsers" | "subscribers" | "verified";
  madeWithAi?: boolean;
  paidPartnership?: boolean;
}

/** One of the account's own posts as X shows it, with X's decorations undone. */
export interface OwnPost {
  id: string;
  /**
   * Text comparable with what was sent: t.co expanded, media link stripped, entities unescaped, note text when cut,
   * NFC.
   */
  text: string;
  replyToId: string | null;
  mediaCount: number;
  createdAt: Date;
}

/** `complete` says that every post newer than `sinceId` is in the list; only then does absence mean anything. */
export type OwnPostsAnswer =
  | { kind: "posts"; posts: OwnPost[]; complete: boolean }
  | { kind: "unavailable"; cause: string; retryAt: Date | null }
  | { kind: "signed_out"; detail: string };

export interface MediaSource {
  mime: string;
  byteLength: number;
  /** Opens the bytes anew; may be called more than once. `start` is inclusive, `end` exclusive. */
  read(start: number, end: number): Promise<Uint8Array>;
}

export type MediaAnswer =
  | { kind: "ready"; mediaId: string; expiresAt: Date }
  | { kind: "refused"; detail: string }
  | { kind: "wait"; until: Date | null; scope: "account" | "app"; detail: string }
  | { kind: "signed_out"; detail: string }
  | OutOfCredits
  | HeldAnswer
  /** X or the way there is away. Nothing was published by an upload, so it may be made again whenever that is over. */
  | { kind: "unavailable"; cause: string }
  /** This upload came to nothing; another one may do. */
  | { kind: "failed"; cause: string };

/** What OAuth 2.0 with X needs. The three hosts differ only in the sandbox and in tests. */
export interface XOAuthConfig {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Page the person opens. Default https://x.com/i/oauth2/authorize: twitter.com does not see the x.com login. */
  authorizeUrl: string;
  tokenUrl: string;
  revokeUrl: string;
}

export interface TokenSet {
  /** Secret. */
  accessToken: string;
  /** Secret; null when X granted no `offline.access`. */
  refreshToken: string | null;
  expiresAt: Date;
  scopes: string[];
}

export type RefreshAnswer =
  | { kind: "refreshed"; tokens: TokenSet }
  /** X refused this refresh token by name (400 invalid_request / invalid_grant). */
  | { kind: "refused"; detail: string }
  /** Client id or secret are wrong: a configuration error, the account is not to blame. */
  | { kind: "misconfigured"; detail: string }
  /** Outage, 5xx, 429, or an unreadable answer: the token may or may not have been spent. */
  | { kind: "unavailable"; cause: string; tokenMayBeSpent: boolean };

export interface Identity {
  platformUserId: string;
  handle: string;
  name: string;
  /** X's `subscription_type`, e.g. None, Basic, Premium, PremiumPlus; null when X did not say. */
  subscription: string | null;
}

export type IdentityAnswer =
  | { kind: "identity"; identity: Identity }
  | { kind: "signed_out"; detail: string }
  | { kind: "unavailable"; cause: string };

export interface Platform {
  createPost(
    credentials: Credentials,
    request: CreatePostRequest,
    signal?: AbortSignal,
  ): Promise<{ outcome: Outcome; meta: AnswerMeta }>;
  /** The account's own posts newer than `sinceId` (all recent ones when null), replies included, newest first. */
  ownPosts(
    credentials: Credentials,
    query: { sinceId: string | null; max: number },
    signal?: AbortSignal,
  ): Promise<{ answer: OwnPostsAnswer; meta: AnswerMeta }>;
  uploadMedia(
    credentials: Credentials,
    media: MediaSource,
    signal?: AbortSignal,
  ): Promise<{ answer: MediaAnswer; meta: AnswerMeta }>;
  setAltText(
    credentials: Credentials,
    mediaId: string,
    altText: string,
    signal?: AbortSignal,
  ): Promise<{ answer: { kind: "done" } | Exclude<MediaAnswer, { kind: "ready" }>; meta: AnswerMeta }>;
  refresh(refreshToken: string, signal?: AbortSignal): Promise<RefreshAnswer>;
  identity(accessToken: string, signal?: AbortSignal): Promise<IdentityAnswer>;
  /** Whether the text of an `OwnPost` is that of what was sent, whatever X has made of its links and blanks. Pure. */
  sameText(sent: string, shown: string): boolean;
  /** The instant at which X made a post id, from the id itself. */
  idTime(externalPostId: string): Date;
}
