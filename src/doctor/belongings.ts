/** All that PSN has on this machine beside its own program, and its removal, the data last. */
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeEmbedded, statusEmbedded } from "../core/db/embedded/index.ts";
import { SYSTEM_DIRS } from "../core/db/embedded/place.ts";
import { configDir, dataDirOf, type Env } from "../core/utils/env.ts";
import { skillsIn } from "./agent-skill.ts";
import { runningSandbox, stopSandbox } from "./running-sandbox.ts";

export const PARTS = ["service", "config", "data"] as const;
export type Part = (typeof PARTS)[number];

export interface Belonging {
  part: Part;
  path: string;
  what: string;
}

/** Written by PSN into the configuration's folder, and nothing else is removed from there. */
const CONFIG_FILES =
  /^(hub\.env|keys\.env|keys\.x\.env|hub-mark\.json|approval\.json|.*\.[0-9a-f]{12}\.new|.*\.env\.lock(\.[0-9a-f]{12})?)$/;
/** The same for the data's folder, which may be one that a person chose. */
const DATA_FILES = /^(media|edits|programs|sandbox.*|worker\.log)$/;
const DATA_NAMES: Record<string, string> = {
  media: "images and videos of posts",
  programs: "libraries that the single program unpacked",
  edits: "words that were written in an editor and not taken",
  "worker.log": "the worker's log",
};

/** What is there. A hub on a server of the person's own is theirs, and not listed. */
export async function belongings(env: Env, service: { file: string; installed: boolean } | null): Promise<Belonging[]> {
  const found: Belonging[] = [];
  if (service?.installed) found.push({ part: "service", path: service.file, what: "the worker's service" });
  const { config, data } = await folders(env);
  for (const name of await names(config, CONFIG_FILES)) {
    const what =
      name === "hub.env"
        ? "settings and the encryption key"
        : name.startsWith("keys")
          ? "keys of the X app"
          : name.startsWith("approval")
            ? "that only a person approves"
            : "the hub's mark";
    found.push({ part: "config", path: join(config, name), what });
  }
  for (const { agent, file, isBefore } of await skillsIn(env)) {
    const what = isBefore ? "that skill as it was before psn agent install" : `the skill by which ${agent} posts`;
    found.push({ part: "config", path: file, what });
  }
  const sandbox = await runningSandbox(data);
  if (sandbox)
    found.push({ part: "data", path: sandbox.url, what: `the sandbox, which runs (process ${sandbox.pid})` });
  const hub = await statusEmbedded({ dataDir: join(data, "hub") });
  if (hub.exists) {
    const size = `${Math.round(hub.sizeBytes / 1e6)} MB`;
    found.push({ part: "data", path: hub.dataDir, what: `the hub: posts, accounts, sign-ins (${size})` });
  }
  for (const name of await names(data, DATA_FILES)) {
    found.push({ part: "data", path: join(data, name), what: DATA_NAMES[name] ?? "the sandbox" });
  }
  for (const path of await programCopies()) {
    found.push({
      part: "data",
      path,
      what: "PostgreSQL's programs, for every hub of root's; it stays until you remove it",
    });
  }
  return found;
}

/**
 * Removes what belongs to these parts. A file that is none of PSN's stays, and so does a folder that holds one.
 * @param options.removeService ends the service and removes its file
 */
export async function removeBelongings(
  env: Env,
  parts: readonly Part[],
  options: { removeService(): Promise<void> },
): Promise<void> {
  const { config, data } = await folders(env);
  if (parts.includes("service")) await options.removeService();
  // The data needs the configuration to be found, so both places are known before either goes.
  if (parts.includes("config")) {
    for (const name of await names(config, CONFIG_FILES)) await rm(join(config, name), { force: true });
    await rmdir(config).catch(() => {});
    for (const { file } of await skillsIn(env)) {
      await rm(file, { force: true });
      await rmdir(dirname(file)).catch(() => {});
    }
  }
  if (!parts.includes("data")) return;
  // It would write its timeline again.
  const sandbox = await runningSandbox(data);
  if (sandbox) await stopSandbox(sandbox);
  await removeEmbedded({ dataDir: join(data, "hub") });
  for (const name of await names(data, DATA_FILES)) await rm(join(data, name), { recursive: true, force: true });
  await rmdir(data).catch(() => {});
}

// --- internal ---

async function folders(env: Env): Promise<{ config: string; data: string }> {
  const config = configDir(env);
  return { config, data: await dataDirOf(env) };
}

/** Only root has them: its server's user cannot reach a package under a closed folder. Other hubs of root's may run from them, so they stay. */
async function programCopies(): Promise<string[]> {
  if (process.geteuid?.() !== 0) return [];
  const found: string[] = [];
  for (const folder of SYSTEM_DIRS) {
    const bin = join(folder, "bin");
    found.push(...(await names(bin, /^postgres-/)).map((name) => join(bin, name)));
  }
  return found;
}

async function names(folder: string, ours: RegExp): Promise<string[]> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) return [];
  return (await readdir(folder)).filter((name) => ours.test(name)).toSorted();
}
