/** One seed: a world is drawn, lives through its faults, heals, comes to rest, and is judged. */
import { createHash } from "node:crypto";
import type { Hub } from "../src/core/db/connection.ts";
import { resumeAccount, resumeApp } from "../src/core/posts/write.ts";
import { SandboxX } from "../src/sandbox/rules.ts";
import { signInAt } from "../src/testing/sandbox.ts";
import { Author, type AuthorPlan } from "./author.ts";
import type { Backends } from "./backends.ts";
import {
  drawExtras,
  type Extra,
  HUB_SKEW_REST_MS_MAX,
  handleOf,
  hubSkewMs,
  skewMs,
  type TimedEvent,
} from "./extras.ts";
import { HubServer } from "./hub.ts";
import { isAtRest, setEngine, wipe } from "./hub-admin.ts";
import { hubOf } from "./hub-client.ts";
import { Invariants } from "./invariants.ts";
import { Network } from "./network.ts";
import { KEY, Population } from "./population.ts";
import { Prng } from "./prng.ts";
import { blowsIn, stateOfHub, struckFaults } from "./reached.ts";
import { canBeRestored } from "./restored.ts";
import { Process, Scheduler } from "./scheduler.ts";
import { SecondHub } from "./second-hub.ts";
import { inWorldWith, Sometimes, struck } from "./sometimes.ts";
import { Underway } from "./underway.ts";
import { Witness } from "./witness.ts";
import { worldEvents } from "./world-events.ts";
import { drawPlan, type Mode, type Profile, type WorldPlan } from "./world-plan.ts";

export interface Verdict {
  seed: number;
  /** What was broken, or null. */
  breach: string | null;
  log: readonly string[];
  /** Of the log; two runs of a seed have the same. */
  hash: string;
  steps: number;
  published: number;
  /** How long the world lived, in simulated ms. */
  livedMs: number;
  /** Rare states that it was in. */
  reached: readonly string[];
  /** How often each kind of fault struck. */
  faults: Readonly<Record<string, number>>;
}

const START_MS = Date.parse("2026-11-21T09:00:00Z");
const HEAL_MINUTES_MAX = 30 * 60;
/** What an author does with posts that are on X, beside all else. */
const AFTER_ACTS = 10;
/** For so long a tweet is looked for. */
const LOOKS_MS = 300_000;
/** Requests in flight, and those of workers that died before they could say what X told them. */
const REFUSALS_MAX = 8;
const HANDLES = ["sandbox_author", "sandbox_premium"];

/** Which world a seed makes. */
export interface Kind {
  profile: Profile;
  mode: Mode;
  /** Faults that are switched on beside what is drawn; null: drawn as well. */
  extras: readonly Extra[] | null;
  /** A seed that has not come to rest after so many steps fails; by default as its world says. */
  stepsMax?: number | undefined;
}

/** The hub's, and that of a second hub, which most worlds have not. */
export interface Databases {
  first: Backends;
  second(): Promise<Backends>;
}

export async function runSeed(seed: number, kind: Kind, databases: Databases): Promise<Verdict> {
  const world = new World(seed, kind, databases);
  return await world.live();
}

class World {
  readonly #seed: number;
  readonly #extras: readonly Extra[];
  readonly #prng: Prng;
  readonly #scheduler: Scheduler;
  readonly #server: HubServer;
  readonly #sandbox: SandboxX;
  readonly #network: Network;
  readonly #invariants: Invariants;
  readonly #witness: Witness;
  readonly #sometimes = new Sometimes();
  readonly #underway = new Underway(this.#sometimes);
  readonly #faults: Record<string, number> = {};
  readonly #population: Population;
  readonly #plan: WorldPlan;
  readonly #accounts: { id: string; xAccount: string }[] = [];
  readonly #openSecond: () => Promise<SecondHub>;
  #second: SecondHub | null = null;

