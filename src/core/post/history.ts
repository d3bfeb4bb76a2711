/** A post's history: every change with its reason, in words for a person. Append-only; `psn post show` prints it. */
import { sql } from "drizzle-orm";
import type { Tx } from "../db/connection.ts";
import { postEvents } from "../db/schema.ts";
import type { PostStatus, PostSubStatus } from "../types/index.ts";

export interface NewEvent {
  kind: string;
  status: PostStatus;
  subStatus?: PostSubStatus | null;
  note: string;
  facts?: Record<string, unknown>;
}

export async function addEvent(tx: Tx, postId: string, event: NewEvent): Promise<void> {
  await tx.insert(postEvents).values({
    postId,
    at: sql`psn.now()`,
    kind: event.kind,
    status: event.status,
    subStatus: event.subStatus ?? null,
    note: event.note,
    facts: event.facts ?? {},
  });
}

/** In words, e.g. "5 minutes". */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
