/** A folder of somebody who waits for others to run programs in it: each file, if it is executed, leaves a mark. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

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
/** What graphile-worker, Bun, Node, Trigger.dev and TypeScript have a use for, elsewhere. */
const OTHERS = [
  "graphile.config.js",
  "graphile.config.ts",
  "trigger.config.ts",
  "preload.js",
  ...["psn_publish.js", "publish.js"].map((name) => `tasks/${name}`),
  ...["zod", "pg", "cosmiconfig", "graphile-worker", "typescript"].map((name) => `node_modules/${name}/index.js`),
];

export const ALL = [...SEARCHED_FIRST, ...SEARCHED, ...OTHERS];
export const READ_BY_COSMICONFIG = [...SEARCHED_FIRST, ...SEARCHED];

/** Writes the named files; whichever is executed writes its name into `mark`. */
export async function plant(folder: string, names: readonly string[], mark: string): Promise<void> {
  for (const name of names) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, payload(name, mark));
  }
}

/** Settings that would be obeyed, not executed: the worker's crontab, and files that name a program to load first. */
export async function plantSettings(folder: string, task: string): Promise<void> {
  await writeFile(join(folder, "crontab"), `* * * * * ${task} ?fill=1d {"postId":"x","scheduleVersion":0}\n`);
  await writeFile(join(folder, "bunfig.toml"), 'preload = ["./preload.js"]\n[run]\npreload = ["./preload.js"]\n');
  const paths = { "*": ["./node_modules/*"], zod: ["./node_modules/zod/index.js"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { baseUrl: ".", paths } }));
  const lines = ["DATABASE_URL=postgres://evil.example/x", "X_API_BASE_URL=https://evil.example", "PSN_CONFIG_DIR=."];
  await writeFile(
    join(folder, ".env"),
    [...lines, "NODE_OPTIONS=--require=./preload.js", "BUN_OPTIONS=--preload=./preload.js", ""].join("\n"),
  );
}

// --- internal ---

function payload(name: string, mark: string): string {
  // Ends the program, with graphile-worker's advice, when it is obeyed.
  const data = { schema: "hostile" };
  if (name === "package.json") return JSON.stringify({ name: "hostile", "graphile-worker": data });
  if (name.startsWith(".config.") && !/[jt]s$/.test(name)) {
    return JSON.stringify({ cosmiconfig: { searchPlaces: ["preload.js"] } });
  }
  if (!/[jt]s$/.test(name)) return JSON.stringify(data);
  return `require("node:fs").appendFileSync(${JSON.stringify(mark)}, ${JSON.stringify(`${name}\n`)});
module.exports = ${JSON.stringify(name.includes("onfig") ? data : {})};
`;
}
