/** The processes of one world: workers, Trigger.dev's runs, and the author; how they die, freeze, and are replaced. */
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { keyFromHex } from "../src/core/utils/crypto.ts";
import { handToEmbedded, handToTrigger, setHubEngine } from "../src/engines/switch.ts";
import { triggerEngine } from "../src/engines/trigger.ts";
import { createXPlatform } from "../src/platforms/x/platform.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../src/sandbox/types.ts";
import type { Author } from "./author.ts";
import { type SimEngine, simEngine } from "./engine.ts";
import type { HubServer } from "./hub.ts";
import { hubOf } from "./hub-client.ts";
import { simMedia } from "./media.ts";
import type { Network } from "./network.ts";
import type { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import { SimTrigger } from "./trigger.ts";
import { TriggerTasks } from "./trigger-tasks.ts";
import type { Underway } from "./underway.ts";
import { type SimWorker, startSimWorker } from "./worker.ts";
import type { EngineName, WorldPlan } from "./world-plan.ts";

/** What X's console gives an app. */
export interface App {
  clientId: string;
  clientSecret: string;
}
const FIRST_APP: App = { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET };

export const KEY = keyFromHex("5".repeat(64));
const HAND_OVER_ROUNDS_MAX = 50;
/** Probability that a notification gets lost, such as with its connection. */
const NOTIFICATION_LOST = 0.1;
const NOTIFICATION_MS_MAX = 100;
/** As in `engines/worker.ts`. */
const STOP_MS_MAX = 45_000;

export interface Parts {
  prng: Prng;
  scheduler: Scheduler;
  server: HubServer;
  network: Network;
  plan: WorldPlan;
  underway: Underway;
  /** By how much the clock of the author's machine is wrong, in ms. */
  skewMs: number;
  /** Before the names of its processes, where there are two of everything. */
  prefix?: string;
}

export class Population {
  readonly #parts: Parts;
  readonly #trigger: SimTrigger;
  #tasks: TriggerTasks | null = null;
  #count = 0;
  readonly #workers = new Map<Process, SimWorker>();
  /** Workers that were asked to stop; others take their place. */
  readonly #stopping = new Set<Process>();
  #author: Author | null = null;
  #authorProcess: Process | null = null;
  /** What the author's configuration says. */
  #engineName: EngineName;
  #handing: Promise<void> = Promise.resolve();
  #isHealing = false;
  /** Whose keys the author's configuration holds. */
  #app = FIRST_APP;
  /** Virtual ms until which no worker starts. */
  offUntilMs = 0;
  /** What is started before that stands still as well. */
  #closedUntilMs = 0;
  isAuthorDone = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#engineName = parts.plan.engineName;
    this.#trigger = new SimTrigger(parts.scheduler, parts.prng, parts.plan.trigger);
  }

  start(author: Author): void {
    const { engineName, handsOver, workers } = this.#parts.plan;
    this.#author = author;
    if (engineName === "trigger" || handsOver.length > 0) this.#startTasks();
    if (engineName === "embedded") for (let index = 0; index < workers; index++) this.#startWorker();
    this.#startAuthor();
  }

  all(): Process[] {
    return [
      ...this.#workers.keys(),
      ...(this.#tasks?.all() ?? []),
      ...(this.#authorProcess ? [this.#authorProcess] : []),
    ];
  }

  /** What a process of this name on the author's machine works with. */
  depsOf(process: Process): PublishDeps {
    return this.#deps(process, this.#engineName === "trigger" ? this.#triggerEngine(process) : this.#jobs());
  }

  /** What becomes of a process at this step. Replacements start a little later. */
  fate(process: Process, label: string): "go" | "die_before" | "die_after" {
    if (this.#isHealing || label === "tick" || !this.all().includes(process)) return "go";
    const { prng, scheduler, server, plan, underway } = this.#parts;
    underway.step(process, label);
    if (prng.is(plan.crash)) {
      this.#replace(process);
      const fate = prng.is(0.5) ? "die_before" : "die_after";
      underway.died(process, label, fate === "die_after");
      return fate;
    }
    const worker = this.#workers.get(process);
    if (worker && !this.#stopping.has(process) && prng.is(plan.stop)) {
      underway.blow("stop", process);
      this.#stop(process, worker);
    }
    if (prng.is(plan.freeze)) {
      underway.blow("freeze", process);
      process.frozenUntilMs = scheduler.nowMs + prng.int(100, plan.freezeMsMax);
      scheduler.note(process.name, `FREEZES for ${process.frozenUntilMs - scheduler.nowMs} ms`);
      server.watchIdle(process);
    }
    return "go";
  }

  /** `psn setup --engine`; one after the other. */
  handOver(to: EngineName): void {
    this.#handing = this.#handing.then(() => this.#handOver(to));
  }

  /** Of the app that is set up. */
  get clientId(): string {
    return this.#app.clientId;
  }

  /** Other keys in the configuration: all that works with the old ones ends, and begins anew. */
  async setApp(app: App): Promise<void> {
    this.#parts.scheduler.note("author", `sets the keys of ${app.clientId} up`);
    this.#app = app;
    for (const process of [...this.#workers.keys()]) {
      await this.#parts.scheduler.bury(process, "other keys");
      this.#replace(process);
    }
  }

  /** The first worker's machine is set to another time. */
  jumpWorker(byMs: number): void {
    const [process] = this.#workers.keys();
    if (!process) return;
    this.#parts.scheduler.note(process.name, `its clock JUMPS by ${byMs} ms`);
    this.#parts.underway.blow("worker clock set");
    process.clockShiftMs += byMs;
  }

  /** The author closes their machine: what runs there stands still. */
  nap(forMs: number): void {
    const { scheduler } = this.#parts;
    scheduler.note("machine", `is CLOSED for ${forMs} ms`);
    this.#parts.underway.blow("freeze");
    this.#closedUntilMs = scheduler.nowMs + forMs;
    for (const process of this.all()) process.frozenUntilMs = Math.max(process.frozenUntilMs, this.#closedUntilMs);
  }

  /** Everything that works on the hub ends at once. */
  async killWorkers(why: string): Promise<void> {
    for (const process of this.#workers.keys()) await this.#parts.scheduler.bury(process, why);
    this.#workers.clear();
  }

  /** The machine is off for so long: nothing starts meanwhile, also nothing that was about to; then a worker does. */
  async goOff(why: string, forMs: number): Promise<void> {
    const { scheduler } = this.#parts;
    this.offUntilMs = scheduler.nowMs + forMs;
    await this.killWorkers(why);
    const begin = () => {
      if (!this.#isHealing) this.#startWorker();
    };
    void scheduler.gate(new Process("nobody"), "a new process starts", begin, { afterMs: forMs });
  }

  /** No more faults; one worker is enough from here on, and a new one also has to take over what the others held. */
  async heal(): Promise<void> {
    this.#isHealing = true;
    this.#closedUntilMs = 0;
    Object.assign(this.#trigger.faults, { fails: 0, losesAnswers: 0, losesRuns: 0, lateMsMax: 500 });
    await this.killWorkers("healed");
    for (const process of this.all()) process.frozenUntilMs = 0;
    if (this.#engineName === "embedded") this.#startWorker();
  }

  // --- internal ---

  #deps(process: Process, engine: PublishDeps["engine"]): PublishDeps {
    const { prng, scheduler, server, network, plan } = this.#parts;
    const clock = scheduler.clockOf(process);
    const { clientId, clientSecret } = this.#app;
    return {
      hub: hubOf(server, scheduler, process, plan.connectionsMax),
      engine,
      media: simMedia(scheduler, process, () => !this.#isHealing && prng.is(plan.mediaStore)),
      clock,
      platform: createXPlatform({
        apiBaseUrl: "https://api.x.com",
        clock,
        fetch: network.fetchOf(process, clientId),
        oauth: {
          clientId,
          clientSecret,
          redirectUri: SANDBOX_CALLBACK_URL,
          authorizeUrl: "https://x.com/i/oauth2/authorize",
          tokenUrl: "https://api.x.com/2/oauth2/token",
          revokeUrl: "https://api.x.com/2/oauth2/revoke",
        },
      }),
      keyRing: [KEY],
      random: () => prng.next(),
      workerId: process.name,
      clientId,
      graceMs: 6 * 60 * 60_000,
    };
  }

  /** Again until all are handed over, as the command says it may be. */
  async #handOver(to: EngineName): Promise<void> {
    const { scheduler } = this.#parts;
    const process = new Process("setup");
    scheduler.note(process.name, `hands the hub to ${to}`);
    this.#parts.underway.blow("hand-over");
    this.#engineName = to;
    const api = this.#trigger.apiOf(process);
    const { hub, clock } = this.depsOf(process);
    if (to === "embedded" && this.#workers.size === 0) this.#startWorker();
    for (let round = 0; round < HAND_OVER_ROUNDS_MAX; round++) {
      try {
        await setHubEngine(hub, to);
        const handed =
          to === "trigger"
            ? await handToTrigger(hub, triggerEngine({ api }), this.#jobs())
            : await handToEmbedded(hub, api, () => {}, this.#jobs());
        scheduler.note(process.name, `handed ${handed.known} of ${handed.waiting} to ${to}`);
        return;
      } catch (error) {
        scheduler.note(process.name, `threw ${String((error as Error).message).slice(0, 80)}`);
        await clock.sleep(5_000);
      }
    }
  }

  #jobs(): SimEngine {
    const { prng, plan } = this.#parts;
    return simEngine(prng, this.#isHealing ? { losesRuns: 0, keepsOldOnes: 0 } : plan.jobs, () => this.#notify());
  }

  #triggerEngine(process: Process, ownRunId?: string) {
    return triggerEngine({ api: this.#trigger.apiOf(process), ...(ownRunId ? { ownRunId } : {}) });
  }

  #startTasks(): void {
    const { prng, scheduler, plan } = this.#parts;
    this.#tasks = new TriggerTasks({
      scheduler,
      prng,
      trigger: this.#trigger,
      waitMsMax: plan.waitMsMax,
      hasMedia: plan.media > 0,
      depsOf: (process, runId) => this.#deps(process, this.#triggerEngine(process, runId)),
    });
  }

  #startWorker(): void {
    const { prng, scheduler } = this.#parts;
    const process = new Process(`${this.#parts.prefix ?? ""}worker${++this.#count}`);
    process.frozenUntilMs = this.#closedUntilMs;
    process.clockShiftMs = this.#parts.skewMs + prng.int(-2_000, 2_000);
    scheduler.note(process.name, "starts");
    const worker = startSimWorker(scheduler, process, this.#deps(process, this.#jobs()), {
      hasMedia: this.#parts.plan.media > 0,
    });
    this.#workers.set(process, worker);
    void worker.done.then(() => {
      scheduler.note(process.name, "has stopped");
      this.#workers.delete(process);
    });
  }

  /** As by SIGTERM; one that does not stop in time is killed, and another starts meanwhile. */
  #stop(process: Process, worker: SimWorker): void {
    const { scheduler } = this.#parts;
    scheduler.note(process.name, "is asked to STOP");
    worker.stop();
    this.#stopping.add(process);
    this.#startAnother(process);
    const end = async () => {
      if (this.#workers.delete(process)) await scheduler.bury(process, "does not stop");
    };
    void scheduler.gate(new Process("nobody"), "tick", end, { afterMs: STOP_MS_MAX });
  }

  /** Postgres' notification, which comes a moment after the commit, or before it is seen, or not at all. */
  #notify(): void {
    const { prng, scheduler } = this.#parts;
    if (prng.is(NOTIFICATION_LOST)) return;
    const notify = () => {
      for (const worker of this.#workers.values()) worker.notified();
    };
    void scheduler.gate(new Process("hub"), "tick", notify, { afterMs: prng.int(0, NOTIFICATION_MS_MAX) });
  }

  #startAuthor(): void {
    const process = new Process(`${this.#parts.prefix ?? ""}author${++this.#count}`);
    process.frozenUntilMs = this.#closedUntilMs;
    this.#authorProcess = process;
    void this.#author
      ?.live(process, () => this.depsOf(process))
      .then(() => {
        this.isAuthorDone = true;
      });
  }

  #replace(process: Process): void {
    if (this.#tasks?.owns(process)) {
      this.#tasks.died(process);
      return;
    }
    this.#workers.delete(process);
    if (!this.#stopping.has(process)) this.#startAnother(process);
  }

  /** A process of the same kind starts a little later. */
  #startAnother(process: Process): void {
    const isAuthor = process === this.#authorProcess;
    const begin = () => {
      if (isAuthor) this.#startAuthor();
      // A worker refuses a hub that was handed to Trigger.dev.
      else if (this.#engineName === "embedded" && this.#parts.scheduler.nowMs >= this.offUntilMs) {
        this.#startWorker();
      }
    };
    const afterMs = this.#parts.prng.int(100, 30_000);
    void this.#parts.scheduler.gate(new Process("nobody"), "a new process starts", begin, { afterMs });
  }
}
