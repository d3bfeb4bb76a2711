/** A terminal that is closed in the middle of a question ends the command: it neither waits for an answer nor turns in a circle. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

const tmux = Bun.which("tmux");
if (!tmux && process.env.PSN_REQUIRE_TMUX) throw new Error("PSN_REQUIRE_TMUX is set, and there is no tmux");
if (!tmux) process.stderr.write("skipped: a terminal that is closed, for want of tmux\n");

/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;
const socket = `psn-hang-${randomBytes(4).toString("hex")}`;
let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(async () => {
  if (tmux) run("kill-server");
  await home.close();
});

function run(...args: string[]): string {
  const env = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  return Bun.spawnSync([tmux ?? "", "-u", "-L", socket, ...args], { env }).stdout.toString();
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`${what}:\n${run("capture-pane", "-p", "-t", "one")}`);
    await Bun.sleep(30);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.skipIf(!tmux)(
  "setup ends when its terminal is closed while it asks",
  async () => {
    const { PSN_TIMEZONE: _, ...rest } = home.env;
    const env = { ...rest, TZ: ":/etc/localtime", PSN_CONFIG_DIR: join(home.folder, "fresh") };
    const set = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : ["-e", `${key}=${value}`]));
    const command = `exec ${join(PROJECT_DIR, "bin/psn")} setup`;
    run("new-session", "-d", "-s", "one", "-x", "80", "-y", "40", "-c", home.folder, ...set, command);
    await until("setup asks", () => run("capture-pane", "-p", "-t", "one").includes("In which time zone"));
    const pid = Number(run("display-message", "-p", "-t", "one", "#{pane_pid}"));
    expect(isAlive(pid)).toBe(true);
    run("kill-server");
    await until("setup has ended", () => !isAlive(pid));
  },
  WAIT_MS_MAX * 3,
);
