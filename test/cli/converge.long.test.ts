/**
 * The same command again, after it died at any point, ends in what the first would have done, and X shows it once.
 * The command runs in this process; from a chosen await on nothing that it asks the hub or X ever answers, and its connections are
 * cut, as those of a process that was killed. Its lease is moved into the past, and then it runs again.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { AsyncLocalStorage } from "node:async_hooks";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";
import { PNG, type Runner, runnerOf } from "../compose/stage.ts";

/** A run of a command that dies at its `diesAt`-th await, from 1. */
interface Life {
  diesAt: number;
  awaits: number;
  clients: Set<pg.Client>;
  died(): void;
}

const lives = new AsyncLocalStorage<Life>();
/** Kept, and by them what waits: of a file that is collected while it is open, the runtime makes an error. */
const unanswered: unknown[] = [];
const never = (...waiting: unknown[]) => new Promise<never>((resolve) => unanswered.push(resolve, ...waiting));
const { query, connect } = pg.Client.prototype;
const { fetch } = globalThis;

let home: TestHome;
let psn: Runner;
let count = 0;
// Each with an X of its own, whose limits on one account are soon met.
beforeEach(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
  await writeFile(join(home.folder, "one.png"), PNG);
});
afterEach(() => home.close());
beforeAll(() => {
  const client = pg.Client.prototype as unknown as Record<"query" | "connect", (...args: unknown[]) => unknown>;
  client.query = function (this: pg.Client, ...args: unknown[]) {
    const life = lives.getStore();
    life?.clients.add(this);
    return dies(life) ? never(this, ...args) : Reflect.apply(query, this, args);
  };
  client.connect = function (this: pg.Client, ...args: unknown[]) {
    const life = lives.getStore();
    if (life && life.awaits >= life.diesAt) return never(this, ...args);
    return Reflect.apply(connect, this, args);
  };
  globalThis.fetch = Object.assign(async (...args: Parameters<typeof fetch>) => {
    const life = lives.getStore();
    if (dies(life)) return await never();
    const answer = await fetch(...args);
    // X has acted, and nobody is there to hear of it.
    return dies(life) ? await never() : answer;
  }, fetch);
});
afterAll(() => {
  Object.assign(pg.Client.prototype, { query, connect });
  globalThis.fetch = fetch;
});

function dies(life: Life | undefined): boolean {
  if (!life) return false;
  life.awaits++;
  if (life.awaits < life.diesAt) return false;
  if (life.awaits === life.diesAt) life.died();
  return true;
}

/** @returns whether the command came to its end before it died */
async function runUntil(diesAt: number, args: readonly string[]): Promise<boolean> {
  let died = () => {};
  const death = new Promise<boolean>((resolve) => {
    died = () => resolve(false);
  });
  const life: Life = { diesAt, awaits: 0, clients: new Set(), died };
  const done = lives.run(life, async () => {
    await psn.post(...args);
    return true;
  });
  const isDone = await Promise.race([done, death]);
  if (isDone) return true;
  void done.catch(() => {});
  // The server rolls back what was not committed.
  for (const client of life.clients) {
    const { stream } = (client as unknown as { connection: { stream: import("node:net").Socket } }).connection;
    stream.removeAllListeners();
    stream.on("error", () => {});
    stream.destroy();
  }
  return false;
}

const times = (text: string) => home.onX().filter((other) => other === text).length;
const ask = async (text: string) => (await home.hub.pool.query(text)).rows;
/** Six minutes later: the lease of what died has run out, and the next look at X says whether an open request made a tweet. */
async function later(): Promise<void> {
  await ask("update psn.posts set lease_expires_at = now() - interval '1 second' where status = 'publishing'");
  await ask(`
    update psn.publish_attempts
    set started_at = started_at - interval '6 minutes', look_count = 3
    where outcome is null`);
}
const AWAITS_MAX = 200;

/** Dies at each await in turn; `prepare` gives the command for a text of its own, `judge` looks at what came of both runs. */
async function atEachAwait(
  prepare: (text: string) => Promise<string[]>,
  judge: (text: string, repeat: () => Promise<Awaited<ReturnType<Runner["post"]>>>) => Promise<void>,
  step = 1,
): Promise<number> {
  for (let diesAt = 1; diesAt <= AWAITS_MAX; diesAt += step) {
    const text = `Converges ${++count}.`;
    const args = await prepare(text);
    const isDone = await runUntil(diesAt, args);
    await later();
    await judge(text, () => psn.post(...args));
    if (isDone) return diesAt - 1;
  }
  throw new Error(`more than ${AWAITS_MAX} awaits`);
}

