/**
 * Copies a hub's tables into another hub, table by table, each in one transaction and only where the two differ: an
 * interrupted copy goes on where it was. Which tables there are is read from the database, so none can be forgotten.
 */
import type pg from "pg";
import { PsnError } from "../errors.ts";

/** Rows of one round trip; media chunks have 1 MiB each. */
const BATCH_ROWS = 500;
const BATCH_CHUNKS = 4;
/** Every byte of the table is read, where each row's share of media is 1 MiB; no other statement may take so long. */
const SUM_MS_MAX = 24 * 60 * 60_000;
/** A root row must stand before its tweets, which refer to it. */
const ORDERS: Record<string, string> = { posts: "coalesce(parent_post_id, id), thread_position" };

export interface TableSum {
  table: string;
  rows: number;
  /** Sum over all rows of half an md5 of each, so that it does not depend on their order. */
  checksum: string;
}

/** Makes every value read as the same text on both sides, whatever the servers' own settings. */
export async function plainSession(client: pg.ClientBase): Promise<void> {
  await client.query(`
    set timezone = 'UTC';
    set datestyle = 'ISO, YMD';
    set intervalstyle = 'postgres';
    set extra_float_digits = 1;
    set bytea_output = 'hex';
    set idle_in_transaction_session_timeout = 0`);
}

/**
 * The hub's tables, those that others refer to first; without the list of migrations, which each hub has for itself.
 */
export async function hubTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; needs: string[] }>(`
    select tables.relname as name,
      coalesce(array_agg(needed.relname::text) filter (where needed.oid <> tables.oid), '{}') as needs
    from pg_class as tables
    left join pg_constraint as reference on reference.conrelid = tables.oid and reference.contype = 'f'
    left join pg_class as needed on needed.oid = reference.confrelid
    where tables.relnamespace = 'psn'::regnamespace and tables.relkind = 'r' and tables.relname <> 'migrations'
    group by tables.oid, tables.relname
    order by tables.relname`);
  const ordered: string[] = [];
  while (ordered.length < rows.length) {
    const next = rows.find(
      ({ name, needs }) => !ordered.includes(name) && needs.every((need) => ordered.includes(need)),
    );
    if (!next) throw new Error("the hub's tables refer to each other in a circle");
    ordered.push(next.name);
  }
  return ordered;
}

export async function sumOf(client: pg.ClientBase, table: string): Promise<TableSum> {
  const columns = await columnsOf(client, table);
  const text = `
    select count(*)::int as rows,
      coalesce(sum(('x' || left(md5(row(${columns.join(", ")})::text), 16))::bit(64)::bigint), 0)::text as checksum
    from psn.${table}`;
  const { rows } = await client.query({ text, query_timeout: SUM_MS_MAX } as pg.QueryConfig);
  return { table, rows: rows[0].rows, checksum: rows[0].checksum };
}

/**
 * Makes one table of `to` equal to that of `from`, in one transaction of `to`. `from` must not change meanwhile.
 * @returns false when they were equal already
 */
export async function copyTable(from: pg.ClientBase, to: pg.ClientBase, table: string): Promise<boolean> {
  if (same(await sumOf(from, table), await sumOf(to, table))) return false;
  await to.query("begin");
  try {
    await openForCopy(to, [table]);
    for await (const rows of rowsOf(from, table)) await putRows(to, table, rows);
    await closeAfterCopy(to, [table]);
    await to.query("commit");
  } catch (error) {
    await to.query("rollback").catch(() => {});
    throw error;
  }
  return true;
}

/** The rows of a table as JSON texts, some at a time. The client is in a transaction, in which the table does not change. */
export async function* rowsOf(from: pg.ClientBase, table: string): AsyncGenerator<string[]> {
  const columns = await columnsOf(from, table);
  const order = ORDERS[table] ? `order by ${ORDERS[table]}` : "";
  await from.query(`
    declare copied no scroll cursor for
    select row_to_json(given)::text as row from (select ${columns.join(", ")} from psn.${table} ${order}) as given`);
  try {
    const fetch = `fetch ${table === "media_chunks" ? BATCH_CHUNKS : BATCH_ROWS} from copied`;
    for (;;) {
      const { rows } = await from.query<{ row: string }>(fetch);
      if (rows.length === 0) return;
      yield rows.map(({ row }) => row);
    }
  } finally {
    await from.query("close copied").catch(() => {});
  }
}

/**
 * Empties the tables for what is put into them, in the client's transaction. What the guards forbid to a running hub (a post that
 * begins as published) is what a copy consists of.
 */
export async function openForCopy(to: pg.ClientBase, tables: readonly string[]): Promise<void> {
  for (const table of tables) await to.query(`alter table psn.${table} disable trigger user`);
  await to.query(`truncate ${tables.map((table) => `psn.${table}`).join(", ")} cascade`);
}

/** Puts rows of `rowsOf` into a table. */
export async function putRows(to: pg.ClientBase, table: string, rows: readonly string[]): Promise<void> {
  await to.query(`insert into psn.${table} select * from json_populate_recordset(null::psn.${table}, $1::json)`, [
    `[${rows.join(",")}]`,
  ]);
}

/** The guards hold again, and what the tables count goes on behind what was put into them. */
export async function closeAfterCopy(to: pg.ClientBase, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await setSequences(to, table);
    await to.query(`alter table psn.${table} enable trigger user`);
  }
}

/**
 * Counts and checksums of every table, equal on both sides.
 * @throws PsnError HUB_COPY_DIFFERS
 */
export async function requireEqual(from: pg.ClientBase, to: pg.ClientBase, tables: string[]): Promise<TableSum[]> {
  const sums: TableSum[] = [];
  for (const table of tables) {
    const here = await sumOf(from, table);
    await requireSum(to, here);
    sums.push(here);
  }
  return sums;
}

/** The table has these rows. @throws PsnError HUB_COPY_DIFFERS */
export async function requireSum(to: pg.ClientBase, here: TableSum): Promise<void> {
  const there = await sumOf(to, here.table);
  if (same(here, there)) return;
  const { table, rows } = here;
  throw new PsnError("HUB_COPY_DIFFERS", `The copy of ${table} has ${there.rows} rows, not the ${rows} it should.`, {
    hint: "Nothing was switched. Make sure that nothing else uses the new hub, and run the same command again.",
    details: { table },
  });
}

// --- internal ---

const same = (a: TableSum, b: TableSum) => a.rows === b.rows && a.checksum === b.checksum;

async function columnsOf(client: pg.ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I', attname) as name
     from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped
     order by attname`,
    [`psn.${table}`],
  );
  return rows.map(({ name }) => name);
}

/** The next number that a table gives out follows the copied ones. */
async function setSequences(to: pg.ClientBase, table: string): Promise<void> {
  const { rows } = await to.query<{ name: string; sequence: string }>(
    `select format('%I', attname) as name, pg_get_serial_sequence($1, attname) as sequence
     from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and pg_get_serial_sequence($1, attname) is not null`,
    [`psn.${table}`],
  );
  for (const { name, sequence } of rows) {
    await to.query(
      `select setval($1::regclass, coalesce(max(${name}), 1), max(${name}) is not null) from psn.${table}`,
      [sequence],
    );
  }
}
