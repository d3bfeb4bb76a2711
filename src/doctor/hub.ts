/** The hub: does it run, does it answer, is it of this version, of this key, and the one that publishes. */
import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { createHubConnection, type Hub, hubNow } from "../core/db/connection.ts";
import { startEmbedded, statusEmbedded } from "../core/db/embedded/index.ts";
import { DOUBTS, HubMark } from "../core/db/mark.ts";
import { migrateHub } from "../core/db/migrate.ts";
import { appliedMigrations, NEWEST_MIGRATION } from "../core/db/version.ts";
import { hubKeyId } from "../core/tokens/hub-key.ts";
import { type HubEnv, markFile } from "../core/utils/env.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";
import type { World } from "./world.ts";

const CLOCK_OFF_MS_MAX = 60_000;
/** Below this Postgres and a video may not fit side by side; below the second, Postgres alone is in danger. */
const FREE_BYTES_MIN = 1_000_000_000;
const FREE_BYTES_DANGER = 200_000_000;

export async function checkDisk(world: World, { dataDir }: HubEnv): Promise<Finding[]> {
  return await finding("disk.space", async () => {
    const free = await world.freeBytes(dataDir);
    const says = `${(free / 1e9).toFixed(1)} GB are free where ${dataDir} is.`;
    if (free >= FREE_BYTES_MIN) return ok("disk.space", says);
    const judge = free < FREE_BYTES_DANGER ? fault : warning;
    return judge("disk.space", says, "Make room there: a full disk stops the hub, and posts wait.");
  });
}

/** Whether an embedded hub runs. Nothing is started by looking. */
export async function checkServer({ env }: World, { databaseUrl, dataDir }: HubEnv): Promise<Finding[]> {
  if (databaseUrl !== "embedded") return [];
  return await finding("hub.server", async () => {
    const folder = `${dataDir}/hub`;
    const { running, exists, version, detail, dataDir: place } = await statusEmbedded({ dataDir: folder });
    if (running) return ok("hub.server", `PostgreSQL ${version} runs.`);
    if (!exists && existsSync(markFile(env))) {
      const says = `There is no hub in ${folder}, and there has been one: a disk may not be mounted, or PSN_DATA_DIR names another folder.`;
      return fault("hub.server", says, env.PSN_DATA_DIR ? "unset PSN_DATA_DIR" : "Mount its disk, then: psn doctor");
    }
    if (!exists) return fault("hub.server", `There is no hub in ${folder}.`, "psn setup");
    const cluster = `${place}/postgres`;
    if (await isClosed(cluster)) {
      return fault(
        "hub.server",
        `The hub is stopped, and its user may not write to ${cluster}.`,
        `chmod -R u+rwX '${cluster}'`,
      );
    }
    const why = detail ? `The hub's server takes no connections: ${detail}` : "The hub is stopped; what is due waits.";
    return fault(
      "hub.server",
      why,
      "psn hub start",
      async () => void (await startEmbedded({ dataDir: folder, mustExist: true })),
    );
  });
}

const isClosed = (folder: string) =>
  access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => false,
    () => true,
  );

/** Opens the hub for the other checks. @returns null with what is wrong */
export async function openHub(hubEnv: HubEnv): Promise<{ hub: Hub | null; findings: Finding[] }> {
  let hub: Hub | null = null;
  const findings = await finding("hub.connection", async () => {
    hub = await connect(hubEnv);
    return ok("hub.connection", hub.where);
  });
  return { hub, findings };
}

const connect = ({ databaseUrl, dataDir }: HubEnv) =>
  createHubConnection({ databaseUrl, dataDir, max: 2, mustExist: true });

/** @returns the findings, and whether the hub has the tables that the other checks ask */
export async function checkHub(
  world: World,
  hubEnv: HubEnv,
  hub: Hub,
): Promise<{ findings: Finding[]; isUsable: boolean }> {
  const { newest } = await appliedMigrations(hub.pool);
  if (newest !== NEWEST_MIGRATION) {
    const findings =
      newest > NEWEST_MIGRATION
        ? [fault("hub.schema", "A newer PSN has set up this hub: this one may not use it.", "psn update")]
        : [
            fault("hub.schema", "The hub's tables are of an older PSN.", "psn setup", async () => {
              // The one that was looked at is closed by then.
              const open = await connect(hubEnv);
              await migrateHub(open).finally(() => open.close());
            }),
          ];
    return { findings, isUsable: false };
  }
  const findings = [
    ok("hub.schema", "The hub's tables are of this version."),
    ...(await finding("hub.key", async () => {
      const id = await hubKeyId(hub.db);
      if (id === null || hubEnv.keyRing.some((key) => key.id === id))
        return ok("hub.key", "The key opens the sign-ins.");
      return fault(
        "hub.key",
        `The sign-ins are sealed with the encryption key ${id}, and another one is configured.`,
        "Put the old ENCRYPTION_KEY back into hub.env (a backup has it); without it: psn keys reset",
      );
    })),
    ...(await finding("hub.mark", async () => {
      const mark = await HubMark.open(hub, markFile(world.env));
      return mark?.doubt
        ? fault("hub.mark", `${DOUBTS[mark.doubt]} Nothing is sent from it.`, "psn hub claim --help")
        : ok("hub.mark", "This hub is the one that publishes.");
    })),
    ...(await finding("hub.clock", async () => {
      const offMs = Math.abs((await hubNow(hub.db)).getTime() - world.clock.now().getTime());
      return offMs > CLOCK_OFF_MS_MAX
        ? fault("hub.clock", `The hub's clock and this machine's differ by ${Math.round(offMs / 1_000)} s.`, SET_CLOCK)
        : ok("hub.clock", "The hub's clock agrees with this machine's.");
    })),
  ];
  return { findings, isUsable: true };
}

export const SET_CLOCK =
  "Let the network set the clock: timedatectl set-ntp true (macOS: sudo sntp -sS time.apple.com)";
