/** Many posts at once: X's limits are shared through the hub, nothing is sent that is known to be refused, nobody starves. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { SANDBOX_HANDLE } from "../../sandbox/types.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { until } from "../../testing/wait.ts";

const LIMIT = 50;
const MANY = 200;
const OTHERS = 50;
const LANES = 8;
/** Far more than making all of them takes. */
const WHILE_MADE_MS = 60 * 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ settings: { limits: { "POST /2/tweets": { user15min: LIMIT } } }, poolMax: 16 });
});
afterAll(() => stage.close());

/** What the engine does: the posts that are due, the first first, on a few lanes. */
async function runDue(): Promise<number> {
  const { rows } = await stage.hub.pool.query(
    "select id from psn.posts where due_at <= psn.now() and status in ('scheduled', 'retry') order by due_at, id",
  );
  const queue = rows.map((row) => row.id as string).values();
  const worker = stage.deps();
  const lane = async () => {
    for (const id of queue) await stage.run(id, worker);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return rows.length;
}

test("scenario 10: 200 posts due in one minute on one account, and one each on 50 others: limits kept, first come first served", async () => {
  const many: string[] = [];
  for (let index = 0; index < MANY; index++)
    many.push(await stage.due([`crowd ${index}`], { inMs: WHILE_MADE_MS + index * 300 }));
  const others: string[] = [];
  for (let index = 0; index < OTHERS; index++) {
    const account = await stage.signIn(`crowd_${index}`);
    others.push(await stage.due([`other ${index}`], { account, inMs: WHILE_MADE_MS + 30_000 }));
  }
  // However long it took to make them: the last one is due now, and none is missed.
  const { rows: last } = await stage.hub.pool.query(
    "select extract(epoch from max(due_at) - psn.now()) * 1000 as ms from psn.posts where status = 'scheduled'",
  );
  await stage.pass(Number(last[0].ms) + 1_000);
  await runDue();
  for (const id of others) expect((await stage.post(id)).root.status).toBe("published");
  expect(stage.onX()).toHaveLength(LIMIT);

  const startMs = stage.clock.now().getTime();
  for (let round = 0; round < 40; round++) {
    const { rows } = await stage.hub.pool.query(
      "select extract(epoch from min(due_at) - psn.now()) * 1000 as ms from psn.posts where status = 'retry'",
    );
    if (rows[0].ms === null) break;
    // All that wait for the same reset come within a few seconds; a lane takes them in their order.
    await stage.pass(Math.max(0, Number(rows[0].ms)) + 5_000);
    await runDue();
  }
  const numbers = stage.onX(SANDBOX_HANDLE).map(({ text }) => Number(text.slice("crowd ".length)));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: MANY }, (_, index) => index));
  // When a post goes out, the earlier ones that do not yet are those on other lanes, and those that met the end of a window with them.
  for (const [place, number] of numbers.entries()) {
    expect(numbers.slice(place).filter((later) => later < number).length).toBeLessThanOrEqual(2 * LANES);
  }
  expect(stage.clock.now().getTime() - startMs).toBeLessThan(4 * 15 * 60_000);
  const { byStatus = {}, received = 0 } = stage.x.sandbox.report().counts["POST /2/tweets"] ?? {};
  // At the edge of a window as many as there are lanes may find the door closed at once; never a crowd.
  expect(byStatus[429] ?? 0).toBeLessThanOrEqual(4 * LANES);
  expect(received - (byStatus[429] ?? 0)).toBe(MANY + OTHERS);
});

test("many posts at once share statements, and one whose row is held keeps nobody else waiting", async () => {
  const account = await stage.signIn("in_batches");
  const ids: string[] = [];
  for (let index = 0; index < 24; index++) ids.push(await stage.due([`batched ${index}`], { account, inMs: 60_000 }));
  const alone = await stage.due(["alone"], { account, inMs: 60_000 });
  await stage.pass(61_000);
  const worker = stage.deps();
  const first = countStatements(stage.hub);
  expect((await stage.run(alone, worker)).kind).toBe("published");
  const ofOneAlone = first.stop();
  const held = ids[7] ?? "";
  const author = await stage.hub.pool.connect();
  await author.query("begin");
  await author.query("select 1 from psn.posts where id = $1 for update", [held]);
  const statements = countStatements(stage.hub);
  const outcomes = new Map(ids.map((id) => [id, stage.run(id, worker)]));
  const others = await Promise.all([...outcomes].flatMap(([id, outcome]) => (id === held ? [] : [outcome])));
  expect(others.map(({ kind }) => kind)).toEqual(others.map(() => "published"));
  expect((await stage.post(held)).root.status).toBe("scheduled");
  await author.query("rollback");
  author.release();
  expect((await outcomes.get(held))?.kind).toBe("published");
  // A busy machine brings fewer of them together at once: 136 to 173 statements were counted, where 24 alone take 264.
  expect(statements.stop()).toBeLessThan(0.8 * 24 * ofOneAlone);
  expect(stage.onX("in_batches")).toHaveLength(25);
});

test("a statement that hangs on a dead connection keeps no other post waiting", async () => {
  const account = await stage.signIn("dead_line");
  const [stuck = "", ...others] = [
    await stage.due(["its first statement hangs"], { account }),
    await stage.due(["goes on 1"], { account }),
    await stage.due(["goes on 2"], { account }),
  ];
  const { pool } = stage.hub;
  let isFirst = true;
  const query = (...args: Parameters<typeof pool.query>) => {
    const hangs = isFirst;
    isFirst = false;
    return hangs ? new Promise<never>(() => {}) : Reflect.apply(pool.query, pool, args);
  };
  const hub = { ...stage.hub, pool: Object.assign(Object.create(pool), { query }) };
  const worker = stage.deps({ hub });
  void stage.run(stuck, worker);
  await until(() => !isFirst);
  const results = await Promise.all(others.map((id) => stage.run(id, worker)));
  expect(results.map(({ kind }) => kind)).toEqual(["published", "published"]);
  expect((await stage.post(stuck)).root.status).toBe("scheduled");
});

/** Statements that the pool is asked for, but the looks of the test itself. */
function countStatements({ pool }: Stage["hub"]) {
  const before = pool.query;
  let count = 0;
  pool.query = ((...args: Parameters<typeof before>) => {
    count++;
    return before.apply(pool, args);
  }) as typeof before;
  return {
    stop: () => {
      pool.query = before;
      return count;
    },
  };
}
