/** One seed: a world is drawn, lives through its troubles, heals, comes to rest, and is judged. */
import { createHash } from "node:crypto";
import { storeSignIn } from "../src/core/accounts/accounts.ts";
import type { MediaStore } from "../src/core/media/store.ts";
import { resumeAccount, resumeApp } from "../src/core/posts/write.ts";
import type { PublishDeps } from "../src/core/publish/publish.ts";
import { keyFromHex } from "../src/core/utils/crypto.ts";
import { createXPlatform } from "../src/platforms/x/platform.ts";
import type { FaultInput } from "../src/sandbox/fault-schema.ts";
import { SandboxX } from "../src/sandbox/rules.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../src/sandbox/types.ts";
import { Author, type AuthorPlan } from "./author.ts";
import type { Backends } from "./backends.ts";
import { simEngine } from "./engine.ts";
import { HubServer } from "./hub.ts";
import { hubOf } from "./hub-client.ts";
import { Network } from "./network.ts";
import { Chance } from "./random.ts";
import { Process, Scheduler } from "./scheduler.ts";
import { Watch } from "./watch.ts";
import { Hints, startSimWorker } from "./worker.ts";

export interface Verdict {
  seed: number;
  /** What was broken, or null. */
  breach: string | null;
  log: readonly string[];
  /** Of the log; two runs of a seed have the same. */
  hash: string;
  steps: number;
  published: number;
}

const START_MS = Date.parse("2026-11-21T09:00:00Z");
const HEAL_MINUTES_MAX = 30 * 60;
const KEY = keyFromHex("5".repeat(64));
const CREATE = { method: "POST", path: "/2/tweets" };
const TIMELINE = { path: "/2/users/*/tweets" };
const HANDLES = ["sandbox_author", "sandbox_premium"];

export async function runSeed(seed: number, backends: Backends): Promise<Verdict> {
  const world = new World(seed, backends);
  return await world.live();
}

class World {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  readonly #server: HubServer;
  readonly #sandbox: SandboxX;
  readonly #network: Network;
  readonly #watch: Watch;
  readonly #hints = new Hints();
  readonly #trouble: Trouble;
  readonly #accounts: { id: string; handle: string }[] = [];
  #workerCount = 0;
  #workers: Process[] = [];
  #authorProcess: Process | null = null;
  #isHealing = false;
  #isAuthorDone = false;

