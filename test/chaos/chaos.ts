/**
 * Real workers as processes, a real Postgres, the sandbox over HTTP. Workers are killed (`kill -9`) and frozen at random,
 * answers get lost, and Postgres is restarted in mid-run. Afterwards every tweet must be on X once.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHubConnection, type Hub } from "../../src/core/db/connection.ts";
import { removeEmbedded, startEmbedded, stopEmbedded } from "../../src/core/db/embedded/index.ts";
import { HubMark } from "../../src/core/db/mark.ts";
import { migrateHub } from "../../src/core/db/migrate.ts";
import {
  approvePost,
  createPost,
  resumeAccount,
  resumeApp,
  retryPost,
  schedulePost,
} from "../../src/core/posts/write.ts";
import { keyFromHex, newKeyHex } from "../../src/core/utils/crypto.ts";
import type { FaultInput } from "../../src/sandbox/fault-schema.ts";
import { type RunningSandbox, startSandbox } from "../../src/sandbox/server.ts";
import { SANDBOX_CLIENT_ID } from "../../src/sandbox/types.ts";
import { type Pace, pacedHubClock } from "../../src/testing/hub-clock.ts";
import { signInAt } from "../../src/testing/sandbox.ts";
import { fastClock, fastEngine } from "./time.ts";
import type { ChaosConfig } from "./worker.ts";

export interface ChaosOptions {
  threads: number;
  workers: number;
  accounts: number;
  /** For how long workers are killed and frozen, in ms of the wall. */
  chaosMs: number;
  /** Restarts of Postgres, spread over that time. */
  restarts: number;
  scale: number;
  /** Until everything must be at rest, in ms of the wall. */
  restMs: number;
  /** Beside kills and freezes; each may be left out. */
  skewsMs?: readonly number[];
  /** How often the network is away, and for how long each time, in ms of the wall. */
  cuts?: { count: number; forMs: number };
  /** X locks the first account for the middle third of the chaos. */
  locksAccount?: boolean;
  /** In the middle of the chaos the hub's folder is copied, and a worker runs on the copy to the end. */
  copiesHub?: boolean;
}

export interface ChaosResult {
  threads: number;
  tweets: number;
  kills: number;
  freezes: number;
  restarts: number;
  lostAnswers: number;
  adopted: number;
  resent: number;
  duplicates: number;
  lost: number;
  stuck: number;
  outOfOrder: number;
  failed: number;
  /** Failed without a reason; a locked account whose posts do not say so; a copy that does not know that it is one. */
  untold: number;
  seconds: number;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedMs = performance.now();
  const pace: Pace = { baseMs: Date.now(), scale: options.scale };
  const clock = fastClock(pace);
  const dataDir = await mkdtemp(join(tmpdir(), "psn-chaos-"));
  // PostgreSQL's user reaches it, so that the hub lies where it is asked for.
  await chmod(dataDir, 0o755);
  const keyHex = newKeyHex();
  const x = await startSandbox({ clock, settings: SANDBOX });
  x.sandbox.setCredits(1_000_000);
  const crew = new Crew({
    dataDir,
    markFile: join(dataDir, "hub-mark.json"),
    sandboxUrl: x.url,
    keyHex,
    pace,
    skewsMs: options.skewsMs ?? [0],
    cuts: cutsOf(options, Date.now()),
  });
  const open = () => createHubConnection({ databaseUrl: "embedded", dataDir });
  let hub = await open();
  try {
    await migrateHub(hub);
    await pacedHubClock(hub.pool, pace);
    const place = { hub, key: keyFromHex(keyHex), sandbox: x.sandbox };
    const accountIds: string[] = [];
    for (let index = 0; index < options.accounts; index++)
      accountIds.push((await signInAt(place, `chaos_${index}`, clock.now())).id);
    const wanted = await schedulePosts(hub, pace, accountIds, options);
    await hub.close();
    for (const fault of FAULTS) x.sandbox.addFault(fault);
    const unlocked = options.locksAccount ? lockForAWhile(x, "chaos_0", options.chaosMs) : Promise.resolve();
    await breakThings(crew, dataDir, options);
    await unlocked;
    x.sandbox.clearFaults();
    crew.calm(options.workers);
    hub = await open();
    let untold = 0;
    if (options.locksAccount) {
      untold += await untoldOfLock(hub, accountIds[0] ?? "");
      // The author has done what X asks: `psn post resume`.
      await resumeApp(hub, fastEngine(pace), SANDBOX_CLIENT_ID);
    }
    const signInAgain = async (id: string) => {
      const handle = `chaos_${accountIds.indexOf(id)}`;
      await signInAt({ ...place, hub }, handle, clock.now());
      await resumeAccount(hub, fastEngine(pace), id);
    };
    const { failed, silent } = await untilAtRest(hub, pace, options.restMs, signInAgain);
    untold += silent;
    if (options.copiesHub) untold += await untoldOfCopy(copyOf(dataDir), join(dataDir, "hub-mark.json"));
    const judged = await judge(hub, x, wanted);
    if (judged.stuck > 0) await printStuck(hub);
    const counts = x.sandbox.report().counts["POST /2/tweets"];
    return {
      threads: options.threads,
      tweets: [...wanted.values()].flat().length,
      kills: crew.kills,
      freezes: crew.freezes,
      restarts: options.restarts,
      lostAnswers: (counts?.resets ?? 0) + (counts?.byStatus[503] ?? 0),
      ...judged,
      failed,
      untold,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    };
  } finally {
    await crew.end();
    await hub.close().catch(() => {});
    await x.stop();
    for (const folder of [dataDir, copyOf(dataDir)]) {
      await stopEmbedded({ dataDir: join(folder, "hub") }).catch(() => {});
      await removeEmbedded({ dataDir: join(folder, "hub") }).catch(() => {});
    }
    await rm(dataDir, { recursive: true, force: true }).catch(() => {});
  }
}

