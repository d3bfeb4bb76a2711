/** The X users that posts are published as: signing in, choosing one, leaving. */
import { and, asc, eq, ne, type SQL, sql } from "drizzle-orm";
import { type Db, type Hub, hubNow, type Tx } from "../db/connection.ts";
import { accounts, oauthTokens, refreshIntents, type TokenMetadata } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Identity, TokenSet } from "../platform.ts";
import { liftAccountHolds } from "../post/holds.ts";
import { awaitsEndedHold, endedSignOut, makeDue } from "../post/release.ts";
import { sealTokens, tokenPlace } from "../tokens/envelopes.ts";
import { sealingKey } from "../tokens/hub-key.ts";
import { lockToken } from "../tokens/rows.ts";
import { decrypt, type EncryptionKey } from "../utils/crypto.ts";
import { newId } from "../utils/id.ts";
import { type AccountRow, chooseAccount } from "./choose.ts";

/** The lock that is held while it is decided which account is the default. */
const DEFAULT_LOCK = 0x70736e03;

/**
 * Stores a proven sign-in: account, tokens, and a time for the posts that waited for it, in one commit. The first
 * account becomes the default, and so does one of this host where the default is another host's. `apiHost` is where the tokens
 * are good, e.g. api.x.com, and `clientId` the X app that made them; they are sent nowhere else, and used by no other app.
 * `isNew` says whether it was not signed in here before.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function storeSignIn(
  hub: Hub,
  keys: EncryptionKey | readonly EncryptionKey[],
  identity: Identity,
  tokens: TokenSet,
  apiHost?: string,
  clientId?: string,
): Promise<AccountRow & { isNew: boolean }> {
  return await hub.db.transaction(async (tx) => {
    const key = await sealingKey(tx, Array.isArray(keys) ? keys : [keys as EncryptionKey]);
    const account = await upsertAccount(tx, identity, apiHost);
    // A refresh that runs now ends first; its pair is replaced by this one, which is newer.
    const [known] = await tx
      .select({ id: oauthTokens.id })
      .from(oauthTokens)
      .where(eq(oauthTokens.accountId, account.id))
      .for("update");
    const id = known?.id ?? newId();
    const metadata: TokenMetadata = {
      ...(apiHost === undefined ? {} : { apiHost }),
      ...(clientId === undefined ? {} : { clientId }),
    };
    const row = { ...sealTokens(id, tokens, key), metadata, updatedAt: sql`psn.now()` };
    if (known) {
      await tx
        .update(oauthTokens)
        .set({ ...row, version: sql`${oauthTokens.version} + 1` })
        .where(eq(oauthTokens.id, id));
    } else {
      await tx.insert(oauthTokens).values({ ...row, id, accountId: account.id, createdAt: sql`psn.now()` });
    }
    await tx.delete(refreshIntents).where(eq(refreshIntents.accountId, account.id));
    // Whoever signs in has seen what X asks of the account.
    await liftAccountHolds(tx, [account.id]);
    await makeDue(tx, sql`((${endedSignOut(account.id)}) or ${awaitsEndedHold(account.id)})`);
    return { ...account, isNew: !known };
  });
}

/**
 * Ends an account's sign-in at X and forgets its tokens. The row stays for the posts that name it; an account without
 * tokens is in no list, and signing in again brings it back. No refresh runs meanwhile.
 * X answers "done" also to a token that is not the app's, and the token lives on (RFC 7009). So only the app that made it
 * may ask; where that is not known, X is asked whether the access token still works.
 * @param atX null forgets the tokens here alone
 * @returns what is known of the sign-in at X: it is certain that X ended it now, it had ended it before (its tokens were refused
 *   already, so X was not asked), or neither is certain
 * @throws PsnError ACCOUNT_HAS_POSTS while posts of the account are on their way; ACCOUNT_ELSEWHERE, ACCOUNT_OTHER_APP
 */
