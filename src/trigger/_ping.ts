/** The round trip of `psn setup --engine trigger`: proves that a deployed run reaches the same hub with the same key. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { hubSettings } from "../core/db/schema.ts";
import type { PublishDeps } from "../core/publish/deps.ts";

export const PingSchema = z.object({ ping: z.string().min(8).max(64) });

export const PongSchema = z.object({
  ping: z.string(),
  /** The id of the encryption key, which does not reveal it. */
  keyId: z.string(),
  clientId: z.string(),
});

export const PONG_SETTING = "trigger_pong";

export async function answerPing(deps: PublishDeps, ping: string): Promise<{ kind: "pong" }> {
  const [key] = deps.keyRing;
  if (!key) throw new Error("the key ring is empty");
  const value: z.infer<typeof PongSchema> = { ping, keyId: key.id, clientId: deps.clientId };
  await deps.hub.db
    .insert(hubSettings)
    .values({ key: PONG_SETTING, value, updatedAt: sql`psn.now()` })
    .onConflictDoUpdate({ target: hubSettings.key, set: { value, updatedAt: sql`psn.now()` } });
  return { kind: "pong" };
}
