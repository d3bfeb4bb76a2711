/** What X bills, and what its author lets it bill at most. docs/storage.md tells each column's meaning. */
import { sql } from "drizzle-orm";
import { bigint, bigserial, boolean, date, index, integer, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { posts } from "./posts.ts";
import { instant, psn } from "./shared.ts";

/** A row a request that X bills, written before it is sent. */
export const spend = psn.table(
  "spend",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    at: instant("at").notNull().default(sql`psn.now()`),
    /** Null for a sign-in, which has no account yet. */
    accountId: text("account_id"),
    cause: text("cause").notNull(),
    rootId: text("root_id"),
    tweetId: text("tweet_id"),
    /** Of a request that creates a tweet. */
    attemptId: bigint("attempt_id", { mode: "number" }),
    /** Millionths of a dollar. */
    unitMicros: bigint("unit_micros", { mode: "number" }).notNull(),
    /** Zero: X has billed nothing. */
    units: integer("units").notNull(),
    /** Of the price list. */
    pricesAsOf: date("prices_as_of", { mode: "string" }).notNull(),
    /** Another host than X was asked, so that it cost nothing. */
    isSandbox: boolean("is_sandbox").notNull(),
  },
  (t) => [
    index("spend_at").on(t.at),
    uniqueIndex("spend_attempt").on(t.attemptId).where(sql`attempt_id is not null`),
    index("spend_root").on(t.rootId, t.at).where(sql`root_id is not null`),
  ],
);

/** Caps. `account_id` is '' for all accounts together. */
export const spendLimits = psn.table(
  "spend_limits",
  {
    accountId: text("account_id").notNull(),
    period: text("period").$type<"day" | "month">().notNull(),
    unit: text("unit").$type<"micros" | "posts">().notNull(),
    amount: bigint("amount", { mode: "number" }).notNull(),
    /** By whose clock a day begins. */
    zone: text("zone").notNull(),
    updatedAt: instant("updated_at").notNull().default(sql`psn.now()`),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.period, t.unit] })],
);

/** What a post may still cost that has begun, so that others leave it that much. Counts while it is on its way, or being taken down. */
export const spendPromises = psn.table("spend_promises", {
  rootId: text("root_id")
    .primaryKey()
    .references(() => posts.id, { onDelete: "cascade" }),
  at: instant("at").notNull(),
  micros: bigint("micros", { mode: "number" }).notNull(),
  isSandbox: boolean("is_sandbox").notNull(),
});