export async function removeAccount(
  hub: Hub,
  keys: readonly EncryptionKey[],
  account: AccountRow,
  atX: Revoking | null,
  apiHost?: string,
): Promise<"revoked" | "ended_before" | "not_certain"> {
  const { revoke, clientId, stillWorks } = atX ?? {};
  return await hub.lockDb.transaction(async (tx) => {
    let isCertain = false;
    // The token's row first, as a refresh does: it writes its intent, which names the account, under this lock.
    const row = await lockToken(tx, account.id);
    await requireNoPosts(tx, account);
    if (row && revoke && !row.metadata.requiresReauth) {
      const { apiHost: home } = row.metadata;
      if (home !== undefined && apiHost !== undefined && home !== apiHost) {
        throw new PsnError(
          "ACCOUNT_ELSEWHERE",
          `@${account.handle} signed in at ${home}, and PSN talks to ${apiHost} now.`,
          {
            hint: `To forget it here alone: psn account remove @${account.handle} --local`,
          },
        );
      }
      if (row.metadata.clientId !== undefined && clientId !== undefined && row.metadata.clientId !== clientId) {
        throw otherApp(account);
      }
      // The refresh token ends the whole sign-in; the access token would live on for up to two hours.
      for (const column of ["refresh_token", "access_token"] as const) {
        const envelope = column === "refresh_token" ? row.refreshToken : row.accessToken;
        if (envelope !== null) await revoke(decrypt(envelope, keys, tokenPlace(row.id, column)));
      }
      isCertain = clientId !== undefined && row.metadata.clientId === clientId;
      if (!isCertain && stillWorks && row.expiresAtMs > (await hubNow(tx)).getTime()) {
        const answer = await stillWorks(decrypt(row.accessToken, keys, tokenPlace(row.id, "access_token")));
        if (answer === "works") throw otherApp(account);
        isCertain = answer === "ended";
      }
    }
    await tx.delete(oauthTokens).where(eq(oauthTokens.accountId, account.id));
    await tx.delete(refreshIntents).where(eq(refreshIntents.accountId, account.id));
    await tx.update(accounts).set({ isDefault: false, updatedAt: sql`psn.now()` }).where(eq(accounts.id, account.id));
    const endedBefore = revoke !== undefined && (!row || row.metadata.requiresReauth === true);
    if (endedBefore) return "ended_before";
    return isCertain ? "revoked" : "not_certain";
  });
}

/** What is needed to end a sign-in at X. */
export interface Revoking {
  /** Ends one token at X; what it throws leaves everything as it was. */
  revoke: (token: string) => Promise<void>;
  /** The app that asks. */
  clientId?: string;
  /** Whether X still takes an access token. */
  stillWorks?: (accessToken: string) => Promise<"works" | "ended" | "not_known">;
}

export interface AccountStatus {
  id: string;
  /** X's id, which stays when the handle changes. */
  platformUserId: string;
  /** Where it signed in, e.g. api.x.com; null for a sign-in of an early version. */
  apiHost: string | null;
  handle: string;
  name: string;
  subscription: string | null;
  isDefault: boolean;
  signedIn: boolean;
  /** Why a new sign-in is needed, or why the last refresh failed. */
  trouble: string | null;
  troubleSince: string | null;
  scopes: string[];
}

/** All accounts but removed ones, the default first. */
export async function listAccounts(db: Db | Tx): Promise<AccountStatus[]> {
  const rows = await db
    .select({ account: accounts, token: oauthTokens })
    .from(accounts)
    .innerJoin(oauthTokens, eq(oauthTokens.accountId, accounts.id))
    .orderBy(sql`${accounts.isDefault} desc`, asc(accounts.handle));
  return rows.map(({ account, token }) => ({
    id: account.id,
    platformUserId: account.platformUserId,
    apiHost: token.metadata.apiHost ?? null,
    handle: account.handle,
    name: account.name,
    subscription: account.subscription,
    isDefault: account.isDefault,
    signedIn: !token.metadata.requiresReauth,
    trouble: token.metadata.refreshError ?? null,
    troubleSince: token.metadata.refreshFailedAt ?? null,
    scopes: token.scopes,
  }));
}

export interface AccountHere extends AccountStatus {
  /** It signed in at another host than the one that PSN talks to now: nothing is published as it, and it is not the default. */
  isElsewhere: boolean;
}

/** Whether an account signed in at another host than the one that posts go to. @param apiHost null where no keys say it */
export const isOfAnotherHost = (account: Pick<AccountStatus, "apiHost">, apiHost: string | null): boolean =>
  apiHost !== null && account.apiHost !== null && account.apiHost !== apiHost;

/** The same, seen from where posts go now. @param apiHost null where no keys say it */
export async function listAccountsAt(db: Db | Tx, apiHost: string | null): Promise<AccountHere[]> {
  return (await listAccounts(db)).map((account) => {
    const isElsewhere = isOfAnotherHost(account, apiHost);
    return { ...account, isElsewhere, isDefault: account.isDefault && !isElsewhere };
  });
}

/**
 * What X says now of name, handle and Premium replaces what it said at sign-in.
 * @returns ids of other accounts that bear the same handle: X has told of one that it is no longer theirs
 */
