/** Sign-ins that were begun and wait for their code. Each keeps its verifier, sealed, and no longer than needed. */
import { and, eq, sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import { oauthFlows } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { flowPlace } from "../tokens/envelopes.ts";
import { sealingKey } from "../tokens/hub-key.ts";
import { decrypt, type EncryptionKey, encrypt } from "../utils/crypto.ts";

/** How long a begun sign-in may wait for its code. X's code itself lives 30 seconds from the click. */
const FLOW_MINUTES = 30;
const FLOWS_MAX = 20;

export interface Flow {
  state: string;
  codeVerifier: string;
  redirectUri: string;
  /** The account that is meant: a handle, or X's id. Absent when any will do. */
  account?: string | undefined;
  /** The X app that it was begun with: X gives the code's tokens to no other. */
  clientId?: string | undefined;
}

/** Keeps the verifier of a sign-in that was begun, encrypted, until its code is pasted; old ones are dropped. */
export async function saveFlow(hub: Hub, keys: readonly EncryptionKey[], flow: Flow): Promise<void> {
  await hub.db.transaction(async (tx) => {
    const key = await sealingKey(tx, keys);
    await tx.execute(sql`
      delete from psn.oauth_flows
      where expires_at < psn.now()
        or state in (select state from psn.oauth_flows order by created_at desc offset ${FLOWS_MAX - 1})`);
    await tx.insert(oauthFlows).values({
      state: flow.state,
      codeVerifier: encrypt(flow.codeVerifier, key, flowPlace(flow.state)),
      redirectUri: flow.redirectUri,
      wishedAccount: flow.account ?? null,
      clientId: flow.clientId ?? null,
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
      clientId: row.clientId ?? undefined,
      codeVerifier: decrypt(row.codeVerifier, keys, flowPlace(row.state)),
      account: row.wishedAccount ?? undefined,
    };
  }
  if (state === null) {
    throw new PsnError("OAUTH_NO_SIGN_IN", "No sign-in was begun here, or it is too old.", {
      hint: "Begin one: psn setup",
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
