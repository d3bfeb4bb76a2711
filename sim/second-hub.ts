/**
 * A second hub that publishes for the same account, such as on the author's other machine: a database, workers and posts of its
 * own, and a sign-in of its own. Neither hub knows of the other; they meet at X alone.
 */
import type { Hub } from "../src/core/db/connection.ts";
import { resumeAccount, resumeApp } from "../src/core/posts/write.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import { Author } from "./author.ts";
import type { Backends } from "./backends.ts";
import { HubServer } from "./hub.ts";
import { isAtRest, setEngine, wipe } from "./hub-admin.ts";
import { hubOf } from "./hub-client.ts";
import { Invariants, SECOND_FROM, type Shown } from "./invariants.ts";
import { Network, type SendObserver } from "./network.ts";
import { Population } from "./population.ts";
import { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import type { Underway } from "./underway.ts";
import type { Witness } from "./witness.ts";
import type { WorldPlan } from "./world-plan.ts";

export interface SecondHubParts {
  seed: number;
  scheduler: Scheduler;
  sandbox: SandboxX;
  witness: Witness;
  underway: Underway;
  /** Of the whole world; here there is one account, and no Trigger.dev. */
  plan: WorldPlan;
  /** What its requests tell the auditor, as those of the first hub. */
  observer: Pick<SendObserver, "onDelete" | "onActed" | "onSignInUsed">;
  fail: (breach: string) => void;
}

/** With this app, under the name that the account has now. @returns the hub's id of it */
type SignIn = (hub: Hub, xAccount: string, clientId: string) => Promise<{ id: string }>;

const PREFIX = "other ";

export class SecondHub {
  readonly #parts: SecondHubParts;
  readonly #prng: Prng;
  readonly #plan: WorldPlan;
  readonly #network: Network;
  readonly #invariants: Invariants;
  readonly #population: Population;
  readonly server: HubServer;
  #author: Author | null = null;
  #xAccount = "";

  constructor(parts: SecondHubParts, backends: Backends) {
    const { seed, scheduler, sandbox, witness, underway, observer, plan } = parts;
    this.#parts = parts;
    const prng = new Prng(`second hub ${seed}`);
    this.#prng = prng;
    const posts = Array.from({ length: prng.int(1, 3) }, () => ({
      tweets: prng.int(1, 3),
      account: 0,
      isNow: prng.is(0.2),
    }));
    this.#plan = { ...plan, engineName: "embedded", handsOver: [], workers: prng.int(1, 2), posts, after: false };
    this.server = new HubServer(backends, scheduler);
    this.server.onDeadlock = parts.fail;
    this.server.noticesDeath = () => prng.is(0.5);
    this.#invariants = new Invariants(this.server, scheduler, parts.fail);
    this.#network = new Network(sandbox, scheduler, prng, {
      ...observer,
      underway,
      onSend: async (process, sent) => {
        witness.tell({ kind: "sent", hubMs: this.server.now.getTime(), ...sent });
        await this.#invariants.onSend(process, sent);
      },
    });
    this.#network.faults = plan.network;
    this.#population = new Population({
      prng,
      scheduler,
      server: this.server,
      network: this.#network,
      plan: this.#plan,
      underway,
      skewMs: 0,
      prefix: PREFIX,
    });
  }

  /** Of an earlier seed nothing is left. */
  async empty(): Promise<void> {
    await wipe(this.server);
    await setEngine(this.server, "embedded");
  }

  /** The account signs in: statements that the scheduler takes. */
  async open(signIn: SignIn, xAccount: string): Promise<void> {
    const { scheduler, witness, underway } = this.#parts;
    const { id } = await signIn(
      hubOf(this.server, scheduler, new Process(`${PREFIX}setup`), 1),
      xAccount,
      this.#population.clientId,
    );
    this.#xAccount = xAccount;
    const none = { tweets: 0, account: id, xAccount, isNow: false };
    const own = this.#plan.posts.map((post) => ({ ...post, account: id, xAccount }));
    this.#invariants.posts.push(...Array.from({ length: SECOND_FROM }, () => null));
    this.#author = new Author(
      { prng: this.#prng, scheduler, invariants: this.#invariants, witness, underway },
      {
        from: SECOND_FROM,
        posts: [...Array.from({ length: SECOND_FROM }, () => none), ...own],
        acts: Math.min(this.#plan.acts, this.#prng.int(0, 6)),
        after: false,
        overMs: this.#plan.lastsMs * 0.8,
        isRacing: this.#plan.isRacing,
        media: this.#plan.media,
        mayChange: this.#plan.mayChange,
        ...this.#plan.author,
      },
    );
  }

  begin(): void {
    const { latencyMsMax, slowReply } = this.#plan;
    this.server.latencyMs = () => (latencyMsMax === 0 ? 0 : this.#prng.int(0, latencyMsMax));
    this.server.slowReply = () => (this.#prng.is(slowReply) ? this.#prng.int(50, 15_000) : 0);
    if (this.#author) this.#population.start(this.#author);
  }

  owns(process: Process): boolean {
    return this.#population.all().includes(process);
  }

  fate(process: Process, label: string): "go" | "die_before" | "die_after" {
    return this.#population.fate(process, label);
  }

  async heal(): Promise<void> {
    this.#network.faults = { slow: 0, slowMsMax: 0 };
    this.server.slowReply = () => 0;
    await this.#population.heal();
  }

  /** The author signs in again here as well. */
  async repair(signIn: SignIn): Promise<void> {
    const { hub, engine, clientId } = this.#population.depsOf(new Process(`${PREFIX}repair`));
    const { id } = await signIn(hub, this.#xAccount, clientId);
    await resumeAccount(hub, engine, id);
    await resumeApp(hub, engine, clientId);
  }

  async isAtRest(): Promise<boolean> {
    return this.#population.isAuthorDone && (await isAtRest(this.server));
  }

  async atRest(): Promise<Shown[]> {
    return await this.#invariants.atRest();
  }

  async end(): Promise<void> {
    for (const process of this.#population.all()) this.#parts.scheduler.kill(process, "the end");
    await this.server.abandonAll();
  }
}
