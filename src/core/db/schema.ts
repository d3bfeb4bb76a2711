/**
 * The hub's tables. docs/storage.md tells each column's meaning, life and what is secret.
 *
 * All live in the Postgres schema `psn`, so that a hub can share a database with other programs. Rules that must hold
 * even against a bug of ours (legal transitions, one open attempt per tweet, append-only events) are in the
 * migrations as constraints and triggers, see drizzle/.
 */
export * from "./tables/accounts.ts";
export * from "./tables/media.ts";
export * from "./tables/posts.ts";
export * from "./tables/publishing.ts";
export { psn } from "./tables/shared.ts";
export * from "./tables/spend.ts";
