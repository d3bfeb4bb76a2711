/**
 * One way to the hub, whether it is the embedded Postgres or any other: `pg` under drizzle. (Not neon-http: it cannot
 * hold a row lock across statements.)
 */
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { BoundedClient } from "./bounded-client.ts";
import { startEmbedded } from "./embedded/index.ts";
import { explainConnectError, movedAway, stillCopying } from "./errors.ts";
import { isFromBackup, readMark } from "./moved.ts";
import { requireSettings, sessionProof } from "./own-session.ts";
import { pinnedClient } from "./pinned-client.ts";
import { reviverOf } from "./revive.ts";
import { drizzleOver } from "./transaction.ts";
import { placeOf, readDatabaseUrl } from "./url.ts";

export type Db = NodePgDatabase;
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** One connection to a hub, for statements that belong to one session. */
export type HubClient = pg.PoolClient;

export interface Hub {
  readonly db: Db;
  readonly pool: pg.Pool;
  /** Its sessions are this process's alone, so that Postgres may keep plans in them; false behind a pooler. */
  readonly keepsPlans: boolean;
  /**
   * Few connections of their own, for transactions that hold a lock while X is asked. Those of `db` are never held so
   * long: a short statement on `db` finds one, also from inside such a transaction.
   */
  readonly lockDb: Db;
  /** Work that `close` waits for, such as a refresh whose caller has left: its answer is stored nowhere else. */
  readonly unfinished: Set<Promise<unknown>>;
  /** The environment asks for a person's approval, whatever the hub's own mode is. */
  readonly requiresPerson?: boolean;
  /** What the configuration's folder says of the approval mode; absent for a hub that is opened without one. */
  readonly approvalMark?: ApprovalMark;
  /** When it was opened, nobody had said yet of this restored hub that it publishes; `HubMark` knows it of now. */
  isRestored?: boolean;
  /** Where the hub is, for a person; never holds a password. */
  readonly where: string;
  readonly embedded: {
    dataDir: string;
    startedNow: boolean;
    createdNow: boolean;
    /**
     * For a process that lives long: starts the server again when it was stopped or killed. @returns whether it had to
     */
    revive(): Promise<boolean>;
  } | null;
  close(): Promise<void>;
}

/** A file beside the configuration: the mode `person`, as a person chose it, outside of the hub. */
export interface ApprovalMark {
  /** Null where nothing is written: in a dry run. */
  file: string | null;
  isPerson: boolean;
}

