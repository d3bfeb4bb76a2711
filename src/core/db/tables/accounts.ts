/** Accounts, their tokens and sign-ins. docs/storage.md tells each column's meaning. */
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant, psn } from "./shared.ts";

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
    /** What it was called before, the latest last. */
    formerHandles: text("former_handles").array().notNull().default(sql`'{}'`),
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
  /** The X app that made the tokens; they are good for no other one. Unknown for a sign-in of an older version. */
  clientId?: string;
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
  /** The account that the sign-in is meant for: a handle, or X's id. */
  wishedAccount: text("wished_account"),
  /** The app that it was begun with; null for one of an older version. */
  clientId: text("client_id"),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});
