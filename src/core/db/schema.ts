/**
 * The hub's tables. docs/storage.md tells each column's meaning, life and what is secret.
 *
 * All live in the Postgres schema `psn`, so that a hub can share a database with other programs. Rules that must hold
 * even against a bug of ours (legal transitions, one open attempt per tweet, append-only events) are in the
 * migrations as constraints and triggers, see drizzle/.
 */
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { RefusedReason } from "../platform.ts";
import type { PostMetadata, PostStatus, PostSubStatus } from "../types/index.ts";

export const psn = pgSchema("psn");

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

/** Media are found by their hash, so a row that names them otherwise is refused. core/media/shelf.ts does not rely on it. */
const IS_HASH = sql`sha256 ~ '^[0-9a-f]{64}$'`;

/** One X user that posts are published as. */
export const accounts = psn.table(
  "accounts",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull().default("local"),
    platform: text("platform").notNull().default("x"),
    /** X's numeric id, a string everywhere. */
    platformUserId: text("platform_user_id").notNull(),
    handle: text("handle").notNull(),
    name: text("name").notNull(),
    /** X's subscription_type; decides how long a post may be. */
    subscription: text("subscription"),
    isDefault: boolean("is_default").notNull().default(false),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("accounts_platform_user").on(t.userId, t.platform, t.platformUserId),
    uniqueIndex("accounts_one_default").on(t.userId).where(sql`is_default`),
  ],
);

/** Facts about a token's life that are not secret. */
export interface TokenMetadata {
  lastRefreshAt?: string;
  refreshError?: string;
  refreshFailedAt?: string;
  /** X refused the current refresh token; only a new sign-in helps. */
  requiresReauth?: boolean;
  /** Host of the API that the account signed in at; its tokens are sent nowhere else. */
  apiHost?: string;
}

/** One row an account. Both tokens are envelopes of AES-256-GCM bound to row and column. */
export const oauthTokens = psn.table(
  "oauth_tokens",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull().default("local"),
    platform: text("platform").notNull().default("x"),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id, { onDelete: "cascade" }),
    accessToken: text("access_token").notNull(),
    refreshToken: text("refresh_token"),
    expiresAt: instant("expires_at").notNull(),
    scopes: text("scopes").array().notNull(),
    metadata: jsonb("metadata").$type<TokenMetadata>().notNull().default({}),
    /** Grows with every stored pair; tells whether somebody else has refreshed meanwhile. */
    version: integer("version").notNull().default(1),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("oauth_tokens_account").on(t.accountId, t.userId, t.platform),
    index("oauth_tokens_expires").on(t.expiresAt),
  ],
);

/**
 * Written, on a connection of its own, just before X is asked to refresh a token, and removed by the commit that stores
 * the answer. One that is left tells the next refresh that a process died while X may already have rotated the token.
 */
export const refreshIntents = psn.table("refresh_intents", {
  accountId: text("account_id")
    .primaryKey()
    .references(() => accounts.id, { onDelete: "cascade" }),
  tokenVersion: integer("token_version").notNull(),
  startedAt: instant("started_at").notNull(),
});

