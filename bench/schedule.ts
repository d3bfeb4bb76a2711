/**
 * How late posts begin, measured at the embedded engine: from a post's due time to the moment its wake-up reaches the
 * code that publishes. What follows, X's own answer above all, is the same for every engine.
 *
 * Alone: `bun bench/schedule.ts [--json]`. It fills a hub of its own with a million future posts, which takes about a
 * minute, and keeps one worker in a process of its own busy with a thousand that fall due within one second.
 */

import { loadavg } from "node:os";
import { join } from "node:path";
import { PROJECT_DIR } from "../src/core/utils/env.ts";
import { testHub } from "../src/testing/hub.ts";
import { type BenchResult, printResult } from "./_print.ts";

const FEW = 10_000;
const MANY = 1_000_000;
const DUE = 1_000;
const ROUNDS = 5;
const SINGLES = 200;
const SINGLE_GAP_MS = 60;
/** Until the first is due, so that all are stored before. */
const LEAD_MS = 2_500;
const IDLE_MS = 20_000;
/** The disk settles after the bulk. */
const QUIET_MS = 8_000;

type TestHub = Awaited<ReturnType<typeof testHub>>;

/** Measures the lateness of wake-ups; see the issue on scheduling for the goals. */
export async function run(options: { json?: boolean } = {}): Promise<BenchResult> {
  const note = (text: string) => options.json || process.stderr.write(`  ${text}\n`);
  note(`filling one hub with ${FEW} future posts, another with ${MANY}`);
  const small = await openStage(FEW);
  const large = await openStage(MANY);
  try {
    await Bun.sleep(QUIET_MS);
    // The two take turns, so that a busy machine is busy for both.
    const few: number[][] = [];
    const many: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const turns = [
        async () => few.push(await dueInOneSecond(small, round)),
        async () => many.push(await dueInOneSecond(large, round)),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    }
    for (const [name, all] of Object.entries({ few, many })) {
      note(`${name}: medians of the rounds ${all.map((values) => quantile(values, 0.5).toFixed(1)).join(", ")} ms`);
    }
    note("one at a time");
    const singles = await oneAtATime(large);
    note("nothing due");
    const idle = await idling(large.worker);
    const load = loadavg().map((value) => value.toFixed(1));
    note(`load of the machine ${load.join(" ")}`);
    return {
      bench: "schedule",
      figures: [
        { name: "latenessP50Ms", value: quantile(many.flat(), 0.5), goal: 50, better: "lower" },
        { name: "latenessP99Ms", value: quantile(many.flat(), 0.99), goal: 500, better: "lower" },
        // Of the best rounds, for another process on the machine slows a round by more than what is measured.
        { name: "growthRatio", value: best(many) / best(few), goal: 1.2, better: "lower" },
        { name: "singleLatenessP50Ms", value: quantile(singles, 0.5), goal: 10, better: "lower" },
        { name: "singleLatenessP99Ms", value: quantile(singles, 0.99), better: "lower" },
        { name: "idleQueriesPerMinute", value: idle.queriesPerMinute, better: "lower" },
        { name: "idleCpuPercent", value: idle.cpuPercent, better: "lower" },
      ],
    };
  } finally {
    await small.close();
    await large.close();
  }
}

// --- internal ---

/** A hub with that many future posts, and a worker on it. */
interface Stage extends TestHub {
  worker: Meter;
  close(): Promise<void>;
}

async function openStage(count: number): Promise<Stage> {
  const place = await testHub({ max: 6 });
  await place.hub.pool.query(`insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
    values ('bench', '1', 'bench', 'Bench', now(), now())`);
  await fill(place, 0, count);
  const worker = await startMeter(place.url);
  return {
    ...place,
    worker,
    async close() {
      await worker.stop();
      await place.drop();
    },
  };
}

/**
 * Future posts from number `from` to `to`, over the next year, each with its job. Written past guards and functions, in
 * bulk, for a million by the front door take ten minutes; the rows are the same.
 */
async function fill({ hub }: TestHub, from: number, to: number): Promise<void> {
  const { pool } = hub;
  await addJobs(hub, "none"); // So that graphile knows the task by number.
  await pool.query("alter table psn.posts disable trigger user");
  await insertPosts(hub, "future", [from, to], "now() + interval '1 day' + n * interval '31 seconds'", "scheduled");
  await pool.query("alter table psn.posts enable trigger user");
  await pool.query(
    `insert into graphile_worker._private_jobs (task_id, payload, run_at, max_attempts, key)
     select tasks.id, json_build_object('postId', 'future' || n, 'scheduleVersion', 1), posts.due_at, 1000, 'post:future' || n
     from generate_series($1::int, $2::int - 1) as n
     join psn.posts as posts on posts.id = 'future' || n
     join graphile_worker._private_tasks as tasks on tasks.identifier = 'psn_publish'`,
    [from, to],
  );
  await pool.query("vacuum analyze psn.posts");
  await pool.query("vacuum analyze graphile_worker._private_jobs");
  // Writing the bulk to disk is over before the stopwatch starts.
  await pool.query("checkpoint");
}

