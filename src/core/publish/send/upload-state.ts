/** How far an upload came, as its row keeps it: written by one run, and read by the next, perhaps of another version. */
import { z } from "zod";
import { isNumericId, type UploadState } from "../../platform.ts";

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
