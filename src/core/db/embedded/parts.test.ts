import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../../clock.ts";
import { withLock } from "../../config/lock.ts";
import { platformProblem } from "./binaries.ts";
import { startFailure } from "./failures.ts";
import { codeOf, Scratch } from "./fixtures/hubs.ts";
import { boundLog, openLog, readLog } from "./log.ts";
import { parsePidFile } from "./postmaster.ts";
import { requireUserSwitch } from "./user.ts";

let scratch: Scratch;
beforeAll(async () => {
  scratch = await Scratch.open();
});
afterAll(() => scratch.close());

test("a platform without PostgreSQL is named, with the way out", () => {
  const windows = platformProblem({ platform: "win32", arch: "x64" });
  expect(windows).toMatchObject({ code: "HUB_PLATFORM_UNSUPPORTED" });
  expect(windows?.hint).toContain("DATABASE_URL");
  const alpine = platformProblem({ platform: "linux", arch: "x64" }, (path) => path.includes("musl"));
  expect(alpine).toMatchObject({ code: "HUB_PLATFORM_UNSUPPORTED" });
  expect(alpine?.hint).toContain("musl");
  expect(platformProblem({ platform: "linux", arch: "arm64" }, () => true)).toBe(null);
  expect(platformProblem({ platform: "darwin", arch: "arm64" }, () => false)).toBe(null);
});

test("what initdb and postgres say before they give up becomes an error with a hint", () => {
  const code = (output: string) => startFailure("postgres", output, "/data", "/data/postgres.log").code;
  expect(code('FATAL:  could not write lock file "postmaster.pid": No space left on device')).toBe("HUB_DISK_FULL");
  expect(code('FATAL:  could not extend file "base/1/2691"\nHINT:  Check free disk space.')).toBe("HUB_DISK_FULL");
  expect(code('FATAL:  could not open file "global/pg_control": Permission denied')).toBe("HUB_PERMISSION_DENIED");
  expect(code("FATAL:  database files are incompatible with server")).toBe("HUB_VERSION_MISMATCH");
  expect(code("PANIC:  could not locate a valid checkpoint record")).toBe("HUB_START_FAILED");
  const nameless = startFailure("initdb", "initdb: error: could not look up effective user ID 1234: x", "/d", "/l");
  expect(nameless.hint).toContain("/etc/passwd");
  const long = startFailure("postgres", Array.from({ length: 50 }, (_, line) => `line ${line}`).join("\n"), "/d", "/l");
  expect(long.message).toContain("line 49");
  expect(long.message).not.toContain("line 40\n");
});

test("a postmaster.pid is read in every state of being written", () => {
  const whole = "7346\n/data/postgres\n1795256834\n5432\n/data/socket\n\n  2155546         4\nready   \n";
  expect(parsePidFile(whole)).toEqual({
    pid: 7346,
    startedAtSec: 1795256834,
    socketDir: "/data/socket",
    status: "ready",
  });
  expect(parsePidFile("7346\n/data/postgres\n1795256834\n5432\n")).toMatchObject({ socketDir: "", status: "" });
  for (const broken of ["", "\n", "abc\n/x\n1\n", "-7\n/x\n1\n", "1\n/x\n1\n"]) expect(parsePidFile(broken)).toBe(null);
});

test("the log is cut when it grew too long, keeps its end, and what holds it open goes on", async () => {
  const file = join(scratch.folder, "postgres.log");
  const log = await openLog(file, null);
  await log.write(`${"x".repeat(400_000)}the end`);
  await boundLog(file, null, 500_000);
  expect((await stat(file)).size).toBe(400_007);
  await boundLog(file, null, 100_000);
  await log.write("and on");
  await log.close();
  expect(await readFile(file, "utf8")).toBe("and on");
  const kept = await readFile(`${file}.1`, "utf8");
  expect(kept).toHaveLength(256 * 1024);
  expect(kept).toEndWith("the end");
  expect(await readLog(file, 4)).toBe("on");
  expect(await readLog(join(scratch.folder, "none.log"), 0)).toBe("");
});

test("a link in the place of the log is not followed", async () => {
  const file = join(scratch.folder, "linked.log");
  await writeFile(join(scratch.folder, "target"), "theirs");
  await symlink(join(scratch.folder, "target"), file);
  expect(await codeOf(openLog(file, null))).toBe("OWN_FILE_REPLACED");
  expect(await codeOf(boundLog(file, null))).toBe("OWN_FILE_REPLACED");
});

test("the lock lets one in at a time, and gives up after its time", async () => {
  const file = join(scratch.folder, "locks", "start.lock");
  const prepare = async () => {
    await mkdir(join(scratch.folder, "locks"), { recursive: true });
  };
  const options = { clock: wallClock, waitMs: 10_000, owner: null, prepare };
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await wallClock.sleep(5);
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => withLock(file, options, work)));
  expect(most).toBe(1);
  await withLock(file, options, async () => {
    expect(await codeOf(withLock(file, { ...options, waitMs: 60 }, work))).toBe("HUB_BUSY");
    expect(await codeOf(withLock(file, { ...options, signal: AbortSignal.timeout(30) }, work))).not.toBe("HUB_BUSY");
  });
  expect((await stat(file)).size).toBe(0);
});

test("root on a Bun that cannot change the user is told what can", () => {
  expect(() => requireUserSwitch("1.3.14")).toThrow("Bun 1.3.14 cannot start it as another user");
  for (const bun of ["1.4.0", "1.10.2", undefined]) requireUserSwitch(bun);
});
