/** `psn worker` as a process of its own, which the demo can kill without mercy. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { wallClock } from "../core/clock.ts";
import { selfCommand } from "../core/config/self.ts";
import { type Env, PROJECT_DIR } from "../core/utils/env.ts";

const STOP_MS_MAX = 5_000;
const GONE_MS_MAX = 5_000;
const LIST_MS_MAX = 5_000;
const LIST_BYTES_MAX = 16 * 1024 * 1024;
const LAST_CHARS_MAX = 4_000;

/** What a worker of the demo in this folder is called in process lists, so that a later demo can find it. */
const nameOf = (root: string) => `psn-demo-worker ${root}`;

/** Of the caller's environment only this reaches a worker: nothing that could lead it to another hub, or to X. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ"];

export interface WorkerProcess {
  readonly pid: number;
  /** True once the process is gone, for whatever reason. */
  hasEnded(): boolean;
  /** The last it said on stderr, for an error message. */
  lastWords(): string;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<void>;
}

/** Starts a worker on the hub that `env` names. That it started does not yet mean that it is ready. */
export async function startWorkerProcess(root: string, env: Env): Promise<WorkerProcess> {
  const passedOn = Object.fromEntries(
    PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const { file, args } = selfCommand();
  const child = spawn(file, [...args, "worker"], {
    argv0: nameOf(root),
    cwd: PROJECT_DIR,
    env: { ...passedOn, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let lastWords = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_CHARS_MAX);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  const kill = async () => {
    if (hasEnded(child)) return;
    child.kill("SIGKILL");
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    hasEnded: () => hasEnded(child),
    lastWords: () => lastWords.trim(),
    kill,
    async stop() {
      if (hasEnded(child)) return;
      child.kill("SIGTERM");
      const patience = new AbortController();
      await Promise.race([ended, wallClock.sleep(STOP_MS_MAX, patience.signal)]);
      patience.abort();
      await kill();
    },
  };
}

/** Ends every worker of the demo in this folder, also those whose demo is dead. Waits until they are gone. */
export async function endWorkersOf(root: string): Promise<void> {
  const until = Date.now() + GONE_MS_MAX;
  for (;;) {
    const pids = await findByName(nameOf(root));
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It went by itself.
      }
    }
    if (pids.length === 0 || Date.now() > until) return;
    await wallClock.sleep(20);
  }
}

// --- internal ---

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Processes of this user that bear exactly this name. The name holds a random folder, so it cannot be a stranger's. */
async function findByName(name: string): Promise<number[]> {
  if (process.platform === "linux") return await findInProc(name);
  const { stdout } = await promisify(execFile)("ps", ["-axo", "pid=,uid=,command="], {
    timeout: LIST_MS_MAX,
    maxBuffer: LIST_BYTES_MAX,
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid = "", uid = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const isIt = Number(uid) === process.geteuid?.() && command.startsWith(`${name} `);
    return isIt ? [Number(pid)] : [];
  });
}

async function findInProc(name: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Processes come and go while we look, and those of others may be closed to us.
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (line.split("\0")[0] !== name) return [];
      const facts = await stat(`/proc/${pid}`).catch(() => null);
      return facts?.uid === process.geteuid?.() ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