/** A sign-in that was begun and waits for its pasted code. The verifier is encrypted and goes with the flow. */
export const oauthFlows = psn.table("oauth_flows", {
  state: text("state").primaryKey(),
  codeVerifier: text("code_verifier").notNull(),
  redirectUri: text("redirect_uri").notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** One row is one tweet. The root row is tweet 0 and carries the post: status, schedule, lease. */
export const posts = psn.table(
  "posts",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull().default("local"),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    parentPostId: text("parent_post_id").references((): AnyPgColumn => posts.id, { onDelete: "cascade" }),
    threadPosition: integer("thread_position").notNull().default(0),
    content: text("content").notNull(),
    /** What stood between this tweet and the next in the author's source. */
    separatorAfter: text("separator_after").notNull().default(""),
    externalPostId: text("external_post_id"),
    publishedAt: instant("published_at"),

    // The rest is filled on the root row only.
    status: text("status").$type<PostStatus>(),
    subStatus: text("sub_status").$type<PostSubStatus>(),
    scheduledAt: instant("scheduled_at"),
    scheduledTimezone: text("scheduled_timezone"),
    scheduleVersion: integer("schedule_version").notNull().default(0),
    /** When the engine should next wake this post; null while nothing is to be done. */
    dueAt: instant("due_at"),
    platformPostIds: text("platform_post_ids").array().notNull().default(sql`'{}'`),
    /** Trigger.dev's run that will wake this post, or last did. */
    triggerRunId: text("trigger_run_id"),
    /** The time that this run was told. Where it is not `due_at`, Trigger.dev has not heard of a change yet. */
    triggerDueAt: instant("trigger_due_at"),
    failCode: text("fail_code"),
    failReason: text("fail_reason"),
    /** Tries spent in a row without progress; a posted tweet sets it back. */
    retryCount: integer("retry_count").notNull().default(0),
    metadata: jsonb("metadata").$type<PostMetadata>().notNull().default({}),
    /** The author's text as given, before it was cut. */
    source: text("source"),
    /** Guards against lost edits: every change of text, media or order adds one. */
    contentVersion: integer("content_version").notNull().default(1),
    /** Hash of exactly what the author approved; null means not approved. */
    approvedHash: text("approved_hash"),
    approvedAt: instant("approved_at"),
    idempotencyKey: text("idempotency_key"),
    leaseOwner: text("lease_owner"),
    leaseExpiresAt: instant("lease_expires_at"),
    /** Grows with every lease; an attempt bears the number it was made under. */
    leaseFencing: bigint("lease_fencing", { mode: "number" }).notNull().default(0),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("posts_thread_position").on(t.parentPostId, t.threadPosition).where(sql`parent_post_id is not null`),
    uniqueIndex("posts_idempotency_key").on(t.userId, t.idempotencyKey).where(sql`idempotency_key is not null`),
    uniqueIndex("posts_external").on(t.accountId, t.externalPostId).where(sql`external_post_id is not null`),
    index("posts_due").on(t.dueAt).where(sql`due_at is not null`),
    index("posts_leased").on(t.leaseExpiresAt).where(sql`status = 'publishing'`),
    // Rows that rest in an end are most, and nobody asks for them this way.
    index("posts_account_active").on(t.accountId, t.status).where(sql`status in ('scheduled', 'publishing', 'retry')`),
    // "Was this said before?" and "does another one wait to say it?" are asked at every preview and approval.
    index("posts_said").on(t.accountId, t.publishedAt).where(sql`external_post_id is not null`),
    index("posts_approved")
      .on(t.accountId, t.approvedHash)
      .where(sql`approved_hash is not null and external_post_id is null`),
    check("posts_root_has_status", sql`(parent_post_id is null) = (status is not null)`),
    check("posts_root_is_first", sql`(parent_post_id is null) = (thread_position = 0)`),
    check("posts_status_known", sql`status in ('draft', 'scheduled', 'publishing', 'retry', 'published', 'failed')`),
    check("posts_lease_while_publishing", sql`(lease_owner is not null) = (status = 'publishing') or status is null`),
    check("posts_scheduled_has_time", sql`status <> 'scheduled' or (scheduled_at is not null and due_at is not null)`),
    check(
      "posts_sent_only_if_approved",
      sql`status in ('draft', 'failed') or approved_hash is not null or status is null`,
    ),
  ],
);

/** What a tweet carries beside its text. The bytes lie in the media store under their hash. */
export const postMedia = psn.table(
  "post_media",
  {
    id: text("id").primaryKey(),
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    sha256: text("sha256").notNull(),
    mime: text("mime").notNull(),
    byteLength: bigint("byte_length", { mode: "number" }).notNull(),
    fileName: text("file_name").notNull(),
    width: integer("width"),
    height: integer("height"),
    durationMs: doublePrecision("duration_ms"),
    altText: text("alt_text"),
    /** X's id, valid for the uploading account until the expiry; null until uploaded. */
    platformMediaId: text("platform_media_id"),
    platformMediaExpiresAt: instant("platform_media_expires_at"),
    altTextSet: boolean("alt_text_set").notNull().default(false),
  },
  (t) => [
    uniqueIndex("post_media_position").on(t.postId, t.position),
    index("post_media_sha256").on(t.sha256),
    check("post_media_sha256_is_hash", IS_HASH),
  ],
);

/** A tweet of an earlier version of a draft. */
export interface VersionTweet {
  text: string;
  separatorAfter: string;
  media: {
    sha256: string;
    mime: string;
    byteLength: number;
    fileName: string;
    width: number | null;
    height: number | null;
    altText: string | null;
  }[];
}

/** What a post was before each of its latest changes: a stack from which `psn post undo` takes the top. */
export const draftVersions = psn.table(
  "draft_versions",
  {
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    /** The content version that this was. */
    contentVersion: integer("content_version").notNull(),
    /** Tweets that were on X then; they are not in `tweets`, and cannot be undone. */
    sentCount: integer("sent_count").notNull(),
    tweets: jsonb("tweets").$type<VersionTweet[]>().notNull(),
    metadata: jsonb("metadata").$type<PostMetadata>().notNull(),
    source: text("source"),
    /** The change that ended this version, in words. */
    note: text("note").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.postId, t.contentVersion] })],
);

