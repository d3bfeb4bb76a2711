/** Nothing that somebody else wrote acts upon the terminal: names and texts of X, rows, files, arguments, errors, the log. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makePaint } from "../../src/cli/_paint.ts";
import { jsonText, screenText } from "../../src/cli/_screen.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { entries } from "../../src/psn.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { SANDBOX_HANDLE } from "../../src/sandbox/types.ts";
import type { TestHome } from "../../src/testing/cli.ts";
import { eventually } from "../engines/posts.ts";
import { openWorkerStage, type WorkerStage } from "../engines/worker-stage.ts";
import { ACTS, ALL_PROBES, actsIn, PROBES, SHORT_PROBES, withoutNul } from "./probes.ts";

const RUNNER = join(PROJECT_DIR, "test/security/fixtures/every-line.ts");
const ALL = withoutNul(ALL_PROBES);

let stage: WorkerStage;
let home: TestHome;
let draft: string;
let failed: string;
beforeAll(async () => {
  stage = await openWorkerStage();
  home = stage.home;
  await writeFile(join(home.folder, "a.png"), tinyPng());
  draft = await create("A draft.\n\nWith two paragraphs.", "--media", "a.png", "--alt", "a dot");
  failed = await create("One that failed.", "--approve");
  home.sandbox.sandbox.changeUser(SANDBOX_HANDLE, { name: SHORT_PROBES });
  await poison();
});
afterAll(() => stage.close());

async function create(text: string, ...args: string[]): Promise<string> {
  const ran = await home.psnProcess(["post", "create", text, ...args]);
  expect(ran).toMatchObject({ code: 0 });
  return (ran.json as { post: { id: string } }).post.id;
}

/** The hub as another writer of it may have left it: every word that is shown is a probe. */
async function poison(): Promise<void> {
  const change = (sql: string, ...values: unknown[]) => home.hub.pool.query(sql, values);
  // Who owns the database is not bound by its rules.
  const tables = ["psn.posts", "psn.post_media", "psn.post_events"];
  for (const table of tables) await change(`alter table ${table} disable trigger user`);
  await change("update psn.accounts set name = $1, subscription = $2", ALL, ALL);
  await change("update psn.posts set content = content || $1, source = $1, metadata = metadata || $2", ALL, {
    sourceFile: ALL,
  });
  await change(
    "update psn.posts set status = 'failed', fail_code = $1, fail_reason = $2 where id = $3",
    ALL,
    ALL,
    failed,
  );
  await change("update psn.post_media set file_name = $1, alt_text = $1", ALL);
  await change("update psn.post_events set note = $1, facts = $2", ALL, { detail: ALL });
  for (const table of tables) await change(`alter table ${table} enable trigger user`);
}

interface Shown {
  argv: string[];
  output: string;
  code: number;
}

/** Runs the lines in one process at a terminal of 100 columns, and tells what each put on the screen. */
async function atTerminal(lines: string[][]): Promise<Shown[]> {
  const file = join(home.folder, "lines.json");
  await writeFile(file, JSON.stringify(lines));
  const decoder = new TextDecoder();
  let seen = "";
  const child = Bun.spawn([process.execPath, RUNNER, file], {
    cwd: home.folder,
    env: { ...(home.env as Record<string, string>), TERM: "xterm-256color", FORCE_COLOR: "1" },
    terminal: {
      cols: 100,
      rows: 40,
      data(_terminal, data) {
        seen += decoder.decode(data, { stream: true });
      },
    },
  });
  await child.exited;
  return lines.map((argv, index) => {
    const [, rest = ""] = seen.split(`<<${index}>>`);
    const [output = "", end = ""] = rest.split(`<<${index} ended with `);
    expect(end, `psn ${argv.join(" ")} did not end: ${JSON.stringify(seen.slice(-2000))}`).not.toBe("");
    return { argv, output, code: Number.parseInt(end, 10) };
  });
}

/** Commands that run until they are stopped, or that change this machine or the hub's place; each has its own test. */
const NOT_HERE = [
  "sandbox",
  "worker",
  "worker install",
  "worker uninstall",
  "hub move",
  "demo",
  "keys reset",
  "hub stop",
];
/** setup comes last: it reads the account's name at X anew. */
const names = () =>
  entries
    .map(({ name }) => name)
    .filter((name) => !NOT_HERE.includes(name))
    .reverse();

/** What a command takes, so that it has something to show. */
const GIVEN: Record<string, () => string[]> = {
  preview: () => [ALL],
  "post create": () => [ALL, "--new"],
  "post preview": () => [draft],
  "post show": () => [failed],
  when: () => ["tomorrow 9am"],
  ...Object.fromEntries(
    ["setup", "status", "post list", "post failures", "account list", "keys rotate", "worker status", "hub status"].map(
      (name) => [name, () => []],
    ),
  ),
  "post edit": () => [draft, "--text", ALL],
  "post text": () => [draft, "1", ALL],
  "sandbox fault": () => ["list"],
};

test("there are 37 probes, each seen by the judge", () => {
  expect(PROBES).toHaveLength(37);
  for (const probe of PROBES) expect(actsIn(`shown: ${probe}`), probe).not.toBeNull();
  expect(actsIn("\x1b[1mbold\x1b[22m plain\r\n")).toBeNull();
});

