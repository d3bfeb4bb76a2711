/**
 * The real connections under the simulation: one for each transaction that is open, so that Postgres itself decides who
 * waits for whom. Which of them serves whom tells Postgres nothing, so they are used again from seed to seed.
 */
import pg from "pg";
import { HUB_TIME_SETTING } from "../src/testing/hub-clock.ts";
import { bringHere } from "./processors.ts";

export type Settled = { result: pg.QueryResult } | { error: Error & { code?: string } };

/** A statement that Postgres has, and its answer once there is one. */
export interface Pending {
  readonly backend: Backend;
  settled: Settled | null;
  readonly done: Promise<void>;
}

/** A statement whose answer takes longer may be waiting for a lock; only then is Postgres asked, and less and less often. */
const PATIENCE_MS = 2;
const PATIENCE_MS_MAX = 64;
/** A statement that neither answers nor waits for a lock of the simulation for so long is a fault of the machine. */
const POLLS_MAX = 1_000;
/** Every lock that is not there at once is looked at for a deadlock, before the simulation asks who is in the way. */
const DEADLOCK_MS = 1;

export class Backend {
  readonly pid: number;
  /** Whose it is now, for the log. */
  owner = "";
  isInTransaction = false;
  /** After an error Postgres takes nothing but the end of the transaction. */
  isAborted = false;
  /** Grows whenever it may have let go of a lock. */
  releases = 0;
  readonly #client: pg.Client;
  #now = "";
  /** What goes before the next statement. */
  readonly #ahead: string[] = [];

  constructor(client: pg.Client, pid: number) {
    this.#client = client;
    this.pid = pid;
  }

  /**
   * Hands a statement over, as of `now`. It sees that time for as long as it runs, also after a wait. What goes before
   * it (the time, a transaction's begin) is sent with it: a third of all round trips would be for these.
   */
  ask(query: unknown, values: unknown[] | undefined, now: string): Pending {
    if (this.#now !== now && !this.isAborted && mayAskForTime(textOf(query))) {
      this.#ahead.push(`set ${HUB_TIME_SETTING} = '${now}'`);
      this.#now = now;
    }
    const { stream } = this.#client.connection;
    // One write, so that Postgres is woken once.
    stream.cork();
    this.#sendAhead();
    const asked = this.#client.query(typeof query === "string" ? query : prepared(query as pg.QueryConfig), values);
    stream.uncork();
    const pending: { -readonly [Key in keyof Pending]: Pending[Key] } = {
      backend: this,
      settled: null,
      done: Promise.resolve(),
    };
    pending.done = asked.then(
      (result) => {
        if (!this.isInTransaction) this.releases++;
        pending.settled = { result };
      },
      (error) => {
        this.isAborted = this.isInTransaction;
        this.releases++;
        pending.settled = { error };
      },
    );
    return pending;
  }

  /** Begins a transaction, with the first statement of it. */
  begin(): void {
    this.#ahead.push("begin");
    this.isInTransaction = true;
  }

  /** What never waits: commit, rollback, savepoints. */
  async command(text: string): Promise<pg.QueryResult> {
    const word = text.split(" ")[0];
    // Setting the time is undone with the rest of the transaction.
    if (word === "rollback" || this.isAborted) this.#now = "";
    this.#sendAhead();
    const result = await this.#client.query(text);
    if (text === "commit" || text === "rollback") this.isInTransaction = false;
    if (word === "rollback" || text === "commit") {
      this.isAborted = false;
      this.releases++;
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  /** Their answer is not waited for: they cannot fail but with the connection, which the statement behind them is told. */
  #sendAhead(): void {
    if (this.#ahead.length > 0) this.#client.query(this.#ahead.join("; ")).catch(() => {});
    this.#ahead.length = 0;
  }
}

export class Backends {
  /** Sees everything and waits for nothing. */
  readonly control: pg.Client;
  readonly #url: string;
  readonly #idle: Backend[] = [];
  readonly #byPid = new Map<number, Backend>();

  private constructor(url: string, control: pg.Client) {
    this.#url = url;
    this.control = control;
  }

  static async open(url: string): Promise<Backends> {
    const { client } = await connect(url);
    return new Backends(url, client);
  }

  async take(owner: string): Promise<Backend> {
    let backend = this.#idle.pop();
    if (!backend) {
      const { client, pid } = await connect(this.#url);
      backend = new Backend(client, pid);
      this.#byPid.set(backend.pid, backend);
    }
    backend.owner = owner;
    return backend;
  }

  give(backend: Backend): void {
    if (backend.isInTransaction) throw new Error("a connection was given back in the middle of its transaction");
    this.#idle.push(backend);
  }

  /**
   * Waits until a statement has its answer or is found waiting for others of the simulation.
   * @returns whom it waits for; nobody when it has its answer
   */
  async settle(pending: Pending): Promise<Backend[]> {
    for (let poll = 0; poll < POLLS_MAX; poll++) {
      const patienceMs = Math.min(PATIENCE_MS * 2 ** poll, PATIENCE_MS_MAX);
      if (pending.settled || (await isDoneWithin(pending.done, patienceMs))) return [];
      const { rows } = await this.control.query({
        name: "blockers",
        text: "select pg_blocking_pids($1) as pids",
        values: [pending.backend.pid],
      });
      const pids = [...new Set(rows[0].pids as number[])].sort((a, b) => a - b);
      const blockers = pids.flatMap((pid) => this.#byPid.get(pid) ?? []);
      if (!pending.settled && blockers.length > 0) return blockers;
    }
    throw new Error("Postgres does not answer");
  }

  /** Calls a statement back that waits for a lock. */
  async cancel(pending: Pending): Promise<void> {
    await this.control.query("select pg_cancel_backend($1)", [pending.backend.pid]);
    await pending.done;
  }

  async close(): Promise<void> {
    for (const backend of this.#byPid.values()) await backend.close();
    await this.control.end();
  }
}

export const textOf = (query: unknown) => (typeof query === "string" ? query : (query as { text: string }).text);

// --- internal ---

async function connect(url: string): Promise<{ client: pg.Client; pid: number }> {
  const client = new pg.Client({ connectionString: url, pipeline: true });
  await client.connect();
  // Nothing here has to survive a power cut; the order of commits is the same.
  await client.query(
    `set synchronous_commit = off; set client_min_messages = warning; set deadlock_timeout = ${DEADLOCK_MS}`,
  );
  const { rows } = await client.query("select pg_backend_pid() as pid");
  const { pid } = rows[0];
  bringHere(pid);
  return { client, pid };
}

/** Triggers and functions may ask, so only a plain read is taken at its word. */
function mayAskForTime(text: string): boolean {
  return /psn\.(now|clock)/.test(text) || !/^\s*select/i.test(text);
}

const names = new Map<string, string>();

/** The same statements come hundreds of times: planned once a connection, which is what pg keeps by this name. */
function prepared(query: pg.QueryConfig): pg.QueryConfig {
  const name = names.get(query.text) ?? `s${names.size}`;
  names.set(query.text, name);
  return { ...query, name };
}

async function isDoneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
