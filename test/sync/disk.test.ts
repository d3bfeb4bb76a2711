/** Folders as they really are: links, names, files that cannot be written, what a killed run left. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePaint } from "../../src/cli/_paint.ts";
import { syncCommand } from "../../src/cli/post/sync.ts";
import { nodeDisk } from "../../src/core/posts/sync/disk.ts";
import { startPsn } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";
import { type Answer, type SyncHome, syncHome } from "./stage.ts";

let home: SyncHome;
let dir: string;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

async function folder(): Promise<string> {
  dir = await home.newFolder();
  return dir;
}
const sync = (...flags: string[]) => home.sync(dir, "--apply", ...flags);

/** A file, or a folder, that even root cannot write. @returns whether this system can do that */
const lock = (path: string): boolean => spawnSync("chattr", ["+i", path]).status === 0;
const unlock = (path: string) => spawnSync("chattr", ["-i", path]);
const probe = await mkdtemp(join(tmpdir(), "psn-lock-"));
const canLock = lock(probe);
unlock(probe);
await rm(probe, { recursive: true });

describe.skipIf(!canLock)("scenario 40: what cannot be written stops nothing else", () => {
  for (const [what, lockedOf] of [
    ["a file", (path: string) => path],
    ["a folder", (path: string) => join(path, "..")],
  ] as const) {
    test(`${what} that is protected: its post is named, the others are done, and the next sync makes no second one`, async () => {
      await mkdir(join(await folder(), "sub"));
      const path = join(dir, "sub/a.md");
      await writeFile(path, `Protected ${home.count}.`);
      await writeFile(join(dir, "z.md"), `Free ${home.count}.`);
      lock(lockedOf(path));
      try {
        const first = await sync();
        expect({ exit: first.exit, error: first.error?.code }).toEqual({ exit: 3, error: "SYNC_PROBLEMS" });
        const item = first.of("sub/a.md");
        expect(item).toMatchObject({ kind: "problem", code: "FILE_NOT_WRITTEN", does: "makes a draft" });
        expect(item?.note).toContain("none is made twice");
        expect(first.of("z.md")).toMatchObject({ kind: "new", code: null });
        expect(await readdir(join(dir, "sub"))).toEqual(["a.md"]);
        unlock(lockedOf(path));
        const second = await sync();
        expect(second.exit).toBe(0);
        expect(second.of("sub/a.md")).toMatchObject({ kind: "unchanged", postId: item?.postId });
        expect(await readFile(path, "utf8")).toStartWith(`---\nid: ${item?.postId}\n`);
      } finally {
        unlock(lockedOf(path));
      }
    });
  }

  test("with --no-touch a folder in which .psn-sync.json cannot be written is told, and its posts are known by their paths", async () => {
    await writeFile(join(await folder(), "a.md"), `Words ${home.count}.`);
    lock(dir);
    try {
      const first = await sync("--no-touch");
      expect(first.of(".psn-sync.json")).toMatchObject({ kind: "problem", code: "FILE_NOT_WRITTEN" });
      const second = await sync("--no-touch");
      expect(second.of("a.md")).toMatchObject({ kind: "unchanged", postId: first.of("a.md")?.postId });
    } finally {
      unlock(dir);
    }
  });

  test("--watch lives on, and takes the other files", async () => {
    const path = join(await folder(), "a.md");
    await writeFile(path, `Protected ${home.count}.`);
    lock(path);
    const watching = startPsn(["post", "sync", dir, "--apply", "--watch"], { env: home.env, cwd: home.folder });
    try {
      await until(() => watching.log().includes("Watching"));
      await writeFile(join(dir, "b.md"), `Fresh ${home.count}.`);
      await until(async () => (await readFile(join(dir, "b.md"), "utf8")).startsWith("---\nid: "));
    } finally {
      unlock(path);
      await watching.stop();
    }
  });
});

