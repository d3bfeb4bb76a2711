/** psn is run in folders of other people: nothing in the current folder, or in one above it, is executed or obeyed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { BIN_PSN, runProgram } from "../../src/testing/cli.ts";
import { SERVER_DIR } from "../../src/testing/server.ts";
import { eventually } from "../engines/posts.ts";
import { openWorkerStage, type WorkerStage } from "../engines/worker-stage.ts";
import { KNOWN, plant, READ_BY_COSMICONFIG, withoutData } from "./hostile.ts";
import { canTrace, HOW_TO_TRACE, isTraceRequired, type Sought, tracing } from "./trace.ts";

/** Processes at once: a machine has two cores or more. */
const AT_ONCE = 4;
/** Names that a found file leads to, and those that these lead to. */
const ROUNDS_MAX = 12;

let stage: WorkerStage;
let scratch: string;
let mark: string;
/** The current folder of every psn below. HOME is elsewhere, so that a search goes on up to the root. */
let here: string;
let above: string;
/** What a command names by itself: its own files, its user's, those of the test's hub. */
let own: string[];
beforeAll(async () => {
  stage = await openWorkerStage();
  scratch = await realpath(await mkdtemp(join(tmpdir(), "psn-hostile-")));
  mark = join(scratch, "mark");
  above = join(scratch, "above");
  here = join(above, "here");
  const path = String(process.env.PATH).split(":");
  const node = Bun.which("node");
  if (node) path.push(dirname(await realpath(node)));
  own = [
    PROJECT_DIR,
    dirname(dirname(BIN_PSN)),
    stage.home.folder,
    SERVER_DIR,
    ...path.filter((folder) => folder !== ""),
  ];
  await plantAround(KNOWN);
});
afterAll(async () => {
  await stage.close();
  await rm(scratch, { recursive: true, force: true });
});

const isPlanted = new Set<string>();
async function plantAround(given: readonly string[]): Promise<void> {
  // What another name needs as its folder is no file.
  const names = given.filter((name) => !given.some((other) => other.startsWith(`${name}/`)));
  await plant(above, names, mark);
  await plant(here, withoutData(names), mark);
  for (const name of names) for (let path = name; path !== "."; path = dirname(path)) isPlanted.add(path);
}

async function marks(): Promise<string> {
  return existsSync(mark) ? await readFile(mark, "utf8") : "";
}

const psn = (...args: string[]) => stage.home.psnProcess(args, { cwd: here });

