/** At a terminal a time with several readings is a question, and so is a zone that the machine does not say. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

const tmux = Bun.which("tmux");
if (!tmux && process.env.PSN_REQUIRE_TMUX) throw new Error("PSN_REQUIRE_TMUX is set, and there is no tmux");
if (!tmux) process.stderr.write("skipped: questions about times in a real terminal, for want of tmux\n");

/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;
const socket = `psn-when-${randomBytes(4).toString("hex")}`;
let home: TestHome;

beforeAll(async () => {
  home = await testHome();
});
afterAll(async () => {
  if (tmux) run(["kill-server"]);
  await home.close();
});

function run(args: string[]): string {
  if (!tmux) return "";
  const env = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  return Bun.spawnSync([tmux, "-u", "-L", socket, ...args], { env }).stdout.toString();
}

async function shows(name: string, pattern: RegExp): Promise<RegExpMatchArray> {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const screen = run(["capture-pane", "-p", "-J", "-t", name]);
    const found = screen.match(pattern);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${pattern} never came:\n${screen}`);
    await Bun.sleep(30);
  }
}

function start(name: string, command: string, env: Record<string, string | undefined>) {
  const set = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : ["-e", `${key}=${value}`]));
  const line = `${join(PROJECT_DIR, "bin/psn")} ${command}; echo "ended $?"; sleep 600`;
  run(["new-session", "-d", "-s", name, "-x", "110", "-y", "40", "-c", home.folder, ...set, `sh -c '${line}'`]);
}

test.skipIf(!tmux)(
  "scenario 50: a bare hour is asked about at a terminal, and the chosen reading is taken",
  async () => {
    start("hour", 'when "tomorrow at 5" --from 2026-03-11T09:30:00Z', home.env);
    await shows("hour", /meant\?[\s\S]*Thu 2026-03-12 05:00[\s\S]*Thu 2026-03-12 17:00/);
    run(["send-keys", "-t", "hour", "2"]);
    expect((await shows("hour", /(\S+ \S+ \S+ Europe\/Berlin) {2}2026[\s\S]*ended 0/))[1]).toBe(
      "Thu 2026-03-12 17:00 Europe/Berlin",
    );
    start("left", 'when "tomorrow at 5"', home.env);
    await shows("left", /meant\?/);
    run(["send-keys", "-t", "left", "C-c"]);
    await shows("left", /ended [1-9]/);
  },
  WAIT_MS_MAX * 2,
);

test.skipIf(!tmux)(
  "scenario 50: setup asks for the zone where TZ does not say it",
  async () => {
    const { PSN_TIMEZONE: _, ...env } = home.env;
    start("zone", "setup", { ...env, TZ: ":/etc/localtime", PSN_CONFIG_DIR: join(home.folder, "fresh") });
    await shows("zone", /In which time zone do you live/);
    run(["send-keys", "-t", "zone", "-l", "europe/rome"]);
    await Bun.sleep(80);
    run(["send-keys", "-t", "zone", "Enter"]);
    await shows("zone", /Times are read in\s+Europe\/Rome/);
  },
  WAIT_MS_MAX * 2,
);