  constructor(seed: number, backends: Backends) {
    this.#seed = seed;
    this.#chance = new Chance(`psn ${seed}`);
    this.#trouble = drawTrouble(this.#chance);
    this.#scheduler = new Scheduler(this.#chance, START_MS);
    this.#server = new HubServer(backends, this.#scheduler);
    this.#sandbox = new SandboxX({
      clock: { now: () => new Date(this.#scheduler.nowMs) },
      seed,
      settings: this.#trouble.settings,
    });
    this.#watch = new Watch(this.#sandbox, this.#server, this.#scheduler);
    this.#network = new Network(this.#sandbox, this.#scheduler, this.#chance, {
      onSend: (process, sent) => this.#watch.onSend(process, sent),
      onActed: () => this.#watch.onActed(),
    });
    this.#network.trouble = this.#trouble.network;
    this.#server.onDeadlock = (words) => this.#watch.fail(words);
    this.#server.noticesDeath = () => this.#chance.is(0.5);
    this.#scheduler.beforeStep = (process, label) => this.#fate(process, label);
  }

  async live(): Promise<Verdict> {
    await this.#begin();
    const trouble = this.#trouble;
    const scheduler = this.#scheduler;
    const isBroken = () => this.#watch.breach !== null;
    for (const fault of trouble.faults) this.#sandbox.addFault(fault);
    const endMs = START_MS + trouble.lastsMs;
    for (const { atMs, act } of this.#events()) {
      if ((await scheduler.run(START_MS + atMs, isBroken)) === "done") break;
      scheduler.nowMs = Math.max(scheduler.nowMs, START_MS + atMs);
      await act();
    }
    if (!isBroken()) await scheduler.run(endMs, isBroken);
    if (!isBroken()) await this.#heal(endMs);
    if (!isBroken()) await this.#watch.atRest();
    for (const process of this.#all()) scheduler.kill(process, "the end");
    await this.#server.abandonAll();
    const { log, steps } = scheduler;
    const { rows } = await this.#server.look("select count(*)::int as count from psn.posts where status = 'published'");
    const hash = createHash("sha256").update(log.join("\n")).digest("hex").slice(0, 16);
    return { seed: this.#seed, breach: this.#watch.breach, log, hash, steps, published: rows[0]?.count ?? 0 };
  }

  // --- internal ---

  async #begin(): Promise<void> {
    await wipe(this.#server);
    const setUp = new Process("setup");
    this.#server.downUntilMs = 0;
    const hub = hubOf(this.#server, this.#scheduler, setUp);
    const made = (async () => {
      for (const handle of HANDLES.slice(0, this.#trouble.accounts)) {
        const { id: platformUserId } = this.#sandbox.report().accounts[handle] ?? { id: "" };
        const account = await storeSignIn(
          hub,
          KEY,
          { platformUserId, handle, name: handle, subscription: "None" },
          this.#signIn(handle),
        );
        this.#accounts.push({ id: account.id, handle });
      }
    })();
    const quiet = this.#scheduler.beforeStep;
    this.#scheduler.beforeStep = () => "go";
    let isMade = false;
    void made.then(() => {
      isMade = true;
    });
    await this.#scheduler.run(START_MS + 1_000, () => isMade);
    if (!isMade) throw new Error(`seed ${this.#seed}: the world was not made`);
    await made;
    this.#scheduler.beforeStep = quiet;
    this.#server.slowReply = () => (this.#chance.is(this.#trouble.slowReply) ? this.#chance.int(50, 15_000) : 0);
    const trouble = this.#trouble;
    const plan: AuthorPlan = {
      posts: trouble.posts.map((post) => ({
        ...post,
        account: this.#accounts[post.account % this.#accounts.length]?.id ?? "",
      })),
      acts: trouble.acts,
      overMs: trouble.lastsMs * 0.8,
      mayChange: trouble.mayChange,
    };
    this.#author = new Author(this.#chance, this.#scheduler, this.#watch, plan);
    for (let index = 0; index < trouble.workers; index++) this.#startWorker();
    this.#startAuthor();
  }
  #author: Author | null = null;

  #signIn(handle: string) {
    const issued = this.#sandbox.signIn(handle);
    return {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(this.#scheduler.nowMs + issued.expires_in * 1000),
      scopes: issued.scope.split(" "),
    };
  }

  #depsOf(process: Process): PublishDeps {
    const clock = this.#scheduler.clockOf(process);
    const engine = simEngine(
      this.#chance,
      this.#isHealing ? { losesWakeUps: 0, keepsOldOnes: 0 } : this.#trouble.engine,
      (at) => this.#hints.add(Math.max(this.#scheduler.nowMs, at.getTime() - this.#server.clockShiftMs) + 2),
    );
    const media: MediaStore = {
      add: () => Promise.reject(new Error("no media in the simulation")),
      source: () => Promise.reject(new Error("no media in the simulation")),
    };
    return {
      hub: hubOf(this.#server, this.#scheduler, process),
      engine,
      media,
      clock,
      platform: createXPlatform({
        apiBaseUrl: "https://api.x.com",
        clock,
        fetch: this.#network.fetchOf(process),
        oauth: {
          clientId: SANDBOX_CLIENT_ID,
          clientSecret: SANDBOX_CLIENT_SECRET,
          redirectUri: SANDBOX_CALLBACK_URL,
          authorizeUrl: "https://x.com/i/oauth2/authorize",
          tokenUrl: "https://api.x.com/2/oauth2/token",
          revokeUrl: "https://api.x.com/2/oauth2/revoke",
        },
      }),
      keyRing: [KEY],
      random: () => this.#chance.next(),
      workerId: process.name,
      clientId: SANDBOX_CLIENT_ID,
      graceMs: 6 * 60 * 60_000,
    };
  }

  #startWorker(): void {
    const process = new Process(`worker${++this.#workerCount}`);
    process.clockShiftMs = this.#chance.int(-2_000, 2_000);
    this.#workers.push(process);
    this.#scheduler.note(process.name, "starts");
    startSimWorker(this.#scheduler, process, this.#depsOf(process), this.#hints);
    for (let index = 0; index < 2; index++) this.#hints.add(this.#scheduler.nowMs);
  }

  #startAuthor(): void {
    const process = new Process(`author${++this.#workerCount}`);
    this.#authorProcess = process;
    void this.#author?.live(this.#depsOf(process)).then(() => {
      this.#isAuthorDone = true;
    });
  }

  #all(): Process[] {
    return [...this.#workers, ...(this.#authorProcess ? [this.#authorProcess] : [])];
  }

  /** What becomes of a process at this step. Replacements start a little later. */
  #fate(process: Process, label: string): "go" | "die_before" | "die_after" {
    if (this.#isHealing || label === "tick" || !this.#all().includes(process)) return "go";
    const { crash, freeze, freezeMsMax } = this.#trouble;
    if (this.#chance.is(crash)) {
      this.#hints.addAbandoned(this.#scheduler.nowMs + 10_500);
      const isAuthor = process === this.#authorProcess;
      const later = new Process("nobody");
      void this.#scheduler
        .gate(later, "a new process starts", () => {}, { afterMs: this.#chance.int(100, 30_000) })
        .then(() => {
          if (isAuthor) this.#startAuthor();
          else this.#startWorker();
        });
      this.#workers = this.#workers.filter((worker) => worker !== process);
      return this.#chance.is(0.5) ? "die_before" : "die_after";
    }
    if (this.#chance.is(freeze)) {
      process.frozenUntilMs = this.#scheduler.nowMs + this.#chance.int(100, freezeMsMax);
      this.#hints.addAbandoned(this.#scheduler.nowMs + 10_500);
      this.#scheduler.note(process.name, `FREEZES for ${process.frozenUntilMs - this.#scheduler.nowMs} ms`);
      this.#server.watchIdle(process);
    }
    return "go";
  }

  /** Restarts of the hub and jumps of clocks, in order of time. */
  #events(): { atMs: number; act: () => Promise<void> | void }[] {
    const { restarts, hubJump, lastsMs, workerJumpMs } = this.#trouble;
    const events = restarts.map(({ atMs, downMs }) => ({ atMs, act: () => this.#server.restart(downMs) }));
    const others: { atMs: number; act: () => Promise<void> | void }[] = [];
    if (hubJump) {
      others.push({
        atMs: hubJump.atMs,
        act: () => {
          this.#scheduler.note("hub", `its clock JUMPS by ${hubJump.byMs} ms`);
          this.#watch.hubJumped = true;
          this.#server.clockShiftMs += hubJump.byMs;
        },
      });
    }
    if (workerJumpMs !== 0) {
      others.push({
        atMs: Math.floor(lastsMs / 3),
        act: () => {
          const process = this.#workers[0];
          if (!process) return;
          this.#scheduler.note(process.name, `its clock JUMPS by ${workerJumpMs} ms`);
          process.clockShiftMs += workerJumpMs;
        },
      });
    }
    return [...events, ...others].sort((a, b) => a.atMs - b.atMs);
  }

  /** No more trouble: new workers, credits, sign-ins. Then everything must come to rest by itself. */
  async #heal(fromMs: number): Promise<void> {
    const scheduler = this.#scheduler;
    scheduler.nowMs = Math.max(scheduler.nowMs, fromMs);
    this.#isHealing = true;
    scheduler.note("world", "HEALS");
    this.#sandbox.clearFaults();
    this.#sandbox.configure({ timelineLagMs: 0, timelineLagJitterMs: 0 });
    this.#network.trouble = { slow: 0, slowMsMax: 0 };
    this.#server.slowReply = () => 0;
    // One worker is enough from here on, and a new one also has to take over what the others held.
    for (const worker of this.#workers.splice(0)) await scheduler.bury(worker, "healed");
    for (const process of this.#all()) process.frozenUntilMs = 0;
    this.#startWorker();
    this.#hints.addAbandoned(scheduler.nowMs + 10_500);
    const mender = new Process("mender");
    const deps = this.#depsOf(mender);
    let isMended = false;
    void (async () => {
      await deps.clock.sleep(60_000);
      for (const { id, handle } of this.#accounts) {
        const { id: platformUserId } = this.#sandbox.report().accounts[handle] ?? { id: "" };
        const identity = { platformUserId, handle, name: handle, subscription: "None" };
        await storeSignIn(deps.hub, KEY, identity, this.#signIn(handle));
        await resumeAccount(deps.hub, deps.engine, id);
      }
      await resumeApp(deps.hub, deps.engine, deps.clientId);
      isMended = true;
    })();
    for (let minutes = 1; ; minutes = Math.ceil(minutes * 1.3)) {
      const untilMs = fromMs + minutes * 60_000;
      const ended = await scheduler.run(untilMs, () => this.#watch.breach !== null);
      scheduler.nowMs = Math.max(scheduler.nowMs, untilMs);
      if (this.#watch.breach !== null) return;
      if (isMended && this.#isAuthorDone && (await isAtRest(this.#server))) return;
      if (ended === "steps" || minutes > HEAL_MINUTES_MAX) {
        await this.#watch.atRest();
        this.#watch.breach ??= "it does not come to rest";
        return;
      }
    }
  }
}

// --- what a world is like ---

interface Trouble {
  workers: number;
  accounts: number;
  posts: { tweets: number; account: number; isNow: boolean }[];
  acts: number;
  mayChange: boolean;
  lastsMs: number;
  /** Chances for each step of a process. */
  crash: number;
  freeze: number;
  freezeMsMax: number;
  /** Chance that the hub has done what it was asked, and its word of it comes late. */
  slowReply: number;
  engine: { losesWakeUps: number; keepsOldOnes: number };
  network: { slow: number; slowMsMax: number };
  restarts: { atMs: number; downMs: number }[];
  hubJump: { atMs: number; byMs: number } | null;
  workerJumpMs: number;
  faults: FaultInput[];
  settings: NonNullable<ConstructorParameters<typeof SandboxX>[0]["settings"]>;
}

function drawTrouble(chance: Chance): Trouble {
  /** A chance that is nothing in most worlds. */
  const some = (max: number) => (chance.is(0.45) ? chance.next() * max : 0);
  const lastsMs = chance.int(4, 15) * 60_000;
  // A timeline that is slower than the five minutes of looking: then X's own check for duplicates is what is left.
  const isVerySlow = chance.is(0.07);
  const hubJump = chance.is(0.15)
    ? { atMs: chance.int(0, lastsMs), byMs: chance.pick([-90_000, 60_000, 600_000, 3_600_000]) }
    : null;
  const fault = (effect: FaultInput, probability: number): FaultInput[] =>
    probability > 0 ? [{ ...effect, probability, times: null }] : [];
  const limit = chance.is(0.2) ? { user15min: chance.int(2, 6) } : null;
  return {
    workers: chance.int(1, 3),
    accounts: chance.int(1, 2),
    posts: Array.from({ length: chance.int(1, 4) }, () => ({
      tweets: chance.int(1, 4),
      account: chance.int(0, 1),
      isNow: chance.is(0.2),
    })),
    acts: chance.int(0, 8),
    // Beyond the five minutes of looking only X's own check for duplicates is left: other words are none to it, and for a
    // post that is not going out nobody asks it.
    mayChange: !isVerySlow,
    lastsMs,
    crash: some(0.02),
    freeze: some(0.04),
    slowReply: some(0.01),
    freezeMsMax: chance.pick([15_000, 40_000, 400_000]),
    engine: { losesWakeUps: some(0.2), keepsOldOnes: some(0.5) },
    // With a jump of the clock four looks span 80 s of real time at least, and else five minutes.
    network: { slow: some(0.3), slowMsMax: hubJump ? 30_000 : chance.pick([5_000, 50_000]) },
    restarts: Array.from({ length: chance.is(0.3) ? chance.int(1, 3) : 0 }, () => ({
      atMs: chance.int(0, lastsMs),
      downMs: chance.int(100, 20_000),
    })).sort((a, b) => a.atMs - b.atMs),
    hubJump,
    workerJumpMs: chance.is(0.1) ? chance.pick([-600_000, 20_000, 600_000]) : 0,
    faults: [
      ...fault({ kind: "drop_before", match: CREATE }, some(0.2)),
      ...fault({ kind: "drop_after", match: CREATE }, some(0.3)),
      ...fault({ kind: "cut_answer", match: CREATE }, some(0.2)),
      ...fault({ kind: "no_id", match: CREATE }, some(0.2)),
      ...fault({ kind: "status", status: 503, acted: chance.is(0.5), match: CREATE }, some(0.3)),
      ...fault({ kind: "html", status: 502, acted: chance.is(0.5), match: CREATE }, some(0.2)),
      ...fault(
        { kind: "rate_limited", resetSecs: chance.int(10, 900), withReset: chance.is(0.7), match: CREATE },
        some(0.2),
      ),
      ...fault({ kind: "status", status: 401, match: CREATE }, some(0.1)),
      ...fault({ kind: "auth_outage" }, some(0.05)),
      ...fault({ kind: "credits", match: CREATE }, some(0.05)),
      ...fault({ kind: "not_visible", match: { ...CREATE, bodyIncludes: "in_reply_to" } }, isVerySlow ? 0 : some(0.2)),
      ...fault({ kind: "timeline_down" }, some(0.6)),
      ...fault({ kind: "status", status: 403, match: CREATE }, isVerySlow ? 0 : some(0.03)),
      ...fault({ kind: "drop_after", match: TIMELINE }, some(0.2)),
    ],
    settings: {
      // X's own check for duplicates would hide a second send, so most worlds have none.
      duplicateWindowMs: chance.is(0.7) && !isVerySlow ? 0 : 60 * 60_000,
      timelineLagMs: isVerySlow
        ? chance.int(300_000, 500_000)
        : chance.is(0.3)
          ? chance.int(0, hubJump ? 10_000 : 120_000)
          : 0,
      timelineLagJitterMs: chance.is(0.3) ? chance.int(0, 20_000) : 0,
      dialect: chance.pick(["2026-06", "2026-08"] as const),
      ...(limit ? { limits: { "POST /2/tweets": limit } } : {}),
    },
  };
}

const TABLES = [
  "post_events",
  "publish_attempts",
  "post_media",
  "posts",
  "refresh_intents",
  "oauth_tokens",
  "rate_limits",
  "app_holds",
  "accounts",
  // Since when the workers have been awake must not reach into the next seed.
  "hub_settings",
];

/** An empty hub, without the triggers that guard history. */
async function wipe(server: HubServer): Promise<void> {
  await server.look(
    `set session_replication_role = replica;
    ${TABLES.map((table) => `delete from psn.${table};`).join("\n")}
    delete from psn_sim.jobs;
    set session_replication_role = origin;`,
  );
}

async function isAtRest(server: HubServer): Promise<boolean> {
  const { rows } = await server.look(
    `select 1
    from psn.posts
    where status in ('scheduled', 'publishing', 'retry')
    union all
    select 1
    from psn.publish_attempts
    where outcome is null
    limit 1`,
  );
  return rows.length === 0;
}
