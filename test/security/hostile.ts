/** A folder of somebody who waits for others to run programs in it: each file, if it is executed, leaves a mark. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { PUBLISH_TASK } from "../../src/engines/embedded.ts";
import { BIN_PSN } from "../../src/testing/cli.ts";

/** What cosmiconfig looks for in the current folder and in each above, by `strace psn --version` before it was replaced. */
const SEARCHED = [
  "package.json",
  ".graphile-workerrc",
  ...["json", "yaml", "yml", "js", "ts", "cjs"].map((ending) => `.graphile-workerrc.${ending}`),
  ...["", ".json", ".yaml", ".yml", ".js", ".ts", ".cjs"].map((ending) => `.config/graphile-workerrc${ending}`),
  ...["js", "ts", "cjs"].map((ending) => `graphile-worker.config.${ending}`),
];
/** What it looks for in the current folder to configure itself. */
const SEARCHED_FIRST = [".config.json", ".config.yaml", ".config.yml", ".config.js", ".config.ts", ".config.cjs"];
export const READ_BY_COSMICONFIG = [...SEARCHED_FIRST, ...SEARCHED];

const PACKAGES = [
  "zod",
  "pg",
  "pg-native",
  "cosmiconfig",
  "graphile-worker",
  "typescript",
  "sharp",
  "yaml",
  "drizzle-orm",
];
const PROGRAMS = ["bun", "node", "git", "sh", "find", "sed", "postgres", "psql", "systemctl", "xdg-open", "chromium"];

/** Settings that would be obeyed, not executed, or that name a program to run. */
const SETTINGS: Record<string, string> = {
  crontab: `* * * * * ${PUBLISH_TASK} ?fill=1d {"postId":"x","scheduleVersion":0}\n`,
  "bunfig.toml": 'preload = ["./preload.js"]\n[run]\npreload = ["./preload.js"]\n',
  "tsconfig.json": JSON.stringify({
    compilerOptions: { baseUrl: ".", paths: { "*": ["./node_modules/*"], zod: ["./node_modules/zod/index.js"] } },
  }),
  ".npmrc": "node-options=--require=./preload.js\nscript-shell=./sh\n",
  ".pg_service.conf": "[psn]\nhost=evil.example\n",
  "pg_service.conf": "[psn]\nhost=evil.example\n",
  ".pgpass": "*:*:*:*:evil\n",
  // Git itself would run these.
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/config": "[core]\n\tfsmonitor = ./sh\n\thooksPath = hooks\n\tpager = ./sh\n",
  ...Object.fromEntries(
    ["", ".local", ".development", ".production", ".test"].map((ending) => [`.env${ending}`, env()]),
  ),
  ...Object.fromEntries(["hub.env", "keys.env", "config/hub.env", "config/keys.env"].map((name) => [name, env()])),
};

/** Where the tsconfig.json above leads Bun when it is asked for PSN's own entry by its absolute path. */
const ENTRIES = [join(PROJECT_DIR, "src/psn.ts"), BIN_PSN, join(dirname(BIN_PSN), "psn.mjs")].map(
  (path) => `node_modules${path}`,
);

/** What graphile-worker, Bun, Node, Git, gettext, Trigger.dev and TypeScript have a use for, elsewhere. */
const OTHERS = [
  ...ENTRIES,
  "graphile.config.js",
  "graphile.config.ts",
  "trigger.config.ts",
  "preload.js",
  ...["psn_publish.js", "publish.js"].map((name) => `tasks/${name}`),
  ...PACKAGES.flatMap((name) => [`node_modules/${name}/index.js`, `node_modules/${name}/package.json`]),
  ...PROGRAMS.flatMap((name) => [name, `bin/${name}`, `node_modules/.bin/${name}`]),
  ...["pre-commit", "post-checkout", "post-index-change"].map((name) => `.git/hooks/${name}`),
  ...["de", "en"].flatMap((name) => [`locale/${name}/LC_MESSAGES/psn.mo`, `locales/${name}.json`]),
];

/** Without the data that cosmiconfig would find first, and would then look for no program. */
export const withoutData = (names: readonly string[]) =>
  names.filter((name) => !READ_BY_COSMICONFIG.includes(name) || /[jt]s$/.test(name));

/** All names that are known without looking: those of the trace come to them. */
export const KNOWN: readonly string[] = [...new Set([...READ_BY_COSMICONFIG, ...OTHERS, ...Object.keys(SETTINGS)])];

/** Writes the named files; whichever is executed writes its name into `mark`. */
export async function plant(folder: string, names: readonly string[], mark: string): Promise<void> {
  for (const name of names) {
    const file = join(folder, name);
    // A name that was asked for as a file may turn out to be the folder of another.
    await mkdir(dirname(file), { recursive: true }).catch(() => rm(dirname(file)));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, payload(name, mark), { mode: 0o755 });
  }
}

// --- internal ---

function env(): string {
  const lines = ["DATABASE_URL=postgres://evil.example/x", "X_API_BASE_URL=https://evil.example", "PSN_CONFIG_DIR=."];
  return [...lines, "NODE_OPTIONS=--require=./preload.js", "BUN_OPTIONS=--preload=./preload.js", ""].join("\n");
}

function payload(name: string, mark: string): string {
  const setting = SETTINGS[name];
  if (setting !== undefined) return setting;
  // Ends the program, with graphile-worker's advice, when it is obeyed.
  const data = { schema: "hostile" };
  if (name === "package.json") return JSON.stringify({ name: "hostile", imports: {}, "graphile-worker": data });
  if (name.startsWith(".config.") && !/[jt]s$/.test(name)) {
    return JSON.stringify({ cosmiconfig: { searchPlaces: ["preload.js"] } });
  }
  if (/[jt]s$/.test(name)) {
    return `require("node:fs").appendFileSync(${JSON.stringify(mark)}, ${JSON.stringify(`${name}\n`)});
module.exports = ${JSON.stringify(name.includes("onfig") ? data : {})};
`;
  }
  if (/\.(json|ya?ml)$|rc$/.test(name)) return JSON.stringify(data);
  return `#!/bin/sh\necho '${name}' >>'${mark}'\n`;
}