export async function noteIdentity(hub: Hub, accountId: string, identity: Identity): Promise<string[]> {
  const { handle, name, subscription, platformUserId } = identity;
  await hub.db
    .update(accounts)
    .set({ handle, name, subscription, formerHandles: formerHandles(handle), updatedAt: sql`psn.now()` })
    .where(and(eq(accounts.id, accountId), eq(accounts.platformUserId, platformUserId)));
  const others = await hub.db
    .select({ id: accounts.id })
    .from(accounts)
    .innerJoin(oauthTokens, eq(oauthTokens.accountId, accounts.id))
    .where(and(ne(accounts.id, accountId), sql`lower(${accounts.handle}) = lower(${handle})`));
  return others.map(({ id }) => id);
}

/** @throws PsnError ACCOUNT_UNKNOWN … */
export async function setDefaultAccount(hub: Hub, handle: string): Promise<AccountRow> {
  return await hub.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${DEFAULT_LOCK})`);
    const chosen = await chooseAccount(tx, handle);
    await tx.update(accounts).set({ isDefault: false }).where(eq(accounts.isDefault, true));
    await tx.update(accounts).set({ isDefault: true }).where(eq(accounts.id, chosen.id));
    return chosen;
  });
}

// --- internal ---

const FORMER_MAX = 10;

/** The handles that an account had, with the one that it has now when X says another. */
function formerHandles(handle: string): SQL {
  return sql`case
    when lower(${accounts.handle}) = lower(${handle}) then ${accounts.formerHandles}
    else (array_append(array_remove(${accounts.formerHandles}, ${accounts.handle}), ${accounts.handle}))[greatest(1, cardinality(${accounts.formerHandles}) + 2 - ${FORMER_MAX}) : ]
  end`;
}

async function upsertAccount(tx: Tx, identity: Identity, apiHost: string | undefined): Promise<AccountRow> {
  const { handle, name, subscription, platformUserId } = identity;
  // Two first sign-ins at once: the second waits here, and sees the first one's default.
  await tx.execute(sql`select pg_advisory_xact_lock(${DEFAULT_LOCK})`);
  if (apiHost !== undefined) await dropForeignDefault(tx, apiHost);
  const [anyDefault] = await tx.select({ id: accounts.id }).from(accounts).where(eq(accounts.isDefault, true));
  const [account] = await tx
    .insert(accounts)
    .values({
      id: newId(),
      platformUserId,
      handle,
      name,
      subscription,
      isDefault: !anyDefault,
      createdAt: sql`psn.now()`,
      updatedAt: sql`psn.now()`,
    })
    .onConflictDoUpdate({
      target: [accounts.userId, accounts.platform, accounts.platformUserId],
      set: {
        handle,
        name,
        subscription,
        formerHandles: formerHandles(handle),
        isDefault: sql`${accounts.isDefault} or ${!anyDefault}`,
        updatedAt: sql`psn.now()`,
      },
    })
    .returning();
  if (!account) throw new Error("an upsert returned no row");
  return account;
}

/** A default that signed in elsewhere is none here. */
async function dropForeignDefault(tx: Tx, apiHost: string): Promise<void> {
  await tx.execute(sql`
    update psn.accounts as account
    set is_default = false
    from psn.oauth_tokens as token
    where token.account_id = account.id
      and account.is_default
      and coalesce(token.metadata ->> 'apiHost', ${apiHost}) <> ${apiHost}`);
}

function otherApp({ handle }: AccountRow): PsnError {
  return new PsnError(
    "ACCOUNT_OTHER_APP",
    `@${handle} signed in with another X app than the one that is set up now, so X was not told, and nothing is revoked.`,
    {
      hint: `Put that app's keys back into keys.env and try again, or end the access at https://x.com/settings/connected_apps and forget it here: psn account remove @${handle} --local`,
    },
  );
}

async function requireNoPosts(tx: Tx, account: AccountRow): Promise<void> {
  const { rows } = await tx.execute<{ id: string; status: string }>(sql`
    select id, status
    from psn.posts
    where account_id = ${account.id} and status in ('scheduled', 'publishing', 'retry')
    order by due_at nulls last
    limit 100`);
  const [first] = rows;
  if (!first) return;
  const count = rows.length === 1 ? "one post" : `${rows.length === 100 ? "100 or more" : rows.length} posts`;
  throw new PsnError("ACCOUNT_HAS_POSTS", `@${account.handle} has ${count} on the way to X.`, {
    hint: `Cancel what must not go out, e.g. psn post cancel ${first.id}; the texts stay as drafts. Then try again.`,
    next: [`psn post cancel ${first.id}`],
    details: { posts: rows.map((row) => row.id) },
  });
}
