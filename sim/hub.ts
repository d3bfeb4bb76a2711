/**
 * The hub of the simulation: a real Postgres, of which every statement is a step. Transactions of different processes
 * overlap, each on a connection of its own, and Postgres' own locks decide. A statement that meets a lock goes on
 * waiting inside Postgres while others take their steps; what lets it go on makes its answer a step of its own.
 *
 * One statement at a time waits there: of two that are let go together Postgres would choose by its own prng. A second
 * one is called back, to its savepoint, and issued again once a transaction in its way has released a lock.
 */
import type pg from "pg";
import type { Backend, Backends, Pending, Settled } from "./backends.ts";
import { Process, type Scheduler } from "./scheduler.ts";

/** A connection to the hub, and the process that has it. */
export interface Session {
  readonly process: Process;
  readonly backend: Backend | null;
  /** Virtual ms at which it last asked for something. */
  readonly askedAtMs: number;
  /** Its connection breaks; Postgres rolls back what was open. */
  abandon(): Promise<void>;
}

export interface Statement {
  process: Process;
  backend: Backend;
  label: string;
  query: unknown;
  values: unknown[] | undefined;
}

export type Issued =
  | { kind: "answered"; settled: Settled }
  /** A lock is in the way; `heard` is its answer. */
  | { kind: "waits"; heard: Promise<Settled> }
  /** A lock is in the way, and another statement waits already: to be issued again when the lock may be gone. */
  | { kind: "called_back"; isFree: () => boolean };

interface Waiting {
  statement: Statement;
  pending: Pending;
  blockers: Backend[];
  hear: (settled: Settled) => void;
}

/** `idle_in_transaction_session_timeout` of `core/db/connection.ts`. */
const IDLE_IN_TRANSACTION_MS_MAX = 180_000;

/** What all processes of one seed share. */
export class HubServer {
  readonly backends: Backends;
  readonly #scheduler: Scheduler;
  readonly #self = new Process("hub");
  readonly sessions = new Set<Session>();
  /** Virtual ms until which nobody gets a connection. */
  downUntilMs = 0;
  /** The hub's own clock, against the true one. */
  clockShiftMs = 0;
  /** How long a statement is on its way to the hub, in ms. */
  latencyMs: () => number = () => 0;
  /** By how many ms the word of a statement that was done comes late. */
  slowReply: () => number = () => 0;
  /** Breaks connections whose number is lower. */
  generation = 0;
  /** Whether Postgres notices in time that the process died whose statement waits for a lock. */
  noticesDeath: () => boolean = () => false;
  onDeadlock: (words: string) => void = () => {};
  #waiting: Waiting | null = null;
  /** Which transactions are in the way of those whose statement was called back. */
  readonly #calledBack = new Map<Backend, { blockers: Backend[]; isFree: () => boolean }>();

  constructor(backends: Backends, scheduler: Scheduler) {
    this.backends = backends;
    this.#scheduler = scheduler;
  }

