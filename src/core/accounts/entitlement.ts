/**
 * How long a tweet an account may post: X's paid tiers write long ones, and a tier is bought or lapses without a word to us. So it is
 * read again where something depends on it, and kept for some hours.
 */
import { eq, sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { accounts } from "../db/schema.ts";
import { textLimitOf } from "../platform.ts";
import { chargedIdentity } from "../spend/charge.ts";
import { credentialsFor, type KeeperDeps } from "../tokens/keeper.ts";
import { noteIdentity } from "./accounts.ts";

const KEPT_HOURS = 6;

export interface Entitlement {
  handle: string;
  subscription: string | null;
  /** Whether it was read at X in the last hours. */
  isFresh: boolean;
}

/** What the hub knows of it. */
export async function knownEntitlement(hub: Hub, accountId: string): Promise<Entitlement | null> {
  const [row] = await hub.db
    .select({
      handle: accounts.handle,
      subscription: accounts.subscription,
      isFresh: sql<boolean>`${accounts.updatedAt} > psn.now() - make_interval(hours => ${KEPT_HOURS})`,
    })
    .from(accounts)
    .where(eq(accounts.id, accountId));
  return row ?? null;
}

/**
 * Asks X and keeps the answer.
 * @returns null where X cannot be asked now: what is known stays
 */
export async function readEntitlement(deps: KeeperDeps, accountId: string): Promise<Entitlement | null> {
  const token = await credentialsFor(deps, accountId);
  if (token.kind !== "ok") return null;
  const { accessToken } = token.credentials;
  const answer = await chargedIdentity(deps.hub, deps.platform, { accountId, accessToken });
  if (answer.kind !== "identity") return null;
  await noteIdentity(deps.hub, accountId, answer.identity);
  return await knownEntitlement(deps.hub, accountId);
}

/**
 * What the account may post, for tweets of up to `limit`: asked at X when that is old or says no.
 * @param deps null where X cannot be asked
 */
export async function entitlementFor(
  hub: Hub,
  deps: (() => Promise<KeeperDeps>) | null,
  accountId: string,
  limit: number,
): Promise<Entitlement | null> {
  const known = await knownEntitlement(hub, accountId);
  if (!known || limit <= textLimitOf(null) || !deps) return known;
  if (known.isFresh && limit <= textLimitOf(known.subscription)) return known;
  return (await readEntitlement(await deps(), accountId)) ?? known;
}