test("scenario 39: create --now with its key dies at each await, and again ends on X, once", async () => {
  const deaths = await atEachAwait(
    async (text) => ["create", text, "--now", "--idempotency-key", text],
    async (text, repeat) => {
      const { post } = await repeat();
      expect([text, post.status, times(text)]).toEqual([text, "published", 1]);
      expect(await ask(`select id from psn.posts where content = '${text}'`)).toHaveLength(1);
    },
  );
  expect(deaths).toBeGreaterThan(10);
}, 240_000);

test("scenario 39: without a key the repeat either does it or names the post and the command that goes on, and X shows it once", async () => {
  const deaths = await atEachAwait(
    async (text) => ["create", text, "--now"],
    async (text) => {
      const refused = await psn.error("create", text, "--now").catch(() => null);
      if (refused) {
        expect([text, refused.code]).toEqual([text, "POST_DUPLICATE"]);
        const id = String(refused.details?.postId);
        expect(refused.message).toContain(id);
        const next = /psn post (now|show) (\w+)/.exec(refused.hint ?? "");
        expect([text, next?.[2]]).toEqual([text, id]);
        if (next?.[1] === "now") await psn.post("now", id);
      }
      expect([text, times(text)]).toEqual([text, 1]);
      expect(await ask(`select id from psn.posts where content = '${text}'`)).toHaveLength(1);
    },
    3,
  );
  expect(deaths).toBeGreaterThan(10);
}, 240_000);

test("scenario 39: create with a time dies at each await, and again is scheduled, once", async () => {
  const time = ["--date", "2027-03-15", "--time", "09:00"];
  await atEachAwait(
    async (text) => ["create", text, ...time, "--idempotency-key", text],
    async (text, repeat) => {
      const { post } = await repeat();
      expect([text, post.status, post.scheduled?.utc]).toEqual([text, "scheduled", "2027-03-15T08:00:00.000Z"]);
      expect(await ask(`select id from psn.posts where content = '${text}'`)).toHaveLength(1);
    },
  );
}, 240_000);

test("scenario 39: now dies at each await, and again ends on X, once", async () => {
  await atEachAwait(
    async (text) => {
      const { post } = await psn.post("create", text, "--approve");
      return ["now", post.id];
    },
    async (text, repeat) => {
      const answer = await repeat().catch((error: Error & { code?: string }) => error.code);
      // What the first run brought to its end is said to be so.
      const status = typeof answer === "object" ? answer.post.status : answer;
      expect(["published", "POST_PUBLISHED"]).toContain(status as string);
      expect([text, times(text)]).toEqual([text, 1]);
    },
  );
}, 240_000);

test("scenario 39: schedule and edit die at each await, and again leave what one run leaves", async () => {
  await atEachAwait(
    async (text) => {
      const { post } = await psn.post("create", text);
      return ["schedule", post.id, "--date", "2027-03-15", "--time", "09:00", "--approve", "--version", "1"];
    },
    async (text, repeat) => {
      const { post } = await repeat();
      expect([text, post.status, post.scheduled?.utc]).toEqual([text, "scheduled", "2027-03-15T08:00:00.000Z"]);
      expect([text, post.scheduleVersion]).toEqual([text, 1]);
    },
  );
  await atEachAwait(
    async (text) => {
      const { post } = await psn.post("create", `Before ${text}`, "--date", "2027-03-15", "--time", "09:00");
      const time = ["--date", "2027-03-16", "--time", "09:00"];
      return ["edit", post.id, "--text", text, "--media", "one.png", ...time, "--approve", "--version", "1"];
    },
    async (text, repeat) => {
      const { post } = await repeat();
      expect(post).toMatchObject({ status: "scheduled", contentVersion: 2, scheduleVersion: 2, approved: true });
      expect(post.tweets.map((tweet) => [tweet.text, tweet.media.length])).toEqual([[text, 1]]);
      expect(post.scheduled?.utc).toBe("2027-03-16T08:00:00.000Z");
    },
  );
}, 240_000);

test("scenario 39: a process that was killed while X answered is followed by the same command, with real processes", async () => {
  const text = `Killed ${++count}.`;
  const args = ["post", "create", text, "--now", "--idempotency-key", text];
  const match = { method: "POST", path: "/2/tweets" };
  home.sandbox.sandbox.addFault({ kind: "delay", ms: 20_000, when: "after", match });
  const first = startPsn(args, { env: home.env, cwd: home.folder });
  await until(() => times(text) === 1);
  process.kill(first.pid, "SIGKILL");
  expect(await first.exited).not.toBe(0);
  await later();
  const again = await home.psnProcess(args);
  expect([again.code, (again.json as { post: { status: string } }).post.status]).toEqual([0, "published"]);
  expect(times(text)).toBe(1);
}, 300_000);