async function insertPosts(
  hub: TestHub["hub"],
  name: string,
  [from, to]: [number, number],
  due: string,
  status: "draft" | "scheduled" = "draft",
): Promise<void> {
  await hub.pool.query(
    `insert into psn.posts (id, account_id, content, status, approved_hash, scheduled_at, due_at, schedule_version, created_at, updated_at)
     select $1 || n, 'bench', 'A post', $4, 'h', ${due}, ${due}, 1, now(), now()
     from generate_series($2::int, $3::int - 1) as n`,
    [name, from, to, status],
  );
}

/** A thousand posts, one due in every millisecond. @returns how late each began, in ms */
async function dueInOneSecond({ hub, worker }: Stage, round: number): Promise<number[]> {
  const name = `round${round}x`;
  const firstMs = Date.now() + LEAD_MS;
  await insertPosts(hub, name, [0, DUE], `to_timestamp(${firstMs}::float8 / 1000) + n * interval '1 millisecond'`);
  await hub.pool.query("update psn.posts set status = 'scheduled' where id like $1 || '%'", [name]);
  await addJobs(hub, name);
  const began = await worker.collect(name, DUE);
  const late = [...began].map(([id, atMs]) => atMs - (firstMs + Number(id.slice(name.length))));
  await tidy(hub, name);
  return late;
}

async function oneAtATime({ hub, worker }: Stage): Promise<number[]> {
  const name = "single";
  const firstMs = Date.now() + LEAD_MS;
  await insertPosts(
    hub,
    name,
    [0, SINGLES],
    `to_timestamp(${firstMs}::float8 / 1000) + n * interval '${SINGLE_GAP_MS} milliseconds'`,
  );
  await hub.pool.query("update psn.posts set status = 'scheduled' where id like $1 || '%'", [name]);
  await addJobs(hub, name);
  const began = await worker.collect(name, SINGLES);
  const late = [...began].map(([id, atMs]) => atMs - (firstMs + Number(id.slice(name.length)) * SINGLE_GAP_MS));
  await tidy(hub, name);
  return late;
}

async function addJobs(hub: TestHub["hub"], name: string): Promise<void> {
  await hub.pool.query(
    `select count(graphile_worker.add_job('psn_publish', json_build_object('postId', id, 'scheduleVersion', 1), run_at => due_at,
       max_attempts => 1000, job_key => 'post:' || id)) from psn.posts where id like $1 || '%'`,
    [name],
  );
}

/** What was published is out of the way of the next round, as it would be. */
async function tidy(hub: TestHub["hub"], name: string): Promise<void> {
  await hub.pool.query("update psn.posts set status = 'draft', due_at = null where id like $1 || '%'", [name]);
  await Bun.sleep(500);
}

async function idling(worker: Meter): Promise<{ queriesPerMinute: number; cpuPercent: number }> {
  await Bun.sleep(2_000);
  const before = await worker.spent();
  await Bun.sleep(IDLE_MS);
  const after = await worker.spent();
  return {
    queriesPerMinute: ((after.queries - before.queries) * 60_000) / IDLE_MS,
    cpuPercent: ((after.cpuMs - before.cpuMs) / IDLE_MS) * 100,
  };
}

interface Spent {
  cpuMs: number;
  queries: number;
}

/** A worker in a process of its own, which reports the moment at which each wake-up arrives. */
interface Meter {
  collect(name: string, count: number): Promise<Map<string, number>>;
  spent(): Promise<Spent>;
  stop(): Promise<void>;
}

async function startMeter(url: string): Promise<Meter> {
  const began = new Map<string, number>();
  let spent: Spent | null = null;
  let isReady = false;
  const child = Bun.spawn([process.execPath, join(PROJECT_DIR, "bench", "_schedule-worker.ts"), url], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    ipc(message: { ready?: true; began?: [string, number][]; spent?: Spent }) {
      if (message.ready) isReady = true;
      for (const [id, atMs] of message.began ?? []) began.set(id, atMs);
      if (message.spent) spent = message.spent;
    },
  });
  const until = async (is: () => boolean, ms: number, what: string) => {
    const end = Date.now() + ms;
    while (!is()) {
      if (Date.now() > end) throw new Error(what);
      await Bun.sleep(25);
    }
  };
  await until(() => isReady, 30_000, "the worker did not become ready");
  return {
    async collect(name, count) {
      const mine = () => [...began].filter(([id]) => id.startsWith(name));
      await until(() => mine().length >= count, 60_000, `only ${mine().length} of ${count} began`);
      return new Map(mine());
    },
    async spent() {
      spent = null;
      child.send("spent");
      await until(() => spent !== null, 5_000, "the worker does not answer");
      return spent as unknown as Spent;
    },
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

const best = (all: readonly number[][]) => Math.min(...all.map((values) => quantile(values, 0.5)));

if (import.meta.main)
  printResult(await run({ json: process.argv.includes("--json") }), process.argv.includes("--json"));
