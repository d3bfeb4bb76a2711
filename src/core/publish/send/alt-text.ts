/** An alt text on its way to X. It is worth less than the tweet: what X makes of it is told, and costs the tweet only if its author asked for that. */
import { eq } from "drizzle-orm";
import type { Hub } from "../../db/connection.ts";
import { postMedia } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import type { MediaRow } from "../../post/rows.ts";

/**
 * wanted: refused, the tweet goes without it; X away, the tweet waits. last_try: away, it goes without. required: refused,
 * the post stops.
 */
export type AltTextRule = "wanted" | "last_try" | "required";

/** For an alt text that X cannot take just now a tweet waits so long. */
export const ALT_TEXT_PATIENCE_MS = 10 * 60_000;

/** X takes the alt text of this file. */
export async function noteAltText(hub: Hub, item: MediaRow): Promise<void> {
  item.altTextSet = true;
  await hub.db.update(postMedia).set({ altTextSet: true }).where(eq(postMedia.id, item.id));
}

/** X does not take it: the tweet goes out without, X is not asked again, and the author is told. */
export async function leaveOutAltText(
  hub: Hub,
  place: { postId: string; label: string },
  item: MediaRow,
  why: string,
): Promise<void> {
  item.altTextRefused = why;
  const note = `${place.label}X does not take the alt text of ${item.fileName}, so the tweet goes out without it. X says: "${why}"`;
  await hub.db.transaction(async (tx) => {
    await tx.update(postMedia).set({ altTextRefused: why }).where(eq(postMedia.id, item.id));
    await addEvent(tx, place.postId, { kind: "alt_text_refused", status: "publishing", note });
  });
}
