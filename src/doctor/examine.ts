/** `psn doctor`: everything that an installation needs, looked at once. Nothing is sent, spent or started by looking. */
import { IS_BINARY, IS_PACKAGE, PROJECT_DIR } from "../core/config/folders.ts";
import { type HubEnv, loadHubEnv } from "../core/utils/env.ts";
import { checkConfig } from "./config.ts";
import { type Finding, ok } from "./finding.ts";
import { checkDisk, checkHub, checkServer, openHub } from "./hub.ts";
import { checkEngine, checkMedia } from "./work.ts";
import type { World } from "./world.ts";
import { checkAccounts, checkX } from "./x.ts";

/** A finding, and what came of its repair: null where none was tried. */
export interface Examined extends Omit<Finding, "repair"> {
  repaired: boolean | null;
}

/**
 * Looks at everything, from the machine to the accounts. What cannot be asked while something below it is broken is left out.
 * @param options.fix does the safe repairs, and looks again at what was repaired
 * @param options.isDry answers as if each repair did what it is for, and does none
 */
export async function examine(
  world: World,
  options: { fix: boolean; isDry?: boolean; version: string },
): Promise<Examined[]> {
  const found = await look(world, options.version);
  const broken = found.filter(({ repair }) => repair !== undefined);
  if (!options.fix || broken.length === 0) return found.map((one) => examined(one, null));
  if (options.isDry) {
    return found.map((one) => (one.repair ? { ...examined(one, true), verdict: "ok" as const } : examined(one, null)));
  }
  const tried = new Map<string, boolean>();
  for (const { check, says, repair } of broken) {
    const isDone = await (repair?.() ?? Promise.resolve()).then(
      () => true,
      () => false,
    );
    tried.set(`${check} ${says}`, isDone);
  }
  const again = await look(world, options.version);
  const repaired = broken
    .filter(({ check, says }) => tried.get(`${check} ${says}`))
    .filter(({ check, says }) => !again.some((one) => one.check === check && one.says === says))
    .map((one) => ({ ...examined(one, true), verdict: "ok" as const }));
  return [...repaired, ...again.map((one) => examined(one, tried.has(`${one.check} ${one.says}`) ? false : null))];
}

// --- internal ---

function examined({ repair: _act, ...rest }: Finding, repaired: boolean | null): Examined {
  return { ...rest, repaired };
}

async function look(world: World, version: string): Promise<Finding[]> {
  const found = [runtime(version), ...(await checkConfig(world.env))];
  const hubEnv = await loadHubEnv(world.env).catch(() => null);
  const { keys, findings } = await checkX(world);
  if (hubEnv !== null) found.push(...(await lookAtHub(world, hubEnv, keys)));
  return [...found, ...findings];
}

async function lookAtHub(
  world: World,
  hubEnv: HubEnv,
  keys: Awaited<ReturnType<typeof checkX>>["keys"],
): Promise<Finding[]> {
  const found = [...(await checkDisk(world, hubEnv)), ...(await checkServer(world, hubEnv))];
  if (found.some(({ check, verdict }) => check === "hub.server" && verdict === "error")) return found;
  const { hub, findings } = await openHub(hubEnv);
  found.push(...findings);
  if (hub === null) return found;
  try {
    const { findings: ofHub, isUsable } = await checkHub(world, hubEnv, hub);
    found.push(...ofHub);
    if (!isUsable) return found;
    return [
      ...found,
      ...(await checkMedia(world, hubEnv, hub)),
      ...(await checkEngine(world, hubEnv, hub, keys)),
      ...(await checkAccounts(hub, hubEnv, keys)),
    ];
  } finally {
    await hub.close();
  }
}

function runtime(version: string): Finding {
  const { bun, node } = process.versions;
  const how = IS_BINARY ? "a single program" : IS_PACKAGE ? "installed" : "a checkout";
  return ok("psn", `PSN ${version} on ${bun ? `Bun ${bun}` : `Node ${node}`}, ${how} in ${PROJECT_DIR}.`);
}
