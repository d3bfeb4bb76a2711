/**
 * Which encryption key a hub's secrets are sealed with. The hub keeps the key's id, never the key, so a process with a
 * wrong one hears of it before it does anything, and one that was started before a rotation cannot seal with the old.
 */
import { sql } from "drizzle-orm";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { settingSql, writeSetting } from "../db/settings.ts";
import { PsnError } from "../errors.ts";
import { type EncryptionKey, KEY_WRONG_HINT } from "../utils/crypto.ts";

/**
 * Checks that the ring holds the hub's key. A hub that holds no secret yet takes the ring's first one. One query.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function requireHubKey(hub: Hub, ring: readonly EncryptionKey[]): Promise<void> {
  const id = await hubKeyId(hub.db);
  if (id !== null && ring.some((key) => key.id === id)) return;
  chooseKey(ring, await adoptKey(hub, ring));
}

/**
 * The key to seal with in this transaction. Takes a lock that lets no rotation through until the transaction ends.
 * @throws PsnError SECRET_KEY_WRONG
 */
export async function sealingKey(tx: Tx, ring: readonly EncryptionKey[]): Promise<EncryptionKey> {
  await tx.execute(sql`lock table psn.oauth_tokens, psn.oauth_flows in row exclusive mode`);
  return chooseKey(ring, await hubKeyId(tx));
}

/**
 * The ring's key of this id; its first when the hub names none yet.
 * @throws PsnError SECRET_KEY_WRONG
 */
export function chooseKey(ring: readonly EncryptionKey[], id: string | null): EncryptionKey {
  const key = id === null ? ring[0] : ring.find((candidate) => candidate.id === id);
  if (key) return key;
  const configured = ring.map((candidate) => candidate.id).join(", ") || "none";
  throw new PsnError(
    "SECRET_KEY_WRONG",
    `This hub's secrets are sealed with the encryption key ${id}; the configured one is ${configured}.`,
    { hint: KEY_WRONG_HINT, details: { hubKey: id, configuredKeys: ring.map((candidate) => candidate.id) } },
  );
}

/** The id of the key that the hub is sealed with; null when nothing was sealed yet. */
export async function hubKeyId(db: Db | Tx): Promise<string | null> {
  const { rows } = await db.execute<{ id: string | null }>(sql`select ${HUB_KEY_ID} as id`);
  return rows[0]?.id ?? null;
}

/** Hubs keep it under this name. */
const KEY_SETTING = "encryption_key";

/** As a part of another statement. */
export const HUB_KEY_ID = sql`(${settingSql(KEY_SETTING)} ->> 'id')`;

/** Names the key that the hub is sealed with from now on. */
export async function setHubKey(tx: Db | Tx, id: string): Promise<void> {
  await writeSetting(tx, KEY_SETTING, { id });
}

// --- internal ---

/**
 * Names the ring's first key, unless something is sealed already: then that says which key it was. A setup that died
 * between naming a key and writing it down must not lock its author out of an empty hub.
 */
async function adoptKey(hub: Hub, ring: readonly EncryptionKey[]): Promise<string | null> {
  return await hub.db.transaction(async (tx) => {
    await tx.execute(sql`lock table psn.oauth_tokens, psn.oauth_flows in exclusive mode`);
    const { rows } = await tx.execute<{ id: string }>(sql`
      select split_part(access_token, '.', 2) as id from psn.oauth_tokens where access_token <> ''
      union all
      select split_part(code_verifier, '.', 2) from psn.oauth_flows where expires_at > psn.now()
      limit 1`);
    const named = await hubKeyId(tx);
    const id = rows[0] ? (named ?? rows[0].id) : (ring[0]?.id ?? null);
    if (id !== null && id !== named) await setHubKey(tx, id);
    return id;
  });
}
