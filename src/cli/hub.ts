/** `psn hub status|start|stop`: the embedded hub, which outlives the command that started it. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { createHubConnection } from "../core/db/connection.ts";
import { lookBeforeStart, startEmbedded, statusEmbedded, stopEmbedded } from "../core/db/embedded/index.ts";
import { PsnError } from "../core/errors.ts";
import { loadHubEnv } from "../core/utils/env.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";
import { countWorkers } from "../engines/presence.ts";
import { knowsHub } from "./_app.ts";
import { authorZone } from "./_author-zone.ts";
import { defineCommand, flag, type Io } from "./_command.ts";

const StatusSchema = z.object({
  running: z.boolean(),
  exists: z.boolean(),
  pid: z.number().nullable(),
  since: z.string().nullable(),
  sinceLocal: z.string().nullable(),
  version: z.string().nullable(),
  dataDir: z.string(),
  logFile: z.string(),
  sizeBytes: z.number(),
  connections: z.number().nullable(),
  detail: z.string().nullable(),
});

export const hubStatusCommand = defineCommand({
  input: z.object({}),
  answer: StatusSchema,
  async run(io) {
    const status = await statusEmbedded({ dataDir: await hubDir(io) });
    const { running, exists, pid, version, dataDir, logFile, sizeBytes, connections, detail } = status;
    const since = status.since?.toISOString() ?? null;
    const sinceLocal = status.since ? utcToUserTime(status.since, await authorZone(io.env)).text : null;
    return { running, exists, pid, since, sinceLocal, version, dataDir, logFile, sizeBytes, connections, detail };
  },
  render: (status) =>
    status.running
      ? `The hub runs: PostgreSQL ${status.version}, pid ${status.pid}, since ${status.sinceLocal}, ${status.connections} connections, ${(status.sizeBytes / 1e6).toFixed(0)} MB in ${status.dataDir}`
      : status.pid !== null
        ? `The hub's server (pid ${status.pid}) takes no connections: ${status.detail}. Any command that needs it waits, and restarts it where that does not pass.`
        : status.exists
          ? `The hub is stopped (${status.dataDir}). Any command that needs it starts it.`
          : `There is no hub yet (${status.dataDir}). psn setup makes it.`,
});

export const hubStartCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ started: z.boolean(), pid: z.number(), dataDir: z.string() }),
  async run(io) {
    const wanted = await hubDir(io);
    const options = { dataDir: wanted, mustExist: knowsHub(io.env), signal: io.signal };
    if (!(await lookBeforeStart(options))) io.willWrite("start the hub");
    const { started, pid, dataDir } = await startEmbedded(options);
    return { started, pid, dataDir };
  },
  render: ({ started, pid, dataDir }) => `The hub ${started ? "was started" : "runs already"}: pid ${pid}, ${dataDir}`,
});

export const hubStopCommand = defineCommand({
  input: z.object({ force: flag("Also while a worker runs, which starts it again within seconds") }),
  answer: z.object({
    stopped: z.boolean(),
    workers: z.number(),
    /** Where the server answered nobody, so that its workers could not be counted. */
    uncounted: z.literal(true).optional(),
  }),
  async run(io, { force }) {
    const dataDir = await hubDir(io);
    const counted = await hubWorkers(dataDir);
    const workers = counted ?? 0;
    if (workers > 0 && !force) {
      const who = workers === 1 ? "A worker publishes" : `${workers} workers publish`;
      throw new PsnError("HUB_IN_USE", `${who} from this hub, and would start it again within seconds.`, {
        hint: "Stop the worker first: Ctrl-C where it runs, or psn worker uninstall. Or psn hub stop --force, which restarts the hub.",
        details: { workers },
      });
    }
    const { running, pid } = await statusEmbedded({ dataDir });
    if (running || pid !== null) io.willWrite("stop the hub");
    return {
      ...(await stopEmbedded({ dataDir, signal: io.signal })),
      workers,
      ...(counted === null ? { uncounted: true as const } : {}),
    };
  },
  render: ({ stopped, workers, uncounted }) =>
    !stopped
      ? "The hub was not running."
      : workers > 0
        ? "The hub is stopped. Its worker starts it again within seconds."
        : uncounted
          ? "The hub is stopped. It answered nobody, so its workers could not be counted; one that runs starts it again within seconds."
          : "The hub is stopped. Scheduled posts wait until it runs again.",
});

// --- internal ---

/** How many workers an embedded hub has; null for a server that answers nobody: stopping it is right then. */
export async function hubWorkers(dataDir: string): Promise<number | null> {
  const { running, pid } = await statusEmbedded({ dataDir });
  if (!running) return pid === null ? 0 : null;
  try {
    const hub = await createHubConnection({
      databaseUrl: "embedded",
      dataDir: dirname(dataDir),
      max: 1,
      evenIfMoved: true,
    });
    try {
      return await countWorkers(hub);
    } finally {
      await hub.close();
    }
  } catch {
    return null;
  }
}

async function hubDir(io: Io): Promise<string> {
  const { databaseUrl, dataDir } = await loadHubEnv(io.env);
  if (databaseUrl !== "embedded") {
    throw new PsnError("HUB_NOT_EMBEDDED", "The hub is a Postgres server of your own; PSN does not start or stop it.", {
      hint: "DATABASE_URL in hub.env says which.",
    });
  }
  return join(dataDir, "hub");
}
