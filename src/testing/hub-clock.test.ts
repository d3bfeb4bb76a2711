/** The hub's clock: the server's own in production, a test's where it is replaced. */
import { expect, test } from "bun:test";
import pg from "pg";
import { testHub } from "./hub.ts";
import { HUB_TIME_SETTING, pacedHubClock, settingHubClock, shiftedHubClock } from "./hub-clock.ts";

const HOUR_MS = 3_600_000;

/** A session on a migrated hub of its own. */
async function withSession(act: (client: pg.Client) => Promise<void>): Promise<void> {
  const { url, drop } = await testHub({ max: 1 });
  const client = new pg.Client(url);
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
    await drop();
  }
}

async function times(client: pg.Client): Promise<{ now: number; clock: number; server: number }> {
  const { rows } = await client.query("select psn.now() as now, psn.clock() as clock, statement_timestamp() as server");
  return { now: rows[0].now.getTime(), clock: rows[0].clock.getTime(), server: rows[0].server.getTime() };
}

test("a real hub's clock is its server's, whatever a session sets, and costs no call of a function", async () => {
  await withSession(async (client) => {
    await client.query("set psn.now = '2001-01-01Z'; set psn_test.now = '2001-01-01Z'");
    const { now, clock, server } = await times(client);
    expect(now).toBe(server);
    expect(clock).toBeGreaterThanOrEqual(server);
    const { rows } = await client.query("explain (verbose, costs off) select psn.now(), psn.clock()");
    expect(JSON.stringify(rows)).not.toContain("psn.");
  });
});

test("both of a test's clocks run ahead by what it says", async () => {
  await withSession(async (client) => {
    const setShift = await shiftedHubClock(client);
    await setShift(HOUR_MS);
    const { now, clock, server } = await times(client);
    expect(now - server).toBe(HOUR_MS);
    expect(clock - server).toBeGreaterThanOrEqual(HOUR_MS);
  });
});

test("both of a test's clocks run at its pace", async () => {
  await withSession(async (client) => {
    const baseMs = Date.now() - HOUR_MS;
    await pacedHubClock(client, { baseMs, scale: 10 });
    const { now, clock, server } = await times(client);
    // The server counts in microseconds, `Date` in milliseconds.
    expect(Math.abs(now - (baseMs + (server - baseMs) * 10))).toBeLessThanOrEqual(10);
    expect(clock).toBeGreaterThanOrEqual(now);
  });
});

test("a session of a test says what time it is, and must say it", async () => {
  await withSession(async (client) => {
    await settingHubClock(client);
    await expect(client.query("select psn.now()")).rejects.toThrow(HUB_TIME_SETTING);
    await client.query(`set ${HUB_TIME_SETTING} = '2026-11-21T09:00:00Z'`);
    const { now, clock } = await times(client);
    expect(new Date(now).toISOString()).toBe("2026-11-21T09:00:00.000Z");
    expect(clock).toBe(now);
  });
});