test("the one way to the screen lets words and own colours through, and nothing else", () => {
  const paint = makePaint(true);
  for (const [name, act] of Object.entries(ACTS)) {
    const shown = screenText(`${paint.bold(`before ${act}prb`)} after ${paint.red(paint.dim("deep"))}`);
    expect(actsIn(shown), name).toBeNull();
    expect(Bun.stripANSI(shown), name).toMatch(/^before .*prb after deep$/s);
    expect(shown).toContain("\x1b[1m");
    expect(shown).toContain("\x1b[31m\x1b[2mdeep");
    const json = jsonText({ [act]: act });
    expect(actsIn(json), name).toBeNull();
    expect(JSON.parse(json), name).toEqual({ [act]: act });
  }
});

test("every command, with its answer and with its errors, at a terminal and as JSON", async () => {
  const fromRows = names().map((name) => [...name.split(" "), ...(GIVEN[name]?.() ?? [draft]), "--no-input"]);
  const helps = names().map((name) => [...name.split(" "), "--help"]);
  // As an argument, as a value, as an option that there is none of, as a command.
  const wrong = names().flatMap((name) => [
    [...name.split(" "), ALL, ALL, ALL, "--no-input"],
    [...name.split(" "), draft, "1", `--${ALL}`, "--no-input"],
    [...name.split(" "), `${ALL} ${name}`, "--no-input"],
  ]);
  const lines = [...fromRows, ...helps, ...wrong, [ALL], ["post", ALL], ["help", ALL]];
  const shown = await atTerminal([...lines, ...lines.map((line) => [...line, "--json"])]);
  for (const { argv, output } of shown) expect(actsIn(output), `psn ${argv.join(" ")}`).toBeNull();
  // The probes were there to be shown.
  const outputOf = (name: string) => shown.find(({ argv }) => argv.join(" ").startsWith(name))?.output ?? "";
  for (const name of ["post show", "post list", "post failures", "account list", "setup"]) {
    expect(outputOf(name), name).toContain("prb");
  }
  for (const { argv, output, code } of shown.filter(
    ({ argv }) => argv.includes("--json") && !argv.includes("--help"),
  )) {
    expect(JSON.parse(output.split("\n").find((line) => line.startsWith("{")) ?? ""), argv.join(" ")).toBeObject();
    expect(code).not.toBe(1);
  }
}, 300_000);

test("files: their text, their names, and every key and value of their front matter", async () => {
  const files = {
    "text.md": ALL_PROBES,
    "key.md": `---\n"${ALL.replaceAll("\\", "\\\\").replaceAll('"', "")}": 1\n---\ntext`,
    ...Object.fromEntries(
      ["account", "numbering", "at", "media", "timezone", "poll", "labels", "limit"].map((key) => [
        `${key}.md`,
        `---\n${key}: ${JSON.stringify(ALL)}\n---\ntext`,
      ]),
    ),
    "broken.md": `---\n\t${ALL}: [\n---\ntext`,
    [`${SHORT_PROBES.replaceAll("/", "")}.md`]: "---\nmedia: nothing.png\n---\ntext",
  };
  const lines: string[][] = [];
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(home.folder, name), text);
    lines.push(["preview", "--file", name], ["post", "create", "--file", name, "--no-input"]);
  }
  lines.push(["preview", "x", "--media", `${SHORT_PROBES}.png`], ["preview", "--file", `no ${SHORT_PROBES}`]);
  for (const { argv, output } of await atTerminal(lines)) expect(actsIn(output), `psn ${argv.join(" ")}`).toBeNull();
}, 300_000);

test("the configuration: each variable of the environment and of the files", async () => {
  const named = ["DATABASE_URL", "ENCRYPTION_KEY", "PSN_TIMEZONE", "X_API_BASE_URL", "X_CLIENT_ID", "PSN_DATA_DIR"];
  for (const name of named) {
    const ran = await home.psnProcess(["status"], { env: { ...home.env, [name]: ALL } });
    expect(actsIn(ran.stdout + ran.stderr), name).toBeNull();
    expect(ran.json, name).toBeObject();
  }
}, 300_000);

test("the log of a worker: what X refuses and what a post says, one record a line", async () => {
  home.sandbox.sandbox.addFault({
    kind: "status",
    status: 403,
    body: { title: ALL_PROBES, detail: ALL_PROBES, type: "about:blank", status: 403 },
    match: { path: "/2/tweets", method: "POST" },
    times: 1,
  });
  const worker = stage.worker();
  await worker.ready();
  const id = await stage.due(`Refused, with probes: ${ALL.slice(0, 60)}`);
  await stage.until(id, "failed");
  await eventually(
    () => worker.log().includes(`Failed ${id}`),
    () => `nothing of ${id} in the log: ${worker.log()}`,
  );
  await worker.stop();
  expect(actsIn(worker.log())).toBeNull();
  for (const line of worker.log().trimEnd().split("\n")) {
    expect(line).toMatch(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}|\{)/);
  }
}, 300_000);

test("nothing else prints: each file that writes to a stream is known", async () => {
  const writing = /\bstd(out|err)\.write\(|console\.\w+\(|writeSync\([12],/;
  const files = new Bun.Glob("src/**/*.ts").scan({ cwd: PROJECT_DIR });
  const found: string[] = [];
  for await (const file of files) {
    if (/\.test\.ts$|testing|fixtures/.test(file)) continue;
    if (writing.test(await readFile(join(PROJECT_DIR, file), "utf8"))) found.push(file);
  }
  expect(found.sort()).toEqual([
    "src/cli/_main.ts",
    "src/cli/post/loop/editor.ts",
    "src/cli/post/loop/keyboard.ts",
    "src/demo/command.ts",
    // Messages of JSON for the agent's program, on a pipe: no screen is there to be led astray.
    "src/mcp/wire.ts",
  ]);
});
