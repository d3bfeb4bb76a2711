/** Setup as a person meets it: a real terminal (tmux), prompts, a browser elsewhere, and a paste. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../src/sandbox/types.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";

const tmux = Bun.which("tmux");
if (!tmux && process.env.PSN_REQUIRE_TMUX) throw new Error("PSN_REQUIRE_TMUX is set, and there is no tmux");
if (!tmux) process.stderr.write("skipped: the sign-in in a real terminal, for want of tmux\n");

/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;
const socket = `psn-test-${randomBytes(4).toString("hex")}`;
let home: TestHome;

beforeAll(async () => {
  home = await testHome();
  for (const name of ["ENCRYPTION_KEY", "X_CLIENT_ID", "X_CLIENT_SECRET"]) delete home.env[name];
});
afterAll(async () => {
  if (tmux) run(["kill-server"]);
  await home.close();
});

function run(args: string[]): string {
  if (!tmux) return "";
  const done = Bun.spawnSync([tmux, "-u", "-L", socket, ...args], {
    env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
  });
  return done.stdout.toString();
}

/** The whole pane with its history, wrapped lines joined, as a person selects them. */
const screen = () => run(["capture-pane", "-p", "-J", "-S", "-500"]);

async function shows(pattern: RegExp): Promise<RegExpMatchArray> {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const found = screen().match(pattern);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${pattern} never came:\n${screen()}`);
    await Bun.sleep(30);
  }
}

/** Types as a person, or pastes as their terminal does. */
async function type(text: string) {
  run(["send-keys", "-l", text]);
  await Bun.sleep(80);
  run(["send-keys", "Enter"]);
}

test.skipIf(!tmux)(
  "scenario 17: a whole sign-in at a terminal without a browser, with a refusal on the way",
  async () => {
    const set = Object.entries(home.env).flatMap(([name, value]) =>
      value === undefined ? [] : ["-e", `${name}=${value}`],
    );
    run(["-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "50", ...set, "sh"]);
    await type(`cd ${home.folder} && clear && ${join(PROJECT_DIR, "bin/psn")} setup; echo "ended with $?"`);

    await shows(/\[1\/5\] ✓ The hub works/);
    await shows(/callback/i);
    await shows(/◆ {2}Client ID/);
    await type(SANDBOX_CLIENT_ID);
    await shows(/◆ {2}Client Secret/);
    await type("not the secret");
    await shows(/does not accept[\s\S]*◆ {2}Client ID/);
    await type(SANDBOX_CLIENT_ID);
    await shows(/does not accept[\s\S]*◆ {2}Client Secret/);
    await type(SANDBOX_CLIENT_SECRET);
    await shows(/\[2\/5\] ✓/);
    expect(screen()).not.toContain(SANDBOX_CLIENT_SECRET);

    await shows(/\[3\/5\] ✓/);
    await shows(/30 seconds/);
    const first = (await shows(/^http\S+authorize\S+$/m))[0];
    await shows(/◆ {2}Paste the whole address/);
    const denied = await fetch(`${first}&sandbox_consent=deny`, { redirect: "manual" });
    await type(denied.headers.get("location") ?? "");
    await shows(/declined at X/);
    const addresses = async () => [
      ...((await shows(/declined[\s\S]*◆ {2}Paste the whole/)).input?.matchAll(/^http\S+authorize\S+$/gm) ?? []),
    ];
    const second = (await addresses()).at(-1)?.[0] ?? "";
    expect(second).not.toBe(first);
    await type(await consent(second, "sandbox_premium"));

    await shows(/\[4\/5\] ✓ Signed in as @sandbox_premium/);
    await shows(/\[5\/5\] ✓ Every connection works/);
    await shows(/✓ @sandbox_premium: X knows it as @sandbox_premium \(Sandbox Premium\), Premium/);
    await shows(/ended with 0/);
    const config = join(home.folder, "config");
    expect(((await stat(config)).mode & 0o777).toString(8)).toBe("700");
    expect(await readFile(join(config, "keys.env"), "utf8")).toContain(SANDBOX_CLIENT_SECRET);

    // Left in the middle, it goes on where it was.
    await type(`clear; ${join(PROJECT_DIR, "bin/psn")} setup --sign-in; echo "left with $?"`);
    await shows(/◆ {2}Paste the whole address/);
    run(["send-keys", "C-c"]);
    await shows(/left with 130/);
    expect(screen()).toMatch(/\[4\/5\] ✗ Setup was left/);
  },
  240_000,
);

test.skipIf(!tmux)(
  "on a narrow terminal help, answers and errors are broken between words",
  async () => {
    const psn = join(PROJECT_DIR, "bin/psn");
    const env = {
      PATH: process.env.PATH,
      HOME: home.folder,
      PSN_CONFIG_DIR: "/nonexistent",
      PSN_DATA_DIR: home.folder,
    };
    const set = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value ?? ""}`]);
    const line = `${psn} hub move --help; ${psn} hub move --to postgres://me:word@db.example.org/psn; echo "ended"; sleep 60`;
    run(["-f", "/dev/null", "new-session", "-d", "-s", "narrow", "-x", "40", "-y", "80", ...set, "sh", "-c", line]);
    // Lines as the terminal has them, not joined: a word that it broke would be two.
    const lines = () => run(["capture-pane", "-p", "-t", "narrow"]).split("\n");
    const deadline = Date.now() + WAIT_MS_MAX;
    while (!lines().includes("ended") && Date.now() < deadline) await Bun.sleep(30);
    const words = lines().join(" ").replace(/\s+/g, " ");
    expect(words).toContain("Move everything to another Postgres (or back to embedded), verified before the switch");
    expect(words).toContain("embedded, or a Postgres URL without a password; else PSN_MOVE_TO is read");
    expect(words).toContain("error NOT_SET_UP");
    expect(words).toMatch(/Run `psn setup`\. ended/);
  },
  300_000,
);
