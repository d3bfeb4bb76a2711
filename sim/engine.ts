/** The engine of the simulation: a table of runs in the hub. Some get lost, and some old ones come all the same. */
import { sql } from "drizzle-orm";
import type { Hub } from "../src/core/db/connection.ts";
import type { Engine, EngineRun } from "../src/core/engine.ts";
import type { Prng } from "./prng.ts";

export interface SimEngine extends Engine {
  /** The next run that is due, taken out; a process that dies with it has lost it. */
  take(hub: Hub): Promise<{ postId: string; scheduleVersion: number } | null>;
}

export const ENGINE_TABLE = `
  create schema psn_sim;
  create unlogged table psn_sim.jobs (
    key text primary key,
    post_id text not null,
    version integer not null,
    at timestamptz not null
  );`;

export function simEngine(
  prng: Prng,
  wrong: { losesRuns: number; keepsOldOnes: number },
  /** A job was added, as Postgres tells all workers. */
  notify: () => void,
): SimEngine {
  const put = (tx: Parameters<Engine["enqueue"]>[0], key: string, { postId, scheduleVersion, at }: EngineRun) =>
    tx.execute(sql`
      insert into psn_sim.jobs (key, post_id, version, at)
      values (${key}, ${postId}, ${scheduleVersion}, ${at.toISOString()})
      on conflict (key) do update set version = excluded.version, at = excluded.at`);
  return {
    name: "embedded",
    async enqueue(tx, engineRun) {
      notify();
      if (prng.is(wrong.losesRuns)) return;
      await put(tx, engineRun.postId, engineRun);
      if (prng.is(wrong.keepsOldOnes)) await put(tx, `${engineRun.postId} old ${engineRun.scheduleVersion}`, engineRun);
    },
    async cancel(tx, postId) {
      await tx.execute(sql`delete from psn_sim.jobs where key = ${postId}`);
    },
    async reconcile() {},
    async take(hub) {
      const { rows } = await hub.db.execute<{ post_id: string; version: number }>(sql`
        delete from psn_sim.jobs
        where key = (select key from psn_sim.jobs where at <= psn.now() order by at, key limit 1)
        returning post_id, version`);
      const [row] = rows;
      return row ? { postId: row.post_id, scheduleVersion: row.version } : null;
    },
  };
}
