/** Everything the sandbox remembers, as JSON-safe data. Media bytes stand beside it, in `World.bytes`. */
import type { Hash } from "node:crypto";
import { z } from "zod";
import { FaultSchema } from "./fault-schema.ts";
import { nextRandom, PrngSchema, prngFrom, SnowflakeMakerSchema } from "./ids.ts";
import { SettingsSchema } from "./settings.ts";
import { SUBSCRIPTIONS } from "./types.ts";

/** Caps that keep a forgotten sandbox from eating the machine. Beyond them the API answers 507 and says which cap. */
export const CAPS = {
  posts: 100_000,
  users: 1_000,
  apps: 50,
  media: 20_000,
  faults: 1_000,
  /** Outstanding consent codes and tokens, each. */
  tokens: 50_000,
  /** Bytes of images kept for the page; the oldest are forgotten first, their sha256 stays. */
  keptMediaBytes: 32 * 1024 * 1024,
  /** Bytes of uploads not yet finalized, over all uploads. */
  openUploadBytes: 128 * 1024 * 1024,
  ledgerEntries: 1_000,
  logEntries: 1_000,
  rateWindows: 20_000,
} as const;

const Millis = z.number().int();

const UserSchema = z.object({
  id: z.string(),
  handle: z.string(),
  name: z.string(),
  description: z.string(),
  subscription: z.enum(SUBSCRIPTIONS),
  verifiedType: z.enum(["none", "blue", "business", "government"]),
  suspended: z.boolean(),
  locked: z.boolean(),
  createdAtMs: Millis,
  /** What happened to this account's sign-ins; proves who refreshed how often. */
  signIns: z.object({ consents: z.number(), refreshes: z.number(), refusedRefreshes: z.number() }),
});
export type SandboxUser = z.infer<typeof UserSchema>;

const AppSchema = z.object({
  clientId: z.string(),
  clientSecret: z.string(),
  name: z.string(),
  callbacks: z.array(z.string()).max(10),
  appBearerHash: z.string(),
  ownerId: z.string(),
  /** X's own number of the billing account; a JSON number beyond 2^53 in the 402 body. */
  accountId: z.string(),
  /** Millionths of a dollar, so that sums stay exact. May go slightly below zero, as at X. */
  balanceMicros: z.number().int(),
  enrolled: z.boolean(),
  spendCapReached: z.boolean(),
  /** Exempt from the self-serve rules (quotes, replies to strangers). */
  enterprise: z.boolean(),
});
export type SandboxApp = z.infer<typeof AppSchema>;

const PollSchema = z.object({ id: z.string(), options: z.array(z.string()), durationMinutes: z.number() });

const PostSchema = z.object({
  id: z.string(),
  authorId: z.string(),
  clientId: z.string(),
  /** Exactly as sent. */
  text: z.string(),
  /** One t.co link per URL of the text, in order. */
  shortLinks: z.array(z.string()),
  mediaLink: z.string().nullable(),
  selfLink: z.string().nullable(),
  replyToId: z.string().nullable(),
  quoteId: z.string().nullable(),
  conversationId: z.string(),
  mediaIds: z.array(z.string()),
  poll: PollSchema.nullable(),
  replySettings: z.string().nullable(),
  madeWithAi: z.boolean(),
  paidPartnership: z.boolean(),
  /** Whatever else the request held, as sent. */
  extras: z.record(z.string(), z.unknown()),
  createdAtMs: Millis,
  /** From when on timelines show it. */
  visibleAtMs: Millis,
  deletedAtMs: Millis.nullable(),
});
export type SandboxPost = z.infer<typeof PostSchema>;

const SegmentSchema = z.object({ size: z.number(), sha256: z.string() });

const MediaSchema = z.object({
  id: z.string(),
  mediaKey: z.string(),
  ownerId: z.string(),
  additionalOwners: z.array(z.string()),
  category: z.string(),
  declaredType: z.string().nullable(),
  totalBytes: z.number(),
  receivedBytes: z.number(),
  segments: z.record(z.string(), SegmentSchema),
  state: z.enum(["open", "processing", "ready", "failed"]),
  kind: z.enum(["photo", "animated_gif", "video", "subtitles"]),
  mime: z.string().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  durationMs: z.number().nullable(),
  sha256: z.string().nullable(),
  altText: z.string().nullable(),
  subtitles: z.array(z.object({ id: z.string(), languageCode: z.string(), displayName: z.string() })),
  createdAtMs: Millis,
  processedAtMs: Millis.nullable(),
  processingFails: z.boolean(),
  /** What X says of a file that it could not process; null: its general words. */
  processingError: z.string().nullable().default(null),
  expiresAtMs: Millis,
});
export type SandboxMedia = z.infer<typeof MediaSchema>;

const CodeSchema = z.object({
  clientId: z.string(),
  userId: z.string(),
  redirectUri: z.string(),
  scopes: z.array(z.string()),
  challenge: z.string(),
  method: z.enum(["S256", "plain"]),
  expiresAtMs: Millis,
  used: z.boolean(),
});

