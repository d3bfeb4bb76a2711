/** `psn worker install|uninstall|status`: the worker as a service that starts with the session. */
import { join } from "node:path";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { configDir, hubFile, loadHubEnv, PROJECT_DIR, readEnvFile } from "../core/utils/env.ts";
import { countWorkers } from "../engines/presence.ts";
import { withApp } from "./_app.ts";
import { defineCommand, type Io } from "./_command.ts";
import { errorAnswer, exitCodeOf } from "./_errors.ts";
import {
  callManager,
  planService,
  readService,
  removeService,
  type ServicePlan,
  writeService,
} from "./worker-service.ts";

const StatusSchema = z.object({
  /** Workers alive on the hub, wherever they run; null when the hub could not be asked. */
  workers: z.number().nullable(),
  service: z.object({
    manager: z.enum(["systemd", "launchd"]).nullable(),
    file: z.string().nullable(),
    installed: z.boolean(),
    active: z.boolean(),
    says: z.string(),
  }),
});

export const workerInstallCommand = defineCommand({
  input: z.object({}),
  answer: z.object({
    manager: z.enum(["systemd", "launchd"]),
    file: z.string(),
    changed: z.boolean(),
    active: z.boolean(),
    hints: z.array(z.string()),
  }),
  async run(io) {
    await requireStoredConfig(io);
    const plan = await planFor(io);
    io.willWrite(`write ${plan.file} and start the worker`);
    const changed = await writeService(plan);
    const hints: string[] = [];
    for (const command of plan.start) {
      const { ok, says } = await callManager(command, io.env);
      // launchd answers an error when nothing was loaded; the next command shows whether it worked.
      if (!ok && !command.includes("bootout")) {
        hints.push(
          `${command.join(" ")}: ${says}`,
          `Once your session has ${plan.manager}, run psn worker install again.`,
        );
        break;
      }
    }
    const { ok: active } = await callManager(plan.query, io.env);
    if (active && plan.manager === "systemd") {
      hints.push("It ends when you log out, unless you let it linger: loginctl enable-linger");
      hints.push(
        "Without lingering systemd also sweeps your shared memory when you log out (RemoveIPC); the hub keeps none there.",
      );
    }
    return { manager: plan.manager, file: plan.file, changed, active, hints };
  },
  render: ({ active, file, hints }) =>
    [active ? `The worker runs as a service (${file}).` : `Wrote ${file}, but it does not run yet.`, ...hints].join(
      "\n",
    ),
  failure({ active, file, hints }) {
    if (active) return null;
    const error = new PsnError("SERVICE_NOT_ACTIVE", `${file} is written, but the worker does not run yet.`, {
      hint: hints.join(" "),
    });
    return { exit: exitCodeOf(error.code), error: errorAnswer(error) };
  },
});

export const workerUninstallCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ removed: z.boolean(), file: z.string() }),
  async run(io) {
    const { file } = await planFor(io);
    io.willWrite(`stop the worker and remove ${file}`);
    return await removeInstalledService(io);
  },
  render: ({ removed, file }) =>
    removed ? `Removed ${file}. What is scheduled waits for a worker.` : "There was none.",
});

export const workerStatusCommand = defineCommand({
  input: z.object({}),
  answer: StatusSchema,
  async run(io) {
    const workers = await withApp(io, (app) => countWorkers(app.hub));
    try {
      const { isCurrent: _same, ...service } = await serviceState(io);
      return { workers, service };
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      return { workers, service: { manager: null, file: null, installed: false, active: false, says: error.message } };
    }
  },
  render: ({ workers, service }) =>
    [
      workers === 0 ? "No worker is alive. Start one: psn worker, or psn worker install" : `Workers alive: ${workers}.`,
      service.installed ? `Service (${service.manager}): ${service.says}` : "No service is installed.",
    ].join("\n"),
});

/** Ends the worker's service and removes its file; `removed` is false where there was none. */
export async function removeInstalledService(io: Pick<Io, "env">): Promise<{ removed: boolean; file: string }> {
  const plan = await planFor(io);
  if ((await readService(plan)) !== null) for (const command of plan.stop) await callManager(command, io.env);
  return { removed: await removeService(plan), file: plan.file };
}

/**
 * The worker's service as it is on this machine.
 * @throws PsnError SERVICE_UNSUPPORTED
 */
export async function serviceState(io: Pick<Io, "env">) {
  const plan = await planFor(io);
  const text = await readService(plan);
  const installed = text !== null;
  const { ok, says } = installed ? await callManager(plan.query, io.env) : { ok: false, says: "not installed" };
  return { manager: plan.manager, file: plan.file, installed, active: ok, isCurrent: text === plan.text, says };
}

// --- internal ---

async function planFor(io: Pick<Io, "env">): Promise<ServicePlan> {
  const { dataDir } = await loadHubEnv(io.env);
  return planService({
    platform: process.platform,
    env: io.env,
    uid: process.getuid?.() ?? 0,
    psn: join(PROJECT_DIR, "bin", "psn"),
    configDir: configDir(io.env),
    dataDir,
  });
}

/** A service sees the files, not this terminal's environment. */
async function requireStoredConfig(io: Io): Promise<void> {
  const { values } = await readEnvFile(hubFile(io.env));
  const missing = ["ENCRYPTION_KEY", "DATABASE_URL"].filter((name) => !values[name]);
  if (missing.length === 0) return;
  throw new PsnError("SERVICE_CONFIG", `A service needs ${missing.join(" and ")} in config/hub.env.`, {
    hint: "It does not see the variables of this terminal. Run psn setup, which stores them.",
  });
}
