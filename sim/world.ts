/** One seed: a world is drawn, lives through its troubles, heals, comes to rest, and is judged. */
import { createHash } from "node:crypto";
import { storeSignIn } from "../src/core/accounts/accounts.ts";
import { resumeAccount, resumeApp } from "../src/core/posts/write.ts";
import { SandboxX } from "../src/sandbox/rules.ts";
import { Author, type AuthorPlan } from "./author.ts";
import type { Backends } from "./backends.ts";
import { drawTrouble, type Profile, type Trouble } from "./faults.ts";
import { HubServer } from "./hub.ts";
import { hubOf } from "./hub-client.ts";
import { Network } from "./network.ts";
import { isAtRest, setEngine, wipe } from "./outside.ts";
import { KEY, Population } from "./population.ts";
import { Chance } from "./random.ts";
import { Process, Scheduler } from "./scheduler.ts";
import { Watch } from "./watch.ts";

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
const HANDLES = ["sandbox_author", "sandbox_premium"];

export async function runSeed(seed: number, profile: Profile, backends: Backends): Promise<Verdict> {
  const world = new World(seed, profile, backends);
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
  readonly #population: Population;
  readonly #trouble: Trouble;
  readonly #accounts: { id: string; handle: string }[] = [];

  constructor(seed: number, profile: Profile, backends: Backends) {
    this.#seed = seed;
    this.#chance = new Chance(`psn ${seed}`);
    this.#trouble = drawTrouble(this.#chance, profile);
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
    this.#population = new Population({
      chance: this.#chance,
      scheduler: this.#scheduler,
      server: this.#server,
      network: this.#network,
      trouble: this.#trouble,
    });
    this.#scheduler.beforeStep = (process, label) => this.#population.fate(process, label);
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
    for (const process of this.#population.all()) scheduler.kill(process, "the end");
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
    await setEngine(this.#server, this.#trouble.engineName);
    this.#scheduler.beforeStep = quiet;
    const { latencyMsMax } = this.#trouble;
    this.#server.latencyMs = () => (latencyMsMax === 0 ? 0 : this.#chance.int(0, latencyMsMax));
    this.#server.slowReply = () => (this.#chance.is(this.#trouble.slowReply) ? this.#chance.int(50, 15_000) : 0);
    const trouble = this.#trouble;
    const plan: AuthorPlan = {
      posts: trouble.posts.map((post) => ({
        ...post,
        account: this.#accounts[post.account % this.#accounts.length]?.id ?? "",
      })),
      acts: trouble.acts,
      overMs: trouble.lastsMs * 0.8,
      isRacing: trouble.isRacing,
      media: trouble.media,
      mayChange: trouble.mayChange,
    };
    this.#population.start(new Author(this.#chance, this.#scheduler, this.#watch, plan));
  }

  #signIn(handle: string) {
    const issued = this.#sandbox.signIn(handle);
    return {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(this.#scheduler.nowMs + issued.expires_in * 1000),
      scopes: issued.scope.split(" "),
    };
  }

  /** Restarts of the hub and jumps of clocks, in order of time. */
  #events(): { atMs: number; act: () => Promise<void> | void }[] {
    const { restarts, hubJump, lastsMs, workerJumpMs, handsOver } = this.#trouble;
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
        act: () => this.#population.jumpWorker(workerJumpMs),
      });
    }
    for (const { atMs, to } of handsOver) others.push({ atMs, act: () => this.#population.handOver(to) });
    return [...events, ...others].sort((a, b) => a.atMs - b.atMs);
  }

  /** No more trouble: new workers, credits, sign-ins. Then everything must come to rest by itself. */
  async #heal(fromMs: number): Promise<void> {
    const scheduler = this.#scheduler;
    scheduler.nowMs = Math.max(scheduler.nowMs, fromMs);
    scheduler.note("world", "HEALS");
    this.#sandbox.clearFaults();
    this.#sandbox.configure({ timelineLagMs: 0, timelineLagJitterMs: 0 });
    this.#network.trouble = { slow: 0, slowMsMax: 0 };
    this.#server.slowReply = () => 0;
    await this.#population.heal();
    const deps = this.#population.depsOf(new Process("mender"));
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
      if (isMended && this.#population.isAuthorDone && (await isAtRest(this.#server))) return;
      if (ended === "steps" || minutes > HEAL_MINUTES_MAX) {
        await this.#watch.atRest();
        this.#watch.breach ??= "it does not come to rest";
        return;
      }
    }
  }
}
