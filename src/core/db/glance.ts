/** A glance at a hub that runs: for what is nice to know and worth no wait, such as the ids that a shell offers. */
import pg from "pg";
import { type Clock, wallClock } from "../clock.ts";
import type { Db, HubOptions } from "./connection.ts";
import { findEmbedded } from "./embedded/index.ts";
import { pinnedClient } from "./pinned-client.ts";
import { drizzleOver } from "./transaction.ts";
import { readDatabaseUrl } from "./url.ts";

/**
 * Asks a hub that answers at once. Nothing is started, made or brought up to date, and nothing can be written. What leads nowhere, a
 * hub that is stopped, frozen, far away or of another version, is null when the time is over, and leaves nothing that a process waits for.
 */
export async function glance<T>(
  { databaseUrl, dataDir }: Pick<HubOptions, "databaseUrl" | "dataDir">,
  msMax: number,
  act: (db: Db) => Promise<T>,
  clock: Clock = wallClock,
): Promise<T | null> {
  const target =
    databaseUrl === "embedded"
      ? await findEmbedded({ dataDir: `${dataDir}/hub` })
      : { connectionString: readDatabaseUrl(databaseUrl).href };
  if (target === null || msMax <= 0) return null;
  const bound = { connectionTimeoutMillis: msMax, query_timeout: msMax };
  const pool = new pg.Pool({
    ...target,
    ...bound,
    // For each transaction by itself: nobody has looked yet whether the session is shared with others.
    Client: pinnedClient(["search_path = pg_catalog, pg_temp", "transaction_read_only = on"]),
    max: 1,
    application_name: "psn",
  });
  const opened: pg.PoolClient[] = [];
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    opened.push(client);
  });
  const done = new AbortController();
  try {
    return await Promise.race([act(drizzleOver(pool)), clock.sleep(msMax, done.signal).then(() => null)]);
  } catch {
    return null;
  } finally {
    done.abort();
    // What does not answer is not said good-bye to, for that would be waited for.
    for (const client of opened) (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
    void pool.end().catch(() => {});
  }
}
