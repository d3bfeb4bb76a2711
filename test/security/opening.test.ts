/** What stands in the place of a file: a FIFO, a device, a folder. Every command that is given one ends at once, and so does Ctrl-C. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectMedia } from "../../src/core/media/inspect.ts";
import { withStripped } from "../../src/core/media/strip.ts";
import { nodeDisk } from "../../src/core/posts/sync/disk.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { writeTriggerFolder } from "../../src/doctor/trigger-folder.ts";
import { localMediaUrl, ThreadSite } from "../../src/preview/thread-site.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { PSN, type TestHome, testHome } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";

let home: TestHome;
let folder: string;
beforeAll(async () => {
  home = await testHome();
  folder = await mkdtemp(join(tmpdir(), "psn-opening-"));
});
afterAll(async () => {
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

const fifo = (name: string) => {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return path;
};

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  return targets.includes(path);
}

test("a FIFO that nobody writes to, wherever a command takes a file, is refused at once", async () => {
  const pipe = fifo("pipe.png");
  await writeFile(join(folder, "by-front-matter.md"), "---\nmedia: pipe.png\n---\ntext");
  const lines = [
    ["preview", "x", "--media", pipe],
    ["preview", "--file", join(folder, "by-front-matter.md")],
    ["preview", "x", "--media", "/dev/zero"],
    ["post", "create", "x", "--media", folder],
    ["post", "create", "--file", pipe],
    ["post", "create", "--input", pipe],
    ["preview", "--input=/dev/full"],
    ["restore", pipe, "--passphrase-file", pipe],
  ];
  const ran = await Promise.all(lines.map((line) => home.psn([...line, "--no-input"])));
  for (const [at, { json, code }] of ran.entries()) {
    expect(json, lines[at]?.join(" ")).toMatchObject({ outcome: "error" });
    expect((json as { error: { code: string } }).error.code, lines[at]?.join(" ")).not.toBe("INTERNAL");
    expect(code).not.toBe(0);
  }
}, 60_000);

test("a pipe whose writer says nothing is waited for, until Ctrl-C", async () => {
  const pipe = fifo("silent");
  // Both ends, so that neither side waits for the other.
  const writer = Bun.spawn(["/bin/sh", "-c", `exec 3<>"$1"; echo open; exec sleep 600`, "sh", pipe], {
    stdout: "pipe",
  });
  try {
    await writer.stdout.getReader().read();
    for (const flag of ["--file", "--input"]) {
      const child = Bun.spawn([PSN, "post", "create", flag, pipe], {
        cwd: home.folder,
        env: home.env as Record<string, string>,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "ignore",
      });
      // Where the system shows it, not before the pipe is open.
      if (process.platform === "linux") await until(() => hasOpen(child.pid, pipe));
      child.kill("SIGINT");
      expect(await child.exited, flag).not.toBe(0);
    }
  } finally {
    writer.kill();
    await writer.exited;
  }
}, 60_000);

test("a picture that became a FIFO after it was looked at is neither read, copied nor shown", async () => {
  const picture = join(folder, "picture.png");
  await writeFile(picture, tinyPng());
  const item = await inspectMedia(picture);
  const site = new ThreadSite({} as ConstructorParameters<typeof ThreadSite>[0], [item]);
  const shown = () =>
    site.answer({ method: "GET", path: localMediaUrl(0), query: new URLSearchParams() } as Parameters<
      typeof site.answer
    >[0]);
  expect(await shown()).toMatchObject({ status: 200 });
  await rename(picture, `${picture}.aside`);
  await rename(fifo("other"), picture);
  expect(await shown()).toMatchObject({ status: 404 });
  await expect(withStripped(picture, async () => {})).rejects.toMatchObject({ code: "MEDIA_UNREADABLE" });
});

test("a file or a folder of a synced folder that was exchanged for a link after it was listed is not read through it", async () => {
  const root = await realpath(await mkdtemp(join(folder, "synced-")));
  await mkdir(join(root, "sub"));
  const elsewhere = join(root, "../elsewhere");
  await mkdir(elsewhere, { recursive: true });
  for (const path of [join(root, "a.md"), join(root, "sub/b.md")]) await writeFile(path, "An author's.");
  await writeFile(join(elsewhere, "b.md"), "Nobody's business.");
  const { paths } = await nodeDisk.list(root);
  expect(paths).toEqual(["a.md", "sub/b.md"]);
  await rm(join(root, "a.md"));
  await symlink(join(elsewhere, "b.md"), join(root, "a.md"));
  await rename(join(root, "sub"), join(root, "sub-aside"));
  await symlink(elsewhere, join(root, "sub"));
  for (const path of paths) expect(await nodeDisk.read(join(root, path)), path).toBeNull();
  expect(await nodeDisk.replace(join(root, "sub/b.md"), Buffer.from("x"), Buffer.from("Nobody's business."))).toBe(
    false,
  );
  expect(await readFile(join(elsewhere, "b.md"), "utf8")).toBe("Nobody's business.");
  expect(Buffer.from((await nodeDisk.read(join(root, "sub-aside/b.md"))) ?? []).toString()).toBe("An author's.");
});

test("what somebody prepared in the folder of Trigger.dev's project is named, and a link in it is not followed", async () => {
  const options = { replace: false, willWrite: () => {} };
  const writes = async (target: string) => await writeTriggerFolder(target, home.env, options).catch((error) => error);
  for (const prepared of ["package-lock.json", "node_modules", "tasks/evil.ts", "tsconfig.json", ".env"]) {
    const target = await mkdtemp(join(folder, "prepared-"));
    await mkdir(join(target, "tasks"));
    await writeFile(join(target, prepared), "");
    expect(await writes(target), prepared).toMatchObject({
      code: "TRIGGER_FOLDER_DIFFERS",
      details: { differs: [prepared] },
    });
    expect(await readdir(join(target, "tasks"))).toEqual(prepared.startsWith("tasks/") ? ["evil.ts"] : []);
  }
  const linked = await mkdtemp(join(folder, "linked-"));
  const elsewhere = await mkdtemp(join(folder, "elsewhere-"));
  await symlink(elsewhere, join(linked, "tasks"));
  expect(await writes(linked)).toMatchObject({ code: "OWN_FILE_REPLACED" });
  expect(await readdir(elsewhere)).toEqual([]);
});

test("folders of posts and of Trigger.dev may hold a FIFO", async () => {
  const pipe = fifo("post.md");
  expect(await nodeDisk.read(pipe)).toBeNull();
  expect(await nodeDisk.replace(pipe, Buffer.from("x"), Buffer.from("y"))).toBe(false);
  const target = join(folder, "trigger");
  await mkdir(target);
  execFileSync("mkfifo", [join(target, "package.json")]);
  await expect(writeTriggerFolder(target, home.env, { replace: false, willWrite: () => {} })).rejects.toMatchObject({
    code: "TRIGGER_FOLDER_DIFFERS",
    details: { differs: ["package.json"] },
  });
});

/** What may open a file by another way, and why that neither waits nor follows. */
const OPENERS: Record<string, string> = {
  "src/core/config/open-file.ts": "the way itself",
  "src/core/config/whole-file.ts": "makes a new file, and flushes a folder",
  "src/cli/_stdin.ts": "lets pipes through, which a shell makes of <(…), without waiting in the system",
  "src/cli/_typed-bytes.ts": "/proc of this process",
  "src/cli/post/loop/kept-words.ts": "/proc of a process",
  "src/demo/worker-process.ts": "/proc of a process",
  "src/doctor/running-sandbox.ts": "/proc of a process",
  "src/core/db/mark-file.ts": "/etc/machine-id",
  "src/core/db/embedded/user.ts": "/etc/passwd",
  "src/core/db/embedded/binaries.ts": "the package's own files",
  "src/core/config/carried.ts": "the program's own files, and its copies of them in PSN's own folder",
  "src/doctor/installation.ts": "the package's own files",
  "src/doctor/trigger-folder.ts": "the package's own files",
  "src/core/backup/backup.ts": "makes a new file",
  "src/core/db/embedded/folder.ts": "makes a new file, and opens a folder with O_NOFOLLOW",
  "src/core/config/lock.ts": "makes a new file",
  "src/core/media/folder-backend.ts": "makes a new file",
  "src/core/media/strip.ts": "makes a new file in a folder of its own",
  "src/core/posts/sync/disk.ts": "makes a new file",
};

