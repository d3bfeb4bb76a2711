/** What publishes at its time: a worker, its service, or Trigger.dev; and where media are kept. */
import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Hub } from "../core/db/connection.ts";
import type { MediaBackend } from "../core/media/backend.ts";
import { chooseMediaStore } from "../core/media/choose.ts";
import { listMedia } from "../core/media/manage.ts";
import { HOW_TO_WAKE, workerSilence } from "../core/posts/silent-worker.ts";
import { countStuck } from "../core/posts/stuck.ts";
import { capital } from "../core/utils/capital.ts";
import type { HubEnv, KeysEnv } from "../core/utils/env.ts";

import { surroundingsOf } from "../engines/surroundings.ts";
import { hubEngine } from "../engines/switch.ts";
import { TRIGGER_SDK_FIX, triggerApi } from "../engines/trigger-api.ts";
import { silenceOf, startWatchdog } from "../engines/trigger-silence.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";
import type { World } from "./world.ts";

export async function checkEngine(world: World, hubEnv: HubEnv, hub: Hub, keys: KeysEnv | null): Promise<Finding[]> {
  const chosen = await hubEngine(hub);
  if (chosen !== null && chosen !== hubEnv.engine) {
    const says = `The hub was handed to ${chosen}, and PSN_ENGINE says ${hubEnv.engine}.`;
    return [fault("engine", says, `psn setup --engine ${chosen}`)];
  }
  return hubEnv.engine === "trigger"
    ? await checkTrigger(world, hubEnv, hub)
    : await checkWorker(world, hub, hubEnv, keys);
}

export async function checkMedia(world: World, hubEnv: HubEnv, hub: Hub): Promise<Finding[]> {
  return await finding("media", async () => {
    const { kind, backend } = await chooseMediaStore({
      env: world.env,
      hub,
      dataDir: hubEnv.dataDir,
      engine: hubEnv.engine,
    });
    if (kind !== "folder") return ok("media", `Kept in ${kind === "hub" ? "the hub" : "S3"}.`);
    if (hubEnv.engine === "trigger") {
      return fault("media", "A run of Trigger.dev cannot read a folder.", "Set PSN_MEDIA_STORE=hub or s3 in hub.env");
    }
    const folder = join(hubEnv.dataDir, "media");
    const isThere = await stat(folder).catch(() => null);
    const isUsable =
      isThere === null ||
      (await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
        () => isThere.isDirectory(),
        () => false,
      ));
    if (!isUsable) {
      const says = `${folder} is no folder that can be written.`;
      return fault("media", says, "Give it back to your user, or put the backup's folder there.");
    }
    const lost = await lostOf(hub, backend);
    if (lost > 0) {
      const says = `${lost === 1 ? "A file of a post is" : `${lost} files of posts are`} not in ${folder}, or cut short.`;
      return fault(
        "media",
        says,
        "psn media verify: it brings back what still lies where it was attached, and names the rest",
      );
    }
    return ok("media", isThere === null ? `${folder}, made with the first image.` : folder);
  });
}

// --- internal ---

const FILES_MAX = 1_000;

/** How many files of posts are not there, or not as long as they were; what is inside of them psn media verify reads. */
async function lostOf(hub: Hub, backend: MediaBackend): Promise<number> {
  const needed = (await listMedia(hub, FILES_MAX)).filter(({ keptFor }) => keptFor === "post");
  const found = await Promise.all(needed.map((blob) => backend.has(blob)));
  return found.filter((isThere) => !isThere).length;
}

async function checkWorker(world: World, hub: Hub, hubEnv: HubEnv, keys: KeysEnv | null): Promise<Finding[]> {
  const around = await surroundingsOf(hub, hubEnv, keys);
  const { workers = 0, silentSince } = around;
  const { withoutWorker } = await countStuck(hub.db, around);
  const service = await world.service();
  const found: Finding[] = [];
  if (silentSince) {
    found.push(fault("worker", `${capital(workerSilence(silentSince, hubEnv.timezone))}.`, capital(HOW_TO_WAKE)));
  } else if (workers > 0) found.push(ok("worker", `${workers === 1 ? "One worker runs" : `${workers} workers run`}.`));
  else if (withoutWorker > 0) {
    const waiting = withoutWorker === 1 ? "One post waits" : `${withoutWorker} posts wait`;
    const fix = hub.isRestored ? "psn hub claim --help" : "psn worker install (or psn worker)";
    found.push(fault("worker", `${waiting} for a worker, and none runs.`, fix));
  } else found.push(ok("worker", "None runs, and nothing is scheduled."));
  if (service?.installed) found.push(serviceFinding(service));
  return found;
}

function serviceFinding({
  active,
  isCurrent,
  file,
  says,
}: NonNullable<Awaited<ReturnType<World["service"]>>>): Finding {
  if (!active) return fault("service", `The worker's service does not run (${says}).`, "psn worker install");
  if (!isCurrent) {
    return warning("service", `${file} names another PSN or other folders than this one.`, "psn worker install");
  }
  return ok("service", `The worker's service runs (${file}).`);
}

async function checkTrigger(world: World, hubEnv: HubEnv, hub: Hub): Promise<Finding[]> {
  if (!(await world.hasTriggerSdk())) {
    return [fault("trigger.sdk", "Trigger.dev's SDK is not installed beside PSN.", TRIGGER_SDK_FIX)];
  }
  return await finding("trigger.watchdog", async () => {
    const silence = await silenceOf(hub);
    if (silence === null) return ok("trigger.watchdog", "Trigger.dev's watchdog comes every minute.");
    return fault(
      "trigger.watchdog",
      silence,
      "psn trigger init, then deploy again: its crons are registered anew",
      () => startWatchdog(hub, triggerApi(hubEnv.trigger)),
    );
  });
}
