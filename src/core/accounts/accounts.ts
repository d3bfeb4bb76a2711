/** The X users that posts are published as: signing in, choosing one, leaving. */
import { and, asc, eq, sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { accounts, oauthFlows, oauthTokens, type TokenMetadata } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import type { Identity, TokenSet } from "../platform.ts";
import { sealTokens } from "../tokens/keeper.ts";
import { decrypt, type EncryptionKey, encrypt } from "../utils/crypto.ts";
import { newId } from "../utils/id.ts";

export type AccountRow = typeof accounts.$inferSelect;

/** How long a begun sign-in may wait for its code. X's code itself lives 30 seconds from the click. */
const FLOW_MINUTES = 30;
const FLOWS_MAX = 20;

export interface Flow {
  state: string;
  codeVerifier: string;
  redirectUri: string;
}

/** Keeps the verifier of a sign-in that was begun, encrypted, until its code is pasted; old ones are dropped. */
export async function saveFlow(hub: Hub, key: EncryptionKey, flow: Flow): Promise<void> {
  await hub.db.transaction(async (tx) => {
    await tx.execute(sql`
      delete from psn.oauth_flows
      where expires_at < psn.now()
        or state in (select state from psn.oauth_flows order by created_at desc offset ${FLOWS_MAX - 1})`);
    await tx.insert(oauthFlows).values({
      state: flow.state,
      codeVerifier: encrypt(flow.codeVerifier, key, flowPlace(flow.state)),
      redirectUri: flow.redirectUri,
      createdAt: sql`psn.now()`,
      expiresAt: sql`psn.now() + make_interval(mins => ${FLOW_MINUTES})`,
    });
  });
}

/**
 * The sign-in that a pasted answer belongs to. A bare code names no state; then it belongs to the newest one.
 * @throws PsnError OAUTH_NO_SIGN_IN, OAUTH_STATE_WRONG
 */
export async function findFlow(hub: Hub, keys: readonly EncryptionKey[], state: string | null): Promise<Flow> {
  const live = sql`${oauthFlows.expiresAt} > psn.now()`;
  const rows = await hub.db
    .select()
    .from(oauthFlows)
    .where(state === null ? live : and(live, eq(oauthFlows.state, state)))
    .orderBy(sql`${oauthFlows.createdAt} desc`)
    .limit(1);
  const [row] = rows;
  if (row) {
    return {
      state: row.state,
      redirectUri: row.redirectUri,
      codeVerifier: decrypt(row.codeVerifier, keys, flowPlace(row.state)),
    };
  }
  if (state === null) {
    throw new PsnError("OAUTH_NO_SIGN_IN", "No sign-in was begun here, or it is too old.", {
      hint: "Begin one: psn setup (for an agent: psn setup --step oauth)",
    });
  }
  throw new PsnError(
    "OAUTH_STATE_WRONG",
    "The pasted address belongs to another sign-in than the one that was begun here.",
    {
      hint: "Open the address that psn setup prints now, and paste what comes back from that one.",
    },
  );
}

export async function dropFlow(hub: Hub, state: string): Promise<void> {
  await hub.db.delete(oauthFlows).where(eq(oauthFlows.state, state));
}

/** Stores a proven sign-in: account and tokens in one commit. The first account becomes the default. */
export async function storeSignIn(
  hub: Hub,
  key: EncryptionKey,
  identity: Identity,
  tokens: TokenSet,
): Promise<AccountRow> {
  return await hub.db.transaction(async (tx) => {
    const { handle, name, subscription, platformUserId } = identity;
    const [anyDefault] = await tx
      .select({ id: accounts.id })
      .from(accounts)
      .where(eq(accounts.isDefault, true))
      .for("update");
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
        set: { handle, name, subscription, updatedAt: sql`psn.now()` },
      })
      .returning();
    if (!account) throw new Error("an upsert returned no row");
    const [known] = await tx
      .select({ id: oauthTokens.id })
      .from(oauthTokens)
      .where(eq(oauthTokens.accountId, account.id))
      .for("update");
    const id = known?.id ?? newId();
    const row = { ...sealTokens(id, tokens, key), metadata: {} satisfies TokenMetadata, updatedAt: sql`psn.now()` };
    if (known) {
      await tx
        .update(oauthTokens)
        .set({ ...row, version: sql`${oauthTokens.version} + 1` })
        .where(eq(oauthTokens.id, id));
    } else {
      await tx.insert(oauthTokens).values({ ...row, id, accountId: account.id, createdAt: sql`psn.now()` });
    }
    return account;
  });
}

export interface AccountStatus {
  id: string;
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

export async function listAccounts(db: Db | Tx): Promise<AccountStatus[]> {
  const rows = await db
    .select({ account: accounts, token: oauthTokens })
    .from(accounts)
    .leftJoin(oauthTokens, eq(oauthTokens.accountId, accounts.id))
    .orderBy(sql`${accounts.isDefault} desc`, asc(accounts.handle));
  return rows.map(({ account, token }) => ({
    id: account.id,
    handle: account.handle,
    name: account.name,
    subscription: account.subscription,
    isDefault: account.isDefault,
    signedIn: token !== null && !token.metadata.requiresReauth,
    trouble: token?.metadata.refreshError ?? null,
    troubleSince: token?.metadata.refreshFailedAt ?? null,
    scopes: token?.scopes ?? [],
  }));
}

/**
 * The account a command means: the named one, else the default, else the only one.
 * @throws PsnError ACCOUNT_NONE, ACCOUNT_UNKNOWN, ACCOUNT_AMBIGUOUS
 */
export async function chooseAccount(db: Db | Tx, handle?: string): Promise<AccountRow> {
  const rows = await db.select().from(accounts).orderBy(asc(accounts.handle));
  if (rows.length === 0) {
    throw new PsnError("ACCOUNT_NONE", "No X account is signed in.", { hint: "psn setup" });
  }
  const names = rows.map((row) => `@${row.handle}`).join(", ");
  if (handle !== undefined) {
    const wanted = handle.replace(/^@/, "").toLowerCase();
    const row = rows.find((candidate) => candidate.handle.toLowerCase() === wanted || candidate.id === wanted);
    if (row) return row;
    throw new PsnError("ACCOUNT_UNKNOWN", `@${wanted.slice(0, 64)} is not signed in here; there is ${names}.`, {
      hint: "psn setup signs another account in.",
    });
  }
  const chosen = rows.find((row) => row.isDefault) ?? (rows.length === 1 ? rows[0] : undefined);
  if (chosen) return chosen;
  throw new PsnError("ACCOUNT_AMBIGUOUS", `Several accounts are signed in and none is the default: ${names}.`, {
    hint: "Name one with --account, or choose: psn account default @handle",
  });
}

/** @throws PsnError ACCOUNT_UNKNOWN … */
export async function setDefaultAccount(hub: Hub, handle: string): Promise<AccountRow> {
  return await hub.db.transaction(async (tx) => {
    const chosen = await chooseAccount(tx, handle);
    await tx.update(accounts).set({ isDefault: false }).where(eq(accounts.isDefault, true));
    await tx.update(accounts).set({ isDefault: true }).where(eq(accounts.id, chosen.id));
    return chosen;
  });
}

// --- internal ---

const flowPlace = (state: string) => `oauth_flows/${state}/code_verifier`;
