/** How long before a post's time its media are begun, so that its first tweet is on time. Pure. */

/** What of a post X does not hold yet. */
export interface Missing {
  bytes: number;
  videos: number;
  gifs: number;
}

/** Before anything was measured: a slow line. Bytes a second. */
export const UPLOAD_SPEED_UNKNOWN = 500_000;
const UPLOAD_SPEED_MIN = 20_000;
const UPLOAD_SPEED_MAX = 100_000_000;

/** Room for a limit, an outage of a few minutes, and an author who changes what X refuses. */
const SPARE_MS = 5 * 60_000;
/** X says nothing of how long it works; postings report minutes for long videos. */
const VIDEO_MS = 60_000;
const PROCESSED_BYTES_PER_SECOND = 1_000_000;
const GIF_MS = 30_000;
/** X keeps an upload for a day, and it must live an hour beyond the post's time. */
export const LEAD_MS_MAX = 12 * 3_600_000;

/** @param bytesPerSecond as the last uploads went */
export function leadMs({ bytes, videos, gifs }: Missing, bytesPerSecond: number): number {
  const speed = boundedSpeed(bytesPerSecond);
  const sendingMs = (2 * bytes * 1000) / speed;
  const processingMs = videos > 0 ? videos * VIDEO_MS + (bytes * 1000) / PROCESSED_BYTES_PER_SECOND : 0;
  return Math.min(SPARE_MS + sendingMs + processingMs + gifs * GIF_MS, LEAD_MS_MAX);
}

/** What is known of the speed after one more upload: mostly what was known, as one measure is noisy. */
export function speedAfter(knownBytesPerSecond: number | null, bytes: number, tookMs: number): number {
  const measured = boundedSpeed((bytes * 1000) / Math.max(tookMs, 1));
  return Math.round(knownBytesPerSecond === null ? measured : 0.6 * boundedSpeed(knownBytesPerSecond) + 0.4 * measured);
}

// --- internal ---

function boundedSpeed(bytesPerSecond: number): number {
  return Math.min(Math.max(bytesPerSecond, UPLOAD_SPEED_MIN), UPLOAD_SPEED_MAX);
}
