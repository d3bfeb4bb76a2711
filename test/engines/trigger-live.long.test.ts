/**
 * The round trip through Trigger.dev, end to end. `npm run test:trigger` runs it on a real server, as docs/trigger.md
 * tells; without PSN_TRIGGER_LIVE the same tests run on the stub, with its crons played by a timer. A test's name says
 * which of the two it was.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { type App, openApp } from "../../src/cli/_app.ts";
import { loadPost } from "../../src/core/posts/read.ts";
import { approvePost, cancelPost, createPost, retryPost, schedulePost, takeNow } from "../../src/core/posts/write.ts";
import { publishNow } from "../../src/core/publish/publish.ts";
import { loadKeysEnv } from "../../src/core/utils/env.ts";
import { TRIGGER_CLOUD_URL, triggerApi } from "../../src/engines/trigger-api.ts";
import { watchOver } from "../../src/engines/trigger-watch.ts";
import { openEngineStage } from "./stage.ts";
import { manifests } from "./trigger-tasks.ts";

const isLive = Boolean(process.env.PSN_TRIGGER_LIVE);
/** Waits for a tick of the half-hourly cron, too. */
const isLong = process.env.PSN_TRIGGER_LIVE === "long";
const where = isLive ? "a real server" : "the stub";
const PATIENCE_MS = isLive ? 180_000 : 90_000;
/** A real server's run starts cold, and its watchdog comes once a minute. */
const pace = isLive
  ? { soonMs: 5_000, laterMs: 20_000, deadMs: 9_000, resetSecs: 40, unheardMs: 70_000 }
  : { soonMs: 600, laterMs: 1_500, deadMs: 1_500, resetSecs: 2, unheardMs: 1_500 };
const STUB_WATCHDOG_MS = 1_000;

let app: App;
let sandboxUrl = "";
let close: () => Promise<void> = async () => {};
beforeAll(async () => {
  if (!isLive) return await openStub();
  const keys = await loadKeysEnv();
  if (keys.isRealX) throw new Error("X_API_BASE_URL is X itself; this test posts, so it wants the sandbox");
  sandboxUrl = keys.apiBaseUrl;
  app = await openApp({ env: { ...process.env, PSN_ENGINE: "trigger" } });
  close = () => app.close();
  if (!app.hubEnv.trigger.secretKey) throw new Error("PSN_TRIGGER_LIVE is set, and TRIGGER_SECRET_KEY is not");
});
afterAll(() => close());

async function openStub(): Promise<void> {
  const stage = await openEngineStage("trigger");
  app = stage.app;
  sandboxUrl = stage.home.sandbox.url;
  if (!stage.stub) throw new Error("no stub");
  stage.stub.crons = manifests().flatMap(({ id, schedule }) => (schedule ? [{ task: id, cron: schedule.cron }] : []));
  // Not as a task: the SDK's test context runs one at a time, and a watch stays while posts are publishing.
  const deps = await app.publishDeps();
  let ticking: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    ticking = watchOver(deps, app.engine).catch(() => {});
  }, STUB_WATCHDOG_MS);
  close = async () => {
    clearInterval(timer);
    await ticking;
    await stage.close();
  };
}

