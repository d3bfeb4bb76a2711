/** How this X behaves where the real one varies, or where nobody knows. Every figure can be set by the control API. */
import { z } from "zod";

/** One endpoint's limits; a window that is absent does not exist. Counts of requests. */
export const LimitSchema = z.strictObject({
  user15min: z.number().int().min(0).optional(),
  app15min: z.number().int().min(0).optional(),
  user24h: z.number().int().min(0).optional(),
  app24h: z.number().int().min(0).optional(),
});
export type Limit = z.infer<typeof LimitSchema>;

/** X's published table (rate-limits page, August 2026). */
export const DEFAULT_LIMITS: Record<string, Limit> = {
  "POST /2/tweets": { user15min: 100, app24h: 10_000 },
  "DELETE /2/tweets/:id": { user15min: 50 },
  "GET /2/tweets": { user15min: 5_000, app15min: 3_500 },
  "GET /2/tweets/:id": { user15min: 900, app15min: 450 },
  "GET /2/users/:id/tweets": { user15min: 900, app15min: 10_000 },
  "GET /2/users/:id": { user15min: 900, app15min: 300 },
  "GET /2/users/me": { user15min: 75 },
  "POST /2/media/upload": { user15min: 500, app24h: 50_000 },
  "GET /2/media/upload": { user15min: 1_000, app24h: 100_000 },
  "POST /2/media/upload/initialize": { user15min: 1_875, app24h: 180_000 },
  "POST /2/media/upload/:id/append": { user15min: 1_875, app24h: 180_000 },
  "POST /2/media/upload/:id/finalize": { user15min: 1_875, app24h: 180_000 },
  "POST /2/media/metadata": { user15min: 500, app24h: 50_000 },
  "POST /2/media/subtitles": { user15min: 100, app24h: 10_000 },
  "DELETE /2/media/subtitles": { user15min: 100, app24h: 10_000 },
  "GET /2/usage/tweets": { app15min: 50 },
};

const DAY_MS = 24 * 60 * 60_000;

export const SettingsSchema = z.strictObject({
  dialect: z.enum(["2026-06", "2026-08"]).default("2026-08"),
  /** How long the same text by the same account is refused. X's own window is unpublished; 0 turns the check off. */
  duplicateWindowMs: z
    .number()
    .int()
    .min(0)
    .max(DAY_MS)
    .default(60 * 60_000),
  /** How long a new post stays out of its author's timeline, and up to how much longer at random. */
  timelineLagMs: z.number().int().min(0).max(DAY_MS).default(0),
  timelineLagJitterMs: z.number().int().min(0).max(DAY_MS).default(0),
  /** How long a GIF or a video is processed after finalize. */
  processingMs: z.number().int().min(0).max(DAY_MS).default(1_000),
  /** So much longer for each MiB of it, as X takes longer for longer videos. */
  processingMsPerMib: z.number().int().min(0).max(60_000).default(0),
  /** X documents alt texts for images and GIFs, and an older page of X's says that videos refuse them. */
  altTextOnVideo: z.boolean().default(false),
  mediaTtlSecs: z
    .number()
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(86_400),
  /** Chunks above this get X's bare 413. Documented 8 MB; people met 413 from 5 MB on. */
  maxChunkBytes: z
    .number()
    .int()
    .min(1)
    .max(8 * 1024 * 1024)
    .default(8 * 1024 * 1024),
  /** X drops white space around a text. */
  trimsText: z.boolean().default(true),
  codeSecs: z.number().int().min(1).max(3_600).default(30),
  accessTokenSecs: z
    .number()
    .int()
    .min(1)
    .max(DAY_MS / 1000)
    .default(7_200),
  refreshTokenDays: z.number().int().min(1).max(3_650).default(180),
  /** Undocumented at X, so both can be tried. */
  refreshKillsOldAccess: z.boolean().default(false),
  /** When set, consent grants only these of the scopes asked for. */
  grantedScopes: z.array(z.string()).nullable().default(null),
  /** Overrides of X's table, by endpoint, e.g. {"POST /2/tweets": {"user15min": 3}}. */
  limits: z.record(z.string(), LimitSchema).default({}),
});
export type Settings = z.infer<typeof SettingsSchema>;

/** A change of some settings; absent ones stay. */
export type SettingsChange = { [K in keyof Settings]?: Settings[K] | undefined };

/** The settings after a change from outside. Throws a ZodError for an unknown name or a value out of bounds. */
export function changedSettings(settings: Settings, change: unknown): Settings {
  const named = Object.entries(z.record(z.string(), z.unknown()).parse(change)).filter(
    ([, value]) => value !== undefined,
  );
  return SettingsSchema.parse({ ...settings, ...Object.fromEntries(named) });
}
