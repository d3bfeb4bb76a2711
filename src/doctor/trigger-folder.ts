/**
 * The project that Trigger.dev builds: its configuration, and one file a task that imports from `psn/trigger`. The configuration
 * is PSN's own trigger.config.ts with two lines changed, so there is one list of what travels.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { requirePlace } from "../core/config/file-error.ts";
import { IS_BINARY, PROJECT_DIR } from "../core/config/folders.ts";
import { readRegular } from "../core/config/open-file.ts";
import { makeOwnFolder } from "../core/config/own-file.ts";
import { replaceFile } from "../core/config/whole-file.ts";
import { PsnError, systemCode } from "../core/errors.ts";
import { configDir, type Env } from "../core/utils/env.ts";
import { TRIGGER_SDK_FIX } from "../engines/trigger-api.ts";

const SDK_VERSION = "4.8.3";
const CONFIG = "trigger.config.ts";
const FILE_BYTES_MAX = 1024 * 1024;
/** That many are named. */
const OTHERS_MAX = 5;
/** The file of each task, and what it takes from psn/trigger. */
const TASKS = {
  "media-ahead": "mediaAhead",
  "publish-post": "publishPost",
  "token-refresher": "tokenRefresher",
  watchdog: "watchdog",
};

/**
 * Writes what is missing or differs.
 * @param willWrite called when all was looked at, where something is to be written
 * @returns the names of what was written
 * @throws PsnError TRIGGER_SDK_MISSING in the single program; TRIGGER_FOLDER_DIFFERS when a file there is another one, or none of PSN's, and `replace` is
 *   false; then nothing was written. FILE_NOT_WRITTEN, OWN_FILE_REPLACED
 */
export async function writeTriggerFolder(
  folder: string,
  env: Env,
  { replace, willWrite }: { replace: boolean; willWrite(): void },
): Promise<string[]> {
  if (IS_BINARY) {
    throw new PsnError(
      "TRIGGER_SDK_MISSING",
      "Trigger.dev builds its tasks from PSN's package, which the single program is not.",
      {
        hint: `Nothing was written. Take the package: ${TRIGGER_SDK_FIX}`,
      },
    );
  }
  await requirePlace(join(folder, "tasks"), "folder");
  const files = await filesFor(env);
  const differs: string[] = [];
  const wanted: [name: string, text: string][] = [];
  for (const [name, text] of Object.entries(files)) {
    await requirePlace(join(folder, name));
    const there = await thereIn(join(folder, name));
    if (there === text) continue;
    if (there !== null) differs.push(name);
    wanted.push([name, text]);
  }
  if (wanted.length === 0) return [];
  differs.push(...(await othersIn(folder, Object.keys(files))));
  if (differs.length > 0 && !replace) {
    throw new PsnError("TRIGGER_FOLDER_DIFFERS", `${differs.join(", ")} in ${folder} is not as PSN writes it.`, {
      hint: "Nothing was written. Take another folder; or look at what is there and add --force, which replaces PSN's files and leaves the others.",
      details: { folder, differs },
    });
  }
  willWrite();
  await makeOwnFolder(join(folder, "tasks"));
  for (const [name, text] of wanted) await replaceFile(join(folder, name), text);
  return wanted.map(([name]) => name);
}

// --- internal ---

/** Null where there is nothing; what cannot be read is another file. */
async function thereIn(file: string): Promise<string | null> {
  try {
    return (await readRegular(file, FILE_BYTES_MAX)).toString("utf8");
  } catch (error) {
    return systemCode(error) === "ENOENT" ? null : "";
  }
}

/** What somebody else may have laid there: npm and Trigger.dev's build obey a lock, packages and tasks that they find, with PSN's keys at hand. */
async function othersIn(folder: string, ours: readonly string[]): Promise<string[]> {
  const names = async (inside: string) =>
    (await readdir(join(folder, inside)).catch(() => [])).map((name) => (inside === "" ? name : `${inside}/${name}`));
  const found = [...(await names("")).filter((name) => name !== "tasks"), ...(await names("tasks"))];
  // In a folder that PSN wrote, they are npm's work.
  const made = ours.every((name) => found.includes(name)) ? ["node_modules", "package-lock.json", ".trigger"] : [];
  return found.filter((name) => !ours.includes(name) && !made.includes(name)).slice(0, OTHERS_MAX);
}

async function filesFor(env: Env): Promise<Record<string, string>> {
  const tasks = Object.entries(TASKS).map(([file, task]) => [
    `tasks/${file}.ts`,
    `export { ${task} } from "psn/trigger";\n`,
  ]);
  return {
    "package.json": `${JSON.stringify(manifest(), null, 2)}\n`,
    // A copy instead of a link, which finds the SDK of this folder.
    ".npmrc": "install-links=true\n",
    [CONFIG]: await configText(env),
    ...Object.fromEntries(tasks),
  };
}

function manifest() {
  return {
    name: "psn-trigger",
    private: true,
    type: "module",
    // This very PSN, by its folder: tasks and hub are of one version then.
    dependencies: { "@trigger.dev/sdk": SDK_VERSION, psn: `file:${PROJECT_DIR}` },
  };
}

/** The configuration as the checkout has it, reading the installed PSN's settings and building the folder's tasks. */
async function configText(env: Env): Promise<string> {
  const own = await readFile(join(PROJECT_DIR, CONFIG), "utf8");
  const text = own
    .replace('dirs: ["./src/trigger"]', 'dirs: ["./tasks"]')
    .replace('join(process.cwd(), "config")', JSON.stringify(configDir(env)));
  if (!text.includes("./tasks") || text.includes("process.cwd()")) throw new Error(`${CONFIG} has changed its form`);
  return text;
}