  constructor(seed: number, { profile, mode, extras: given, stepsMax }: Kind, databases: Databases) {
    this.#seed = seed;
    this.#prng = new Prng(`psn ${seed}`);
    this.#plan = drawPlan(this.#prng, profile, mode);
    // Where the timeline is slower than the looks only X's own check for duplicates is left, which forgets after an hour: no
    // fault that lasts longer goes with it.
    const isVerySlow = (this.#plan.settings.timelineLagMs ?? 0) >= LOOKS_MS;
    const drawn = given ?? (isVerySlow || this.#plan.after ? [] : drawExtras(seed, mode));
    const extras = drawn.filter((extra) => extra !== "restored" || (canBeRestored(this.#plan) && !this.#plan.after));
    this.#extras = extras;
    // What the author does after the backup is lost with it, and a promise that was kept is none any more.
    if (extras.includes("restored")) this.#plan.acts = 0;
    for (const extra of extras) this.#sometimes.reach(inWorldWith(extra));
    this.#scheduler = new Scheduler(this.#prng, START_MS);
    const hubs = extras.includes("two_hubs") ? 2 : 1;
    this.#scheduler.stepsMax = stepsMax ?? hubs * this.#plan.stepsMax;
    this.#server = new HubServer(databases.first, this.#scheduler);
    this.#sandbox = new SandboxX({
      clock: { now: () => new Date(this.#scheduler.nowMs) },
      seed,
      settings: this.#plan.settings,
    });
    this.#invariants = new Invariants(this.#server, this.#scheduler);
    this.#witness = new Witness(
      () => this.#scheduler.nowMs,
      (breach) => this.#invariants.fail(breach),
    );
    const observer = {
      onDelete: (tweetId: string) => this.#witness.tell({ kind: "delete_sent", tweetId }),
      onActed: () => this.#witness.tellOfX(this.#sandbox),
      onSignInUsed: (madeFor: string, setUpWith: string) =>
        this.#witness.tell({ kind: "sign_in_used", madeFor, setUpWith }),
    };
    this.#network = new Network(this.#sandbox, this.#scheduler, this.#prng, {
      ...observer,
      onSend: async (process, sent) => {
        this.#witness.tell({ kind: "sent", hubMs: this.#server.now.getTime(), ...sent });
        await this.#invariants.onSend(process, sent);
      },
      underway: this.#underway,
    });
    this.#openSecond = async () =>
      new SecondHub(
        {
          seed,
          scheduler: this.#scheduler,
          sandbox: this.#sandbox,
          witness: this.#witness,
          underway: this.#underway,
          plan: this.#plan,
          observer,
          fail: (breach) => this.#invariants.fail(breach),
        },
        await databases.second(),
      );
    this.#network.faults = this.#plan.network;
    this.#server.onDeadlock = (words) => this.#invariants.fail(words);
    this.#server.noticesDeath = () => this.#prng.is(0.5);
    this.#population = new Population({
      prng: this.#prng,
      scheduler: this.#scheduler,
      server: this.#server,
      network: this.#network,
      plan: this.#plan,
      underway: this.#underway,
      skewMs: skewMs(seed, extras) + hubSkewMs(seed, extras),
    });
    this.#scheduler.beforeStep = (process, label) =>
      this.#second?.owns(process) ? this.#second.fate(process, label) : this.#population.fate(process, label);
  }

