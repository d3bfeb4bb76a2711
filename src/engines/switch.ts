/**
 * Which engine a hub uses, and how its waiting posts change from one engine to the other. No post is lost or published
 * twice on the way: its row decides, whichever engine runs it. Both ways can be repeated until every post has changed.
 */
import { and, eq, gt, sql } from "drizzle-orm";
import type { Hub } from "../core/db/connection.ts";
import { messageOf } from "../core/db/errors.ts";
import { posts } from "../core/db/schema.ts";
import { readSetting, settingTimeSql, writeSetting } from "../core/db/settings.ts";
import type { Engine } from "../core/engine.ts";
import { embeddedEngine } from "./embedded.ts";
import { noteRun, readRunRow } from "./trigger.ts";
import type { TriggerApi } from "./trigger-api.ts";

const ENGINE_SETTING = "engine";
const BATCH = 200;

/** The engine that was last chosen for this hub; null when none was. */
export async function hubEngine(hub: Hub): Promise<Engine["name"] | null> {
  const value = await readSetting(hub.db, ENGINE_SETTING);
  return value === "trigger" || value === "embedded" ? value : null;
}

/** When it was chosen, by the hub's clock, as a part of another statement. */
export const engineChosenAt = settingTimeSql(ENGINE_SETTING);

export async function setHubEngine(hub: Hub, name: Engine["name"]): Promise<void> {
  await writeSetting(hub.db, ENGINE_SETTING, name);
}

export interface Handed {
  /** Posts that wait for their time. */
  waiting: number;
  /** How many of them the new engine runs now; its watchdog takes the rest. */
  known: number;
}

/** Gives every waiting post a run at Trigger.dev and takes its embedded job away. */
export async function handToTrigger(hub: Hub, trigger: Engine, embedded: Engine = embeddedEngine): Promise<Handed> {
  const handed: Handed = { waiting: 0, known: 0 };
  for await (const id of waitingPosts(hub)) {
    handed.waiting++;
    await trigger.reconcile(hub, id);
    await hub.db.transaction((tx) => embedded.cancel(tx, id));
    const row = await readRunRow(hub, id);
    if (row?.wantedAt === null || row?.scheduledFor?.getTime() === row?.wantedAt?.getTime()) handed.known++;
  }
  return handed;
}

/** Gives every waiting post an embedded job and cancels its run at Trigger.dev. */
export async function handToEmbedded(
  hub: Hub,
  api: TriggerApi,
  onError: (message: string) => void,
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
    const row = await readRunRow(hub, id);
    if (!row?.runId || !row.scheduledFor) continue;
    try {
      await api.cancel(row.runId);
      await noteRun(hub, id, row, { runId: row.runId, scheduledFor: null });
    } catch (error) {
      // A run that stays comes to a hub of another engine and does nothing.
      onError(messageOf(error));
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
