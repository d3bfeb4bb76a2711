/** What a file says of its post's time and approval. */
import { readTime } from "../../times/read-time.ts";
import { requireTimezone } from "../../utils/zone-clock.ts";
import type { Schedule } from "../schedule.ts";
import type { PostFile, ReadFile, SyncDeps, SyncOptions } from "./types.ts";

/** The instant of the file's time; null where it names none. @throws PsnError TIME_… */
export async function timeOf(deps: SyncDeps, { at, timezone }: PostFile): Promise<Schedule | null> {
  if (at === undefined) return null;
  const zone = requireTimezone(timezone ?? deps.zone);
  return { at: readTime(at, { zone, now: await deps.now(), mayBePast: true }), timezone: zone };
}

/** Whether the file's word approves its post: its author has given it, and the command takes it. */
export const isApprovedBy = ({ content }: ReadFile, { mayApprove = false }: SyncOptions): boolean =>
  content.approve === true && mayApprove;