// --- internal ---

const SANDBOX = {
  // X's own check for duplicates would hide a second send.
  duplicateWindowMs: 0,
  timelineLagMs: 3_000,
  timelineLagJitterMs: 20_000,
  limits: { "POST /2/tweets": {} },
};

const CREATE = { method: "POST", path: "/2/tweets" };
const FAULTS: readonly FaultInput[] = [
  { kind: "drop_after", match: CREATE, probability: 0.03, times: null },
  { kind: "status", status: 503, acted: true, match: CREATE, probability: 0.02, times: null },
  { kind: "drop_before", match: CREATE, probability: 0.01, times: null },
  { kind: "delay", ms: 30, when: "before", match: CREATE, probability: 1, times: null },
  { kind: "delay", ms: 30, when: "after", match: CREATE, probability: 1, times: null },
  { kind: "timeline_down", probability: 0.1, times: null },
];

/** Spread over the time of chaos, which begins at `fromMs` of the wall. */
function cutsOf({ cuts, chaosMs }: ChaosOptions, fromMs: number): ChaosConfig["cuts"] {
  const { count, forMs } = cuts ?? { count: 0, forMs: 0 };
  return Array.from({ length: count }, (_, index) => {
    const beginMs = fromMs + ((index + 1) / (count + 1)) * chaosMs;
    return { fromMs: beginMs, toMs: beginMs + forMs };
  });
}

/** As X says it to an account that looks automated. */
const LOCKED = {
  title: "Forbidden",
  status: 403,
  type: "about:blank",
  detail: "To protect our users from spam and other malicious activity, this account is temporarily locked.",
  errors: [{ code: 326, message: "To protect our users from spam, this account is temporarily locked." }],
};

async function lockForAWhile(x: RunningSandbox, account: string, chaosMs: number): Promise<void> {
  await Bun.sleep(chaosMs / 3);
  const match = { ...CREATE, account };
  const { id } = x.sandbox.addFault({ kind: "status", status: 403, body: LOCKED, match, probability: 1, times: null });
  await Bun.sleep(chaosMs / 3);
  x.sandbox.clearFaults(id);
}

/** Approved posts whose times lie in the time of chaos. @returns the texts of each by its id */
async function schedulePosts(
  hub: Hub,
  pace: Pace,
  accountIds: readonly string[],
  { threads, chaosMs, scale }: ChaosOptions,
): Promise<Map<string, string[]>> {
  const engine = fastEngine(pace);
  const clock = fastClock(pace);
  const wanted = new Map<string, string[]>();
  for (let number = 0; number < threads; number++) {
    const texts = Array.from(
      { length: 1 + (number % 5) },
      (_, place) => `c${number}.t${place} & <x> example.com/${place}`,
    );
    const tweets = texts.map((text) => ({ text, separatorAfter: "\n", media: [] }));
    const accountId = accountIds[number % accountIds.length] ?? "";
    const { postId } = await createPost(hub, { accountId, tweets, source: texts.join("\n") });
    await approvePost(hub, postId, { force: true });
    const inMs = 5_000 + Math.random() * chaosMs * scale * 0.7;
    await schedulePost(hub, engine, postId, { at: new Date(clock.now().getTime() + inMs), timezone: "UTC" });
    wanted.set(postId, texts);
  }
  return wanted;
}