  get now(): Date {
    return new Date(this.#scheduler.nowMs + this.clockShiftMs);
  }

  /** Beside the simulation, for its own eyes: no step, and no lock. */
  async look(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    return await this.backends.control.query(text, values);
  }

  /** Every connection ends; open transactions are rolled back. */
  async restart(downMs: number): Promise<void> {
    this.#scheduler.note("hub", `RESTARTS, back in ${downMs} ms`);
    this.generation++;
    this.downUntilMs = this.#scheduler.nowMs + downMs;
    await this.abandonAll();
  }

  async abandonAll(): Promise<void> {
    await this.giveUp(() => true, new Error("Connection terminated unexpectedly"));
    for (const session of [...this.sessions]) await session.abandon();
  }

  /** A process freezes: Postgres ends its transactions when they have been idle for too long. */
  watchIdle(process: Process): void {
    const frozenAtMs = this.#scheduler.nowMs;
    const idle = [...this.sessions].filter((session) => session.process === process && session.backend !== null);
    if (idle.length === 0) return;
    const end = async () => {
      for (const session of idle) {
        if (this.sessions.has(session) && session.askedAtMs <= frozenAtMs) await session.abandon();
      }
    };
    void this.#scheduler.gate(this.#self, `ends what ${process.name} holds`, end, {
      afterMs: IDLE_IN_TRANSACTION_MS_MAX,
    });
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
  async issue(statement: Statement): Promise<Issued> {
    const { backend, query, values, process } = statement;
    this.#calledBack.delete(backend);
    const mayBeCalledBack = this.#waiting !== null && backend.isInTransaction && !backend.isAborted;
    if (mayBeCalledBack) await backend.command("savepoint simulation");
    const pending = backend.ask(query, values, this.now.toISOString());
    const blockers = await this.backends.settle(pending);
    const { settled } = pending;
    if (settled) {
      if ("error" in settled && settled.error.code === "40P01") this.#deadlock(statement);
      if (mayBeCalledBack && "result" in settled) await backend.command("release savepoint simulation");
      await this.letGo();
      return { kind: "answered", settled };
    }
    this.#scheduler.note(process.name, `waits for ${blockers.map(({ owner }) => owner).join(", ")}`);
    if (this.#leadsTo(blockers, backend)) this.#deadlock(statement);
    if (this.#waiting === null) {
      const heard = new Promise<Settled>((hear) => {
        this.#waiting = { statement, pending, blockers, hear };
      });
      return { kind: "waits", heard };
    }
    await this.backends.cancel(pending);
    const before = blockers.map(({ releases }) => releases);
    const isFree = () => blockers.some(({ releases }, index) => releases !== before[index]);
    if (backend.isInTransaction) {
      await backend.command("rollback to savepoint simulation");
      await backend.command("release savepoint simulation");
      this.#calledBack.set(backend, { blockers, isFree });
    }
    return { kind: "called_back", isFree };
  }

  /** Ends a transaction. */
  async end(backend: Backend, word: "commit" | "rollback"): Promise<pg.QueryResult> {
    this.#calledBack.delete(backend);
    const ended = await backend.command(word);
    this.backends.give(backend);
    await this.letGo();
    return ended;
  }

  /** Cancels the waiting statement, if it is this one; its process gets `error`. */
  async giveUp(isIt: (statement: Statement) => boolean, error: Error): Promise<void> {
    const waiting = this.#waiting;
    if (!waiting || !isIt(waiting.statement)) return;
    this.#waiting = null;
    await this.backends.cancel(waiting.pending);
    waiting.hear({ error });
  }

  /** Takes the answer of the statement that waits, once nothing is in its way. */
  async letGo(): Promise<void> {
    const waiting = this.#waiting;
    if (!waiting) return;
    const blockers = await this.backends.settle(waiting.pending);
    const { settled } = waiting.pending;
    if (!settled) {
      waiting.blockers = blockers;
      return;
    }
    this.#waiting = null;
    waiting.statement.backend.releases++;
    if ("error" in settled && settled.error.code === "40P01") this.#deadlock(waiting.statement);
    waiting.hear(settled);
  }

  // --- internal ---

  #leadsTo(from: readonly Backend[], wanted: Backend, seen = new Set<Backend>()): boolean {
    return from.some((backend) => {
      if (backend === wanted) return true;
      if (seen.has(backend)) return false;
      seen.add(backend);
      if (this.#waiting?.statement.backend === backend) return this.#leadsTo(this.#waiting.blockers, wanted, seen);
      const calledBack = this.#calledBack.get(backend);
      return calledBack !== undefined && !calledBack.isFree() && this.#leadsTo(calledBack.blockers, wanted, seen);
    });
  }

  #deadlock({ process, label }: Statement): void {
    const other = this.#waiting?.statement;
    const against = other ? `"${other.label}" of ${other.process.name}` : "another transaction";
    this.onDeadlock(`deadlock: "${label}" of ${process.name} against ${against}`);
  }
}
