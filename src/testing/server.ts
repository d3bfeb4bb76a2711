/**
 * The Postgres that all tests of a machine share. It is started by a process of its own (`bun src/testing/server.ts`):
 * Bun ends the children of a test file together with the file, and the other files would lose their server.
 */
import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { wallClock } from "../core/clock.ts";
import { withLock } from "../core/config/lock.ts";
import { type EmbeddedHub, startEmbedded, statusEmbedded, stopEmbedded } from "../core/db/embedded/index.ts";

/** Kept between runs, so only the first test of a machine pays for it; told apart by user. */
export const SERVER_DIR = join(tmpdir(), `psn-tests-${userInfo().uid}`);
/** Says that the server has its settings. */
const READY = `${SERVER_DIR}.ready`;
/** Several files at once, some with eight processes of their own. */
const CONNECTIONS_MAX = 300;
/** What a crash of the machine would cost is made anew by the next run, so nothing waits for the disk. */
const SETTINGS = [`max_connections = ${CONNECTIONS_MAX}`, "fsync = off", "full_page_writes = off"];
/** Making a server takes seconds, on a busy machine a minute. */
const SERVER_MS_MAX = 180_000;

let running: Promise<EmbeddedHub> | undefined;

/** The running server; started when there is none. Looked for once a process, as that takes as much as a test. */
export function testServer(): Promise<EmbeddedHub> {
  running ??= findServer().catch((error) => {
    running = undefined;
    throw error;
  });
  return running;
}

/** A connection, once the server takes any. */
export async function connectTo({ connection }: EmbeddedHub): Promise<pg.Client> {
  const untilMs = Date.now() + SERVER_MS_MAX;
  for (;;) {
    const client = new pg.Client(connection);
    try {
      await client.connect();
      return client;
    } catch (error) {
      const isStarting = /^(57P0|ECONNREFUSED|ENOENT)/.test((error as { code?: string }).code ?? "");
      if (!isStarting || Date.now() > untilMs) throw error;
      await wallClock.sleep(100);
    }
  }
}

// --- internal ---

async function findServer(): Promise<EmbeddedHub> {
  const { running: runs } = await statusEmbedded({ dataDir: SERVER_DIR });
  // One that runs and is not marked is about to be stopped, to be given its settings.
  const isReady =
    runs &&
    (await access(READY).then(
      () => true,
      () => false,
    ));
  if (!isReady) await promisify(execFile)(process.execPath, [import.meta.filename], { timeout: 2 * SERVER_MS_MAX });
  return await startEmbedded({ dataDir: SERVER_DIR });
}

/** The first process makes the server and gives it its settings, while the others wait. */
async function start(): Promise<void> {
  const options = { clock: wallClock, waitMs: SERVER_MS_MAX, owner: null, prepare: async () => {} };
  await withLock(`${SERVER_DIR}.lock`, options, async () => {
    const admin = await connectTo(await startEmbedded({ dataDir: SERVER_DIR }));
    const { rows } = await admin.query(
      "select current_setting('max_connections')::int as max, current_setting('fsync')::bool as waits",
    );
    const isAsMade = rows[0].max < CONNECTIONS_MAX || rows[0].waits;
    if (isAsMade) for (const setting of SETTINGS) await admin.query(`alter system set ${setting}`);
    await admin.end();
    if (isAsMade) {
      await stopEmbedded({ dataDir: SERVER_DIR });
      await startEmbedded({ dataDir: SERVER_DIR });
    }
    await writeFile(READY, "");
  });
}

if (import.meta.main) await start();