const TokenSchema = z.object({
  grantId: z.string(),
  clientId: z.string(),
  userId: z.string(),
  scopes: z.array(z.string()),
  expiresAtMs: Millis,
  /** A refresh token that was used, or any token that was revoked. */
  spent: z.boolean(),
});
export type SandboxToken = z.infer<typeof TokenSchema>;

const LedgerEntrySchema = z.object({
  atMs: Millis,
  clientId: z.string(),
  handle: z.string().nullable(),
  what: z.string(),
  count: z.number(),
  micros: z.number(),
  resourceId: z.string().nullable(),
});

const LogEntrySchema = z.object({
  atMs: Millis,
  endpoint: z.string(),
  handle: z.string().nullable(),
  /** What the rules or the fault answered; null when the connection was reset without an answer. */
  status: z.number().nullable(),
  acted: z.boolean(),
  faults: z.array(z.string()),
  transactionId: z.string(),
});

const CountSchema = z.object({
  received: z.number(),
  acted: z.number(),
  resets: z.number(),
  byStatus: z.record(z.string(), z.number()),
});

export const SandboxStateSchema = z.object({
  version: z.literal(1),
  revision: z.number().int(),
  settings: SettingsSchema,
  users: z.record(z.string(), UserSchema),
  apps: z.record(z.string(), AppSchema),
  posts: z.record(z.string(), PostSchema),
  /** Ids per author, in the order X accepted them. */
  postsByUser: z.record(z.string(), z.array(z.string())),
  media: z.record(z.string(), MediaSchema),
  /** Keyed by sha256: the sandbox never keeps a token itself. */
  codes: z.record(z.string(), CodeSchema),
  accessTokens: z.record(z.string(), TokenSchema),
  refreshTokens: z.record(z.string(), TokenSchema),
  faults: z.array(FaultSchema),
  rateWindows: z.record(z.string(), z.object({ startMs: Millis, lengthMs: z.number(), count: z.number() })),
  /** Resources already paid for on this UTC day. */
  billedReads: z.object({ day: z.string(), resources: z.record(z.string(), z.literal(true)) }),
  ledger: z.array(LedgerEntrySchema),
  ledgerTotals: z.record(z.string(), z.object({ count: z.number(), micros: z.number() })),
  log: z.array(LogEntrySchema),
  counts: z.record(z.string(), CountSchema),
  writes: z.object({ received: z.number(), acted: z.number() }),
  ids: SnowflakeMakerSchema,
  prng: PrngSchema,
});
export type SandboxState = z.infer<typeof SandboxStateSchema>;

/** What the rules work on during one request. */
export interface World {
  state: SandboxState;
  /** Bytes of images and GIFs, for the page, by media id; oldest first. */
  bytes: Map<string, Uint8Array>;
  /** Uploads that are still open. They do not survive a save. */
  uploads: Map<string, OpenUpload>;
  /** Posts that a page of the timeline has lacked once (fault `timeline_gap`). */
  leftOut: Set<string>;
  /** The instant of this request: one request sees one time. */
  now: Date;
}

/** A video is hashed as it comes and never held whole, so that 500 MB need no memory; images are held. */
export interface OpenUpload {
  hash: Hash;
  /** The next segment that the hash expects. */
  next: number;
  /** The first bytes, to tell the type; the whole file when it is an image or a GIF. */
  head: Uint8Array[];
  headBytes: number;
  headMax: number;
  /** The last bytes of a video, whose movie header may stand there. */
  tail: Uint8Array;
  /** Segments that came before their turn. */
  early: Map<number, Uint8Array>;
}

/** A fraction in [0, 1) from the one seed. */
export function random(world: World): number {
  return nextRandom(world.state.prng);
}

/** An empty state with the given seed and settings; no users, no apps. */
export function emptyState(seed: string, settings: z.infer<typeof SettingsSchema>): SandboxState {
  return {
    version: 1,
    revision: 0,
    settings,
    users: {},
    apps: {},
    posts: {},
    postsByUser: {},
    media: {},
    codes: {},
    accessTokens: {},
    refreshTokens: {},
    faults: [],
    rateWindows: {},
    billedReads: { day: "", resources: {} },
    ledger: [],
    ledgerTotals: {},
    log: [],
    counts: {},
    writes: { received: 0, acted: 0 },
    ids: { lastMs: 0, sequence: 0 },
    prng: prngFrom(seed),
  };
}

/** The user with this handle, compared as X does: without regard to case. */
export function userByHandle(state: SandboxState, handle: string): SandboxUser | undefined {
  const wanted = handle.replace(/^@/, "").toLowerCase();
  return Object.values(state.users).find((user) => user.handle.toLowerCase() === wanted);
}

/** How many posts were ever accepted, deleted ones included. */
export function postCount(state: SandboxState): number {
  return Object.values(state.postsByUser).reduce((sum, ids) => sum + ids.length, 0);
}
