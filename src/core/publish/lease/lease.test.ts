/** Leases on a real hub: given, renewed and waited for, many at once. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { until } from "../../../testing/wait.ts";
import type { Hub } from "../../db/connection.ts";
import { LEASE_MS, type Lease } from "../../post/lease.ts";
import { HEARTBEAT_MS, renewLease } from "./heartbeat.ts";
import { takeLease } from "./take.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function taken(postId: string): Promise<Lease> {
  const { root } = await stage.post(postId);
  const { scheduleVersion } = root;
  const answer = await takeLease(stage.hub, { postId, scheduleVersion, owner: "worker", graceMs: 3_600_000 });
  if (answer.kind !== "lease") throw new Error(`expected a lease, got ${answer.kind}`);
  return answer.lease;
}

/** Somebody who holds the row of a post until they let it go. */
async function holding(postId: string): Promise<{ release(): Promise<void> }> {
  const author = await stage.hub.pool.connect();
  await author.query("begin");
  await author.query("select from psn.posts where id = $1 for update", [postId]);
  return {
    async release() {
      await author.query("rollback");
      author.release();
    },
  };
}

async function isWaitedFor(): Promise<void> {
  await until(async () => {
    const { rows } = await stage.hub.pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows.length > 0;
  });
}

test("many leases are renewed at once, and a row that somebody holds keeps only its own waiting", async () => {
  const leases: Lease[] = [];
  for (let index = 0; index < 6; index++) leases.push(await taken(await stage.due([`beat ${index}`])));
  await stage.pass(4_000);
  const [held, ...others] = leases;
  if (!held) throw new Error("six leases were taken");
  const author = await holding(held.postId);
  const answers: boolean[] = [];
  const late = renewLease(stage.hub, held).then((answer) => answers.push(answer));
  const gone = { ...held, postId: "nobody" };
  expect(await Promise.all([...others, gone].map((lease) => renewLease(stage.hub, lease)))).toEqual([
    ...others.map(() => true),
    false,
  ]);
  expect(answers).toEqual([]);
  await author.release();
  await late;
  expect(answers).toEqual([true]);
  const { rows } = await stage.hub.pool.query(
    "select min(lease_expires_at) > psn.now() + interval '8 seconds' as fresh from psn.posts where id = any($1)",
    [leases.map(({ postId }) => postId)],
  );
  expect(rows[0].fresh).toBe(true);
});

test("a lease whose row was waited for is whole when it comes", async () => {
  const postId = await stage.due(["Held by its author for long"]);
  const author = await holding(postId);
  const lease = taken(postId);
  await isWaitedFor();
  await stage.pass(8_000);
  await author.release();
  await lease;
  const { rows } = await stage.hub.pool.query(
    "select extract(epoch from lease_expires_at - psn.now()) * 1000 as left_ms from psn.posts where id = $1",
    [postId],
  );
  expect(Number(rows[0].left_ms)).toBeGreaterThan(LEASE_MS - 5_000);
});

test("one lease is given to one of many that ask, and history says who has it", async () => {
  const postId = await stage.due(["Wanted by many"]);
  const { root } = await stage.post(postId);
  const asked = Array.from({ length: 8 }, (_, index) =>
    takeLease(stage.hub, { postId, scheduleVersion: root.scheduleVersion, owner: `w${index}`, graceMs: 3_600_000 }),
  );
  const kinds = (await Promise.all(asked)).map(({ kind }) => kind).sort();
  expect(kinds).toEqual(["lease", ...Array(7).fill("not_ours")]);
  expect((await stage.life(postId)).kinds.filter((kind) => kind === "leased")).toHaveLength(1);
});

test("a renewal that hangs is given up within a heartbeat, so that the next one takes another connection", async () => {
  // A connection that answers nothing; the driver bounds the wait as it is asked to.
  const query = async ({ query_timeout: ms }: { query_timeout?: number }) => {
    if (ms === undefined || ms > HEARTBEAT_MS) return await new Promise<never>(() => {});
    throw new Error("Query read timeout");
  };
  const hub = { keepsPlans: true, pool: { query } } as unknown as Hub;
  const lease = { postId: "post", owner: "worker", fencing: 1 };
  expect(await renewLease(hub, lease).catch((error: Error) => error.message)).toBe("Query read timeout");
});