async function each<T>(list: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

interface Described {
  name: string;
  effect: "read" | "write" | "sends";
  args: { name: string; required: boolean }[];
  input: { properties?: Record<string, { enum?: string[]; type?: string }> };
}

/** Every command as it is typed, with what it needs, so that a new one is among them; those that act only say what they would do. */
async function everyCommand(): Promise<string[][]> {
  const { json } = await stage.home.psnProcess(["schema", "--all"]);
  const commands = (json as { commands: Described[] }).commands;
  const draft = await stage.home.psnProcess(["post", "create", "A draft."]);
  const { id } = (draft.json as { post: { id: string } }).post;
  const folder = join(stage.home.folder, "elsewhere");
  const known: Record<string, string> = { text: "Hello.", phrase: "tomorrow 9am", folder, file: join(folder, "a.png") };
  return commands.map(({ name, effect, args, input }) => {
    const given = args.filter((arg) => arg.required || arg.name in known);
    const values = given.map((arg) => {
      const property = input.properties?.[arg.name];
      return known[arg.name] ?? property?.enum?.[0] ?? (property?.type === "integer" ? "1" : id);
    });
    return [...name.split(" "), ...values, "--json", "--no-input", ...(effect === "read" ? [] : ["--dry-run"])];
  });
}

/** Runs it there, under strace where that is possible. @returns what was looked for that nobody planted */
async function run(args: string[], cwd: string): Promise<Sought[]> {
  const traced = tracing([BIN_PSN, ...args], cwd, own);
  const command = canTrace ? traced.command : [BIN_PSN, ...args];
  const ran = await runProgram(command, { env: stage.env, cwd });
  expect(await marks(), args.join(" ")).toBe("");
  // A crash, or graphile-worker's advice, is no answer.
  expect(ran, args.join(" ")).toMatchObject({ stderr: "" });
  const isAnswer = ran.json !== null || args[0] === "mcp";
  expect(isAnswer, `${args.join(" ")}: ${ran.stdout}`).toBe(true);
  expect(ran.stdout, args.join(" ")).not.toContain('"INTERNAL"');
  return canTrace ? (await traced.sought()).filter(({ name }) => !isPlanted.has(name)) : [];
}

if (!canTrace && !isTraceRequired) process.stderr.write(`${HOW_TO_TRACE}\n`);

test("what is looked for in a hostile folder can be traced", () => {
  expect(canTrace || !isTraceRequired, HOW_TO_TRACE).toBe(true);
});

test("every command answers in a hostile folder, and nothing that it looks for there, or above, runs", async () => {
  let left = await everyCommand();
  expect(left.map((args) => args.join(" "))).toEqual(
    expect.arrayContaining(["setup --json --no-input --dry-run", "preview Hello. --json --no-input"]),
  );
  // What is found may name more to look for.
  for (let round = 0; left.length > 0; round++) {
    expect(round, `still more is looked for: ${JSON.stringify(left)}`).toBeLessThan(ROUNDS_MAX);
    const sought = new Set<string>();
    const again: string[][] = [];
    await each(left, async (args) => {
      const news = await run(args, here);
      for (const { folder, name } of news) {
        // In folders that are not the test's nothing is planted: what is looked for there has to be known.
        expect(folder.startsWith(above), `${args.join(" ")} looks for ${name} in ${folder}`).toBe(true);
        sought.add(name);
      }
      if (news.length > 0) again.push(args);
    });
    await plantAround([...sought]);
    left = again;
  }
  expect(await marks()).toBe("");
});

test("in / and /tmp nothing is looked for that was not tried in a hostile folder", async () => {
  const commands = [
    ["--version", "--json"],
    ["post", "list"],
    ["preview", "Hello."],
    ["worker", "--dry-run"],
  ];
  const cases = ["/", "/tmp"].flatMap((cwd) => commands.map((args) => ({ cwd, args })));
  await each(cases, async ({ cwd, args }) => expect(await run(args, cwd), `${args} in ${cwd}`).toEqual([]));
});

test("commands answer in a hostile folder as in any other, and nothing of the folder is obeyed", async () => {
  expect(await psn("--version")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^\d+\.\d+/) });
  const commands = [
    ["preview", "Hello from elsewhere."],
    ["post", "list"],
    ["post", "failures"],
    ["hub", "status"],
    ["account", "list"],
    ["setup", "--help", "--json"],
    ["worker", "status"],
  ];
  await each(commands, async (args) => {
    const [ran, elsewhere] = await Promise.all([psn(...args), stage.home.psnProcess(args)]);
    expect(elsewhere, args.join(" ")).toMatchObject({ json: expect.anything() });
    expect(ran, args.join(" ")).toEqual(elsewhere);
  });
  expect(await marks()).toBe("");
});

test("a worker in a hostile folder publishes what is due, and neither its crontab nor its environment has a say", async () => {
  const env = { ...stage.env, GRAPHILE_WORKER_SCHEMA: "hostile", GRAPHILE_WORKER_DEBUG: "1" };
  const child = Bun.spawn([BIN_PSN, "worker"], {
    cwd: here,
    env: env as Record<string, string>,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) log += new TextDecoder().decode(chunk);
  };
  const said = Promise.all([read(child.stdout), read(child.stderr)]);
  try {
    await eventually(
      () => log.includes("ready"),
      () => `the worker is not ready: ${log}`,
    );
    const id = await stage.due("from a hostile folder");
    await stage.until(id, "published");
  } finally {
    child.kill("SIGTERM");
  }
  expect(await child.exited).toBe(0);
  await said;
  expect(log).not.toContain("graphile");
  expect(await marks()).toBe("");
  const { rows } = await stage.home.hub.pool.query(`
    select (select count(*)::int from graphile_worker._private_known_crontabs) as crontabs,
      (select count(*)::int from graphile_worker._private_jobs where payload ->> 'postId' = 'x') as jobs,
      to_regnamespace('hostile')::text as schema`);
  expect(rows).toEqual([{ crontabs: 0, jobs: 0, schema: null }]);
});

