/** `psn hub move`: takes the hub to another Postgres, proves the copy, and only then switches. */
import { randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import type pg from "pg";
import { z } from "zod";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { copyTable, hubTables, plainSession, requireEqual } from "../core/db/copy.ts";
import { migrateHub } from "../core/db/migrate.ts";
import { allowWrites, readMark, refuseWrites, writeMark } from "../core/db/moved.ts";
import { PsnError } from "../core/errors.ts";
import { configDir, type HubEnv, loadHubEnv, writeEnvFile } from "../core/utils/env.ts";
import { wakeAllWaiting } from "../engines/embedded.ts";
import { countWorkers } from "../engines/presence.ts";
import { hubEngine } from "../engines/switch.ts";
import { ask } from "./_ask.ts";
import { defineCommand, type Io } from "./_command.ts";

const LOCK_WAIT_MS = 10_000;
const HUB_ID_SETTING = "hub_id";

export const hubMoveCommand = defineCommand({
  name: "hub move",
  summary: "Move everything to another Postgres (or back to embedded), verified before the switch",
  options: {
    to: {
      type: "string",
      value: "URL",
      help: "embedded, or a Postgres URL without a password; else PSN_MOVE_TO is read",
    },
  },
  examples: [
    "psn hub move --to postgres://me@db.example.org/psn",
    "PSN_MOVE_TO=postgres://… psn hub move",
    "psn hub move --to embedded",
  ],
  answer: z.object({
    from: z.string(),
    to: z.string(),
    rows: z.number(),
    copiedTables: z.array(z.string()),
    tables: z.array(z.object({ table: z.string(), rows: z.number(), checksum: z.string() })),
    jobs: z.number(),
    config: z.string(),
    hints: z.array(z.string()),
  }),
  async run(io, { options }) {
    if (io.env.DATABASE_URL) {
      throw new PsnError("CONFIG_OVERRIDDEN", "DATABASE_URL in the environment overrides config/hub.env.", {
        hint: "Remove it from the environment, so that the switch takes effect; the target goes into --to or PSN_MOVE_TO.",
      });
    }
    const hubEnv = await loadHubEnv(io.env);
    const url = await targetUrl(io, options.to);
    return await withBoth(hubEnv, url, (from, to) => move(io, from, to, url));
  },
  render: ({ to, rows, tables, hints }) =>
    [
      `Moved ${rows} rows in ${tables.length} tables to ${to}; counts and checksums are equal. PSN uses it from now on.`,
      ...hints,
    ].join("\n"),
});

// --- internal ---

async function move(io: Io, from: Hub, to: Hub, url: string) {
  await requireIdle(from);
  await migrateHub(from);
  await migrateHub(to);
  const source = await from.pool.connect();
  const target = await to.pool.connect();
  try {
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
      io.signal.throwIfAborted();
    }
    const sums = await requireEqual(source, target, tables);

    const engine = await hubEngine(to);
    const jobs = engine === "trigger" ? 0 : await wakeAllWaiting(to.db);
    await writeMark(source, { kind: "moved", to: to.where, at: new Date().toISOString() });
    await refuseWrites(source, tables, to.where).catch(busy);
    const config = join(configDir(io.env), "hub.env");
    await writeMark(target, null);
    await writeEnvFile(config, { DATABASE_URL: url });
    await source.query("commit");
    return {
      from: from.where,
      to: to.where,
      rows: sums.reduce((sum, { rows }) => sum + rows, 0),
      copiedTables,
      tables: sums,
      jobs,
      config,
      hints: hintsFor(from, engine),
    };
  } catch (error) {
    await source.query("rollback").catch(() => {});
    throw error;
  } finally {
    source.release(true);
    target.release(true);
  }
}

function hintsFor(from: Hub, engine: string | null): string[] {
  return [
    ...(engine === "trigger"
      ? ["Trigger.dev still has the old URL. Send it the new one: npx trigger.dev@4.8.3 deploy"]
      : []),
    ...(from.embedded
      ? [`The old hub is kept, and refuses writes (${from.where}). psn hub stop is not needed for it.`]
      : []),
    ...(engine === "trigger" ? [] : ["Start the worker again: psn worker"]),
  ];
}

async function targetUrl(io: Io, given: unknown): Promise<string> {
  const text = typeof given === "string" ? given : io.env.PSN_MOVE_TO;
  if (!text) throw new PsnError("USAGE", "Where to? Give --to URL, or PSN_MOVE_TO in the environment.");
  if (text === "embedded") return text;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PsnError("CONFIG_INVALID", "--to takes embedded or a URL such as postgres://user@host/database.");
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new PsnError("CONFIG_INVALID", "--to takes a postgres:// URL.");
  if (typeof given !== "string") return url.href;
  if (url.password !== "" || url.searchParams.has("password")) {
    throw new PsnError(
      "SECRET_IN_ARGUMENT",
      "A URL with a password must not be an argument: other users of this machine can read it.",
      { hint: "Give it in the environment instead: PSN_MOVE_TO=… psn hub move" },
    );
  }
  if (io.interactive && !url.searchParams.has("host"))
    url.password = await ask("Password for that user", { secret: true });
  return url.href;
}

async function withBoth<T>(hubEnv: HubEnv, url: string, act: (from: Hub, to: Hub) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = hubEnv;
  const from = await createHubConnection({ databaseUrl, dataDir, applicationName: "psn hub move" });
  try {
    const to = await createHubConnection({
      databaseUrl: url,
      dataDir,
      applicationName: "psn hub move",
      evenIfMoved: true,
    });
    try {
      if (await areSame(from, to)) throw new PsnError("HUB_SAME", "That is the hub that PSN uses already.");
      return await act(from, to);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
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

async function requireIdle(from: Hub): Promise<void> {
  const workers = await countWorkers(from);
  if (workers === 0) return;
  throw new PsnError("HUB_BUSY", `${workers} psn worker still running on this hub.`, {
    hint: "Stop it (Ctrl-C, or psn worker uninstall), move, and start it again. What falls due meanwhile goes out then.",
  });
}

async function requireNothingRuns(source: pg.PoolClient): Promise<void> {
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
async function requireTarget(target: pg.PoolClient, id: string): Promise<void> {
  const mark = await readMark(target);
  if (mark?.kind === "moved" || (mark?.kind === "copying" && mark.from === id)) return;
  const { rows } = await target.query(`
    select (select count(*) from psn.posts) + (select count(*) from psn.accounts) as n`);
  if (mark === null && Number(rows[0].n) === 0) return;
  throw new PsnError("HUB_NOT_EMPTY", "The target holds another hub's posts or accounts; it is left as it is.", {
    hint: "Give an empty database.",
  });
}
