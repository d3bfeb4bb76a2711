import { z } from "zod";
import { wallClock } from "../core/clock.ts";
import { requirePlace } from "../core/config/file-error.ts";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { HubMark } from "../core/db/mark.ts";
import { moveHub } from "../core/db/move.ts";
import { PsnError } from "../core/errors.ts";
import { type HubEnv, hubFile, loadHubEnv, markFile, writeEnvFile } from "../core/utils/env.ts";
import { enqueueAllWaiting } from "../engines/embedded.ts";
import { countWorkers } from "../engines/presence.ts";
import { hubEngine } from "../engines/switch.ts";
import { defineCommand, type Io } from "./_command.ts";
import { requireHubToLookAt, targetUrl } from "./_hub-url.ts";

export const hubMoveCommand = defineCommand({
  input: z.object({
    to: z.string().optional().meta({
      placeholder: "URL",
      description: "embedded, or a Postgres URL without a password; else PSN_MOVE_TO is read",
    }),
  }),
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
  async run(io, { to: given }) {
    if (io.env.DATABASE_URL) {
      throw new PsnError("CONFIG_OVERRIDDEN", "DATABASE_URL in the environment overrides hub.env.", {
        hint: "Remove it from the environment, so that the switch takes effect; the target goes into --to or PSN_MOVE_TO.",
      });
    }
    const hubEnv = await loadHubEnv(io.env);
    const url = await targetUrl(io, given, io.env.PSN_MOVE_TO, "PSN_MOVE_TO");
    await requirePlace(hubFile(io.env));
    if (url === "embedded" && io.dryRun) {
      await requireHubToLookAt(io, hubEnv.dataDir, `make a hub in ${hubEnv.dataDir}, and ${WOULD}`);
    }
    return await withBoth(hubEnv, url, (from, to) => move(io, from, to, url));
  },
  render: ({ to, rows, tables, hints }) =>
    [
      `Moved ${rows} rows in ${tables.length} tables to ${to}; counts and checksums are equal. PSN uses it from now on.`,
      ...hints,
    ].join("\n"),
});

// --- internal ---

const WOULD = "copy the hub, and use the copy from then on";

async function move(io: Io, from: Hub, to: Hub, url: string) {
  const config = hubFile(io.env);
  let engine: string | null = null;
  const { tables, copiedTables, jobs } = await moveHub(from, to, {
    clock: wallClock,
    signal: io.signal,
    willWrite: () => io.willWrite(WOULD),
    requireIdle: () => requireIdle(from),
    // Trigger.dev keeps its own runs; it only needs to know where the hub is.
    enqueueWaiting: async () => {
      engine = await hubEngine(to);
      return engine === "trigger" ? 0 : await enqueueAllWaiting(to.db);
    },
    switchConfig: () => writeEnvFile(config, { DATABASE_URL: url }),
  });
  // The person has just said that the target is the one that publishes.
  const mark = await HubMark.open(to, markFile(io.env));
  if (mark?.doubt) await mark.claim();
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { from: from.where, to: to.where, rows, copiedTables, tables, jobs, config, hints: hintsFor(from, engine) };
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

async function withBoth<T>(hubEnv: HubEnv, url: string, act: (from: Hub, to: Hub) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = hubEnv;
  // The old one may have given up its writes already, where a move broke off.
  const from = await createHubConnection({
    databaseUrl,
    dataDir,
    applicationName: "psn hub move",
    evenIfMoved: true,
  });
  try {
    const to = await createHubConnection({
      databaseUrl: url,
      dataDir,
      applicationName: "psn hub move",
      evenIfMoved: true,
    });
    try {
      return await act(from, to);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

async function requireIdle(from: Hub): Promise<void> {
  const workers = await countWorkers(from);
  if (workers === 0) return;
  throw new PsnError("HUB_BUSY", `${workers} psn worker still running on this hub.`, {
    hint: "Stop it (Ctrl-C, or psn worker uninstall), move, and start it again. What falls due meanwhile goes out then.",
  });
}
