/**
 * The hub of the simulation: a real Postgres, of which every statement is a step. Transactions of different processes do
 * not overlap, as if each held one big lock: what locks rows in PSN locks the post's root row first, so nothing is lost
 * by that but speed. Reads go on beside them, and refreshes of tokens have a lock of their own.
 *
 * Two connections serve all processes: which one of them a process uses tells Postgres nothing.
 */
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Hub } from "../src/core/db/connection.ts";
import * as schema from "../src/core/db/schema.ts";
import type { Process, Scheduler } from "./scheduler.ts";

type Lock = "posts" | "tokens";

/** What all processes of one seed share. */
export class HubServer {
  readonly #connections: Record<Lock | "plain", pg.Client>;
  readonly #timeOf = new Map<pg.Client, string>();
  readonly #scheduler: Scheduler;
  readonly holders = new Map<Lock, SimClient>();
  /** Virtual ms until which nobody gets a connection. */
  downUntilMs = 0;
  /** The hub's own clock, against the true one. */
  clockShiftMs = 0;
  /** By how many ms the word of a statement that was done comes late. */
  slowReply: () => number = () => 0;
  /** Breaks connections whose number is lower. */
  generation = 0;

  constructor(connections: Record<Lock | "plain", pg.Client>, scheduler: Scheduler) {
    this.#connections = connections;
    this.#scheduler = scheduler;
  }

  get now(): Date {
    return new Date(this.#scheduler.nowMs + this.clockShiftMs);
  }

  /** Every connection ends; open transactions are rolled back. */
  async restart(downMs: number): Promise<void> {
    this.#scheduler.note("hub", `RESTARTS, back in ${downMs} ms`);
    this.generation++;
    this.downUntilMs = this.#scheduler.nowMs + downMs;
    for (const client of [...this.holders.values()]) await client.abandon();
  }

  /** The answer, when it reaches the process. */
  async arrive<T>(process: Process, asked: Promise<T>): Promise<T> {
    const value = await asked;
    const lateMs = this.slowReply();
    return lateMs === 0 ? value : await this.#scheduler.gate(process, "late reply", () => value, { afterMs: lateMs });
  }

  refuseWhileDown(): void {
    if (this.#scheduler.nowMs < this.downUntilMs) {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    }
  }

  /** Asks Postgres for real, at the hub's present time. */
  async ask(which: Lock | "plain", query: unknown, values?: unknown[]): Promise<pg.QueryResult> {
    const connection = this.#connections[which];
    const now = this.now.toISOString();
    // What does not ask for the time need not be told it.
    const asks = /psn\.now/.test(textOf(query));
    if (asks && this.#timeOf.get(connection) !== now) {
      await connection.query(`set psn.now = '${now}'`);
      this.#timeOf.set(connection, now);
    }
    return await connection.query(typeof query === "string" ? query : this.#prepared(query as pg.QueryConfig), values);
  }

  /** The same statements come hundreds of times: planned once. */
  #prepared(query: pg.QueryConfig): pg.QueryConfig {
    const name = names.get(query.text) ?? `s${names.size}`;
    names.set(query.text, name);
    return { ...query, name };
  }
}

const names = new Map<string, string>();

/** The hub as one process sees it. */
export function hubOf(server: HubServer, scheduler: Scheduler, process: Process): Hub {
  const pool = new SimPool(server, scheduler, process) as unknown as pg.Pool;
  const db = drizzle(pool, { schema });
  return { db, pool, lockDb: db, unfinished: new Set(), where: "simulation", embedded: null, close: async () => {} };
}

// --- internal ---

const isRead = (text: string) => /^\s*select/i.test(text) && !/for update|pg_advisory|remove_job|add_job/i.test(text);
const textOf = (query: unknown) => (typeof query === "string" ? query : (query as { text: string }).text);

function labelOf(text: string): string {
  const words = text.replace(/"/g, "").replace(/\s+/g, " ").trim();
  const table = /(?:from|into|update) (psn[\w.]*)/i.exec(words)?.[1] ?? "";
  return `sql ${words.split(" ")[0]?.toLowerCase()} ${table.replace("psn.", "")}`.trim();
}

/** Drizzle takes what has "Pool" in its name for a pool. */
class SimPool {
  constructor(
    readonly server: HubServer,
    readonly scheduler: Scheduler,
    readonly process: Process,
  ) {}

  query(query: unknown, values?: unknown[]): Promise<pg.QueryResult> {
    const text = textOf(query);
    const { server, scheduler, process } = this;
    const isFree = () => isRead(text) || /refresh_intents/.test(text) || !server.holders.has("posts");
    const act = async () => {
      server.refuseWhileDown();
      return await server.ask("plain", query, values);
    };
    return server.arrive(process, scheduler.gate(process, labelOf(text), act, { isFree }));
  }

  async connect(): Promise<SimClient> {
    return new SimClient(this);
  }
}

class SimClient {
  readonly #pool: SimPool;
  readonly #generation: number;
  #lock: Lock | null = null;
  #isInTransaction = false;
  #isBroken = false;
  readonly #atCommit: (() => void)[] = [];

  constructor(pool: SimPool) {
    this.#pool = pool;
    this.#generation = pool.server.generation;
    pool.process.onDeath.push(() => this.abandon());
  }

  release(): void {}
  on(): this {
    return this;
  }
  off(): this {
    return this;
  }

  belongsTo(process: Process): boolean {
    return this.#pool.process === process;
  }

  /** Rolled back by the server: the process died, or the server did. */
  async abandon(): Promise<void> {
    this.#isBroken = true;
    await this.#end("rollback");
  }

  query(query: unknown, values?: unknown[]): Promise<pg.QueryResult> {
    const { server, scheduler, process } = this.#pool;
    const text = textOf(query);
    const word = text.trim().split(/\s+/)[0]?.toLowerCase() ?? "";
    if (word === "begin" && !this.#isBroken) {
      // Begun for real with the first statement, which says what it locks.
      this.#isInTransaction = true;
      return Promise.resolve({ rows: [], rowCount: 0 } as unknown as pg.QueryResult);
    }
    const lock: Lock = this.#lock ?? (/oauth_tokens/.test(text) ? "tokens" : "posts");
    const isFree = () => (server.holders.get(lock) ?? this) === this;
    const label = word === "commit" || word === "rollback" ? `sql ${word}` : labelOf(text);
    const act = async () => {
      server.refuseWhileDown();
      if (this.#isBroken || this.#generation !== server.generation) {
        throw new Error("Connection terminated unexpectedly");
      }
      if (word === "commit" || word === "rollback") {
        const ended = await this.#end(word);
        if (word === "commit") for (const done of this.#atCommit.splice(0)) done();
        return ended;
      }
      if (this.#isInTransaction && this.#lock === null) {
        this.#lock = lock;
        server.holders.set(lock, this);
        await server.ask(lock, "begin");
      }
      return await server.ask(lock, query, values);
    };
    return server.arrive(process, scheduler.gate(process, label, act, { isFree }));
  }

  async #end(word: "commit" | "rollback"): Promise<pg.QueryResult> {
    const lock = this.#lock;
    this.#isInTransaction = false;
    this.#lock = null;
    if (lock === null) return { rows: [], rowCount: 0 } as unknown as pg.QueryResult;
    this.#pool.server.holders.delete(lock);
    return await this.#pool.server.ask(lock, word);
  }
}
