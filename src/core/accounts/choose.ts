/** Which account is meant. An account is X's id; its handle is only what it was called when X last said so. */
import { asc, eq, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";
import { accounts, oauthTokens } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Identity } from "../platform.ts";

export type AccountRow = typeof accounts.$inferSelect;

/**
 * The account a command means: the named one, by its handle or by X's id; else the default, else the only one. With an
 * `apiHost`, an account that signed in at another host is meant only when it is named.
 * @throws PsnError ACCOUNT_NONE, ACCOUNT_UNKNOWN, ACCOUNT_AMBIGUOUS
 */
export async function chooseAccount(db: Db | Tx, name?: string, apiHost?: string): Promise<AccountRow> {
  const all = await db
    .select({ account: accounts, home: sql<string | null>`${oauthTokens.metadata} ->> 'apiHost'` })
    .from(accounts)
    .innerJoin(oauthTokens, eq(oauthTokens.accountId, accounts.id))
    .orderBy(asc(accounts.handle), asc(accounts.platformUserId));
  const rows = all.map(({ account }) => account);
  if (rows.length === 0) {
    throw new PsnError("ACCOUNT_NONE", "No X account is signed in.", { hint: "psn setup" });
  }
  if (name !== undefined) return namedAccount(rows, name);
  const here = all
    .filter(({ home }) => home === null || apiHost === undefined || home === apiHost)
    .map(({ account }) => account);
  if (here.length === 0) {
    const homes = [...new Set(all.map(({ home }) => home))].join(", ");
    throw new PsnError(
      "ACCOUNT_NONE",
      `No account is signed in at ${apiHost}; ${namesOf(rows)} signed in at ${homes}.`,
      {
        hint: "psn setup",
      },
    );
  }
  const chosen = here.find((row) => row.isDefault) ?? (here.length === 1 ? here[0] : undefined);
  if (chosen) return chosen;
  throw new PsnError("ACCOUNT_AMBIGUOUS", `Several accounts are signed in and none is the default: ${namesOf(here)}.`, {
    hint: "Name one with --account, or choose: psn account default @handle",
  });
}

/** Whether X's answer is the account that was meant: by handle, also the one that it is known by here alone, by X's id, or by the id here. */
export async function isAccount(db: Db | Tx, identity: Identity, name: string): Promise<boolean> {
  if (sameHandle(identity.handle, name) || plain(name) === identity.platformUserId) return true;
  const rows = await db
    .select({ id: accounts.id, platformUserId: accounts.platformUserId })
    .from(accounts)
    .where(or(eq(accounts.id, name), sql`lower(${accounts.handle}) = ${plain(name)}`))
    .limit(2);
  return rows.length === 1 && rows[0]?.platformUserId === identity.platformUserId;
}

/** Handles as people type them: with or without @, in any case. */
export function sameHandle(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

// --- internal ---

const plain = (handle: string) => handle.trim().replace(/^@/, "").toLowerCase();
/** As many as a person reads. */
const NAMES_MAX = 10;
const namesOf = (rows: readonly AccountRow[]) => {
  const names = rows.slice(0, NAMES_MAX).map((row) => `@${row.handle}`);
  return `${names.join(", ")}${rows.length > NAMES_MAX ? ` and ${rows.length - NAMES_MAX} more` : ""}`;
};

/** @throws PsnError ACCOUNT_UNKNOWN, ACCOUNT_AMBIGUOUS */
function namedAccount(rows: readonly AccountRow[], name: string): AccountRow {
  const byId = rows.find((row) => row.id === name || row.platformUserId === plain(name));
  const named = rows.filter((row) => sameHandle(row.handle, name));
  const [only, another] = named;
  if (another) {
    const each = named
      .slice(0, NAMES_MAX)
      .map((row) => `${row.platformUserId} (${row.name})`)
      .join(" and ");
    throw new PsnError(
      "ACCOUNT_AMBIGUOUS",
      `@${plain(name)} is the last known handle of two accounts, X's ids ${each}.`,
      {
        hint: `Name it by its id, e.g. ${another.platformUserId}. psn setup asks X what they are called now.`,
        details: { platformUserIds: named.map((row) => row.platformUserId) },
      },
    );
  }
  const found = only ?? byId;
  if (found) return found;
  const shown = plain(name).slice(0, 64);
  const renamed = rows.filter((row) => row.formerHandles.some((former) => sameHandle(former, name)));
  if (renamed.length > 0) {
    const now = renamed
      .slice(0, NAMES_MAX)
      .map((row) => `@${row.handle} (X's id ${row.platformUserId})`)
      .join(" or ");
    throw new PsnError("ACCOUNT_UNKNOWN", `@${shown} is called ${now} now.`, {
      hint: `Name it so: ${namesOf(renamed)}`,
      next: ["psn account list"],
      details: { renamedTo: renamed.map((row) => row.handle) },
    });
  }
  throw new PsnError("ACCOUNT_UNKNOWN", `@${shown} is not signed in here; there is ${namesOf(rows)}.`, {
    hint: "Sign it in with: psn setup --sign-in",
  });
}
