/** The hub as one process of the simulation has it: what drizzle takes for a pool of connections. */
import type pg from "pg";
import type { Hub } from "../src/core/db/connection.ts";
import { drizzleOver } from "../src/core/db/transaction.ts";
import { type Backend, type Settled, textOf } from "./backends.ts";
import type { HubServer, Issued, Session } from "./hub.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import { type PoolBounds, Slots } from "./slots.ts";

/** As `core/db/connection.ts` opens them. */
const CONNECT_TIMEOUT_MS = 10_000;
const LOCK_CONNECTIONS: PoolBounds = { max: 4, timeoutMs: 0 };

/** @param connectionsMax of the process's pool; transactions that hold a lock while X is asked have a pool of their own */
export function hubOf(server: HubServer, scheduler: Scheduler, process: Process, connectionsMax: number): Hub {
  const open = (bounds: PoolBounds) => {
    const slots = new Slots(bounds, scheduler.clockOf(process));
    return new SimPool(server, scheduler, process, slots) as unknown as pg.Pool;
  };
  const pool = open({ max: connectionsMax, timeoutMs: CONNECT_TIMEOUT_MS });
  return {
    db: drizzleOver(pool),
    pool,
    keepsPlans: true,
    lockDb: drizzleOver(open(LOCK_CONNECTIONS)),
    unfinished: new Set(),
    where: "simulation",
    embedded: null,
    close: async () => {},
  };
}

// --- internal ---

/** Another statement waits each time this one is issued again: more often than this is a bug of the simulation. */
const CALLED_BACK_MAX = 1_000;

const NOTHING = { rows: [], rowCount: 0 } as unknown as pg.QueryResult;

const labels = new Map<string, string>();

/** What a step of the log calls a statement. */
function labelOf(text: string): string {
  const known = labels.get(text) ?? madeLabel(text);
  labels.set(text, known);
  return known;
}

function madeLabel(text: string): string {
  const words = text.replace(/"/g, "").replace(/\s+/g, " ").trim();
  const table = /(?:from|into|update) (psn(?!\.now)[\w.]*)/i.exec(words)?.[1] ?? "";
  return `sql ${words.split(" ")[0]?.toLowerCase()} ${table.replace("psn.", "")}`.trim();
}

function resultOf(settled: Settled): pg.QueryResult {
  if ("error" in settled) throw settled.error;
  return settled.result;
}

/** Drizzle takes what has "Pool" in its name for a pool. */
class SimPool {
  constructor(
    readonly server: HubServer,
    readonly scheduler: Scheduler,
    readonly process: Process,
    readonly slots: Slots,
  ) {}

  /** A statement that is a transaction of its own. */
  async query(query: unknown, values?: unknown[]): Promise<pg.QueryResult> {
    await this.slots.take();
    return await this.#query(query, values).finally(() => this.slots.give());
  }

  async connect(): Promise<SimClient> {
    await this.slots.take();
    return new SimClient(this);
  }

  #query(query: unknown, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const { server, process } = this;
    const label = labelOf(textOf(query));
    const issue = async (): Promise<Issued> => {
      server.refuseWhileDown();
      const backend = await server.backends.take(process.name);
      const statement = { process, backend, label, query, values };
      const issued = await server.issue(statement);
      if (issued.kind !== "waits") {
        server.backends.give(backend);
        return issued;
      }
      // Postgres does not notice that nobody listens any more: what waits is mostly carried out all the same.
      process.onDeath.push(async () => {
        if (server.noticesDeath())
          await server.giveUp((waiting) => waiting === statement, new Error("its process died"));
      });
      void issued.heard.then(() => server.backends.give(backend));
      return issued;
    };
    return server.arrive(process, this.heard(label, issue));
  }

  /** Issues a statement, and again after it was called back, and gets its answer. */
  async heard(label: string, issue: () => Promise<Issued>): Promise<pg.QueryResult> {
    const { server, scheduler, process } = this;
    let isFree = () => true;
    for (let round = 0; round < CALLED_BACK_MAX; round++) {
      const issued = await scheduler.gate(process, label, issue, { afterMs: server.latencyMs(), isFree });
      if (issued.kind === "answered") return resultOf(issued.settled);
      if (issued.kind === "waits") {
        const settled = await issued.heard;
        return await scheduler.gate(process, `${label}, after a wait`, () => resultOf(settled));
      }
      isFree = issued.isFree;
    }
    throw new Error(`"${label}" was called back too often`);
  }
}

class SimClient implements Session {
  readonly #pool: SimPool;
  readonly #generation: number;
  backend: Backend | null = null;
  askedAtMs = 0;
  #isInTransaction = false;
  #isBroken = false;

  constructor(pool: SimPool) {
    this.#pool = pool;
    this.#generation = pool.server.generation;
    pool.process.onDeath.push(() => this.abandon());
  }

  get process(): Process {
    return this.#pool.process;
  }

  release(): void {
    this.#pool.slots.give();
  }
  on(): this {
    return this;
  }
  off(): this {
    return this;
  }

  async abandon(): Promise<void> {
    this.#isBroken = true;
    this.#isInTransaction = false;
    const { server } = this.#pool;
    const { backend } = this;
    if (!backend) return;
    await server.giveUp((waiting) => waiting.backend === backend, new Error("Connection terminated unexpectedly"));
    await this.#end("rollback");
  }

  query(query: unknown, values?: unknown[]): Promise<pg.QueryResult> {
    const { server, scheduler, process } = this.#pool;
    const text = textOf(query);
    const word = text.trim().split(/\s+/)[0]?.toLowerCase() ?? "";
    if (word === "begin" && !this.#isBroken) {
      // Begun for real with the first statement.
      this.#isInTransaction = true;
      return Promise.resolve(NOTHING);
    }
    const checked = () => {
      server.refuseWhileDown();
      this.askedAtMs = scheduler.nowMs;
      if (this.#isBroken || this.#generation !== server.generation) {
        throw new Error("Connection terminated unexpectedly");
      }
    };
    if (word === "commit" || word === "rollback") {
      const end = async () => {
        checked();
        return await this.#end(word);
      };
      const ended = scheduler.gate(process, `sql ${word}`, end, { afterMs: server.latencyMs() });
      return server.arrive(process, ended);
    }
    const label = labelOf(text);
    const issue = async (): Promise<Issued> => {
      checked();
      const backend = await this.#begun();
      return await server.issue({ process, backend, label, query, values });
    };
    return server.arrive(process, this.#pool.heard(label, issue));
  }

  // --- internal ---

  async #begun(): Promise<Backend> {
    if (!this.#isInTransaction) throw new Error("the simulation has no sessions outside a transaction");
    if (this.backend) return this.backend;
    const { server, process } = this.#pool;
    const backend = await server.backends.take(process.name);
    backend.begin();
    this.backend = backend;
    server.sessions.add(this);
    return backend;
  }

  async #end(word: "commit" | "rollback"): Promise<pg.QueryResult> {
    const { backend } = this;
    this.#isInTransaction = false;
    this.backend = null;
    if (!backend) return NOTHING;
    const { server } = this.#pool;
    server.sessions.delete(this);
    return await server.end(backend, word);
  }
}
