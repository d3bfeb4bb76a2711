/** A post that begins with everything at once: its lease and its first request are one statement. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { SANDBOX_CLIENT_ID } from "../../../sandbox/types.ts";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { keyFromHex, newKeyHex } from "../../utils/crypto.ts";
import { fingerprintOf, plainFingerprint } from "../attempts/attempts.ts";
import type { PublishDeps } from "../deps.ts";
import { LEASE_MS, type Lease, renewLease } from "../lease/lease.ts";
import { begin } from "./begin.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function begun(postId: string, worker: PublishDeps = stage.deps()) {
  const { root } = await stage.post(postId);
  const taken = await begin(worker, { postId, scheduleVersion: root.scheduleVersion });
  if (taken.kind !== "lease") throw new Error(`expected a lease, got ${taken.kind}`);
  return taken;
}

test("one tweet of text: the lease comes with its request written down, and two statements publish it", async () => {
  const postId = await stage.due(["All at once"]);
  const { pool } = stage.hub;
  const { query } = pool;
  const names: string[] = [];
  pool.query = ((...args: Parameters<typeof query>) => {
    names.push((args[0] as unknown as { name?: string }).name ?? "unnamed");
    return query.apply(pool, args);
  }) as typeof query;
  const result = await stage.run(postId).finally(() => {
    pool.query = query;
  });
  expect(result.kind).toBe("published");
  // The stage itself looks the post up first, with two statements that have no name.
  expect(names.filter((name) => name !== "unnamed")).toEqual(["psn_begin", "psn_record"]);
  const { kinds, outcomes } = await stage.life(postId);
  expect(outcomes).toEqual(["posted"]);
  expect(kinds.slice(-2)).toEqual(["leased", "published"]);
});

test("the request's fingerprint is the same, whoever writes it", async () => {
  for (const text of ["plain", "two\nlines\\n and \\ 'quotes'", "é 👩‍👩‍👧 ก็", ""]) {
    const { rows } = await stage.hub.db.execute<{ is: string }>(
      sql`select ${plainFingerprint(sql`${text}::text`)} as is`,
    );
    expect(rows[0]?.is).toBe(fingerprintOf(text, null, []));
  }
});

test("a worker that dies before its send leaves a request that is looked for, not repeated", async () => {
  const postId = await stage.due(["Died in between"]);
  const { begun: first } = await begun(postId);
  expect(first).toMatchObject({ tweet: { id: postId, content: "Died in between" } });
  expect((await stage.life(postId)).outcomes).toEqual([null]);
  const before = stage.sends();
  await stage.pass(LEASE_MS + 100);
  expect(await stage.run(postId)).toMatchObject({ kind: "resting", subStatus: "confirming" });
  expect(stage.sends()).toBe(before);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.sends()).toBe(before + 1);
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "posted"]);
});

test("asked to stop before the send: the request is crossed out, and the post is free at once", async () => {
  const postId = await stage.due(["Not today"]);
  expect(await stage.run(postId, stage.deps(), AbortSignal.abort())).toMatchObject({ kind: "resting" });
  expect((await stage.life(postId)).outcomes).toEqual(["not_sent"]);
  await stage.pass(10);
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["not_sent", "posted"]);
});

test("a token that does not open: the request is crossed out, and the key's trouble is told as ever", async () => {
  const postId = await stage.due(["Wrong key"]);
  const before = stage.sends();
  await stage.run(postId, stage.deps({ keyRing: [keyFromHex(newKeyHex())] }));
  expect(stage.sends()).toBe(before);
  const { outcomes, notes } = await stage.life(postId);
  expect(outcomes).toEqual(["not_sent"]);
  expect(notes.at(-1)).toMatch(/key/i);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
});

test("whatever is in the way is asked for step by step, and no request is written for it", async () => {
  const none = async (postId: string, worker?: PublishDeps) => {
    expect((await begun(postId, worker)).begun).toBeUndefined();
    expect((await stage.life(postId)).outcomes).toEqual([]);
  };
  const { pool } = stage.hub;
  await none(await stage.due(["A thread", "of two"]));

  const waiting = await stage.signIn("not_at_once");
  const due = (text: string) => stage.due([text], { account: waiting });
  await pool.query("update psn.oauth_tokens set expires_at = psn.now() + interval '1 minute' where account_id = $1", [
    waiting.id,
  ]);
  await none(await due("Token nearly over"));
  await pool.query("update psn.oauth_tokens set expires_at = psn.now() + interval '2 hours' where account_id = $1", [
    waiting.id,
  ]);

  const set = (metadata: object) =>
    pool.query("update psn.oauth_tokens set metadata = $2 where account_id = $1", [waiting.id, metadata]);
  await set({ requiresReauth: true });
  await none(await due("Signed out"));
  await set({ apiHost: "api.x.com" });
  await none(await due("Signed in elsewhere"), stage.deps({ apiHost: "localhost" }));
  await set({});

  const limit = [waiting.id, "create", "15min"];
  await pool.query(
    "insert into psn.rate_limits values ($1, $2, $3, 100, 0, psn.now() + interval '5 minutes', psn.now())",
    limit,
  );
  await none(await due("Limit closed"));
  await pool.query("delete from psn.rate_limits where account_id = $1", [waiting.id]);

  await pool.query("insert into psn.app_holds values ($1, 'credits', 'No credits.', psn.now())", [SANDBOX_CLIENT_ID]);
  await none(await due("App held"));
  expect((await begun(await due("Another app"), stage.deps({ clientId: "another app" }))).begun).toBeDefined();
  await pool.query("delete from psn.app_holds");

  expect((await begun(await due("Nothing in the way"))).begun).toBeDefined();
});

test("many leases are renewed together, and a row that somebody holds keeps only its own waiting", async () => {
  const leases: Lease[] = [];
  for (let index = 0; index < 6; index++) leases.push((await begun(await stage.due([`beat ${index}`]))).lease);
  await stage.pass(4_000);
  const [held, ...others] = leases;
  if (!held) throw new Error("six leases were taken");
  const author = await stage.hub.pool.connect();
  await author.query("begin");
  await author.query("select from psn.posts where id = $1 for update", [held.postId]);
  const answers: boolean[] = [];
  const late = renewLease(stage.hub, held).then((answer) => answers.push(answer));
  const gone = { ...held, postId: "nobody" };
  expect(await Promise.all([...others, gone].map((lease) => renewLease(stage.hub, lease)))).toEqual([
    ...others.map(() => true),
    false,
  ]);
  expect(answers).toEqual([]);
  await author.query("rollback");
  author.release();
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
  const author = await stage.hub.pool.connect();
  await author.query("begin");
  await author.query("select from psn.posts where id = $1 for update", [postId]);
  const taken = begun(postId);
  await Bun.sleep(1_500);
  await author.query("rollback");
  author.release();
  await taken;
  const { rows } = await stage.hub.pool.query(
    "select extract(epoch from lease_expires_at - psn.now()) * 1000 as left_ms from psn.posts where id = $1",
    [postId],
  );
  expect(Number(rows[0].left_ms)).toBeGreaterThan(LEASE_MS - 1_000);
});

test("a renewal that hangs is given up within a heartbeat, so that it holds up no other for long", async () => {
  const { lease } = await begun(await stage.due(["Renewed on a dead line"]));
  const other = await stage.hub.pool.connect();
  await other.query("begin");
  await other.query("lock table psn.posts in access exclusive mode");
  const startedMs = performance.now();
  const answer = await renewLease(stage.hub, lease).catch((error: Error) => error.message);
  expect(answer).toBe("Query read timeout");
  expect(performance.now() - startedMs).toBeLessThan(LEASE_MS);
  await other.query("rollback");
  other.release();
  expect(await renewLease(stage.hub, lease)).toBe(true);
});
