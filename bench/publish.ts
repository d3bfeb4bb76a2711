/**
 * What "exactly once" costs. Everything runs in one process, on the embedded Postgres with durable settings, against an X
 * on this machine over HTTP; each figure is a ratio to a bare loop of the same requests taken in the same run.
 *
 *   threadWallRatio   a thread of 25 tweets, X answering after 200 ms: wall time against a loop that only sends
 *   throughputRatio   5,000 posts of 500 accounts, an X that answers at once: posts a second against a loop of requests
 *                     that has as many in flight
 *   commitsPerTweet   transactions that Postgres committed for one tweet of the thread
 */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeSignIn } from "../src/core/accounts/accounts.ts";
import { wallClock } from "../src/core/clock.ts";
import { createHubConnection, type Hub } from "../src/core/db/connection.ts";
import { removeEmbedded } from "../src/core/db/embedded/index.ts";
import { migrateHub } from "../src/core/db/migrate.ts";
import type { MediaStore } from "../src/core/media/store.ts";
import type { Credentials, Platform } from "../src/core/platform.ts";
import { approvePost, createPost, schedulePost } from "../src/core/posts/write.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { publishPost } from "../src/core/publish/publish.ts";
import { keyFromHex, newKeyHex } from "../src/core/utils/crypto.ts";
import { embeddedEngine } from "../src/engines/embedded.ts";
import { createXPlatform } from "../src/platforms/x/platform.ts";
import { type BenchResult, printResult } from "./_print.ts";
import { median } from "./_starts.ts";

const THREAD_TWEETS = 25;
const THREAD_ROUNDS = 3;
const ANSWER_MS = 200;
const POSTS = 5_000;
const ACCOUNTS = 500;
/** Posts, and bare requests, before the clock runs. */
const WARM = 1_000;
/** Posts, and then bare requests, between two changes of the loop. */
const SHIFT = 2_500;
/** Posts, or bare requests, in flight at once: what `psn worker --concurrency 256` does. */
const AT_ONCE = 256;
/** Connections to the hub. Posts that are in flight at once share their statements, so few are enough. */
const CONNECTIONS = 12;
const KEY = keyFromHex(newKeyHex());

export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  // A server of its own: the count of commits is the whole server's.
  const dataDir = await mkdtemp(join(tmpdir(), "psn-bench-"));
  const hub = await createHubConnection({ databaseUrl: "embedded", dataDir, max: CONNECTIONS });
  await migrateHub(hub);
  const x = await startBareX();
  try {
    const thread = await threadFigures(hub, x);
    const throughput = await throughputFigures(hub, x);
    return {
      bench: "publish",
      figures: [
        { name: "threadWallRatio", value: thread.ratio, goal: 1.05, better: "lower" },
        { name: "throughputRatio", value: throughput.ratio, goal: 0.1, better: "higher" },
        { name: "postsPerSecond", value: throughput.perSecond },
        { name: "bareRequestsPerSecond", value: throughput.barePerSecond },
        { name: "commitsPerTweet", value: thread.commitsPerTweet },
      ],
    };
  } finally {
    await x.stop();
    await hub.close();
    await removeEmbedded({ dataDir: join(dataDir, "hub") });
    await rm(dataDir, { recursive: true, force: true });
  }
}

// --- the two measurements ---

async function threadFigures(hub: Hub, x: BareX): Promise<{ ratio: number; commitsPerTweet: number }> {
  x.answerMs = ANSWER_MS;
  const deps = depsOf(hub, x);
  const accountId = await signIn(hub, "thread");
  const ratios: number[] = [];
  let commits = 0;
  for (let round = 0; round < THREAD_ROUNDS; round++) {
    const bareMs = await timed(async () => {
      let replyToId: string | null = null;
      for (let index = 0; index < THREAD_TWEETS; index++) {
        replyToId = await bare(deps.platform, `bare ${round} ${index}`, replyToId);
      }
    });
    const texts = Array.from({ length: THREAD_TWEETS }, (_, index) => `thread ${round} ${index}`);
    const postId = await duePost(hub, accountId, texts);
    const before = await committed(hub);
    const ourMs = await timed(() => mustPublish(deps, postId));
    commits += (await committed(hub)) - before;
    ratios.push(ourMs / bareMs);
  }
  return { ratio: median(ratios), commitsPerTweet: commits / (THREAD_ROUNDS * THREAD_TWEETS) };
}