test("what the disk refuses is an error with its code and what helps", async () => {
  const path = join(await folder(), "gone/a.md");
  await expect(nodeDisk.replace(path, new Uint8Array(), null)).rejects.toMatchObject({ code: "FILE_NOT_WRITTEN" });
});

test("front matter that takes no line stays as it is to the byte, and the file is known by .psn-sync.json", async () => {
  const flow = "---\n{at: in 5 hours, approve: true}\n---\nFlow words.\n";
  await writeFile(join(await folder(), "flow.md"), flow);
  const first = await sync();
  const postId = first.of("flow.md")?.postId;
  expect(await readFile(join(dir, "flow.md"), "utf8")).toBe(flow);
  expect(JSON.parse(await readFile(join(dir, ".psn-sync.json"), "utf8")).files).toEqual({ "flow.md": postId });
  expect((await sync()).of("flow.md")).toMatchObject({ kind: "unchanged", postId, does: null });
  const { json } = await home.psn(["post", "show", postId ?? ""]);
  expect(json).toMatchObject({ post: { status: "scheduled", tweets: [{ text: "Flow words." }] } });
});

test("empty lines above the words: the id that is written changes nothing", async () => {
  await writeFile(join(await folder(), "a.md"), `\n\nBelow ${home.count}.\n`);
  await sync();
  expect((await sync()).of("a.md")).toMatchObject({ kind: "unchanged", does: null });
});

test("a file with the longest name there can be gets its id", async () => {
  const name = `${"n".repeat(252)}.md`;
  await writeFile(join(await folder(), name), `Long name ${home.count}.`);
  expect((await sync()).exit).toBe(0);
  expect(await readFile(join(dir, name), "utf8")).toStartWith("---\nid: ");
});

test("links, names that are no text and folders too far below are left out, each kind counted", async () => {
  const root = await realpath(await folder());
  await writeFile(join(root, "real.md"), "Real.");
  await writeFile(join(home.folder, "outside.md"), "Outside.");
  await symlink("real.md", join(root, "same.md"));
  await symlink("../outside.md", join(root, "out.md"));
  await symlink("nowhere.md", join(root, "broken.md"));
  await symlink("loop.md", join(root, "loop.md"));
  await mkdir(join(root, "d/".repeat(18)), { recursive: true });
  await writeFile(join(root, "d/".repeat(18), "deep.md"), "Deep.");
  await writeFile(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9]), Buffer.from(".md")]), "Latin 1.");
  const { paths, skipped } = await nodeDisk.list(root);
  expect(paths).toEqual(["real.md"]);
  expect(Object.fromEntries(skipped.map(({ why, count }) => [why, count]))).toEqual({
    link_inside: 1,
    link_outside: 1,
    link_broken: 2,
    too_deep: 1,
    name_not_utf8: 1,
  });
});

test("what is left out is told with its reason, and a name with a line break makes no line of its own", async () => {
  const name = "a\nproblem      b.md";
  await writeFile(join(await folder(), name), `Words ${home.count}.`);
  await symlink("nowhere.md", join(dir, "broken.md"));
  const { json } = await home.psn(["post", "sync", dir]);
  expect(json).toMatchObject({
    items: [{ path: name }],
    skipped: [{ why: "link_broken", count: 1, paths: ["broken.md"] }],
  });
  const lines = syncCommand.render(json, makePaint(false)).split("\n");
  expect(lines[0]).toBe("new          a\u{fffd}problem      b.md");
  expect(lines.filter((line) => line.startsWith("problem"))).toEqual([]);
  expect(lines).toContain("left out     1: broken.md (links that lead nowhere)");
});