test("each file that cosmiconfig would find is left alone by itself, on Bun and, bundled or not, on Node", async () => {
  const loader = JSON.stringify(join(PROJECT_DIR, "src/core/db/graphile.ts"));
  const entry = join(scratch, "entry.ts");
  await writeFile(entry, `import { loadGraphile } from ${loader};\nconsole.log(typeof (await loadGraphile()).run);`);
  await symlink(join(PROJECT_DIR, "node_modules"), join(scratch, "node_modules"));
  const build = (outdir: string, packages: "bundle" | "external") =>
    Bun.build({ entrypoints: [entry], outdir, packages, target: "node", format: "esm", external: ["pg-native"] });
  const far = await mkdtemp(join(tmpdir(), "psn-bundle-"));
  expect((await build(far, "bundle")).success).toBe(true);
  expect((await build(join(scratch, "plain"), "external")).success).toBe(true);
  const programs = [
    [process.execPath, "--no-install", "--no-env-file", "--config=/dev/null", entry],
    ["node", join(scratch, "plain", "entry.js")],
    ["node", join(far, "entry.js")],
  ];
  const cases = READ_BY_COSMICONFIG.flatMap((name, index) => ({ name, program: programs[index % 3] ?? [] }));
  const executed = cases.filter(({ name }) => /[jt]s$/.test(name));
  const all = [...cases, ...executed.flatMap(({ name }) => programs.map((program) => ({ name, program })))];
  await each(all, async ({ name, program }) => {
    const folder = await mkdtemp(join(scratch, "alone-"));
    await plant(folder, [name], mark);
    const cwd = name.startsWith(".config.") ? folder : join(folder, "below");
    await mkdir(cwd, { recursive: true });
    const child = Bun.spawn(program, {
      cwd,
      env: { PATH: String(process.env.PATH), HOME: stage.home.folder },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    expect({ stdout, stderr }, name).toEqual({ stdout: "function\n", stderr: "" });
  });
  await rm(far, { recursive: true, force: true });
  expect(await marks()).toBe("");
});

test("with another cosmiconfig, of an older install or another package manager, graphile-worker is not loaded", async () => {
  const root = await mkdtemp(join(scratch, "older-"));
  for (const file of ["src/core/db/graphile.ts", "src/core/config/folders.ts", "src/core/errors.ts"]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await copyFile(join(PROJECT_DIR, file), join(root, file));
  }
  const graphile = "node_modules/graphile-worker";
  await plant(root, [`${graphile}/index.js`, `${graphile}/node_modules/cosmiconfig/package.json`], mark);
  await writeFile(join(root, graphile, "node_modules/cosmiconfig/index.js"), "exports.cosmiconfigSync = () => {};");
  await cp(join(PROJECT_DIR, "no-cosmiconfig"), join(root, "node_modules/cosmiconfig"), { recursive: true });
  const script = `await (await import("./src/core/db/graphile.ts")).loadGraphile().catch((e) => console.log(e.code))`;
  const child = Bun.spawn([process.execPath, "-e", script], { cwd: root, stdout: "pipe", stderr: "inherit" });
  expect(await new Response(child.stdout).text()).toBe("NOT_INSTALLED\n");
  expect(await marks()).toBe("");
});

test("no other file loads graphile-worker", async () => {
  const loading = /(?<!typeof )import\("graphile-worker"\)|^import (?!type )[^;]*"graphile-worker"/m;
  const files = new Bun.Glob("{src,bench,sim,test}/**/*.ts").scan({ cwd: PROJECT_DIR });
  const found: string[] = [];
  for await (const file of files) if (loading.test(await readFile(join(PROJECT_DIR, file), "utf8"))) found.push(file);
  expect(found).toEqual(["src/core/db/graphile.ts"]);
});
