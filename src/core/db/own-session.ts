/**
 * Whether a connection's sessions are this process's own. Locks, LISTEN and settings live in a session; a pooler in transaction mode
 * gives each transaction whichever session is free, so that two workers could hold one lock, and names of another tenant could be
 * called. Poolers have no common name or port, so this is judged by what they do.
 */
import type pg from "pg";
import { PsnError } from "../errors.ts";
import { pgCode } from "./errors.ts";

const ROUNDS = 3;
const LOOKS = 2;
/** PgBouncer in its statement mode. */
const NO_TRANSACTIONS = "it takes no transactions";

/**
 * Looks at the first connection before anything is set in it: what is set in a shared session is left to whoever gets it next. Its
 * number is not the one that the server gave when it answered where a pooler lies between; then two connections tell, since one
 * session serves both of them, or several one of them.
 * @param two opens a pool of two connections to the same place, in which nothing is set
 * @returns what each new connection waits for. @throws PsnError HUB_POOLED
 */
export function sessionProof(place: string, two: () => pg.Pool): (client: pg.ClientBase) => Promise<void> {
  let proof: Promise<void> | null = null;
  return async (client) => {
    proof ??= prove(client, place, two);
    await proof;
  };
}

/**
 * That what was set when the connection was made is there a statement later.
 * @param path what `search_path` was set to
 * @throws PsnError HUB_POOLED
 */
export async function requireSettings(pool: pg.Pool, path: string, place: string): Promise<void> {
  const { rows } = await pool.query("select pg_catalog.current_setting('search_path') as path");
  if (rows[0].path !== path) throw pooled(place, "what is set in it is gone with the next statement");
}

// --- internal ---

async function prove(client: pg.ClientBase, place: string, two: () => pg.Pool): Promise<void> {
  // As the server said it at the start of the session; pg's types leave it out.
  if ((await pidOf(client)) === (client as unknown as { processID?: number | null }).processID) return;
  const probe = two();
  probe.on("error", () => {});
  try {
    const [first, second] = [await probe.connect(), await probe.connect()];
    await requireApart(first, second, place).finally(() => {
      first.release();
      second.release();
    });
  } finally {
    await probe.end();
  }
}

/** A pooler hands out the session that was used last, or the next in turn: several looks see either. */
async function requireApart(first: pg.PoolClient, second: pg.PoolClient, place: string): Promise<void> {
  const pid = await pidOf(first);
  for (let round = 0; round < ROUNDS; round++) {
    for (let look = 0; look < LOOKS; look++) {
      if ((await pidOf(first)) !== pid) throw pooled(place, "its statements run in sessions that change");
    }
    await second.query("begin").catch((error) => {
      throw pgCode(error) === "08P01" && /transaction/i.test(error.message) ? pooled(place, NO_TRANSACTIONS) : error;
    });
    const other = await pidOf(second).finally(() => second.query("rollback"));
    if (other === pid) throw pooled(place, "two connections share one session");
  }
}

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query("select pg_catalog.pg_backend_pid() as pid");
  return rows[0].pid;
}

function pooled(place: string, sign: string): PsnError {
  return new PsnError(
    "HUB_POOLED",
    `DATABASE_URL goes through a pooler that keeps no session (${place}): ${sign}. PSN holds locks in its session.`,
    {
      hint: "Use the database's direct address, or the pooler in its session mode (PgBouncer: pool_mode = session).",
    },
  );
}