async function sources(): Promise<[file: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const file of new Bun.Glob("src/**/*.ts").scan({ cwd: PROJECT_DIR })) {
    if (/\.test\.ts$|testing|fixtures|\/stage\.ts$/.test(file)) continue;
    found.push([file, await readFile(join(PROJECT_DIR, file), "utf8")]);
  }
  return found;
}

test("nothing else opens a file: each that does is known", async () => {
  const names = "open|openSync|readFile|readFileSync|createReadStream|copyFile|copyFileSync|cp|cpSync|appendFile";
  const imports = new RegExp(
    `\\{[^}]*\\b(?:${names})\\b[^}]*\\} (?:from|= await import\\()\\s*"node:fs(?:/promises)?"`,
  );
  const all = await sources();
  // Otherwise the names above would not be all.
  for (const [file, text] of all)
    expect(text, file).not.toMatch(/import (?:\* as )?\w+ from "(?:node:)?fs|import\("(?:node:)?fs[/a-z]*"\)\)?\./);
  const found = all.filter(([, text]) => imports.test(text)).map(([file]) => file);
  expect(found.sort()).toEqual(Object.keys(OPENERS).sort());
});

test("every folder that is made says its mode", async () => {
  for (const [file, text] of await sources()) {
    for (const [call] of text.matchAll(/\bmkdir(?:Sync)?\([^;]*/g)) expect(call, file).toContain("mode: 0o7");
  }
});
