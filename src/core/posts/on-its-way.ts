/** A post that goes out already by a person's yes: an act that only lets it go on, such as one that is given again, asks nobody anew. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../db/connection.ts";
import { readAuthorNow } from "../post/due.ts";
import type { PostRow } from "../post/rows.ts";

/** Less than any price. */
const ROUNDING_USD = 1e-9;

/** What would be sent now. */
interface Terms {
  accountId: string;
  contentHash: string;
  contentVersion: number;
  costUsd: number;
  sends: string;
}

/**
 * Whether the last yes of a person to its going out was to exactly this, and its time has come. A post that was taken back or has failed is
 * not on its way any more, and one that was changed has another content version.
 */
export async function isOnItsWay(tx: Tx, { id, status }: PostRow, terms: Terms): Promise<boolean> {
  if (status !== "retry" || terms.sends !== "now") return false;
  const { rows } = await tx.execute<{ facts: unknown }>(sql`
    select facts
    from psn.post_events
    where post_id = ${id}
      and kind = 'approved'
      and facts ? 'how'
      and facts ->> 'sends' <> 'draft'
    order by id desc
    limit 1`);
  const yes = YesSchema.safeParse(rows[0]?.facts).data;
  if (!yes) return false;
  const isSame =
    yes.hash === terms.contentHash &&
    yes.accountId === terms.accountId &&
    yes.contentVersion === terms.contentVersion &&
    terms.costUsd <= yes.costUsd + ROUNDING_USD;
  return isSame && (yes.sends === "now" || Date.parse(yes.sends) <= (await readAuthorNow(tx)).getTime());
}

// --- internal ---

/** The facts of an `approved` event, where a person said it. */
const YesSchema = z.object({
  hash: z.string(),
  accountId: z.string(),
  contentVersion: z.number(),
  costUsd: z.number(),
  sends: z.string(),
});