/** Kills and freezes workers, and restarts Postgres, for as long as the chaos lasts. */
async function breakThings(
  crew: Crew,
  dataDir: string,
  { workers, restarts, chaosMs, copiesHub }: ChaosOptions,
): Promise<void> {
  const hubDir = join(dataDir, "hub");
  let copyAt = copiesHub ? chaosMs / 2 : Number.POSITIVE_INFINITY;
  for (let index = 0; index < workers; index++) crew.start();
  const restartsAt = Array.from({ length: restarts }, (_, index) => ((index + 1) / (restarts + 1)) * chaosMs);
  const startMs = performance.now();
  while (performance.now() - startMs < chaosMs) {
    await Bun.sleep(150 + Math.random() * 500);
    if (copyAt < performance.now() - startMs) {
      copyAt = Number.POSITIVE_INFINITY;
      await stopEmbedded({ dataDir: hubDir });
      await mkdir(copyOf(dataDir));
      // With its owner, as `cp -a` keeps it.
      execFileSync("cp", ["-a", hubDir, join(copyOf(dataDir), "hub")]);
      await startEmbedded({ dataDir: hubDir });
      crew.startOn(copyOf(dataDir));
    } else if ((restartsAt[0] ?? Number.POSITIVE_INFINITY) < performance.now() - startMs) {
      restartsAt.shift();
      await stopEmbedded({ dataDir: hubDir });
      await Bun.sleep(Math.random() * 500);
      await startEmbedded({ dataDir: hubDir });
    } else if (Math.random() < 0.6) crew.kill();
    else crew.freeze(300 + Math.random() * 2_500);
  }
}

/** A folder of its own, as a backup that is put on another disk. */
const copyOf = (dataDir: string) => join(dataDir, "copy");

/** @returns 1 when X refused the account's posts and none of them says why it waits, or waited */
async function untoldOfLock(hub: Hub, accountId: string): Promise<number> {
  const { rows } = await hub.pool.query(
    `select 1
    from psn.publish_attempts as attempt
    join psn.posts as root on root.id = attempt.root_id
    where root.account_id = $1
      and attempt.http_status = 403
      and not exists (
        select
        from psn.post_events as event
        where event.post_id = root.id
          and event.note like '%locked the account%'
      )`,
    [accountId],
  );
  return rows.length > 0 ? 1 : 0;
}

/** @returns 1 when the copy does not know that it is one */
async function untoldOfCopy(dataDir: string, markFile: string): Promise<number> {
  const hub = await createHubConnection({ databaseUrl: "embedded", dataDir });
  try {
    return (await HubMark.open(hub, markFile))?.doubt ? 0 : 1;
  } finally {
    await hub.close();
  }
}

/**
 * Waits until all is published. The author retries what failed, because a frozen machine can spend a post's tries, and signs in again
 * where PSN asks for that: a worker that is killed in the middle of a refresh takes the new token with it.
 * @returns how many failed, and how many of them without a word why
 */
async function untilAtRest(
  hub: Hub,
  pace: Pace,
  restMs: number,
  signInAgain: (accountId: string) => Promise<void>,
): Promise<{ failed: number; silent: number }> {
  const engine = fastEngine(pace);
  const failed = new Set<string>();
  const silent = new Set<string>();
  const deadlineMs = performance.now() + restMs;
  while (performance.now() < deadlineMs) {
    await Bun.sleep(200);
    const { rows } = await hub.pool.query(
      "select id, status, fail_reason, account_id, sub_status, due_at from psn.posts where parent_post_id is null and status <> 'published'",
    );
    const signedOut = rows.filter((row) => row.sub_status === "awaiting_auth" && row.due_at === null);
    for (const id of new Set<string>(signedOut.map((row) => row.account_id))) await signInAgain(id);
    for (const row of rows) {
      if (row.status !== "failed") continue;
      failed.add(row.id);
      if (!row.fail_reason) silent.add(row.id);
      await retryPost(hub, engine, row.id);
    }
    if (rows.length === 0) break;
  }
  return { failed: failed.size, silent: silent.size };
}

