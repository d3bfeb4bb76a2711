/** The simulation's list of tables is the hub's: a new one that a seed leaves behind would reach into the next seed. */
import { expect, test } from "bun:test";
import { hubTables } from "../src/core/db/copy.ts";
import { testHub } from "../src/testing/hub.ts";
import { NEVER_WRITTEN, TABLES } from "./hub-admin.ts";

test("each table of the hub is wiped between two seeds, or never written", async () => {
  const { hub, drop } = await testHub();
  try {
    const client = await hub.pool.connect();
    const tables = await hubTables(client);
    client.release();
    expect([...TABLES, ...NEVER_WRITTEN].sort()).toEqual(tables.sort());
  } finally {
    await drop();
  }
});
