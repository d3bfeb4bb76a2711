/** The worker as a service under a real systemd user manager: installed, killed, at the next login, removed. */
import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planService, writeService } from "../../src/cli/worker-service.ts";
import { type Env, PROJECT_DIR } from "../../src/core/utils/env.ts";
import { countWorkers } from "../../src/engines/presence.ts";
import { eventually } from "./posts.ts";
import { UserManager, whyNoManager } from "./service-stage.ts";
import { openWorkerStage } from "./worker-stage.ts";

const UNIT = "psn-worker.service";
const PSN = join(PROJECT_DIR, "bin/psn");

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const why = whyNoManager();
const name =
  "psn worker install under systemd: publishes, comes back after kill -9, starts with the next session, and goes";

const oddName = "under systemd a path with blanks, quotes, % and $ is started as it is, with its variables as they are";
test.skipIf(why !== null)(
  why === null ? oddName : `${oddName} (skipped: ${why})`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "psn-odd-"));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const odd = join(folder, `100% "it's" $HOME \\ $$`);
    const [psn, said] = [join(odd, "psn"), join(folder, "said")];
    await mkdir(odd);
    // Renamed into its place, so that it is never seen half written.
    await writeFile(psn, `printf '%s\\n' "$0" "$@" "$PSN_CONFIG_DIR" > '${said}.new' && mv '${said}.new' '${said}'\n`);
    const session = await UserManager.start({ PATH: process.env.PATH, HOME: folder });
    closing.push(() => session.stop());
    const env = { HOME: folder, PATH: String(process.env.PATH) };
    const plan = planService({ platform: "linux", env, uid: 0, psn, configDir: odd, dataDir: folder });
    expect(await writeService(plan)).toBe(true);
    for (const command of plan.start) expect((await session.run(command)).code).toBe(0);
    await eventually(
      () => existsSync(said),
      () => session.log(),
    );
    expect((await readFile(said, "utf8")).split("\n")).toEqual([psn, "worker", "--also", odd, ""]);
  },
  300_000,
);

test.skipIf(why !== null)(
  why === null ? name : `${name} (skipped: ${why})`,
  async () => {
    const stage = await openWorkerStage();
    closing.push(() => stage.close());
    // What a unit file must take literally.
    const configDir = join(stage.home.folder, 'con fig 100% $HOME "q"');
    await mkdir(configDir, { mode: 0o700 });
    const { PSN_CONFIG_DIR: _dir, ...rest } = stage.env;
    const inSession: Env = {
      PATH: rest.PATH,
      HOME: rest.HOME,
      PSN_CONFIG_DIR: configDir,
      PSN_DATA_DIR: rest.PSN_DATA_DIR,
    };
    const line = (key: string) => `${key}='${rest[key]}'\n`;
    const keys = Object.keys(rest).filter((key) => key.startsWith("X_"));
    await writeFile(join(configDir, "hub.env"), ["DATABASE_URL", "ENCRYPTION_KEY"].map(line).join(""), { mode: 0o600 });
    await writeFile(join(configDir, "keys.env"), keys.map(line).join(""), { mode: 0o600 });

    let session = await UserManager.start(inSession);
    closing.push(() => session.stop());
    const psn = (...args: string[]) => session.run([PSN, ...args]);
    const workers = async (count: number) =>
      eventually(
        async () => (await countWorkers(stage.app.hub)) === count,
        () => `there are not ${count} workers: ${session.log().slice(-2_000)}`,
      );

    const installed = await psn("worker", "install");
    expect(installed.json, installed.stderr).toMatchObject({ manager: "systemd", changed: true, active: true });
    await workers(1);
    await stage.until(await stage.due("published by the service"), "published");
    expect((await psn("worker", "status")).json).toMatchObject({
      workers: 1,
      service: { manager: "systemd", installed: true, active: true, says: "active" },
    });

    process.kill(Number(await session.show(UNIT, "MainPID")), "SIGKILL");
    await eventually(
      async () => (await session.show(UNIT, "NRestarts")) === "1",
      () => `systemd did not start it again: ${session.log().slice(-2_000)}`,
    );
    await workers(1);

    // Stopped in mid-thread, it finishes the tweet in flight and releases the post: systemd waits for that.
    // Longer than a busy machine needs to start the command.
    stage.answerLate("restarted 2", 15_000);
    const thread = await stage.due("restarted 1", "restarted 2", "restarted 3");
    await stage.sent("restarted 2");
    const again = await psn("worker", "install");
    expect(again.json, again.stderr).toMatchObject({ changed: false, active: true });
    await stage.until(thread, "published");
    expect(stage.onX().slice(1)).toEqual(["restarted 1", "restarted 2", "restarted 3"]);
    const { rows } = await stage.app.hub.pool.query("select kind from psn.post_events where post_id = $1", [thread]);
    expect(rows.map(({ kind }) => kind)).toContain("released");
    expect(rows.map(({ kind }) => kind)).not.toContain("taken_over");

    // Logged out and in again: it starts by itself.
    await session.stop();
    await workers(0);
    session = await UserManager.start(inSession);
    await workers(1);
    await stage.until(await stage.due("published after the next login"), "published");

    expect((await psn("worker", "uninstall")).json).toMatchObject({ removed: true });
    await workers(0);
    expect((await session.run(["systemctl", "--user", "is-enabled", UNIT])).code).not.toBe(0);
    expect((await psn("worker", "status")).json).toMatchObject({ workers: 0, service: { installed: false } });
  },
  300_000,
);
