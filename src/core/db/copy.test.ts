/** A hub full of media is copied however long it takes to read. */
import { expect, test } from "bun:test";
import { testHub } from "../../testing/hub.ts";
import { plainSession, sumOf } from "./copy.ts";

test("a table that takes longer to sum up than a statement may otherwise take is summed up all the same", async () => {
  const { hub, drop } = await testHub();
  await hub.pool.query(`
    insert into psn.media_chunks (sha256, position, bytes)
    select repeat('a', 64), n, decode(repeat(md5(n::text), 32768), 'hex') from generate_series(1, 80) as n`);
  hub.pool.options.query_timeout = 250;
  // The first is open already, with the patience of every day.
  const first = await hub.pool.connect();
  const client = await hub.pool.connect();
  await plainSession(client);
  expect((await sumOf(client, "media_chunks")).rows).toBe(80);
  client.release(true);
  first.release();
  await drop();
});
