/**
 * Moves a hub to another Postgres: the old one is locked, everything is copied and compared, and only then does the
 * new one count. The old one refuses writes for good before the new one takes any, so at no moment do both; interrupted at
 * any point, the same move finishes.
 */
import { randomInt, randomUUID } from "node:crypto";
import type pg from "pg";
import type { Clock } from "../clock.ts";
import { PsnError } from "../errors.ts";
import type { Hub } from "./connection.ts";
import { copyTable, hubTables, plainSession, requireEqual, type TableSum } from "./copy.ts";
import { movedAway } from "./errors.ts";
import { unclaimed } from "./mark.ts";
import { migrateHub } from "./migrate.ts";
import { allowWrites, type Mark, readMark, refuseWrites, writeMark } from "./moved.ts";
import { requireNotNewer } from "./version.ts";

const LOCK_WAIT_MS = 10_000;
const HUB_ID_SETTING = "hub_id";

export interface MoveSwitch {
  clock: Clock;
  /** Ends the copying between two tables; the same move can be run again. */
  signal: AbortSignal;
  /** Called when all was looked at, before the first change. */
  willWrite?(): void;
  /** Called before anything is touched. Throws while somebody publishes from the old hub. */
  requireIdle(): Promise<void>;
  /** Called once the copy is equal: gives the waiting posts to the engine at the new hub. @returns how many */
  enqueueWaiting(): Promise<number>;
  /** Called last: stores the new hub in the configuration, for every command that starts from now on. */
  switchConfig(): Promise<void>;
}

export interface Moved {
  /** All tables, with what is the same on both sides by now. */
  tables: TableSum[];
  /** Those that were not equal already. */
  copiedTables: string[];
  jobs: number;
}

/**
 * Copies `from` to `to`, compares them, and switches. `from` refuses writes afterwards.
 * @throws PsnError HUB_SAME, HUB_MOVED (to elsewhere), HUB_BUSY, HUB_NOT_EMPTY, HUB_COPY_DIFFERS; nothing is switched then
 */
export async function moveHub(from: Hub, to: Hub, host: MoveSwitch): Promise<Moved> {
  if (await areSame(from, to)) throw new PsnError("HUB_SAME", "That is the hub that PSN uses already.");
  const earlier = await readMark(from.pool);
  if (earlier?.kind === "moved") return await finishMove(from, to, host, earlier.to);
  if (earlier?.kind === "restored") throw unclaimed("restored");
  await host.requireIdle();
  await look(from, to);
  host.willWrite?.();
  await migrateHub(from);
  await migrateHub(to);
  const source = await from.pool.connect();
  const target = await to.pool.connect();
  try {
    const { tables, copiedTables, sums } = await copyAll(source, target, host.signal);
    const jobs = await host.enqueueWaiting();
    await writeMark(source, { kind: "moved", to: to.where, at: host.clock.now().toISOString() });
    await refuseWrites(source, tables, to.where).catch(busy);
    // From here on the old hub takes no writes, and not before does the new one.
    await source.query("commit");
    await writeMark(target, null);
    await host.switchConfig();
    return { tables: sums, copiedTables, jobs };
  } catch (error) {
    await source.query("rollback").catch(() => {});
    throw error;
  } finally {
    source.release(true);
    target.release(true);
  }
}

// --- internal ---

/** What would refuse the move, as far as it is seen before anything is changed; the rest is seen under the locks. */
async function look(from: Hub, to: Hub): Promise<void> {
  await requireNotNewer(from.pool);
  const { newest } = await requireNotNewer(to.pool);
  await requireNothingRuns(from.pool);
  if (newest > 0) return await requireTarget(to.pool, await knownHubId(from.pool));
  const { rows } = await to.pool.query("select has_database_privilege(current_database(), 'create') as may");
  if (rows[0].may) return;
  throw new PsnError("HUB_MIGRATION_FAILED", "The hub's tables could not be made there: permission denied.", {
    hint: "The user needs the right to create schemas in this database.",
  });
}

