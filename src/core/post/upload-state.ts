/** How far an upload came, as its row keeps it: written by one run, and read by the next, perhaps of another version. */
import { z } from "zod";
import { isNumericId, type UploadState } from "../platform.ts";
import type { MediaRow } from "./rows.ts";

const StoredSchema = z.object({
  mediaId: z.string().refine(isNumericId),
  mediaKey: z.string().max(64).nullable(),
  expiresAt: z.coerce.date(),
  sentBytes: z.number().int().nonnegative(),
  segments: z.number().int().nonnegative(),
  segmentBytes: z.number().int().positive(),
  processingSince: z.coerce.date().nullable(),
  processedPercent: z.number().nullable(),
});

/** @returns null for a row without one, or with one that cannot be read: the file is then uploaded from its beginning */
export function readUploadState(stored: unknown, byteLength: number): UploadState | null {
  const read = StoredSchema.safeParse(stored);
  return read.success && read.data.sentBytes <= byteLength ? read.data : null;
}

/** As it is stored: times are ISO 8601. */
export function storedUploadState(state: UploadState): Record<string, unknown> {
  const { expiresAt, processingSince } = state;
  return { ...state, expiresAt: expiresAt.toISOString(), processingSince: processingSince?.toISOString() ?? null };
}

/** X keeps an upload about 24 hours; one with less left than this is made anew (x-api.md §3.4). */
export const LIFE_LEFT_MS_MIN = 60 * 60_000;

/** Whether X holds a file for longer than a tweet needs. */
export function isUploaded(item: Pick<MediaRow, "platformMediaId" | "platformMediaExpiresAt">, now: Date): boolean {
  const lifeLeftMs = (item.platformMediaExpiresAt?.getTime() ?? 0) - now.getTime();
  return item.platformMediaId !== null && lifeLeftMs >= LIFE_LEFT_MS_MIN;
}

/** How far a file is on its way to X, for a person. */
export interface UploadProgress {
  state: "waiting" | "uploading" | "processing" | "ready";
  /** Of the bytes, or of X's processing; null where X does not say. */
  percent: number | null;
}

export function uploadProgress(item: MediaRow, now: Date): UploadProgress {
  if (isUploaded(item, now)) return { state: "ready", percent: 100 };
  const state = readUploadState(item.upload, item.byteLength);
  if (!state || state.expiresAt.getTime() - now.getTime() < LIFE_LEFT_MS_MIN)
    return { state: "waiting", percent: null };
  if (state.processingSince) return { state: "processing", percent: state.processedPercent };
  return { state: "uploading", percent: Math.floor((100 * state.sentBytes) / item.byteLength) };
}