  async live(): Promise<Verdict> {
    await this.#begin();
    const plan = this.#plan;
    const scheduler = this.#scheduler;
    const isBroken = () => this.#invariants.breach !== null;
    for (const fault of plan.xFaults) this.#sandbox.addFault(fault);
    for (const { atMs, act } of this.#events()) {
      if ((await scheduler.run(START_MS + atMs, isBroken)) === "done") break;
      scheduler.nowMs = Math.max(scheduler.nowMs, START_MS + atMs);
      await act();
    }
    // A machine that is off when everything else heals is still off for as long as it takes.
    const endMs = Math.max(START_MS + plan.lastsMs, this.#population.offUntilMs);
    if (!isBroken()) await scheduler.run(endMs, isBroken);
    if (!isBroken()) await this.#heal(endMs);
    if (!isBroken()) await this.#judgeAtRest();
    for (const process of this.#population.all()) scheduler.kill(process, "the end");
    await this.#server.abandonAll();
    await this.#second?.end();
    this.#noteFaults();
    for (const name of await stateOfHub(this.#server)) this.#sometimes.reach(name);
    return await this.#verdict();
  }

  // --- internal ---

  async #verdict(): Promise<Verdict> {
    const { log, steps, nowMs } = this.#scheduler;
    const { rows } = await this.#server.look("select count(*)::int as count from psn.posts where status = 'published'");
    return {
      seed: this.#seed,
      breach: this.#invariants.breach,
      log,
      hash: createHash("sha256").update(log.join("\n")).digest("hex").slice(0, 16),
      steps,
      published: rows[0]?.count ?? 0,
      livedMs: nowMs - START_MS,
      reached: this.#sometimes.all(),
      faults: { ...this.#faults, ...blowsIn(log) },
    };
  }

  #noteFaults(): void {
    for (const [name, count] of struckFaults(this.#sandbox)) {
      this.#sometimes.reach(struck(name));
      this.#faults[name] = (this.#faults[name] ?? 0) + count;
    }
  }

  async #begin(): Promise<void> {
    await wipe(this.#server);
    const setUp = new Process("setup");
    this.#server.downUntilMs = 0;
    const hub = hubOf(this.#server, this.#scheduler, setUp, this.#plan.connectionsMax);
    const xAccounts = HANDLES.map((handle) => this.#sandbox.report().accounts[handle]?.id ?? "");
    if (this.#extras.includes("two_hubs")) this.#second = await this.#openSecond();
    await this.#second?.empty();
    const made = (async () => {
      for (const xAccount of xAccounts.slice(0, this.#plan.accounts)) {
        const account = await this.#signIn(hub, xAccount, tokenLifeMs(this.#seed));
        this.#accounts.push({ id: account.id, xAccount });
      }
      const [shared = ""] = xAccounts;
      await this.#second?.open(
        (other, xAccount, app) => this.#signIn(other, xAccount, tokenLifeMs(this.#seed), app),
        shared,
      );
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
    await setEngine(this.#server, this.#plan.engineName);
    await this.#skewHub();
    this.#scheduler.beforeStep = quiet;
    const { latencyMsMax } = this.#plan;
    this.#server.latencyMs = () => (latencyMsMax === 0 ? 0 : this.#prng.int(0, latencyMsMax));
    this.#server.slowReply = () => (this.#prng.is(this.#plan.slowReply) ? this.#prng.int(50, 15_000) : 0);
    const plan = this.#plan;
    const authorPlan: AuthorPlan = {
      posts: plan.posts.map((post) => {
        const account = this.#accounts[post.account % this.#accounts.length];
        return { ...post, account: account?.id ?? "", xAccount: account?.xAccount ?? "" };
      }),
      from: 0,
      acts: plan.acts + (plan.after ? AFTER_ACTS : 0),
      after: plan.after,
      overMs: plan.lastsMs * 0.8,
      isRacing: plan.isRacing,
      media: plan.media,
      mayChange: plan.mayChange,
      ...plan.author,
    };
    const parts = {
      prng: this.#prng,
      scheduler: this.#scheduler,
      invariants: this.#invariants,
      witness: this.#witness,
      underway: this.#underway,
    };
    this.#population.start(new Author(parts, authorPlan));
    this.#second?.begin();
  }

  /** Its clock is off from the first day on, and X has said so when the accounts signed in. */
  async #skewHub(): Promise<void> {
    const byMs = hubSkewMs(this.#seed, this.#extras);
    if (byMs === 0) return;
    this.#scheduler.note("hub", `its clock is off by ${byMs} ms`);
    this.#server.clockShiftMs = byMs;
    this.#invariants.hubIsOff = true;
    this.#plan.restMsMax = Math.min(this.#plan.restMsMax, HUB_SKEW_REST_MS_MAX);
    this.#witness.tell({ kind: "hub_clock_off", roomMs: 1_000 });
    await this.#server.look(
      "insert into psn.clock_offsets (host, ahead_ms, bound_ms, measured_at) values ('api.x.com', $1, 500, $2)",
      [-byMs, this.#server.now],
    );
  }

  async #isSecondAtRest(): Promise<boolean> {
    return this.#second === null || (await this.#second.isAtRest());
  }

  /** Of each post, what its author reads goes to the auditor. */
  async #judgeAtRest(): Promise<void> {
    this.#witness.tellOfX(this.#sandbox);
    const { rows } = await this.#server.look(
      "select platform_user_id as account, handle from psn.accounts order by id",
    );
    for (const { account, handle } of rows)
      this.#witness.tell({ kind: "named", account, shown: handle, isNow: handleOf(this.#sandbox, account) });
    const others = (await this.#second?.atRest()) ?? [];
    for (const shown of [...(await this.#invariants.atRest()), ...others])
      this.#witness.tell({ kind: "shown", ...shown });
  }

  /** With the app that is set up, under the handle that the account has now. */
  #signIn(hub: Hub, xAccount: string, expiresInMs?: number, app = this.#population.clientId) {
    const place = { hub, key: KEY, sandbox: this.#sandbox };
    // A sign-in of long ago, of which nobody noted the app, goes on with any.
    const clientId = this.#extras.includes("swapped_app") ? app : undefined;
    const handle = handleOf(this.#sandbox, xAccount);
    return signInAt(place, handle, new Date(this.#scheduler.nowMs), expiresInMs, clientId);
  }

  #events(): TimedEvent[] {
    return worldEvents({
      seed: this.#seed,
      plan: this.#plan,
      extras: this.#extras,
      sandbox: this.#sandbox,
      server: this.#server,
      network: this.#network,
      scheduler: this.#scheduler,
      population: this.#population,
      invariants: this.#invariants,
      witness: this.#witness,
      underway: this.#underway,
      sometimes: this.#sometimes,
      xAccounts: this.#accounts.map(({ xAccount }) => xAccount),
      refusalsMax: (REFUSALS_MAX + this.#plan.acts) * (this.#second ? 2 : 1),
      signIn: (hub, xAccount) => this.#signIn(hub, xAccount),
    });
  }

  /** No more faults: new workers, credits, sign-ins. Then everything must come to rest by itself. */
  async #heal(fromMs: number): Promise<void> {
    const scheduler = this.#scheduler;
    scheduler.nowMs = Math.max(scheduler.nowMs, fromMs);
    scheduler.note("world", "HEALS");
    this.#witness.tell({ kind: "healed", restMsMax: this.#plan.restMsMax });
    this.#noteFaults();
    this.#sandbox.clearFaults();
    this.#sandbox.configure({ timelineLagMs: 0, timelineLagJitterMs: 0 });
    this.#network.faults = { slow: 0, slowMsMax: 0 };
    this.#network.awayUntilMs = 0;
    this.#server.slowReply = () => 0;
    await this.#population.heal();
    await this.#second?.heal();
    const deps = this.#population.depsOf(new Process("repair"));
    let isRepaired = false;
    void (async () => {
      await deps.clock.sleep(60_000);
      for (const { id, xAccount } of this.#accounts) {
        await this.#signIn(deps.hub, xAccount);
        await resumeAccount(deps.hub, deps.engine, id);
      }
      await resumeApp(deps.hub, deps.engine, deps.clientId);
      await this.#second?.repair((hub, xAccount, app) => this.#signIn(hub, xAccount, undefined, app));
      isRepaired = true;
    })();
    for (let minutes = 1; ; minutes = Math.ceil(minutes * 1.3)) {
      const untilMs = fromMs + minutes * 60_000;
      const ended = await scheduler.run(untilMs, () => this.#invariants.breach !== null);
      scheduler.nowMs = Math.max(scheduler.nowMs, untilMs);
      if (this.#invariants.breach !== null) return;
      if (
        isRepaired &&
        this.#population.isAuthorDone &&
        (await isAtRest(this.#server)) &&
        (await this.#isSecondAtRest())
      )
        return;
      if (ended === "steps" || minutes > HEAL_MINUTES_MAX) {
        await this.#judgeAtRest();
        const { breach } = this.#invariants;
        // Steps that end too soon are the simulation's fault, not the product's: who reads it should know.
        const within = ended === "steps" ? ` within ${scheduler.steps} steps` : "";
        this.#invariants.breach = `it does not come to rest${within}${breach === null ? "" : `: ${breach}`}`;
        return;
      }
    }
  }
}

// --- internal ---

/** In a fifth of the worlds tokens end while posts go out, so that refreshes meet every fault; else X's two hours. */
function tokenLifeMs(seed: number): number | undefined {
  // Drawn apart, so that the rest of the world stays as it is.
  const prng = new Prng(`tokens ${seed}`);
  return prng.is(0.2) ? prng.int(30, 300) * 1_000 : undefined;
}
