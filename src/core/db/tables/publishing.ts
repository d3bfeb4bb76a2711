/** What publishing writes: attempts, rate limits, holds of an app. docs/storage.md tells each column's meaning. */
import { sql } from "drizzle-orm";
import { bigint, bigserial, boolean, integer, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { RefusedReason } from "../../platform.ts";
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

/** A hold on the whole app, such as missing credits: one row while it lasts. */
export const appHolds = psn.table("app_holds", {
  clientId: text("client_id").primaryKey(),
  reason: text("reason").$type<"credits" | "spend_cap" | "usage_cap">().notNull(),
  detail: text("detail").notNull(),
  since: instant("since").notNull(),
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
    madeAt: instant("made_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.externalPostId] })],
);