/** The old hub gave up its writes, and the move broke off before the configuration was stored. */
async function finishMove(from: Hub, to: Hub, host: MoveSwitch, movedTo: string): Promise<Moved> {
  const source = await from.pool.connect();
  const target = await to.pool.connect();
  try {
    const id = await knownHubId(source);
    const mark = await readMark(target);
    const isOurs = id !== null && (mark === null ? (await knownHubId(target)) === id : isCopyOf(mark, id));
    if (!isOurs) throw movedAway(from.where, movedTo);
    host.willWrite?.();
    await plainSession(source);
    await plainSession(target);
    const tables = await hubTables(source);
    // Once the new hub takes writes the two differ, and rightly.
    if (mark === null) {
      await host.switchConfig();
      return { tables: [], copiedTables: [], jobs: 0 };
    }
    const sums = await requireEqual(source, target, tables);
    const jobs = await host.enqueueWaiting();
    await writeMark(target, null);
    await host.switchConfig();
    return { tables: sums, copiedTables: [], jobs };
  } finally {
    source.release(true);
    target.release(true);
  }
}

function isCopyOf(mark: Mark, id: string): boolean {
  return mark.kind === "copying" && mark.from === id;
}

async function knownHubId(client: pg.ClientBase | pg.Pool): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    "select value #>> '{}' as id from psn.hub_settings where key = $1",
    [HUB_ID_SETTING],
  );
  return rows[0]?.id ?? null;
}

/** Leaves `source` in a transaction that keeps everybody from writing. */
async function copyAll(source: pg.PoolClient, target: pg.PoolClient, signal: AbortSignal) {
  await plainSession(source);
  await plainSession(target);
  const tables = await hubTables(source);
  const id = await hubId(source);
  await requireTarget(target, id);
  await writeMark(target, { kind: "copying", from: id });
  await allowWrites(target);

  await source.query("begin isolation level read committed");
  await source.query(`set local lock_timeout = ${LOCK_WAIT_MS}`);
  // From here on nobody writes to the old hub; what waits for us is refused once we are done.
  await source.query(`lock table ${tables.map((table) => `psn.${table}`).join(", ")} in share mode`).catch(busy);
  await requireNothingRuns(source);
  const copiedTables: string[] = [];
  for (const table of tables) {
    if (await copyTable(source, target, table)) copiedTables.push(table);
    signal.throwIfAborted();
  }
  return { tables, copiedTables, sums: await requireEqual(source, target, tables) };
}

/** However they are reached: a lock taken on one side is seen on the other only where both are one database. */
async function areSame(from: Hub, to: Hub): Promise<boolean> {
  const lock = randomInt(2 ** 31);
  const client = await from.pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [lock]);
    const { rows } = await to.pool.query(
      `select count(*)::int as n
       from pg_locks
       where locktype = 'advisory' and classid = 0 and objid = $1
         and database = (select oid from pg_database where datname = current_database())`,
      [lock],
    );
    return rows[0].n > 0;
  } finally {
    client.release(true);
  }
}

async function requireNothingRuns(source: pg.PoolClient | pg.Pool): Promise<void> {
  const { rows } = await source.query("select count(*)::int as n from psn.posts where status = 'publishing'");
  if (rows[0].n === 0) return;
  throw new PsnError("HUB_BUSY", `${rows[0].n} posts are being published right now.`, {
    hint: "Wait until psn post list --status publishing is empty, then run this again.",
  });
}

function busy(error: unknown): never {
  if ((error as { code?: string }).code !== "55P03") throw error;
  throw new PsnError("HUB_BUSY", `Something else has been writing to this hub for ${LOCK_WAIT_MS / 1000} seconds.`, {
    hint: "Let other psn commands end, then run this again.",
  });
}

/** A name for the hub that its copies remember. */
async function hubId(source: pg.PoolClient): Promise<string> {
  const { rows } = await source.query<{ id: string }>(
    `with made as (
       insert into psn.hub_settings (key, value, updated_at) values ($1, to_jsonb($2::text), now())
       on conflict (key) do nothing
       returning value
     )
     select value #>> '{}' as id from made
     union all
     select value #>> '{}' from psn.hub_settings where key = $1
     limit 1`,
    [HUB_ID_SETTING, randomUUID()],
  );
  const id = rows[0]?.id;
  if (!id) throw new Error("the hub has no id");
  return id;
}

/** Nothing is ever written over: the target is empty, a copy of this very hub, or a hub that was moved away. */
async function requireTarget(target: pg.PoolClient | pg.Pool, id: string | null): Promise<void> {
  const mark = await readMark(target);
  if (mark?.kind === "moved" || (mark && id !== null && isCopyOf(mark, id))) return;
  const { rows } = await target.query(`
    select (select count(*) from psn.posts) + (select count(*) from psn.accounts) as n`);
  if (mark === null && Number(rows[0].n) === 0) return;
  throw new PsnError("HUB_NOT_EMPTY", "The target holds another hub's posts or accounts; it is left as it is.", {
    hint: "Give an empty database.",
  });
}
