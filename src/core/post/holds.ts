/** Holds: X refuses everything of an account or of an app. While one stands, nothing of it is sent, and its posts wait. */
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";
import { accounts, holds } from "../db/schema.ts";
import type { PostSubStatus } from "../types/index.ts";

export type HoldRow = typeof holds.$inferSelect;
/** What a hold says, however it was come by. */
export type Hold = Pick<HoldRow, "scope" | "reason" | "detail" | "until">;

const CAPS: ReadonlySet<HoldRow["reason"]> = new Set(["credits", "spend_cap", "usage_cap"]);

/** What a post that waits for the end of a hold is called. */
export function heldSubStatus({ scope, reason }: Pick<HoldRow, "scope" | "reason">): PostSubStatus {
  if (scope === "account") return "account_held";
  return CAPS.has(reason) ? "out_of_credits" : "app_held";
}

/** The condition on a row of holds that it still holds anything. */
const isActive = sql`(until is null or until > psn.now())`;

/** The condition that no hold stands: of this account; or of this app, or of any app where none is named. */
export function isFree(scope: "account" | "app", id: SQL | null): SQL {
  return sql`not exists (
        select
        from psn.holds as hold
        where hold.scope = ${scope}
          and ${id === null ? sql`true` : sql`hold.id = ${id}`}
          and ${isActive}
      )`;
}

/**
 * As a subquery of one row and column: the hold that keeps an account from posting with an app, as JSON; null when
 * nothing does. The app's comes first: what it needs helps every account.
 */
export function activeHoldSql(accountId: SQL, clientId: SQL): SQL {
  return sql`
    select jsonb_build_object('scope', scope, 'reason', reason, 'detail', detail, 'until', until)
    from psn.holds as hold
    where ((scope = 'app' and id = ${clientId}) or (scope = 'account' and id = ${accountId}))
      and ${isActive}
    order by scope desc
    limit 1`;
}

/** Keeps what X said. Of a hold that stands already only the words and the end are new. */
export async function noteHold(db: Db | Tx, hold: Omit<HoldRow, "since">): Promise<void> {
  const since = sql`case when holds.until <= psn.now() then psn.now() else holds.since end`;
  await db
    .insert(holds)
    .values({ ...hold, since: sql`psn.now()` })
    .onConflictDoUpdate({
      target: [holds.scope, holds.id],
      set: { reason: hold.reason, detail: hold.detail, until: hold.until, clientId: hold.clientId, since },
    });
}

/** Ends the holds of these accounts. */
export async function liftAccountHolds(tx: Tx, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return;
  await tx.delete(holds).where(and(eq(holds.scope, "account"), inArray(holds.id, [...accountIds])));
}

/** Ends the hold of the app, and those of all accounts. */
export async function liftAllHolds(tx: Tx, clientId: string): Promise<void> {
  await tx.delete(holds).where(sql`${holds.scope} = 'account' or ${holds.id} = ${clientId}`);
}

/** The holds that concern who posts with this app, the app's first; of every app when none is named. */
export async function activeHolds(db: Db | Tx, clientId?: string): Promise<(HoldRow & { handle: string | null })[]> {
  const rows = await db
    .select({ hold: holds, handle: accounts.handle })
    .from(holds)
    .leftJoin(accounts, sql`${holds.scope} = 'account' and ${accounts.id} = ${holds.id}`)
    .where(
      sql`${isActive} and (${holds.scope} = 'account' or ${clientId ?? null}::text is null or ${holds.id} = ${clientId ?? null}::text)`,
    )
    .orderBy(sql`${holds.scope} desc`, holds.since)
    .limit(HOLDS_MAX);
  return rows.map(({ hold, handle }) => ({ ...hold, handle }));
}

// --- internal ---

const HOLDS_MAX = 20;