test("--watch waits for a folder that is away for a while, says so once, and goes on", async () => {
  await writeFile(join(await folder(), "a.md"), `Words ${home.count}.`);
  const watching = startPsn(["post", "sync", dir, "--apply", "--watch"], { env: home.env, cwd: home.folder });
  try {
    await until(() => watching.log().includes("Watching"));
    await rename(dir, `${dir}-away`);
    await until(() => watching.log().includes("FOLDER_UNREADABLE"));
    await writeFile(join(`${dir}-away`, "b.md"), `Fresh ${home.count}.`);
    await rename(`${dir}-away`, dir);
    await until(async () => (await readFile(join(dir, "b.md"), "utf8")).startsWith("---\nid: "));
    expect(watching.log().split("FOLDER_UNREADABLE")).toHaveLength(2);
  } finally {
    await watching.stop();
  }
});

/** Root may look into every folder, so another user does it where this one is root. @returns what `nodeDisk.list` says; null where that cannot be */
function listAsUser(folder: string): unknown {
  const disk = JSON.stringify(join(import.meta.dir, "../../src/core/posts/sync/disk.ts"));
  const script = `const { nodeDisk } = await import(${disk});
    console.log(JSON.stringify(await nodeDisk.list(${JSON.stringify(folder)})));`;
  const as = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const [program = "", ...args] = [...as, process.execPath, "-e", script];
  const { status, stdout } = spawnSync(program, args, { cwd: "/", env: { PATH: process.env.PATH, HOME: folder } });
  return status === 0 ? JSON.parse(stdout.toString()) : null;
}

test("a folder that cannot be looked into is left out, and is not taken for one that is gone", async () => {
  const root = await realpath(await mkdtemp("/tmp/psn-closed-"));
  try {
    await mkdir(join(root, "closed"));
    await writeFile(join(root, "a.md"), "Words.");
    await chmod(root, 0o755);
    // A system on which no other user can run this has nothing to show.
    if (listAsUser(root) === null) return;
    await chmod(join(root, "closed"), 0o000);
    expect(listAsUser(root)).toEqual({
      paths: ["a.md"],
      skipped: [{ why: "unreadable", count: 1, paths: ["closed"] }],
      closed: ["closed"],
      leftovers: [],
    });
  } finally {
    await chmod(join(root, "closed"), 0o755);
    await rm(root, { recursive: true });
  }
});

test("--watch gives a program a line of JSON a round", async () => {
  await writeFile(join(await folder(), "a.md"), `Words ${home.count}.`);
  const watching = startPsn(["post", "sync", dir, "--apply", "--watch"], { env: home.env, cwd: home.folder });
  const answers = () =>
    watching
      .log()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Answer);
  try {
    await until(() => answers().length === 1);
    await writeFile(join(dir, "b.md"), `Fresh ${home.count}.`);
    await until(() => answers().some((answer) => answer.items.find(({ path }) => path === "b.md")?.kind === "new"));
    expect(watching.log()).not.toContain("\nnew ");
  } finally {
    await watching.stop();
  }
});

test("what is a link is not replaced, and what it leads to neither", async () => {
  const outside = join(await folder(), "outside.md");
  await writeFile(outside, "Mine.");
  await symlink(outside, join(dir, "link.md"));
  const replaced = nodeDisk.replace(join(dir, "link.md"), Buffer.from("Other."), Buffer.from("Mine."));
  await expect(replaced).rejects.toMatchObject({ code: "FILE_NOT_WRITTEN" });
  expect(await readFile(outside, "utf8")).toBe("Mine.");
});

test("what a killed run left is removed when no run can be writing it any more, and nobody else's file is", async () => {
  await writeFile(join(await folder(), "a.md"), `Words ${home.count}.`);
  const old = new Date("2020-01-01T00:00:00Z");
  for (const name of [".0123456789ab.psn-new", "mine.psn-new"]) {
    await writeFile(join(dir, name), "Half.");
    await utimes(join(dir, name), old, old);
  }
  await writeFile(join(dir, ".ba9876543210.psn-new"), "Being written.");
  await sync("--dry-run");
  expect(await readdir(dir)).toContain(".0123456789ab.psn-new");
  await sync();
  expect((await readdir(dir)).toSorted()).toEqual([".ba9876543210.psn-new", "a.md", "mine.psn-new"]);
});
