/** Time that runs faster, in every process alike: five minutes of looking must fit into a test. */
import { sql } from "drizzle-orm";
import type { Clock } from "../../src/core/clock.ts";
import type { Hub } from "../../src/core/db/connection.ts";
import type { Engine } from "../../src/core/engine.ts";
import { embeddedEngine } from "../../src/engines/embedded.ts";

export interface Pace {
  baseMs: number;
  /** Seconds of the hub in a second of the wall. */
  scale: number;
}

const fastMs = ({ baseMs, scale }: Pace, realMs: number) => baseMs + (realMs - baseMs) * scale;

/** All waits are shorter, and all clocks faster. */
export function fastClock(pace: Pace): Clock {
  return {
    now: () => new Date(fastMs(pace, Date.now())),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms / pace.scale);
        signal?.addEventListener("abort", done, { once: true });
      }),
  };
}

/** The embedded engine; its job library knows only the wall's time. */
export function fastEngine(pace: Pace): Engine {
  return {
    ...embeddedEngine,
    async enqueue(tx, engineRun) {
      const at = new Date(pace.baseMs + (engineRun.at.getTime() - pace.baseMs) / pace.scale);
      await embeddedEngine.enqueue(tx, { ...engineRun, at });
    },
  };
}

/** Lets the hub's own clock run at that pace. */
export async function quicken(hub: Hub, pace: Pace): Promise<void> {
  const base = new Date(pace.baseMs).toISOString();
  const at = (time: string) => `select '${base}'::timestamptz + (${time} - '${base}'::timestamptz) * ${pace.scale}`;
  await hub.db.execute(
    sql.raw(`
    create or replace function psn.now() returns timestamptz
    language sql
    stable
    as $$ ${at("statement_timestamp()")} $$;
    create or replace function psn.clock() returns timestamptz
    language sql
    volatile
    as $$ ${at("clock_timestamp()")} $$;`),
  );
}
