/**
 * A real `systemd --user`, as a login session has one, without touching this machine's own: in a mount namespace where
 * /run is empty, with cgroups of its own. Needs root for the namespace; the manager does not care.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../../src/core/utils/env.ts";
import { type Ran, runProgram } from "../../src/testing/cli.ts";

const PROGRAMS = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
const CGROUPS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"];
const START_MS_MAX = 20_000;

/** Why there can be none here, or null. */
export function whyNoManager(): string | null {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "needs root for a namespace";
  if (!PROGRAMS.some((file) => existsSync(file))) return "systemd is not installed";
  for (const tool of ["unshare", "nsenter", "systemctl"]) if (!Bun.which(tool)) return `${tool} is not installed`;
  const made = Bun.spawnSync(["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd"]);
  return made.success ? null : "this machine allows no mount namespace";
}

export class UserManager {
  private constructor(
    readonly pid: number,
    readonly env: Env,
    readonly log: () => string,
    private readonly child: ReturnType<typeof Bun.spawn>,
    private readonly groups: string[],
  ) {}

  /** Starts the manager of a session whose home is `env.HOME`; what is enabled there starts with it. */
  static async start(env: Env): Promise<UserManager> {
    const runtimeDir = "/run/user/0";
    const given: Env = { ...env, XDG_RUNTIME_DIR: runtimeDir, XDG_CONFIG_HOME: join(String(env.HOME), ".config") };
    const groups: string[] = [];
    for (const parent of CGROUPS) {
      if (!existsSync(join(parent, "cgroup.procs"))) continue;
      for (const stale of await childrenOf(parent)) if (isStale(stale)) await removeGroup(stale);
      const group = join(parent, `psn-test-${process.pid}-${Date.now()}`);
      await mkdir(group);
      groups.push(group);
    }
    const script = `
      set -e
      mount --make-rprivate /
      mount -t tmpfs tmpfs /run
      mkdir -p /run/systemd/system ${runtimeDir}
      chmod 700 ${runtimeDir}
      for group in ${groups.join(" ")}; do echo $$ > "$group/cgroup.procs"; done
      exec ${PROGRAMS.find((file) => existsSync(file))} --user --log-target=console --log-level=info`;
    const child = Bun.spawn(["unshare", "--mount", "sh", "-c", script], {
      env: given as Record<string, string>,
      stdout: "ignore",
      stderr: "pipe",
    });
    let log = "";
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) log += decoder.decode(chunk, { stream: true });
    })();
    const manager = new UserManager(child.pid, given, () => log, child, groups);
    const end = Date.now() + START_MS_MAX;
    while (!(await manager.isUp())) {
      if (Date.now() > end || child.exitCode !== null) {
        await manager.stop();
        throw new Error(`systemd --user did not start: ${log}`);
      }
      await Bun.sleep(100);
    }
    return manager;
  }

  private async isUp(): Promise<boolean> {
    const { stdout } = await this.run(["systemctl", "--user", "is-system-running"]);
    // Degraded: a unit of this machine's own that has nothing to do with us did not start.
    return ["running", "degraded"].includes(stdout.trim());
  }

  /** Runs a command inside the session. */
  run(command: string[], env: Env = {}): Promise<Ran> {
    return runProgram(["nsenter", `--mount=/proc/${this.pid}/ns/mnt`, ...command], { env: { ...this.env, ...env } });
  }

  /** One property of the unit, as systemd has it. */
  async show(unit: string, property: string): Promise<string> {
    return (await this.run(["systemctl", "--user", "show", "--value", "-p", property, unit])).stdout.trim();
  }

  /** Ends the session as a logout does: every unit is stopped in its own way. */
  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await Promise.race([this.child.exited, Bun.sleep(30_000)]);
    // What is left, by number and only from our own groups. A group that has just emptied is busy for a moment.
    for (let round = 0; round < 100 && this.groups.some((group) => existsSync(group)); round++) {
      for (const group of this.groups) for (const pid of await pidsBelow(group)) kill(pid);
      for (const group of this.groups) await removeGroup(group);
      await Bun.sleep(50);
    }
  }
}

// --- internal ---

/** Left by a test process that is gone; empty, or it could not be removed. */
function isStale(group: string): boolean {
  const pid = /\/psn-test-(\d+)-\d+$/.exec(group)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function pidsBelow(group: string): Promise<number[]> {
  const own = await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "");
  const pids = own.split("\n").filter(Boolean).map(Number);
  for (const entry of await childrenOf(group)) pids.push(...(await pidsBelow(entry)));
  return pids;
}

async function removeGroup(group: string): Promise<void> {
  for (const entry of await childrenOf(group)) await removeGroup(entry);
  await rmdir(group).catch(() => {});
}

async function childrenOf(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(group, entry.name));
}
