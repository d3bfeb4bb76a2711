/** `psn setup --engine`: from the embedded engine to Trigger.dev and back, with posts waiting and media attached. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { timeComes } from "../../src/testing/time-comes.ts";
import { eventually } from "./posts.ts";
import { TriggerStub } from "./trigger-stub.ts";
import { runTask } from "./trigger-tasks.ts";
import { startWorkerProcess } from "./worker-stage.ts";

interface Answer {
  ready?: boolean;
  steps: { step: string; status: string; message: string; data?: Record<string, unknown> }[];
}

let home: TestHome;
let stub: TriggerStub;
let env: Env;
const ids: string[] = [];
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  stub = new TriggerStub();
  env = { ...home.env, TRIGGER_API_URL: stub.url };
});
afterAll(async () => {
  await stub.close();
  await home.close();
});

const setup = async (args: string[], more: Env = {}) => {
  const ran = await home.psnProcess(["setup", ...args], { env: { ...env, ...more } });
  const answer = ran.json as Answer;
  const step = answer?.steps.find((candidate) => candidate.step === "engine");
  if (!step) throw new Error(ran.stdout + ran.stderr);
  return step;
};
const key = { TRIGGER_SECRET_KEY: "tr_dev_stub" };
const jobs = async () =>
  (await home.hub.pool.query("select count(*)::int as n from graphile_worker.jobs where key like 'post:%'")).rows[0].n;
const chunks = async () => (await home.hub.pool.query("select count(*)::int as n from psn.media_chunks")).rows[0].n;
const deployed = (runEnv: Env) => {
  stub.onRun = (run) => runTask(run.task, run.payload, { runId: run.id, env: { ...runEnv, PSN_ENGINE: "trigger" } });
};

test("posts are scheduled on the embedded engine, one with an image", async () => {
  await writeFile(join(home.folder, "image.png"), tinyPng());
  for (const args of [["One."], ["Two.", "--media", "1:image.png", "--alt", "A square"], ["Three."]]) {
    const [text = "", ...more] = args;
    const made = await home.psnProcess(["post", "create", text, ...more, "--at", "in 3 hours"]);
    ids.push((made.json as { post: { id: string } }).post.id);
  }
  expect(await jobs()).toBe(3);
});

test("what is missing is asked for, what is wrong is told, and nothing is changed by it", async () => {
  const asked = await setup(["--engine", "trigger"]);
  expect(asked.status).toBe("need_input");
  expect(JSON.stringify(asked.data)).toContain("TRIGGER_SECRET_KEY");

  const refused = await setup(["--engine", "trigger"], { TRIGGER_SECRET_KEY: "tr_dev_wrong" });
  expect([refused.status, refused.data?.code]).toEqual(["failed", "TRIGGER_KEY_REFUSED"]);
  expect(JSON.stringify(refused)).not.toContain("tr_dev_wrong");
  expect(await readFile(join(home.folder, "config/hub.env"), "utf8").catch(() => "")).not.toContain("tr_dev_wrong");

  const away = await setup(["--engine", "trigger"], { ...key, TRIGGER_API_URL: "http://127.0.0.1:9" });
  expect([away.status, away.data?.code]).toEqual(["failed", "TRIGGER_UNREACHABLE"]);

  stub.isUndeployed = true;
  const undeployed = await setup(["--engine", "trigger"], key);
  expect([undeployed.status, undeployed.data?.runStatus]).toEqual(["need_input", "PENDING_VERSION"]);
  expect(undeployed.message).toContain("not deployed");
  stub.isUndeployed = false;

  deployed({ ...env, ...key, ENCRYPTION_KEY: newKeyHex() });
  const otherKey = await setup(["--engine", "trigger"], key);
  expect([otherKey.status, otherKey.data?.code]).toEqual(["failed", "TRIGGER_ENV_DIFFERS"]);

  // Refused with the input itself, before any step.
  const unknown = await home.psnProcess(["setup", "--engine", "steam"], { env });
  expect(unknown).toMatchObject({ code: 2, json: { error: { code: "USAGE" } } });
  expect(unknown.stdout).toContain("--engine takes one of embedded, trigger.");
  expect(await jobs()).toBe(3);
  expect((await setup([])).message).toContain("embedded");
});

test("an embedded hub cannot be handed to Trigger.dev, and is told how it can", async () => {
  const bare = { ...env, DATABASE_URL: "embedded", PSN_DATA_DIR: join(home.folder, "bare") };
  const step = await setup(["--engine", "trigger"], { ...bare, ...key });
  expect(step.data?.code).toBe("HUB_NOT_REACHABLE_FROM_TRIGGER");
  expect(step.data?.hint).toContain("psn hub move");
  await home.psnProcess(["hub", "stop"], { env: bare });
});

test("to Trigger.dev: every waiting post has a run and no job, media are where a run can read them", async () => {
  deployed({ ...env, ...key });
  const step = await setup(["--engine", "trigger"], key);
  expect(step.status, JSON.stringify(step)).toBe("success");
  expect(step.data).toMatchObject({ waiting: 3, known: 3, copied: 1, warnings: [] });
  expect(await jobs()).toBe(0);
  for (const id of ids) expect(stub.open(id).map((run) => run.status)).toEqual(["DELAYED"]);
  expect(await chunks()).toBe(1);

  // From now on without any variable: hub.env has it all.
  expect((await setup([])).message).toContain("Trigger.dev");
  const refused = await home.psnProcess(["worker"], { env });
  expect(refused.stdout).toContain("ENGINE_IS_TRIGGER");
  // Also where the configuration still says embedded.
  const stale = await home.psnProcess(["worker"], { env: { ...env, PSN_ENGINE: "embedded" } });
  expect(stale.stdout).toContain("ENGINE_IS_TRIGGER");

  await home.psnProcess(["post", "schedule", ids[1] ?? "", "--at", "in 1 hour"], { env });
  await timeComes(home.hub.pool, ids[1] ?? "");
  stub.timeComes(ids[1] ?? "");
  const onX = () => home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? [];
  await eventually(
    () => onX().length > 0,
    () => "nothing was sent",
  );
  expect(onX().map((post) => post.text)).toEqual(["Two."]);
});

test("again: nothing is doubled", async () => {
  const step = await setup(["--engine", "trigger"]);
  expect(step.data).toMatchObject({ waiting: 2, known: 2, copied: 0 });
  for (const id of [ids[0], ids[2]]) expect(stub.open(id ?? "").length).toBe(1);
});

test("and back: jobs instead of runs, media in the folder, a late run does nothing, a worker publishes", async () => {
  const [first = "", , third = ""] = ids;
  const [run] = stub.open(first);
  const step = await setup(["--engine", "embedded"]);
  expect(step.status, JSON.stringify(step)).toBe("success");
  expect(step.data).toMatchObject({ waiting: 2, known: 2 });
  expect(await jobs()).toBe(2);
  for (const id of ids) expect(stub.open(id)).toEqual([]);

  await home.hub.pool.query("update psn.posts set due_at = now() where id = $1", [first]);
  const ran = await runTask("publish-post", run?.payload, { runId: run?.id ?? "", env: { ...env, ...key } });
  expect(ran).toEqual({ kind: "not_ours", postId: first });
  expect(await runTask("watchdog", {}, { runId: "run_w", env: { ...env, ...key } })).toBe(null);

  const worker = startWorkerProcess(env);
  await home.psnProcess(["post", "schedule", third, "--at", "in 1 hour"], { env });
  await timeComes(home.hub.pool, third);
  const status = async () =>
    (await home.hub.pool.query("select status from psn.posts where id = $1", [third])).rows[0].status;
  await eventually(
    async () => (await status()) === "published",
    async () => `the post is ${await status()}`,
  );
  await worker.stop();
});
