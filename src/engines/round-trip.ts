/**
 * The round trip of `psn setup --engine trigger`: a run writes an answer into the hub, which proves that deployed runs
 * reach the same hub with the same keys.
 */
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Hub } from "../core/db/connection.ts";
import { hubSettings } from "../core/db/schema.ts";
import type { PublishDeps } from "../core/publish/deps.ts";

export const PingSchema = z.object({ ping: z.string().min(8).max(64) });

const PongSchema = z.object({
  ping: z.string(),
  /** The id of the encryption key, which does not reveal it. */
  keyId: z.string(),
  clientId: z.string(),
});
export type Pong = z.infer<typeof PongSchema>;

const PONG_SETTING = "trigger_pong";

/** In a run: writes the answer. */
export async function answerPing(deps: PublishDeps, ping: string): Promise<{ kind: "pong" }> {
  const [key] = deps.keyRing;
  if (!key) throw new Error("the key ring is empty");
  const value: Pong = { ping, keyId: key.id, clientId: deps.clientId };
  await deps.hub.db
    .insert(hubSettings)
    .values({ key: PONG_SETTING, value, updatedAt: sql`psn.now()` })
    .onConflictDoUpdate({ target: hubSettings.key, set: { value, updatedAt: sql`psn.now()` } });
  return { kind: "pong" };
}

/** @returns the answer to this ping; null while there is none */
export async function readPong(hub: Hub, ping: string): Promise<Pong | null> {
  const [row] = await hub.db.select().from(hubSettings).where(eq(hubSettings.key, PONG_SETTING));
  const pong = PongSchema.safeParse(row?.value);
  return pong.success && pong.data.ping === ping ? pong.data : null;
}
