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
  /** Times here, and all that are waited for, are by this machine's clock: what X says by its own is converted. */
  rateLimits: RateLimitWindow[];
  /** What X's clock said; absent when it said nothing. */
  clock?: ClockReading | undefined;
}

/** The `Date` of an answer, which X's clock showed at some moment between `askedAt` and `gotAt` of this machine's. */
export interface ClockReading {
  host: string;
  date: Date;
  askedAt: Date;
  gotAt: Date;
}

/** A `Date` header has whole seconds. */
const DATE_STEP_MS = 1_000;

/**
 * How far X's clock is ahead of this machine's, and how far from the truth that may be: half of the round trip, and
 * the part of a second that the header leaves out. What cannot be told from no difference is none.
 */
export function clockAhead({ date, askedAt, gotAt }: Pick<ClockReading, "date" | "askedAt" | "gotAt">): {
  aheadMs: number;
  boundMs: number;
} {
  const least = date.getTime() - gotAt.getTime();
  const most = date.getTime() + DATE_STEP_MS - askedAt.getTime();
  const boundMs = Math.abs(most - least) / 2;
  return { aheadMs: least <= 0 && most >= 0 ? 0 : (least + most) / 2, boundMs };
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
  /** X's keys of its media, which end in `_<id of the upload>`; null for one that X shows and that cannot be read. */
  mediaKeys: (string | null)[];
  /** By X's clock; null when X does not say it in any form. */
  createdAt: Date | null;
  /** X shows the beginning of a long text only. */
  isBeginning?: boolean;
}

/** `complete` says that every post newer than `sinceId` is in the list; only then does absence mean anything. */
export type OwnPostsAnswer =
  | { kind: "posts"; posts: OwnPost[]; complete: boolean }
  /** `isForbidden`: X answers and does not allow it, so waiting alone may never help. */
  | { kind: "unavailable"; cause: string; retryAt: Date | null; isForbidden?: boolean }
  | { kind: "signed_out"; detail: string };

/** What X holds under ids that were asked for. An id in neither list was not answered: nothing is known of it. */
export type PostsByIdAnswer =
  /** `authorId` is null where X does not say whose it is. */
  | { kind: "posts"; posts: { id: string; authorId: string | null }[]; missing: string[] }
  | Exclude<OwnPostsAnswer, { kind: "posts" }>;

/** What we know after asking X to delete one post. To ask again does no harm: what is gone stays gone. */
export type DeletionOutcome =
  | { kind: "deleted" }
  /** X does not know it: it was deleted before. */
  | { kind: "gone" }
  /** X said no for good, such as for another account's post. It is still there. */
  | { kind: "refused"; detail: string }
  | Extract<Outcome, { kind: "wait" | "signed_out" | "out_of_credits" | "held" | "not_sent" }>
  /** The request left and no usable answer came back: the post may be gone. */
  | { kind: "unknown"; cause: string };

export interface MediaSource {
  mime: string;
  byteLength: number;
  /** Opens the bytes anew; may be called more than once. `start` is inclusive, `end` exclusive. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Says that nobody reads these bytes of `read` any more, so that their memory can be given back. */
  release?(bytes: Uint8Array): void;
  /** Says that nobody reads for now. `read` opens it again. */
  close?(): Promise<void>;
}

/** How far the upload of one file came. It is stored, so that another run, or another process, goes on there. */
export interface UploadState {
  mediaId: string;
  mediaKey: string | null;
  expiresAt: Date;
  /** The file's first bytes that X holds, and in how many segments it got them. */
  sentBytes: number;
  segments: number;
  /** The size of the next segment: smaller once X found one too large. */
  segmentBytes: number;
  /** X has had all bytes since then; null while some are missing. */
  processingSince: Date | null;
  /** How much of the processing is done, as X says it. */
  processedPercent: number | null;
}

export interface UploadOptions {
  signal?: AbortSignal | undefined;
  /** Where an earlier upload of the same file, by the same account, stopped. */
  resume?: UploadState | null | undefined;
  /**
   * Gets each new state. The next segment is sent meanwhile, so a process that dies repeats two segments at most, which
   * X takes twice. What it throws ends the upload and is thrown on.
   */
  keep?: ((state: UploadState) => Promise<void>) | undefined;
}

export type MediaAnswer =
  /** `mediaKey`: by which X names it in a tweet; null when X did not say. */
  | { kind: "ready"; mediaId: string; mediaKey: string | null; expiresAt: Date }
  | { kind: "refused"; detail: string }
  | { kind: "wait"; until: Date | null; scope: "account" | "app"; detail: string }
  | { kind: "signed_out"; detail: string }
  | OutOfCredits
  | HeldAnswer
  /** X holds all bytes and works on them; ask again then, with the state that `keep` got last. */
  | { kind: "processing"; checkAt: Date; detail: string }
  /** X or the way there is away. Nothing was published by an upload, so it may be made again whenever that is over. */
  | { kind: "unavailable"; cause: string }
  /** This upload came to nothing; another one may do. */
  | { kind: "failed"; cause: string };

/** Captions of a video in one language. */
export interface CaptionFile {
  /** ISO 639-1 in capitals. */
  language: string;
  /** As a person reads it. */
  name: string;
  format: "srt" | "vtt";
  bytes: Uint8Array;
}

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
  /** Whether posts are on X, at most 100, whosoever they are. */
  postsById(
    credentials: Credentials,
    ids: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ answer: PostsByIdAnswer; meta: AnswerMeta }>;
  /** Deletes one of the account's own posts. Replies to it stay. */
  deletePost(
    credentials: Credentials,
    externalPostId: string,
    signal?: AbortSignal,
  ): Promise<{ outcome: DeletionOutcome; meta: AnswerMeta }>;
  uploadMedia(
    credentials: Credentials,
    media: MediaSource,
    options?: UploadOptions,
  ): Promise<{ answer: MediaAnswer; meta: AnswerMeta }>;
  setAltText(
    credentials: Credentials,
    mediaId: string,
    altText: string,
    signal?: AbortSignal,
  ): Promise<{ answer: { kind: "done" } | Exclude<MediaAnswer, { kind: "ready" | "processing" }>; meta: AnswerMeta }>;
  /** Gives X the captions of a video that it has processed, in one language; before the tweet is created. */
  addCaption(
    credentials: Credentials,
    mediaId: string,
    caption: CaptionFile,
    signal?: AbortSignal,
  ): Promise<{ answer: { kind: "done" } | Exclude<MediaAnswer, { kind: "ready" | "processing" }>; meta: AnswerMeta }>;
  refresh(refreshToken: string, signal?: AbortSignal): Promise<RefreshAnswer>;
  identity(accessToken: string, signal?: AbortSignal): Promise<IdentityAnswer & { clock?: ClockReading | undefined }>;
  /** What the platform's clock shows now, asked without an account and for nothing; null when it does not say. */
  readClock(signal?: AbortSignal): Promise<ClockReading | null>;
  /**
   * Whether the text of an `OwnPost` is that of what was sent, whatever X has made of its links, blanks and characters
   * that nobody sees. Of a beginning: whether what was sent begins so. Pure.
   */
  sameText(sent: string, shown: string, isBeginning?: boolean): boolean;
  /** The instant at which X made a post id, from the id itself and by X's clock; null for an id that holds no time. */
  idTime(externalPostId: string): Date | null;
  /** Whose clock and ids these are. */
  readonly host: string;
}
