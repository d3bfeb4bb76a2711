/** `psn worker install|uninstall|status`: the worker as a service that starts with the session. */

import { z } from "zod";
import { requirePlace } from "../core/config/file-error.ts";
import { PSN_COMMAND } from "../core/config/folders.ts";
import type { Hub } from "../core/db/connection.ts";
import { PsnError } from "../core/errors.ts";
import { silenceInWords } from "../core/posts/silent-worker.ts";
import { configDir, dataDirOf, loadHubEnv } from "../core/utils/env.ts";
import { serverNow } from "../engines/presence.ts";
import { workersOf } from "../engines/worker-silence.ts";
import { withApp } from "./_app.ts";
import { defineCommand, type Io } from "./_command.ts";
import { errorAnswer, exitCodeOf } from "./_errors.ts";
import { comesToLife, foldersOf, lastLines, placeHints, requireStored, serviceEnv } from "./_worker-life.ts";
import { oneLine } from "./_wrap.ts";
import { requireOwnEngine } from "./worker.ts";
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
  /** That the workers do not answer, in a sentence; null while they do. */
  trouble: z.string().nullable(),
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
    /** What the manager says of it. */
    active: z.boolean(),
    /** A worker of it has shown itself on the hub. */
    alive: z.boolean(),
    hints: z.array(z.string()),
    /** The last lines of its log, where it did not come to life. */
    log: z.array(z.string()),
  }),
  async run(io) {
    await requireStored(io.env);
    const plan = await planFor(io);
    const { dataDir } = await loadHubEnv(io.env);
    // The hub is opened, the key tried and the store of media chosen as the service will do it.
    return await withApp({ ...io, env: serviceEnv(io.env, dataDir) }, async (app) => {
      await app.keys();
      await requireOwnEngine(app);
      await requirePlace(plan.file);
      if (io.dryRun) await requireManager(plan, io.env);
      io.willWrite(`write ${plan.file} and start the worker`);
      return await install(io, app.hub, plan, foldersOf(io.env, dataDir));
    });
  },
  render: ({ active, alive, file, hints, log }) =>
    [
      active && alive
        ? `The worker runs as a service (${file}).`
        : `Wrote ${file}, but no worker of it has come to life.`,
      ...hints,
      ...log.map((line) => `  ${line}`),
    ].join("\n"),
  failure({ active, alive, file, hints, log }) {
    if (active && alive) return null;
    const error = new PsnError("SERVICE_NOT_ACTIVE", `${file} is written, but no worker of it has come to life.`, {
      hint: [...hints, ...(log.length > 0 ? [`Its log ends: ${log.join(" / ")}`] : [])].join(" "),
    });
    return { exit: exitCodeOf(error.code), error: errorAnswer(error) };
  },
});

export const workerUninstallCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ removed: z.boolean(), file: z.string() }),
  async run(io) {
    const plan = await planFor(io);
    const { file } = plan;
    if ((await readService(plan)) === null) return { removed: false, file };
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
    const { workers, trouble } = await withApp(io, async ({ hub, hubEnv }) => {
      const { workers, silentSince } = await workersOf(hub);
      return { workers, trouble: silentSince && silenceInWords(silentSince, hubEnv.timezone) };
    });
    try {
      const { isCurrent: _same, ...service } = await serviceState(io);
      return { workers, trouble, service };
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      const service = { manager: null, file: null, installed: false, active: false, says: error.message };
      return { workers, trouble, service };
    }
  },
  render: ({ workers, trouble, service }) =>
    [
      workers === 0 ? "No worker is alive. Start one: psn worker, or psn worker install" : `Workers alive: ${workers}.`,
      ...(trouble ? [trouble] : []),
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

async function install(io: Io, hub: Hub, plan: ServicePlan, folders: readonly string[]) {
  const changed = await writeService(plan);
  const since = await serverNow(hub);
  const hints = placeHints(process.platform, io.env, folders);
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
  const alive = await comesToLife(hub, since, plan, io.env, io.signal);
  const { ok: active } = await callManager(plan.query, io.env);
  if (active && plan.lingers && (await callManager(plan.lingers, io.env)).says !== "yes") {
    hints.push("It ends when you log out, unless you let it linger: loginctl enable-linger");
    hints.push(
      "Without lingering systemd also sweeps your shared memory when you log out (RemoveIPC); the hub keeps none there.",
    );
  }
  const log = alive ? [] : (await lastLines(plan, io.env)).map(oneLine);
  return { manager: plan.manager, file: plan.file, changed, active, alive, hints, log };
}

/** Of one that is not there or has no session for this user, the command writes the file and says that no worker came to life. */
async function requireManager({ manager, query, file }: ServicePlan, env: Io["env"]): Promise<void> {
  const { ok, says } = await callManager(query, env);
  // systemd has a word for each state; of a service that launchd does not know yet it says what it likes.
  if (ok || manager === "launchd" || /^(in)?active$|^(de)?activating$|^failed$|^unknown$/.test(says)) return;
  throw new PsnError("SERVICE_NOT_ACTIVE", `${file} would be written, but ${manager} would start no worker: ${says}`, {
    hint: `Once your session has ${manager}, run psn worker install.`,
  });
}

/** A service is found, and ended, also where the configuration is gone. */
async function planFor(io: Pick<Io, "env">): Promise<ServicePlan> {
  return planService({
    platform: process.platform,
    env: io.env,
    uid: process.getuid?.() ?? 0,
    psn: PSN_COMMAND,
    configDir: configDir(io.env),
    dataDir: await dataDirOf(io.env),
  });
}