export interface HubOptions {
  /** `embedded`, or a postgres:// URL. */
  databaseUrl: string;
  /** The data folder; the embedded hub lives in its `hub/`. */
  dataDir: string;
  /** Connections at most. */
  max?: number;
  applicationName?: string;
  /** Go through the provider's pooler where the URL names one: many short processes, no session of their own. */
  pooled?: boolean;
  /** Of what this process sends, a person has to approve each; see core/posts/person-approval.ts. */
  requiresPerson?: boolean;
  approvalMark?: ApprovalMark;
  /** Open it although it was moved away: to move back, or to look. */
  evenIfMoved?: boolean;
  /** Never makes an embedded hub: one that is not there is HUB_GONE. */
  mustExist?: boolean;
  /** Gives the start of an embedded server up. */
  signal?: AbortSignal;
  /** Called when the embedded server takes longer than some seconds to start, with what it waits for. */
  onWait?: (what: string) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Longer than the longest wait for X under a row lock: a refresh is waited for 120 s. */
const IDLE_IN_TRANSACTION_MS_MAX = 180_000;
const LOCK_CONNECTIONS_MAX = 4;
/**
 * No statement is waited for longer: a connection that died without a word (a laptop that changed networks) would hold
 * up all that share it. Longer than the longest wait for a row's lock.
 */
const STATEMENT_MS_MAX = IDLE_IN_TRANSACTION_MS_MAX + 20_000;

/**
 * Opens the hub and proves that it answers. Starts the embedded server when it is not running; it stays running after
 * this process (`psn hub stop` stops it).
 * @throws PsnError HUB_UNREACHABLE, HUB_AUTH, HUB_DATABASE_MISSING, HUB_TLS, and what the embedded server throws.
 */
export async function createHubConnection(options: HubOptions): Promise<Hub> {
  const common: pg.PoolConfig = {
    max: options.max ?? 5,
    application_name: options.applicationName ?? "psn",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    query_timeout: STATEMENT_MS_MAX,
  };
  let config: pg.PoolConfig;
  let where: string;
  let embedded: Hub["embedded"] = null;
  if (options.databaseUrl === "embedded") {
    const dataDir = `${options.dataDir}/hub`;
    const { onWait, signal, mustExist = false } = options;
    const server = await startEmbedded({
      dataDir,
      mustExist,
      ...(onWait ? { onWait } : {}),
      ...(signal ? { signal } : {}),
    });
    const { started: startedNow, created: createdNow } = server;
    embedded = { dataDir: server.dataDir, startedNow, createdNow, revive: reviverOf(dataDir, server) };
    // Postgres refuses root; a person who runs as root should know where their data went, and whose it is.
    const runsAs = server.runsAs === null ? "" : `, run as ${server.runsAs}`;
    where = `embedded Postgres in ${server.dataDir}${runsAs}`;
    config = { ...common, ...server.connection };
  } else {
    const target = readDatabaseUrl(options.databaseUrl, options.pooled ?? false);
    where = placeOf(target);
    config = { ...common, connectionString: target.href };
  }
  const isOwnSession = !options.pooled;
  const bare = () => new pg.Pool({ ...config, max: 2, Client: BoundedClient });
  const prove = isOwnSession && embedded === null ? sessionProof(where, bare) : null;
  const pool = openPool(config, isOwnSession, prove);
  // No bound on the wait for a connection here: it may take as long as X does. A caller that cannot wait so long does
  // not.
  const lockPool = openPool({ ...config, max: LOCK_CONNECTIONS_MAX, connectionTimeoutMillis: 0 }, isOwnSession, prove);
  const unfinished = new Set<Promise<unknown>>();
  const hub: Hub = {
    db: drizzleOver(pool),
    pool,
    keepsPlans: !options.pooled,
    ...(options.requiresPerson ? { requiresPerson: true } : {}),
    ...(options.approvalMark ? { approvalMark: options.approvalMark } : {}),
    lockDb: drizzleOver(lockPool),
    unfinished,
    where,
    embedded,
    async close() {
      await Promise.allSettled(unfinished);
      await lockPool.end();
      await pool.end();
    },
  };
  try {
    if (prove) await requireSettings(pool, SEARCH_PATH, where);
    const mark = await readMark(pool);
    if (mark?.kind === "moved" && !options.evenIfMoved) throw movedAway(where, mark.to);
    if (mark?.kind === "copying" && !options.evenIfMoved) throw stillCopying(where, isFromBackup(mark));
    hub.isRestored = mark?.kind === "restored";
  } catch (error) {
    await pool.end().catch(() => {});
    throw explainConnectError(error, where);
  }
  return hub;
}

/** The hub's clock: what leases and due times are measured by. */
export async function hubNow(db: Db | Tx): Promise<Date> {
  const { rows } = await db.execute<{ now: string }>(sql`select psn.now() as now`);
  return new Date(rows[0]?.now ?? Number.NaN);
}

// --- internal ---

const SEARCH_PATH = "pg_catalog, pg_temp";
const PINS = [
  // A frozen process (a closed lid, SIGSTOP) must not hold a row's lock for as long as it sleeps.
  `idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS_MAX}`,
  // A name without a schema is Postgres's own: a function of the same name that somebody put into another schema of the database is
  // not called, whatever path the role or the database gives.
  `search_path = ${SEARCH_PATH}`,
];

/** Set by statement: a pooler in between, such as Neon's, refuses start-up parameters. */
function openPool(
  config: pg.PoolConfig,
  isOwnSession: boolean,
  prove: ((client: pg.ClientBase) => Promise<void>) | null,
): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    // Behind a pooler the session is another program's next, which finds its tables by its own path.
    Client: isOwnSession ? BoundedClient : pinnedClient(PINS),
    // pg waits for the promise, whatever its types say.
    onConnect: async (client) => {
      await prove?.(client);
      if (isOwnSession) await client.query(PINS.map((pin) => `set ${pin}`).join("; "));
    },
  });
  // An idle connection that breaks must not end the process; the next query gets a new one, or an error of its own.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