/** A call that the engine itself does not need, on Trigger.dev's REST API. */
async function rest<T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<T> {
  const { apiUrl = TRIGGER_CLOUD_URL, secretKey } = app.hubEnv.trigger;
  const response = await fetch(`${apiUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return schema.parse(await response.json());
}

const mark = Date.now().toString(36);
const draft = async (...texts: string[]) => {
  const { rows } = await app.hub.pool.query("select id from psn.accounts limit 1");
  const tweets = texts.map((text) => ({ text: `${mark} ${text}`, separatorAfter: "", media: [] }));
  const source = tweets.map(({ text }) => text).join("\n");
  const { postId } = await createPost(app.hub, { accountId: rows[0].id, source, tweets });
  await approvePost(app.hub, postId);
  return postId;
};
const schedule = async (id: string, inMs: number, engine = app.engine) => {
  const at = new Date(Date.now() + inMs);
  await schedulePost(app.hub, engine, id, { at, timezone: "UTC" });
  return at;
};
const root = async (id: string) => (await loadPost(app.hub.db, id)).root;
const until = async (id: string, status: string) => {
  const end = Date.now() + PATIENCE_MS - 5_000;
  for (;;) {
    const post = await root(id);
    if (post.status === status) return post;
    if (Date.now() > end) throw new Error(`post ${id} is ${post.status} (${post.subStatus}), not ${status}`);
    await Bun.sleep(isLive ? 500 : 20);
  }
};
const copies = async (text: string) => {
  const state = (await (await fetch(`${sandboxUrl}/sandbox/state`)).json()) as {
    accounts: Record<string, { posts: { text: string }[] }>;
  };
  const texts = Object.values(state.accounts).flatMap((account) => account.posts.map((post) => post.text));
  return texts.filter((posted) => posted === `${mark} ${text}`).length;
};
const fault = async (kind: Record<string, unknown>, text: string) => {
  const match = { method: "POST", path: "/2/tweets", bodyIncludes: `${mark} ${text}` };
  const response = await fetch(`${sandboxUrl}/sandbox/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...kind, match, times: 1 }),
  });
  expect(response.status).toBeLessThan(300);
};
/** An engine that dies before it has told Trigger.dev: only the watchdog can find the post. */
const dying = () => ({ ...app.engine, reconcile: async () => {} });
const runState = async (runId: string | null) => await triggerApi(app.hubEnv.trigger).status(runId ?? "");

const on = (name: string, act: () => Promise<void>, ms = PATIENCE_MS) => test(`on ${where}: ${name}`, act, ms);

on("schedule", async () => {
  const id = await draft("scheduled");
  const at = await schedule(id, pace.soonMs + 1_000);
  const post = await until(id, "published");
  expect((post.publishedAt?.getTime() ?? 0) - at.getTime()).toBeGreaterThanOrEqual(0);
  expect(await copies("scheduled")).toBe(1);
});

on("reschedule: earlier, and later", async () => {
  const [earlier, later] = [await draft("earlier"), await draft("later")];
  await schedule(earlier, 3_600_000);
  await schedule(later, pace.soonMs);
  await schedule(earlier, pace.soonMs);
  const at = await schedule(later, pace.laterMs);
  await until(earlier, "published");
  const post = await until(later, "published");
  expect((post.publishedAt?.getTime() ?? 0) - at.getTime()).toBeGreaterThanOrEqual(0);
  expect([await copies("earlier"), await copies("later")]).toEqual([1, 1]);
});

on("cancel: the run is cancelled too, and nothing goes out", async () => {
  const id = await draft("cancelled");
  await schedule(id, pace.soonMs);
  const { triggerRunId } = await root(id);
  await cancelPost(app.hub, app.engine, id);
  await Bun.sleep(pace.deadMs);
  expect((await root(id)).status).toBe("draft");
  expect(await copies("cancelled")).toBe(0);
  expect(await runState(triggerRunId)).toBe("CANCELED");
});

on("now: published here, its run does nothing", async () => {
  const id = await draft("now");
  await schedule(id, pace.soonMs);
  const deps = await app.publishDeps();
  await publishNow(deps, await takeNow(app.hub, app.engine, id, deps.workerId));
  await Bun.sleep(pace.deadMs);
  expect(await copies("now")).toBe(1);
});

on("a thread that meets a rate limit waits and goes on, with what it had kept", async () => {
  await app.hub.pool.query("delete from psn.rate_limits");
  await fault({ kind: "rate_limited", resetSecs: pace.resetSecs }, "limited 2");
  await fault({ kind: "drop_after" }, "limited 3");
  const id = await draft("limited 1", "limited 2", "limited 3");
  await schedule(id, pace.soonMs);
  const resting = await until(id, "retry");
  expect([resting.subStatus, resting.platformPostIds.length, resting.retryCount]).toEqual(["rate_limited", 1, 0]);
  const post = await until(id, "published");
  expect(post.platformPostIds.length).toBe(3);
  for (const part of [1, 2, 3]) expect(await copies(`limited ${part}`)).toBe(1);
});

