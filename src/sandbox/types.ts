/**
 * What goes into the sandbox and what comes out. No socket is involved: the host and the simulation use the same
 * shapes.
 */

/** One HTTP request, already read. Header names are matched without regard to case. */
export interface SandboxRequest {
  method: string;
  /** Path without the query, percent-encoded as it came. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/**
 * One HTTP answer. When `transport` is set the caller of the API never gets a whole answer:
 * "reset" means the connection is reset before any byte of it, "cut" means in the middle of its body.
 */
export interface SandboxResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string;
  transport?: "reset" | "cut";
  /** Whether the rules ran the request, whatever the caller gets to see. */
  acted: boolean;
  /** Wait this long before answering (fault `delay`, when "after"). */
  delayMs?: number;
}

/** `2026-06` speaks of tweets (spec 2.166), `2026-08` of posts (spec 2.167). */
export type Dialect = "2026-06" | "2026-08";

/** A source of the present instant; the simulation owns it. */
export interface SandboxClock {
  now(): Date;
}

/** X's three paid tiers and none; everything but None may write long posts. */
export const SUBSCRIPTIONS = ["None", "Basic", "Premium", "PremiumPlus"] as const;

/**
 * The app every sandbox starts with. These are sandbox values on purpose: they open nothing anywhere else.
 */
export const SANDBOX_CLIENT_ID = "sandbox-client-id";
export const SANDBOX_CLIENT_SECRET = "sandbox-client-secret";
export const SANDBOX_CALLBACK_URL = "http://127.0.0.1:8976/callback";
/** App-only bearer of the default app: good for look-ups and usage, refused wherever a user must act. */
export const SANDBOX_APP_BEARER = "sandbox-app-only-bearer";
/** The account whose owner also owns the default app, and so pays less for reading its own posts. */
export const SANDBOX_HANDLE = "sandbox_author";
export const SANDBOX_PREMIUM_HANDLE = "sandbox_premium";

/** Scopes PSN asks for; what `signIn` grants by default. */
export const SANDBOX_SCOPES = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];

/** Said wherever a sandbox is started or shown: it has no sign-in of its own. */
export const ANY_USER = "Any user of this machine can see it and act in it.";
