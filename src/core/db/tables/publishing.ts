/** What publishing writes: attempts, rate limits, holds. docs/storage.md tells each column's meaning. */
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { HeldReason, OutOfCredits, RefusedReason } from "../../platform.ts";
import type { AttemptOutcome } from "../../types/index.ts";
import { posts } from "./posts.ts";
import { instant, psn } from "./shared.ts";

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
    /** What X shows of the request's uploads: X's media keys, or `_<media id>`. Null where a version before wrote the row. */
    mediaKeys: text("media_keys").array(),
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
    /** How far X's clock was known to be ahead of the hub's when the attempt was written, in ms. */
    xAheadMs: doublePrecision("x_ahead_ms"),
    /** Of the API that was asked, e.g. api.x.com. Null where a version before wrote the row. */
    host: text("host"),
  },
  (t) => [
    uniqueIndex("publish_attempts_number").on(t.postId, t.number),
    // The database itself refuses a second send while one is open. A tweet has one root, so both columns are as
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

/** X refuses everything of an account or of an app: one row while that lasts. `id` is the account's, or the app's client id. */
export const holds = psn.table(
  "holds",
  {
    scope: text("scope").$type<"account" | "app">().notNull().default("app"),
    id: text("id").notNull(),
    reason: text("reason").$type<HeldReason | OutOfCredits["cap"]>().notNull(),
    detail: text("detail").notNull(),
    since: instant("since").notNull(),
    /** When X may be asked again; null waits for a person. A row whose time has passed holds nothing. */
    until: instant("until"),
    /** The app that X refused. */
    clientId: text("client_id"),
  },
  (t) => [primaryKey({ columns: [t.scope, t.id] })],
);

/** How far a host's clock (X's, by its `Date` header) is ahead of the hub's; negative: behind. In ms. */
export const clockOffsets = psn.table("clock_offsets", {
  host: text("host").primaryKey(),
  aheadMs: doublePrecision("ahead_ms").notNull(),
  /** The truth is within so many ms. */
  boundMs: doublePrecision("bound_ms").notNull(),
  measuredAt: instant("measured_at").notNull(),
});

/** Accounts whose posts at X are compared with the record before the next send, or were. */
export const accountLooks = psn.table("account_looks", {
  accountId: text("account_id").primaryKey(),
  /** Posts that were approved before this may be on X already. */
  wantedAt: instant("wanted_at").notNull(),
  /** The record itself is in doubt: look from the first waiting post's approval on, not from the newest known tweet. */
  isThorough: boolean("is_thorough").notNull(),
  lookedAt: instant("looked_at"),
});

/** What the latest such look found at X and not in the record. */
export const unknownPosts = psn.table(
  "unknown_posts",
  {
    accountId: text("account_id").notNull(),
    externalPostId: text("external_post_id").notNull(),
    text: text("text").notNull(),
    replyToId: text("reply_to_id"),
    mediaCount: integer("media_count").notNull(),
    madeAt: instant("made_at"),
    /** X shows the beginning of a long text only. */
    isBeginning: boolean("is_beginning").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.externalPostId] })],
);

/** Tweets that their author takes down, a row each; written before X is asked. */
export const deletions = psn.table(
  "deletions",
  {
    tweetId: text("tweet_id").primaryKey(),
    rootId: text("root_id").notNull(),
    externalPostId: text("external_post_id").notNull(),
    wantedAt: instant("wanted_at").notNull(),
    /** Who said it, for the history. */
    wantedBy: text("wanted_by").notNull(),
    /** The latest request's, committed before it is sent. Without an outcome X may have carried it out. */
    startedAt: instant("started_at"),
    tries: integer("tries").notNull().default(0),
    /** `gone`: X did not know it any more. */
    outcome: text("outcome").$type<"deleted" | "gone">(),
    answeredAt: instant("answered_at"),
    detail: text("detail"),
    httpStatus: integer("http_status"),
    transactionId: text("transaction_id"),
  },
  (t) => [index("deletions_root").on(t.rootId)],
);
