/**
 * A new encryption key for the hub. In this order, so that it may be killed at any point:
 *
 * 1. hub.env gets the new key beside the old one. All stays readable, and the hub still names the old key to seal with.
 * 2. One transaction seals every secret anew and names the new key.
 * 3. hub.env loses the old key.
 *
 * A rotation that finds two keys in the file goes on with them. While it runs it holds a lock, for two at once could
 * each write a key of its own.
 */
import { sql } from "drizzle-orm";
import { readEnvFile, writeEnvFile } from "../config/env-file.ts";
import { requirePlace } from "../config/file-error.ts";
import type { Hub, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { originPlace } from "../media/origin.ts";
import { decrypt, type EncryptionKey, encrypt, keyFromHex, newKeyHex } from "../utils/crypto.ts";
import { flowPlace, tokenPlace } from "./envelopes.ts";
import { chooseKey, hubKeyId, setHubKey } from "./hub-key.ts";

const ROTATION_LOCK = 0x70736e04;
/** Longer than X may take to answer a refresh, whose transaction is waited for. */
const LOCK_TIMEOUT = "150s";

/** Where a test kills the process. */
export type RotationPoint = "begun" | "file written" | "sealed anew" | "committed";

export interface Rotation {
  keyId: string;
  /** Secrets sealed anew. */
  resealed: number;
  /** Places of secrets that opened with no key; they are as they were, and their accounts must sign in again. */
  damaged: string[];
  /** True when this finished a rotation that was cut off. */
  resumed: boolean;
}

/**
 * @param file hub.env, which holds the key
 * @param options.willWrite called when all was looked at, before the first change
 * @throws PsnError ROTATION_RUNNING, NOT_SET_UP, SECRET_KEY_WRONG (nothing was changed), HUB_BUSY
 */
export async function rotateKeys(
  hub: Hub,
  file: string,
  { at = () => {}, willWrite = () => {} }: { at?(point: RotationPoint): void; willWrite?(): void } = {},
): Promise<Rotation> {
  return await hub.lockDb.transaction(async (outer) => {
    const { rows } = await outer.execute<{ free: boolean }>(
      sql`select pg_try_advisory_xact_lock(${ROTATION_LOCK}) as free`,
    );
    if (!rows[0]?.free) {
      throw new PsnError("ROTATION_RUNNING", "Another rotation is running on this hub.", { hint: "Let it finish." });
    }
    at("begun");
    const { fresh, ring, resumed } = await prepare(hub, file, willWrite);
    at("file written");
    const { resealed, damaged } = await hub.db.transaction(async (tx) => {
      const done = await resealAll(tx, ring, fresh);
      await setHubKey(tx, fresh.id);
      at("sealed anew");
      return done;
    });
    at("committed");
    await writeEnvFile(file, { ENCRYPTION_KEY_OLD: null });
    return { keyId: fresh.id, resealed, damaged, resumed };
  });
}

/**
 * For a key that is lost for good: forgets every stored token, which nobody can open any more, and takes the given key
 * from now on. Accounts, posts and schedules stay; the accounts must sign in again.
 * @returns how many accounts
 */
export async function forgetSecrets(hub: Hub, key: EncryptionKey, now: Date): Promise<number> {
  const failure = {
    requiresReauth: true,
    refreshError: "The encryption key was lost, and with it the stored sign-in.",
    refreshFailedAt: now.toISOString(),
  };
  return await hub.db.transaction(async (tx) => {
    await lockSecrets(tx);
    const { rowCount } = await tx.execute(sql`
      update psn.oauth_tokens
      set
        access_token = '',
        refresh_token = null,
        metadata = ${JSON.stringify(failure)}::jsonb,
        version = version + 1,
        updated_at = psn.now()`);
    await tx.execute(sql`delete from psn.oauth_flows`);
    await setHubKey(tx, key.id);
    return rowCount ?? 0;
  });
}

// --- internal ---

/** Both keys in the file, the new one first. Refuses before it writes when the hub was sealed with neither. */
async function prepare(
  hub: Hub,
  file: string,
  willWrite: () => void,
): Promise<{ fresh: EncryptionKey; ring: EncryptionKey[]; resumed: boolean }> {
  await requirePlace(file);
  const { ENCRYPTION_KEY: current, ENCRYPTION_KEY_OLD: old } = (await readEnvFile(file)).values;
  if (!current) throw new PsnError("NOT_SET_UP", `${file} has no ENCRYPTION_KEY.`, { hint: "Run `psn setup`." });
  if (old) {
    const ring = [keyFromHex(current), keyFromHex(old)] as const;
    chooseKey(ring, await hubKeyId(hub.db));
    willWrite();
    return { fresh: ring[0], ring: [...ring], resumed: true };
  }
  const currentKey = keyFromHex(current);
  chooseKey([currentKey], await hubKeyId(hub.db));
  willWrite();
  const hex = newKeyHex();
  await writeEnvFile(file, { ENCRYPTION_KEY: hex, ENCRYPTION_KEY_OLD: current });
  const fresh = keyFromHex(hex);
  return { fresh, ring: [fresh, currentKey], resumed: false };
}

/** Waits for refreshes and sign-ins that run, and holds up those that come. */
async function lockSecrets(tx: Tx): Promise<void> {
  await tx.execute(sql.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`));
  await tx.execute(sql`lock table psn.oauth_tokens, psn.oauth_flows in exclusive mode`);
}

async function resealAll(tx: Tx, ring: readonly EncryptionKey[], fresh: EncryptionKey) {
  await lockSecrets(tx);
  const damaged: string[] = [];
  let resealed = 0;
  const reseal = (envelope: string | null, place: string): string | null => {
    // Empty where a lost key made the secret be forgotten.
    if (!envelope) return envelope;
    try {
      const again = encrypt(decrypt(envelope, ring, place), fresh, place);
      resealed++;
      return again;
    } catch (error) {
      if (!(error instanceof PsnError) || error.code !== "SECRET_DAMAGED") throw error;
      damaged.push(place);
      return envelope;
    }
  };

  const tokens = await tx.execute<{ id: string; access: string; refresh: string | null }>(
    sql`select id, access_token as access, refresh_token as refresh from psn.oauth_tokens`,
  );
  const access = tokens.rows.map((row) => reseal(row.access, tokenPlace(row.id, "access_token")));
  const refresh = tokens.rows.map((row) => reseal(row.refresh, tokenPlace(row.id, "refresh_token")));
  await tx.execute(sql`
    update psn.oauth_tokens as token
    set access_token = sealed.access, refresh_token = sealed.refresh
    from unnest(
      ${sql.param(tokens.rows.map((row) => row.id))}::text[],
      ${sql.param(access)}::text[],
      ${sql.param(refresh)}::text[]
    ) as sealed (id, access, refresh)
    where token.id = sealed.id`);

  const flows = await tx.execute<{ state: string; verifier: string }>(
    sql`select state, code_verifier as verifier from psn.oauth_flows`,
  );
  const verifiers = flows.rows.map((row) => reseal(row.verifier, flowPlace(row.state)));
  await tx.execute(sql`
    update psn.oauth_flows as flow
    set code_verifier = sealed.verifier
    from unnest(
      ${sql.param(flows.rows.map((row) => row.state))}::text[],
      ${sql.param(verifiers)}::text[]
    ) as sealed (state, verifier)
    where flow.state = sealed.state`);

  await resealOrigins(tx, ring, fresh);
  return { resealed, damaged };
}

/** No secrets: one that does not open is left as it is, and its file is not looked for. */
async function resealOrigins(tx: Tx, ring: readonly EncryptionKey[], fresh: EncryptionKey): Promise<void> {
  const { rows } = await tx.execute<{ sha256: string; origin: string }>(
    sql`select sha256, origin from psn.media_blobs where origin is not null for update`,
  );
  const origins = rows.map(({ sha256, origin }) => {
    const place = originPlace(sha256);
    try {
      return encrypt(decrypt(origin, ring, place), fresh, place);
    } catch {
      return origin;
    }
  });
  await tx.execute(sql`
    update psn.media_blobs as blob
    set origin = sealed.origin
    from unnest(
      ${sql.param(rows.map((row) => row.sha256))}::text[],
      ${sql.param(origins)}::text[]
    ) as sealed (sha256, origin)
    where blob.sha256 = sealed.sha256`);
}