on("retry: a post that X refused goes out when its author says so", async () => {
  await fault({ kind: "status", status: 403, body: { title: "Forbidden", detail: "not permitted" } }, "retried");
  const id = await draft("retried");
  await schedule(id, pace.soonMs);
  await until(id, "failed");
  await retryPost(app.hub, app.engine, id);
  await until(id, "published");
  expect(await copies("retried")).toBe(1);
});

on("cron: both schedules are registered and active, at their times", async () => {
  const list = z.object({
    data: z.array(
      z.object({
        task: z.string(),
        active: z.boolean(),
        generator: z.object({ expression: z.string() }),
        nextRun: z.coerce.date().nullish(),
      }),
    ),
  });
  const { data } = await rest(list, "/api/v1/schedules");
  const active = data.filter((entry) => entry.active).map((entry) => [entry.task, entry.generator.expression]);
  expect(active).toContainEqual(["watchdog", "* * * * *"]);
  expect(active).toContainEqual(["token-refresher", "*/30 * * * *"]);
  const next = data.find((entry) => entry.task === "watchdog")?.nextRun;
  if (next) expect(next.getTime() - Date.now()).toBeLessThan(120_000);
});

on("cron: the watchdog comes by itself and finds a post that Trigger.dev never heard of", async () => {
  const id = await draft("unheard of");
  await schedule(id, pace.unheardMs, dying());
  await until(id, "published");
  expect(await copies("unheard of")).toBe(1);
});

on(
  "scenario 20, cron: of two posts missed by hours one goes at once, the other has a run in five minutes",
  async () => {
    const ids = [await draft("missed 1"), await draft("missed 2")];
    for (const [index, id] of ids.entries()) await schedule(id, 3_600_000 + index * 1_000, dying());
    const [first = "", second = ""] = ids;
    await app.hub.pool.query("update psn.hub_settings set value = to_jsonb(now()) where key = 'awake'");
    await app.hub.pool.query(
      `update psn.posts set scheduled_at = scheduled_at - interval '3 hours', due_at = due_at - interval '3 hours'
     where id = any($1)`,
      [ids],
    );
    await until(first, "published");
    const resting = await until(second, "retry");
    const inMs = (resting.dueAt?.getTime() ?? 0) - Date.now();
    expect([resting.subStatus, Math.round(inMs / 60_000)]).toEqual(["catching_up", 5]);
    const end = Date.now() + PATIENCE_MS / 2;
    while ((await runState((await root(second)).triggerRunId)) !== "DELAYED" && Date.now() < end) await Bun.sleep(200);
    expect(await runState((await root(second)).triggerRunId)).toBe("DELAYED");
    await cancelPost(app.hub, app.engine, second);
  },
);

const agesSoon = () => app.hub.pool.query("update psn.oauth_tokens set expires_at = now() + interval '10 minutes'");
const isFresh = async () => {
  const { rows } = await app.hub.pool.query(
    "select bool_and(expires_at > now() + interval '1 hour') as fresh from psn.oauth_tokens",
  );
  return rows[0].fresh as boolean;
};

on("cron: the token refresher runs there and refreshes what ends soon", async () => {
  await agesSoon();
  const started = await rest(z.object({ id: z.string() }), "/api/v1/tasks/token-refresher/trigger", {
    payload: JSON.stringify({ json: {} }),
    options: { payloadType: "application/super+json" },
  });
  const end = Date.now() + PATIENCE_MS - 5_000;
  while (!(await isFresh())) {
    if (Date.now() > end) throw new Error(`run ${started.id} is ${await runState(started.id)}, the token is old`);
    await Bun.sleep(isLive ? 500 : 20);
  }
  expect(await isFresh()).toBe(true);
});

test.skipIf(!isLong)(
  `on ${where}: cron: the token refresher comes by itself within the half hour (PSN_TRIGGER_LIVE=long)`,
  async () => {
    await agesSoon();
    const end = Date.now() + 32 * 60_000;
    while (!(await isFresh()) && Date.now() < end) await Bun.sleep(5_000);
    expect(await isFresh()).toBe(true);
  },
  33 * 60_000,
);
