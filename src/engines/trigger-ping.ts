/** The round trip of `psn setup --engine trigger`: proves that a deployed run reaches the same hub with the same key. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";
import { readSetting, writeSetting } from "../core/db/settings.ts";
import { PsnError } from "../core/errors.ts";
import type { PublishDeps } from "../core/publish/deps.ts";
import type { TriggerApi } from "./trigger-api.ts";

export const PingSchema = z.object({ ping: z.string().min(8).max(64) });

const PongSchema = z.object({
  ping: z.string(),
  /** The id of the encryption key, which does not reveal it. */
  keyId: z.string(),
  clientId: z.string(),
});

const PONG_SETTING = "trigger_pong";
/** A run that starts cold on a small machine may take a minute. */
const ROUND_TRIP_MS_MAX = 90_000;
const POLL_MS = 500;
/** A run in one of these states never answers. */
const DEAD = ["PENDING_VERSION", "FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED"];

/** In a run: writes into the hub that it reached which keys it has. */
export async function answerPing(deps: PublishDeps, ping: string): Promise<{ kind: "pong" }> {
  const [key] = deps.keyRing;
  if (!key) throw new Error("the key ring is empty");
  const value: z.infer<typeof PongSchema> = { ping, keyId: key.id, clientId: deps.clientId };
  await writeSetting(deps.hub.db, PONG_SETTING, value);
  return { kind: "pong" };
}

export type RoundTrip =
  /** A run came back through this hub, with what it publishes with. */
  | { kind: "answered"; keyId: string; clientId: string }
  /** None did in time. `status` is Trigger.dev's word for the run; null when it knows no such run. */
  | { kind: "unanswered"; runId: string; status: string | null };

/**
 * Starts a run at Trigger.dev and waits until it has written into this hub, for at most 90 s.
 * @throws PsnError TRIGGER_OTHER_HUB when the run ended at another hub; TriggerError
 */
export async function pingThroughTrigger(
  hub: Hub,
  api: TriggerApi,
  clock: Clock,
  signal: AbortSignal,
): Promise<RoundTrip> {
  const ping = randomBytes(12).toString("hex");
  const runId = await api.ping(ping);
  const endMs = clock.now().getTime() + ROUND_TRIP_MS_MAX;
  let status: string | null = null;
  while (clock.now().getTime() < endMs && !signal.aborted) {
    // The status first: a run that is complete has written its answer by then, if it came to this hub.
    status = await api.status(runId);
    const pong = await readPong(hub);
    if (pong?.ping === ping) return { kind: "answered", keyId: pong.keyId, clientId: pong.clientId };
    if (status !== null && DEAD.includes(status)) break;
    if (status === "COMPLETED") {
      throw new PsnError("TRIGGER_OTHER_HUB", `Run ${runId} came to another hub than this one.`, {
        hint: "Deploy again, so that DATABASE_URL is the same there: npx trigger.dev@4.8.3 deploy",
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
  return { kind: "unanswered", runId, status };
}

// --- internal ---

async function readPong(hub: Hub): Promise<z.infer<typeof PongSchema> | null> {
  return PongSchema.safeParse(await readSetting(hub.db, PONG_SETTING)).data ?? null;
}
