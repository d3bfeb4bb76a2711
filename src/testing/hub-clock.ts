/**
 * The hub's clock in a database of a test's own: `psn.now()` and `psn.clock()` are replaced there, and nowhere else. In a
 * real hub both are the server's time. Postgres inlines the replacements as it inlines the originals.
 */

/** A pool, a client or anything else of `pg` that runs SQL. */
interface Queryable {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** Time that runs `scale` times as fast as the machine's, from `baseMs` on (ms since 1970). */
export interface Pace {
  baseMs: number;
  scale: number;
}

/** The session setting that `settingHubClock` reads. */
export const HUB_TIME_SETTING = "psn_test.now";

/**
 * The hub's clock runs ahead of the machine's by as much as the test says; by 0 ms at first.
 * @returns sets by how many ms
 */
export async function shiftedHubClock(db: Queryable): Promise<(shiftMs: number) => Promise<void>> {
  await db.query(`
    create schema psn_test;
    create table psn_test.clock (shift interval not null);
    insert into psn_test.clock values ('0')`);
  await replace(db, (time) => `select ${time} + shift from psn_test.clock`);
  return async (shiftMs) => {
    await db.query("update psn_test.clock set shift = make_interval(secs => $1)", [shiftMs / 1000]);
  };
}

/** The hub's clock runs at another pace, for all processes of the test alike. */
export async function pacedHubClock(db: Queryable, { baseMs, scale }: Pace): Promise<void> {
  const base = `'${new Date(baseMs).toISOString()}'::timestamptz`;
  await replace(db, (time) => `select ${base} + (${time} - ${base}) * ${scale}`);
}

/** Each session says what time it is, with `set psn_test.now = '…'`; one that has not said it gets an error. */
export async function settingHubClock(db: Queryable): Promise<void> {
  await replace(db, () => `select current_setting('${HUB_TIME_SETTING}')::timestamptz`);
}

// --- internal ---

/** `time` is the server's own: of the statement for `psn.now()`, of the moment for `psn.clock()`. */
async function replace(db: Queryable, bodyOf: (time: string) => string): Promise<void> {
  await db.query(`
    create or replace function psn.now() returns timestamptz
    language sql
    stable
    as $$ ${bodyOf("statement_timestamp()")} $$;
    create or replace function psn.clock() returns timestamptz
    language sql
    volatile
    as $$ ${bodyOf("clock_timestamp()")} $$`);
}
