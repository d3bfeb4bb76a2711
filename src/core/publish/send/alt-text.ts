/** An alt text on its way to X. It is worth less than the tweet: what X makes of it is told, and costs the tweet only if its author asked for that. */
import type { MediaRow } from "../../post/rows.ts";
import type { NewEvent } from "../../types/index.ts";

/**
 * wanted: refused, the tweet goes without it; X away, the tweet waits. last_try: away, it goes without. required: refused,
 * the post stops.
 */
export type AltTextRule = "wanted" | "last_try" | "required";

/** For an alt text that X cannot take just now a tweet waits so long. */
export const ALT_TEXT_PATIENCE_MS = 10 * 60_000;

/** Where that is written. */
interface Place {
  label: string;
  write(item: MediaRow, values: { altTextRefused: string }, event: Omit<NewEvent, "status">): Promise<void>;
}

/** X does not take it: the tweet goes out without, X is not asked again, and the author is told. */
export async function leaveOutAltText(place: Place, item: MediaRow, why: string): Promise<void> {
  item.altTextRefused = why;
  const note = `${place.label}X does not take the alt text of ${item.fileName}, so the tweet goes out without it. X says: "${why}"`;
  await place.write(item, { altTextRefused: why }, { kind: "alt_text_refused", note });
}
