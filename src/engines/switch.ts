/**
 * Which engine a hub uses, and handing its waiting posts from one to the other. Nothing is lost and nothing doubled on
 * the way: a post's row decides, whoever wakes it, and both handings can be repeated until all are over.
 */
import { and, eq, gt, sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import { hubSettings, posts } from "../core/db/schema.ts";
import type { Engine } from "../core/engine.ts";
import { embeddedEngine } from "./embedded.ts";
import { noteRun, readWakeRow } from "./trigger.ts";
import type { TriggerApi } from "./trigger-api.ts";

const ENGINE_SETTING = "engine";
const BATCH = 200;

/** The engine that this hub was last handed to; null when nobody ever chose. */
export async function hubEngine(hub: Hub): Promise<Engine["name"] | null> {
  const [row] = await hub.db.select().from(hubSettings).where(eq(hubSettings.key, ENGINE_SETTING));
  return row?.value === "trigger" || row?.value === "embedded" ? row.value : null;
}

export async function setHubEngine(hub: Hub, name: Engine["name"]): Promise<void> {
  await hub.db
    .insert(hubSettings)
    .values({ key: ENGINE_SETTING, value: name, updatedAt: sql`psn.now()` })
    .onConflictDoUpdate({ target: hubSettings.key, set: { value: name, updatedAt: sql`psn.now()` } });
}

export interface Handed {
  /** Posts that wait for their time. */
  waiting: number;
  /** Of them, those that the new engine knows of by now; its watchdog takes the rest. */
  known: number;
}

/** Gives every waiting post a run at Trigger.dev and takes its embedded job away. */
export async function handToTrigger(hub: Hub, trigger: Engine, embedded: Engine = embeddedEngine): Promise<Handed> {
  const handed: Handed = { waiting: 0, known: 0 };
  for await (const id of waitingPosts(hub)) {
    handed.waiting++;
    await trigger.reconcile(hub, id);
    await hub.db.transaction((tx) => embedded.cancel(tx, id));
    const row = await readWakeRow(hub, id);
    if (row?.wantedAt === null || row?.toldAt?.getTime() === row?.wantedAt?.getTime()) handed.known++;
  }
  return handed;
}

/** Gives every waiting post an embedded job and cancels its run at Trigger.dev. */
export async function handToEmbedded(
  hub: Hub,
  api: TriggerApi,
  trouble: (message: string) => void,
  embedded: Engine = embeddedEngine,
): Promise<Handed> {
  const handed: Handed = { waiting: 0, known: 0 };
  for await (const id of waitingPosts(hub)) {
    handed.waiting++;
    await hub.db.transaction(async (tx) => {
      const [row] = await tx.select().from(posts).where(eq(posts.id, id)).for("update");
      if (!row?.dueAt) return;
      await embedded.enqueue(tx, { postId: id, scheduleVersion: row.scheduleVersion, at: row.dueAt });
    });
    handed.known++;
    const row = await readWakeRow(hub, id);
    if (!row?.runId || !row.toldAt) continue;
    try {
      await api.cancel(row.runId);
      await noteRun(hub, id, row, { runId: row.runId, toldAt: null });
    } catch (error) {
      // A run that is left comes to a hub of another engine and does nothing.
      trouble(String((error as Error).message));
    }
  }
  return handed;
}

// --- internal ---

async function* waitingPosts(hub: Hub): AsyncGenerator<string> {
  let after = "";
  for (;;) {
    const rows = await hub.db
      .select({ id: posts.id })
      .from(posts)
      .where(and(sql`${posts.dueAt} is not null`, gt(posts.id, after)))
      .orderBy(posts.id)
      .limit(BATCH);
    for (const { id } of rows) yield id;
    after = rows.at(-1)?.id ?? "";
    if (rows.length < BATCH) return;
  }
}
