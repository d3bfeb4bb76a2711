/** `psn demo` as a process: what it refuses before it starts, and what it leaves behind when it is stopped or killed. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodeOf } from "../../src/cli/_errors.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { drawPicture } from "../../src/demo/picture.ts";
import { checkSource } from "../../src/demo/source.ts";

/** Far more than a step takes, for a machine that is busy with other tests. */
const STEP_MS_MAX = 90_000;

let scratch: string;
/** The demo's TMPDIR, so that what it leaves is seen, and no other demo is in the way. */
let temporary: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "psn-demo-test-"));
  temporary = await mkdtemp(join(scratch, "tmp-"));
  // For root the hub's own user must reach the folder, as it does /tmp.
  if (process.geteuid?.() === 0) for (const folder of [scratch, temporary]) await chmod(folder, 0o711);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

function startDemo(...args: string[]): { child: ChildProcess; text: () => string; ended: Promise<number | null> } {
  const command = ["--no-env-file", join(PROJECT_DIR, "src/psn.ts"), "demo", ...args];
  // HOME empty: the demo needs no home.
  const env = { ...process.env, TMPDIR: temporary, HOME: "", npm_lifecycle_event: "" };
  const child = spawn(process.execPath, command, { env, cwd: scratch, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, text: () => text, ended };
}

async function untilSays(demo: ReturnType<typeof startDemo>, words: string): Promise<void> {
  const end = Date.now() + STEP_MS_MAX;
  while (!demo.text().includes(words)) {
    if (Date.now() > end || demo.child.exitCode !== null) throw new Error(`no "${words}" in: ${demo.text()}`);
    await Bun.sleep(20);
  }
}

/** Processes whose command line names the demo's temporary folder: hubs and workers. */
async function processes(): Promise<string[]> {
  const lines: string[] = [];
  if (process.platform === "linux") {
    // A small system may have no `ps`.
    for (const pid of await readdir("/proc")) {
      if (/^\d+$/.test(pid)) lines.push(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
    }
  } else {
    lines.push(...spawnSync("ps", ["-axo", "command="], { encoding: "utf8" }).stdout.split("\n"));
  }
  return lines.filter((line) => line.includes(temporary));
}

async function error(...args: string[]): Promise<{ exit: number | null; code: string; hint: string; lines: number }> {
  const demo = startDemo("--json", ...args);
  const exit = await demo.ended;
  const parsed = JSON.parse(demo.text()) as { error: { code: string; hint: string } };
  return { exit, code: parsed.error.code, hint: parsed.error.hint, lines: demo.text().trim().split("\n").length };
}

test("a bad text is one line with code and hint, and nothing was begun", async () => {
  const file = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(scratch, name), content);
    return name;
  };
  const cases: [string, string][] = [
    ["nowhere.txt", "TEXT_UNREADABLE"],
    [scratch, "TEXT_UNREADABLE"],
    [await file("empty.txt", ""), "TEXT_EMPTY"],
    [await file("blank.txt", " \n\u200b\n"), "TEXT_EMPTY"],
    [await file("latin1.txt", new Uint8Array([0x63, 0xe9])), "TEXT_NOT_UTF8"],
    [await file("cash.txt", "$AAPL or $TSLA?"), "DEMO_TEXT_REFUSED"],
  ];
  const answers = await Promise.all(cases.map(([path]) => error(path)));
  const wanted = cases.map(([, code]) => ({
    exit: exitCodeOf(code),
    code,
    hint: expect.stringMatching(/./),
    lines: 1,
  }));
  expect(answers).toEqual(wanted);
  expect(await readdir(temporary)).toEqual([]);
});

test("a port in use is one line with code and hint, and nothing was begun", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  expect(await error("--port", String(port))).toMatchObject({ exit: 3, code: "PORT_IN_USE", lines: 1 });
  expect(await error("--port", "80x")).toMatchObject({ exit: 2, code: "USAGE", lines: 1 });
  taken.close();
  expect(await readdir(temporary)).toEqual([]);
});

test("Ctrl-C in the middle stops and removes everything", async () => {
  const demo = startDemo();
  await untilSays(demo, "Cancel");
  expect((await processes()).length).toBeGreaterThanOrEqual(2);
  demo.child.kill("SIGINT");
  expect(await demo.ended).toBe(130);
  expect(demo.text()).toContain("error DEMO_STOPPED");
  expect(await processes()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
}, 240_000);

test("scenario 1: what a killed demo left, worker and hub, is removed by the next one; a running demo is not touched", async () => {
  // Kept, so that it runs for as long as this test asks, however busy the machine is.
  const running = startDemo("--keep");
  const killed = startDemo();
  await Promise.all([untilSays(running, "Worker"), untilSays(killed, "Worker")]);
  const folders = await readdir(temporary);
  expect(folders).toHaveLength(2);
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = startDemo();
  await untilSays(next, "Clean up");
  await untilSays(next, "Hub");
  // Of the two, the one whose demo runs is still there.
  expect((await readdir(temporary)).filter((name) => folders.includes(name))).toHaveLength(1);
  for (const demo of [running, next]) demo.child.kill("SIGTERM");
  await Promise.all([running.ended, next.ended]);
  expect(await processes()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
}, 240_000);

test("a text that X would refuse, or that is too long for one post, is refused before it is tried", () => {
  const code = (text: string) => {
    try {
      checkSource(text, null);
      return null;
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };
  expect(code("Twice.\n---\nTwice.")).toBe("DEMO_TEXT_REFUSED");
  expect(code("Somewhere the far bank comes into sight, and nothing has gone wrong so far.")).toBe("DEMO_TEXT_REFUSED");
  expect(code(Array.from({ length: 501 }, (_, index) => `Number ${index}.`).join("\n---\n"))).toBe("TEXT_TOO_LONG");
  expect(code("Fine.")).toBeNull();
});

test("the essay that the demo posts by default can be posted", async () => {
  const essay = await readFile(join(PROJECT_DIR, "examples", "essay.txt"), "utf8");
  expect(checkSource(essay, "essay.txt").preview.tweetCount).toBeGreaterThan(5);
});

test("the picture is a PNG that X takes, and small", () => {
  const picture = drawPicture();
  expect(Buffer.from(picture.subarray(1, 4)).toString()).toBe("PNG");
  expect(picture.length).toBeLessThan(60_000);
  expect(picture).toEqual(drawPicture());
});
