/** Where an upload writes, and what it says: as a run that has the post's lease does, or a job before the post's time. */
import { eq, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../../db/connection.ts";
import { postMedia } from "../../db/schema.ts";
import type { Credentials } from "../../platform.ts";
import { addEvent } from "../../post/history.ts";
import { held, type Lease, LeaseLostError } from "../../post/lease.ts";
import type { MediaRow } from "../../post/rows.ts";
import type { NewEvent, PostSubStatus } from "../../types/index.ts";
import { setSubStatus } from "../lease/release.ts";
import type { AltTextRule } from "./alt-text.ts";

/** By whom, and for what, media are made ready. */
export interface UploadPlace {
  credentials: Credentials;
  signal: AbortSignal | undefined;
  /** Before a note about one tweet of several. */
  label: string;
  altText: AltTextRule;
  /** Says what the post is at. */
  say(subStatus: PostSubStatus): Promise<void>;
  /**
   * Writes to a row of post_media, and a line of history with it.
   * @throws LeaseLostError when the post is another's by now: the upload then ends
   */
  write(item: MediaRow, values: MediaFacts, event?: Omit<NewEvent, "status">): Promise<void>;
}

/** What is kept of an upload. */
export type MediaFacts = Partial<
  Pick<
    typeof postMedia.$inferInsert,
    | "platformMediaId"
    | "platformMediaKey"
    | "platformMediaExpiresAt"
    | "altTextSet"
    | "altTextRefused"
    | "captionsSet"
    | "upload"
  >
>;

/** For a run that has the lease. */
export function placeOfRun(
  hub: Hub,
  lease: Lease,
  more: Pick<UploadPlace, "credentials" | "signal" | "label" | "altText">,
): UploadPlace {
  return {
    ...more,
    say: (subStatus) => setSubStatus(hub, lease, subStatus),
    write: async (item, values, event) => {
      const write = async (db: Db | Tx) => {
        const isOurs = sql`exists (select from psn.posts where ${held(lease)})`;
        const written = await db
          .update(postMedia)
          .set(values)
          .where(sql`${eq(postMedia.id, item.id)} and ${isOurs}`)
          .returning({ id: postMedia.id });
        if (written.length === 0) throw new LeaseLostError(`post ${lease.postId} has another owner`);
      };
      if (!event) return await write(hub.db);
      await hub.db.transaction(async (tx) => {
        await write(tx);
        await addEvent(tx, lease.postId, { ...event, status: "publishing" });
      });
    },
  };
}