/** How an attempt ended. `null` in the column: it was written, and what became of it is not known yet. */
export type AttemptOutcome =
  | "posted"
  | "adopted" // no answer came, the tweet was found on X
  | "absent" // no answer came, and X was looked at until the tweet's absence was certain
  | "refused"
  | "wait"
  | "signed_out"
  | "out_of_credits"
  | "not_sent"
  | "duplicate" // it made a second copy of a tweet that has an id; the author was told
  | "double"; // the same, in hubs that an earlier version wrote

/** The write-ahead ledger: one row a request that asks X to create one tweet, committed before it is sent. */
export const publishAttempts = psn.table(
  "publish_attempts",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    rootId: text("root_id").notNull(),
    number: integer("number").notNull(),
    leaseFencing: bigint("lease_fencing", { mode: "number" }).notNull(),
    /** sha256 of the request's text, reply parent and media. */
    fingerprint: text("fingerprint").notNull(),
    replyToId: text("reply_to_id"),
    mediaCount: integer("media_count").notNull().default(0),
    startedAt: instant("started_at").notNull(),
    answeredAt: instant("answered_at"),
    outcome: text("outcome").$type<AttemptOutcome>(),
    detail: text("detail"),
    /** Why X refused the request; also while it is open, and may have made its tweet all the same. */
    refusedReason: text("refused_reason").$type<RefusedReason>(),
    httpStatus: integer("http_status"),
    transactionId: text("transaction_id"),
    externalPostId: text("external_post_id"),
    /**
     * Drawn from the sequence of `id` when the tweet was recorded. Lower than another attempt's id, the tweet was known
     * before that one was written, whatever clocks said.
     */
    recordNumber: bigint("record_number", { mode: "number" }),
    lookCount: integer("look_count").notNull().default(0),
    lastLookAt: instant("last_look_at"),
  },
  (t) => [
    uniqueIndex("publish_attempts_number").on(t.postId, t.number),
    // The database itself refuses a second send while one is not settled. A tweet has one root, so both columns are as
    // unique as the tweet alone, and what is open of a post is found as well.
    uniqueIndex("publish_attempts_one_open").on(t.rootId, t.postId).where(sql`outcome is null`),
    // A tweet is made at most once.
    uniqueIndex("publish_attempts_one_success").on(t.postId).where(sql`outcome in ('posted', 'adopted')`),
  ],
);

/** What X last said about its limits, shared by all workers. `account_id` is '' for limits of the whole app. */
export const rateLimits = psn.table(
  "rate_limits",
  {
    accountId: text("account_id").notNull(),
    endpoint: text("endpoint").notNull(),
    window: text("window").$type<"15min" | "user_24h" | "app_24h" | "refused">().notNull(),
    limit: integer("limit").notNull(),
    remaining: integer("remaining").notNull(),
    resetAt: instant("reset_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.endpoint, t.window] })],
);

/** Every change of status with its reason; append-only. */
export const postEvents = psn.table(
  "post_events",
  {
    id: bigserial("id", { mode: "number" }).notNull(),
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    at: instant("at").notNull(),
    kind: text("kind").notNull(),
    status: text("status").$type<PostStatus>().notNull(),
    subStatus: text("sub_status").$type<PostSubStatus>(),
    /** One sentence for a person. */
    note: text("note").notNull(),
    facts: jsonb("facts").$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [primaryKey({ columns: [t.postId, t.id] })],
);

/** A hold on the whole app, such as missing credits: one row while it lasts. */
export const appHolds = psn.table("app_holds", {
  clientId: text("client_id").primaryKey(),
  reason: text("reason").$type<"credits" | "spend_cap" | "usage_cap">().notNull(),
  detail: text("detail").notNull(),
  since: instant("since").notNull(),
});

/** Small facts of the hub itself: the id of the encryption key, the engine in use. */
export const hubSettings = psn.table("hub_settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  updatedAt: instant("updated_at").notNull(),
});

/** Which bytes the media store holds, whatever kind of store it is. Noted before they are written, so none is forgotten. */
export const mediaBlobs = psn.table(
  "media_blobs",
  {
    sha256: text("sha256").primaryKey(),
    byteLength: bigint("byte_length", { mode: "number" }).notNull(),
    /** When they were last attached; young bytes are never cleaned away, for their post may not be written yet. */
    attachedAt: instant("attached_at").notNull(),
  },
  () => [check("media_blobs_sha256_is_hash", IS_HASH)],
);

/** Media bytes, where the store is the hub itself: chunks of at most 1 MiB under their hash. */
export const mediaChunks = psn.table(
  "media_chunks",
  {
    sha256: text("sha256").notNull(),
    position: integer("position").notNull(),
    bytes: bytes("bytes").notNull(),
  },
  (t) => [primaryKey({ columns: [t.sha256, t.position] }), check("media_chunks_sha256_is_hash", IS_HASH)],
);
