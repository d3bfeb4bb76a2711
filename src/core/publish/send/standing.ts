/** What the hub knows of an account right before a send. */
import { type SQL, sql } from "drizzle-orm";
import { ask } from "../../db/ask.ts";
import { rowsOf, together } from "../../db/batch.ts";
import type { Hub } from "../../db/connection.ts";
import { closedUntilSql } from "../rate-limits.ts";

export interface Standing {
  /** The hold on the app, in words. */
  hold: string | null;
  /** Until when X's limit on tweets is known to be closed. */
  closed: Date | null;
}

interface Asked {
  accountId: string;
  clientId: string;
}

/** Runs that ask at the same moment share one statement. */
export const standingOf = together<Asked, Standing>({
  key: ({ accountId, clientId }) => `${accountId} ${clientId}`,
  isShared: true,
  many: readStandings,
  alone: async (hub, asked) => {
    for (const standing of (await readStandings(hub, [asked])).values()) return standing;
    throw new Error("a question about an account was not answered");
  },
});

/** The columns `hold` and `closed`, each a subquery. */
export function standingColumns(accountId: SQL, clientId: SQL): SQL {
  return sql`
      (select detail from psn.app_holds as hold where hold.client_id = ${clientId}) as hold,
      (${closedUntilSql(accountId, "create")}) as closed`;
}

// --- internal ---

async function readStandings(hub: Hub, asked: readonly Asked[]): Promise<Map<string, Standing>> {
  type Row = { key: string; hold: string | null; closed: Date | null };
  const statement = sql`
    select asked.account_id || ' ' || asked.client_id as key,
      ${standingColumns(sql`asked.account_id`, sql`asked.client_id`)}
    from ${rowsOf(asked.map(({ accountId, clientId }) => ({ account_id: accountId, client_id: clientId })))}
      as asked (account_id text, client_id text)`;
  const rows = await ask<Row>(hub, "standing", statement);
  return new Map(rows.map(({ key, hold, closed }) => [key, { hold, closed }]));
}