async function throughputFigures(hub: Hub, x: BareX) {
  x.answerMs = 0;
  const deps = depsOf(hub, x);
  const accountIds: string[] = [];
  for (let index = 0; index < ACCOUNTS; index++) accountIds.push(await signIn(hub, `account_${index}`));
  const postIds: string[] = [];
  await inParallel(WARM + POSTS, async (index) => {
    postIds[index] = await duePost(hub, accountIds[index % ACCOUNTS] ?? "", [`post ${index}`]);
  });
  // What the making of the posts has left is cleaned away before the clock runs, and not by chance in the middle.
  await hub.pool.query("vacuum analyze");
  // Both loops begin warm: code compiled, connections open, plans made.
  await inParallel(WARM, (index) => bare(deps.platform, `warm ${index}`, null));
  const warm = postIds.splice(0, WARM);
  await inParallel(WARM, (index) => mustPublish(deps, warm[index] ?? ""));
  // One after the other, so that a machine that warms up, slows down or is disturbed favours neither.
  let bareMs = 0;
  let ourMs = 0;
  for (let done = 0; done < POSTS; done += SHIFT) {
    bareMs += await timed(() => inParallel(SHIFT, (index) => bare(deps.platform, `bare ${done + index}`, null)));
    ourMs += await timed(() => inParallel(SHIFT, (index) => mustPublish(deps, postIds[done + index] ?? "")));
  }
  const perSecond = POSTS / (ourMs / 1000);
  const barePerSecond = POSTS / (bareMs / 1000);
  return { ratio: perSecond / barePerSecond, perSecond, barePerSecond };
}

// --- internal ---

interface BareX {
  url: string;
  answerMs: number;
  stop(): Promise<void>;
}

/** An X that accepts everything: a body with an id, after a while. */
async function startBareX(): Promise<BareX> {
  let count = 2_000_000_000_000_000_000n;
  const x: BareX = { url: "", answerMs: 0, stop: async () => {} };
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      count += 1n;
      const body = JSON.stringify({ data: { id: String(count), text: "" } });
      // What X sends with every answer; PSN keeps the limits in the hub.
      const headers = {
        "content-type": "application/json",
        "x-transaction-id": count.toString(16),
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "99",
        "x-rate-limit-reset": String(Math.floor(Date.now() / 1000) + 900),
      };
      const answer = () => response.writeHead(201, headers).end(body);
      if (x.answerMs > 0) setTimeout(answer, x.answerMs);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  x.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  x.stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return x;
}

function depsOf(hub: Hub, x: BareX): PublishDeps {
  const media: MediaStore = {
    add: () => Promise.reject(new Error("no media here")),
    source: () => Promise.reject(new Error("no media here")),
  };
  return {
    hub,
    media,
    engine: embeddedEngine,
    platform: createXPlatform({
      apiBaseUrl: x.url,
      oauth: {
        clientId: "bench",
        clientSecret: "bench",
        redirectUri: "http://127.0.0.1/callback",
        authorizeUrl: `${x.url}/authorize`,
        tokenUrl: `${x.url}/token`,
        revokeUrl: `${x.url}/revoke`,
      },
    }),
    keyRing: [KEY],
    clock: wallClock,
    random: Math.random,
    workerId: `bench-${process.pid}`,
    clientId: "bench",
    graceMs: 24 * 60 * 60_000,
  };
}

let accountCount = 0;
async function signIn(hub: Hub, handle: string): Promise<string> {
  const identity = { platformUserId: String(1_000 + accountCount++), handle, name: handle, subscription: "None" };
  const tokens = { accessToken: "bench", refreshToken: "bench", scopes: [] };
  const expiresAt = new Date(Date.now() + 7_200_000);
  return (await storeSignIn(hub, KEY, identity, { ...tokens, expiresAt })).id;
}

/** A post that is due, with its job taken away: the bench is the engine. */
async function duePost(hub: Hub, accountId: string, texts: readonly string[]): Promise<string> {
  const tweets = texts.map((text) => ({ text, separatorAfter: "\n", media: [] }));
  const { postId } = await createPost(hub, { accountId, tweets, source: texts.join("\n") });
  await approvePost(hub, postId);
  await schedulePost(hub, embeddedEngine, postId, { at: new Date(Date.now() + 60_000), timezone: "UTC" });
  await hub.pool.query("update psn.posts set due_at = psn.now(), scheduled_at = psn.now() where id = $1", [postId]);
  return postId;
}

async function mustPublish(deps: PublishDeps, postId: string): Promise<void> {
  const result = await publishPost(deps, { postId, scheduleVersion: 1 });
  if (result.kind !== "published") throw new Error(`post ${postId}: ${JSON.stringify(result)}`);
}

const BARE: Credentials = { accessToken: "bench", platformUserId: "1" };

async function bare(platform: Platform, text: string, replyToId: string | null): Promise<string> {
  const { outcome } = await platform.createPost(BARE, { text, replyToId, mediaIds: [] });
  if (outcome.kind !== "posted") throw new Error(`the bare loop met ${outcome.kind}`);
  return outcome.externalPostId;
}

async function inParallel(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await act();
  return performance.now() - startMs;
}

/** Transactions that wrote something: every one of them got a number. */
async function committed(hub: Hub): Promise<number> {
  const { rows } = await hub.pool.query("select (pg_current_xact_id()::text)::bigint as count");
  return Number(rows[0].count);
}

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
