/** bin/psn in a copy of the tree: how it finds Bun, what it passes on, and what it says when nothing is installed. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BUN = process.execPath;
const COMPLAINING_BUN = '#!/bin/sh\necho "Error: postinstall was not run" >&2\nexit 1\n';

let scratch: string;
/** The copy, in a folder whose name wants care. No backslash: Bun 1.4 takes one for a slash. */
let root: string;
/** Another project's folder, from which the command is called. */
let elsewhere: string;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), "psn-bin-")));
  root = join(scratch, `it's "a" $clone é`);
  elsewhere = join(scratch, "other project");
  await mkdir(elsewhere);
  await mkdir(join(root, "bin"), { recursive: true });
  await mkdir(join(root, "src"), { recursive: true });
  await copyFile(join(import.meta.dirname, "..", "..", "bin", "psn"), join(root, "bin", "psn"));
  await writeFile(
    join(root, "src", "psn.ts"),
    `const stdin = process.argv.includes("read") ? await Bun.stdin.text() : null;
    console.log(JSON.stringify({
      args: process.argv.slice(2), cwd: process.cwd(), leaked: process.env.LEAKED ?? null, stdin, bun: process.execPath,
    }));
    process.exit(process.argv.includes("fail") ? 7 : 0);`,
  );
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

beforeEach(async () => {
  await rm(join(root, "node_modules"), { recursive: true, force: true });
  await install(".bin/bun", BUN);
});

/** Puts a program into node_modules: a link to one that exists, or a script of its own. */
async function install(path: string, program: string): Promise<void> {
  const file = join(root, "node_modules", path);
  await mkdir(join(root, "node_modules", "zod"), { recursive: true });
  await mkdir(join(file, ".."), { recursive: true });
  await rm(file, { force: true });
  if (program.startsWith("/")) return symlink(program, file);
  await writeFile(file, program);
  await chmod(file, 0o755);
}

function psn(args: string[], more: { command?: string; cwd?: string; path?: string; input?: string } = {}) {
  const result = spawnSync(more.command ?? join(root, "bin", "psn"), args, {
    cwd: more.cwd ?? elsewhere,
    env: { ...process.env, PATH: more.path ?? "/usr/bin:/bin", CDPATH: scratch },
    input: more.input ?? "",
    encoding: "utf8",
  });
  const answer = result.stdout.startsWith("{") ? JSON.parse(result.stdout) : null;
  return { code: result.status, stdout: result.stdout, stderr: result.stderr, answer };
}

test("arguments, folder, input and exit code pass through unchanged", () => {
  const args = [
    "post",
    "",
    "a  b",
    "--json",
    "--",
    "-c",
    "--version",
    `é 日本 🧵 "'$HOME\\n`,
    "two\nlines",
    "*",
    "fail",
    "read",
  ];
  const { code, stderr, answer } = psn(args, { input: "from stdin" });
  expect(answer).toMatchObject({ args, cwd: elsewhere, stdin: "from stdin" });
  expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
});

test("no argument is no argument", () => {
  expect(psn([]).answer.args).toEqual([]);
});

test("it is found through links: absolute, relative, of links, of folders, from the PATH", async () => {
  const bin = join(scratch, "bin");
  await mkdir(bin);
  await symlink(join(root, "bin", "psn"), join(bin, "absolute"));
  await symlink(join("..", root.slice(scratch.length + 1), "bin", "psn"), join(bin, "relative"));
  await symlink("relative", join(bin, "chained"));
  await symlink(root, join(scratch, "linked-root"));
  for (const command of [join(bin, "absolute"), join(bin, "relative"), join(bin, "chained")]) {
    expect(psn(["x"], { command }).answer).toMatchObject({ args: ["x"], cwd: elsewhere });
  }
  expect(psn([], { command: join(scratch, "linked-root", "bin", "psn") }).code).toBe(0);
  expect(psn([], { command: "chained", path: `${bin}:/usr/bin:/bin` }).code).toBe(0);
  expect(psn([], { command: "./psn", cwd: join(root, "bin") }).code).toBe(0);
  expect(psn(["psn"], { command: "sh", cwd: join(root, "bin") }).code).toBe(0);
});

test("another project's .env, bunfig.toml and node_modules are none of its business", async () => {
  await writeFile(join(elsewhere, ".env"), "LEAKED=yes\n");
  await writeFile(join(elsewhere, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
  await writeFile(join(elsewhere, "preload.ts"), 'console.log("preloaded");\n');
  await mkdir(join(elsewhere, "node_modules", ".bin"), { recursive: true });
  await writeFile(join(elsewhere, "node_modules", ".bin", "bun"), COMPLAINING_BUN, { mode: 0o755 });
  expect(psn([]).answer).toMatchObject({ leaked: null, cwd: elsewhere });
});

test("where the install script of Bun was blocked, the program of its platform package runs", async () => {
  await install("bun/bin/bun.exe", COMPLAINING_BUN);
  await install(".bin/bun", join(root, "node_modules", "bun", "bin", "bun.exe"));
  await install("@oven/bun-linux-aarch64-musl/bin/bun", `#!/nonexistent/loader\n${" ".repeat(2_000_000)}`);
  await install("@oven/bun-linux-x64/bin/bun", BUN);
  expect(psn(["x"]).answer).toMatchObject({ args: ["x"] });
});

test("else a Bun of 1.3 or later on the PATH, never an older one", async () => {
  await rm(join(root, "node_modules", ".bin"), { recursive: true });
  const bin = join(scratch, "path-bun");
  await mkdir(bin);
  const path = `${bin}:/usr/bin:/bin`;
  await symlink(BUN, join(bin, "bun"));
  expect(psn(["x"], { path }).answer).toMatchObject({ args: ["x"] });
  for (const version of ["1.2.21", "0.8.1", "nonsense", ""]) {
    await rm(join(bin, "bun"));
    await writeFile(join(bin, "bun"), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
    expect(psn(["x"], { path })).toMatchObject({ code: 8, answer: { error: { code: "NOT_INSTALLED" } } });
  }
});

test("without node_modules it says what to run, as JSON for a program", async () => {
  await rm(join(root, "node_modules"), { recursive: true });
  const { code, stderr, answer } = psn(["post", "a b"]);
  expect({ code, stderr }).toEqual({ code: 8, stderr: "" });
  expect(answer.error.code).toBe("NOT_INSTALLED");
  // The hint is a command that a shell takes as it is, whatever the folder is called.
  const command = answer.error.hint.replace(/^Run: /, "").replace("npm install", "pwd");
  expect(spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout).toBe(`${root}\n`);
});

const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;

test.skipIf(!hasScript)("and as one line for a person at a terminal, unless they ask for JSON", async () => {
  await rm(join(root, "node_modules"), { recursive: true });
  const link = join(scratch, "at-terminal");
  await symlink(join(root, "bin", "psn"), link);
  const atTerminal = (line: string) =>
    spawnSync("script", ["-qec", line, "/dev/null"], { encoding: "utf8", input: "" });
  const person = atTerminal(`${link} post`);
  expect(person.status).toBe(8);
  expect(person.stdout.trim().split("\n")).toHaveLength(1);
  expect(person.stdout).toStartWith("error NOT_INSTALLED  ");
  expect(person.stdout).toContain("npm install");
  expect(JSON.parse(atTerminal(`${link} post --json`).stdout)).toMatchObject({ error: { code: "NOT_INSTALLED" } });
});