/** The worker processes. Only its own children are ever signalled. */
class Crew {
  readonly #config: ChaosConfig;
  readonly #living = new Set<ChildProcess>();
  readonly #strangers = new Set<ChildProcess>();
  #isOver = false;
  kills = 0;
  freezes = 0;

  constructor(config: ChaosConfig) {
    this.#config = config;
  }

  start(): void {
    const child = this.#spawn(this.#config);
    this.#living.add(child);
    child.once("exit", () => {
      this.#living.delete(child);
      if (!this.#isOver) this.start();
    });
  }

  /** A worker on another folder, which nobody kills before the end. */
  startOn(dataDir: string): void {
    const config = { ...this.#config, dataDir };
    this.#strangers.add(this.#spawn(config));
  }

  #spawn(config: ChaosConfig): ChildProcess {
    return spawn(process.execPath, [join(import.meta.dir, "worker.ts")], {
      env: { ...process.env, CHAOS: JSON.stringify(config) },
      stdio: ["ignore", "ignore", process.env.CHAOS_DEBUG ? "inherit" : "ignore"],
    });
  }

  #any(): ChildProcess | undefined {
    return [...this.#living][Math.floor(Math.random() * this.#living.size)];
  }

  kill(): void {
    if (this.#any()?.kill("SIGKILL")) this.kills++;
  }

  freeze(ms: number): void {
    const child = this.#any();
    if (!child?.kill("SIGSTOP")) return;
    this.freezes++;
    setTimeout(() => child.kill("SIGCONT"), ms);
  }

  /** Nobody is frozen any more, and there are at least so many. */
  calm(count: number): void {
    for (const child of this.#living) child.kill("SIGCONT");
    while (this.#living.size < count) this.start();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    const all = [...this.#living, ...this.#strangers].filter(
      ({ exitCode, signalCode }) => exitCode === null && !signalCode,
    );
    const gone = all.map((child) => new Promise<void>((resolve) => child.once("exit", () => resolve())));
    for (const child of all) child.kill("SIGKILL");
    await Promise.all(gone);
  }
}

/** Prints what the posts wait for that do not come to rest. */
async function printStuck(hub: Hub): Promise<void> {
  const { rows } = await hub.pool.query(`
    select post.status, post.sub_status, count(*)::int as posts, min(post.due_at - psn.now())::text as due_in,
      (array_agg(event.note order by event.id desc))[1] as last_note
    from psn.posts as post
    left join lateral (select id, note from psn.post_events where post_id = post.id order by id desc limit 1) as event on true
    where post.parent_post_id is null
      and post.status <> 'published'
    group by post.status, post.sub_status`);
  for (const row of rows) process.stderr.write(`stuck  ${JSON.stringify(row)}\n`);
  const { rows: jobs } = await hub.pool.query(
    "select count(*)::int as jobs, count(locked_at)::int as locked, min(run_at - now())::text as first from graphile_worker._private_jobs",
  );
  process.stderr.write(`jobs   ${JSON.stringify(jobs[0])}\n`);
}

async function judge(hub: Hub, x: RunningSandbox, wanted: ReadonlyMap<string, string[]>) {
  const onX = new Map<string, { id: string; replyToId: string | null }[]>();
  for (const { posts } of Object.values(x.sandbox.report().accounts)) {
    for (const post of posts) onX.set(post.text, [...(onX.get(post.text) ?? []), post]);
  }
  const { rows } = await hub.pool.query("select id, status from psn.posts where parent_post_id is null");
  const { rows: outcomes } = await hub.pool.query(
    "select outcome, count(*)::int as count from psn.publish_attempts group by outcome",
  );
  const count = (outcome: string) => outcomes.find((row) => row.outcome === outcome)?.count ?? 0;
  let duplicates = 0;
  let lost = 0;
  let outOfOrder = 0;
  for (const texts of wanted.values()) {
    for (const [place, text] of texts.entries()) {
      const made = onX.get(text) ?? [];
      if (made.length === 0) lost++;
      duplicates += Math.max(0, made.length - 1);
      const parent = place === 0 ? null : (onX.get(texts[place - 1] ?? "")?.[0]?.id ?? "none");
      if (made[0] && made[0].replyToId !== parent) outOfOrder++;
    }
  }
  const stuck = rows.filter((row) => row.status !== "published").length;
  return { adopted: count("adopted"), resent: count("absent"), duplicates, lost, stuck, outOfOrder };
}
