/**
 * The round trip on a real Trigger.dev: `npm run test:trigger`, as docs/trigger.md tells. It needs a deployed or running
 * worker, a hub that the worker reaches, and the sandbox instead of X; without them it is skipped.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type App, openApp } from "../../src/cli/_app.ts";
import { loadPost } from "../../src/core/posts/read.ts";
import { approvePost, cancelPost, createPost, retryPost, schedulePost, takeNow } from "../../src/core/posts/write.ts";
import { publishNow } from "../../src/core/publish/now.ts";
import { loadKeysEnv } from "../../src/core/utils/env.ts";
import { triggerApi } from "../../src/engines/trigger-api.ts";

const isThere = Boolean(process.env.TRIGGER_API_URL && process.env.TRIGGER_SECRET_KEY && process.env.PSN_TRIGGER_LIVE);
const live = test.skipIf(!isThere);
const PATIENCE_MS = 180_000;

let app: App;
let sandboxUrl = "";
beforeAll(async () => {
  if (!isThere) return;
  const keys = await loadKeysEnv();
  if (keys.isRealX) throw new Error("X_API_BASE_URL is X itself; this test posts, so it wants the sandbox");
  sandboxUrl = keys.apiBaseUrl;
  app = await openApp({ env: { ...process.env, PSN_ENGINE: "trigger" } });
});
afterAll(async () => {
  if (isThere) await app.close();
});

const mark = Date.now().toString(36);
const draft = async (...texts: string[]) => {
  const { rows } = await app.hub.pool.query("select id from psn.accounts limit 1");
  const tweets = texts.map((text) => ({ text: `${mark} ${text}`, separatorAfter: "", media: [] }));
  const source = tweets.map(({ text }) => text).join("\n");
  const { postId } = await createPost(app.hub, { accountId: rows[0].id, source, tweets });
  await approvePost(app.hub, postId);
  return postId;
};
const schedule = async (id: string, inMs: number) => {
  const at = new Date(Date.now() + inMs);
  await schedulePost(app.hub, app.engine, id, { at, timezone: "UTC" });
  return at;
};
const root = async (id: string) => (await loadPost(app.hub.db, id)).root;
const until = async (id: string, status: string) => {
  const end = Date.now() + PATIENCE_MS - 10_000;
  for (;;) {
    const post = await root(id);
    if (post.status === status) return post;
    if (Date.now() > end) throw new Error(`post ${id} is ${post.status} (${post.subStatus}), not ${status}`);
    await Bun.sleep(500);
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

live(
  "schedule",
  async () => {
    const id = await draft("scheduled");
    const at = await schedule(id, 8_000);
    const post = await until(id, "published");
    expect((post.publishedAt?.getTime() ?? 0) - at.getTime()).toBeGreaterThanOrEqual(0);
    expect(await copies("scheduled")).toBe(1);
  },
  PATIENCE_MS,
);

live(
  "reschedule: earlier, and later",
  async () => {
    const [earlier, later] = [await draft("earlier"), await draft("later")];
    await schedule(earlier, 3_600_000);
    await schedule(later, 5_000);
    await schedule(earlier, 5_000);
    const at = await schedule(later, 20_000);
    await until(earlier, "published");
    const post = await until(later, "published");
    expect((post.publishedAt?.getTime() ?? 0) - at.getTime()).toBeGreaterThanOrEqual(0);
    expect([await copies("earlier"), await copies("later")]).toEqual([1, 1]);
  },
  PATIENCE_MS,
);

live(
  "cancel: the run is cancelled too, and nothing goes out",
  async () => {
    const id = await draft("cancelled");
    await schedule(id, 5_000);
    const { triggerRunId } = await root(id);
    await cancelPost(app.hub, app.engine, id);
    await Bun.sleep(8_000);
    expect((await root(id)).status).toBe("draft");
    expect(await copies("cancelled")).toBe(0);
    expect(await triggerApi(app.hubEnv.trigger).status(triggerRunId ?? "")).toBe("CANCELED");
  },
  PATIENCE_MS,
);

live(
  "now: published here, its run does nothing",
  async () => {
    const id = await draft("now");
    await schedule(id, 6_000);
    const deps = await app.publishDeps();
    await publishNow(deps, await takeNow(app.hub, app.engine, id, deps.workerId));
    await Bun.sleep(9_000);
    expect(await copies("now")).toBe(1);
  },
  PATIENCE_MS,
);

live(
  "a thread that meets a rate limit waits and goes on, with what it had kept",
  async () => {
    await app.hub.pool.query("delete from psn.rate_limits");
    await fault({ kind: "rate_limited", resetSecs: 40 }, "limited 1");
    await fault({ kind: "drop_after" }, "limited 2");
    const id = await draft("limited 1", "limited 2", "limited 3");
    await schedule(id, 3_000);
    const post = await until(id, "published");
    expect(post.platformPostIds.length).toBe(3);
    for (const part of [1, 2, 3]) expect(await copies(`limited ${part}`)).toBe(1);
  },
  PATIENCE_MS,
);

live(
  "retry: a post that X refused goes out when its author says so",
  async () => {
    await fault({ kind: "status", status: 403, body: { title: "Forbidden", detail: "not permitted" } }, "retried");
    const id = await draft("retried");
    await schedule(id, 3_000);
    await until(id, "failed");
    await retryPost(app.hub, app.engine, id);
    await until(id, "published");
    expect(await copies("retried")).toBe(1);
  },
  PATIENCE_MS,
);

live(
  "cron: the watchdog finds a post that Trigger.dev never heard of",
  async () => {
    const id = await draft("unheard of");
    const dead = { ...app.engine, settle: async () => {} };
    await schedulePost(app.hub, dead, id, { at: new Date(Date.now() + 70_000), timezone: "UTC" });
    await until(id, "published");
    expect(await copies("unheard of")).toBe(1);
  },
  PATIENCE_MS,
);
