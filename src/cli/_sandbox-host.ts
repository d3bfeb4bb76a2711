/** Finds a sandbox that runs on this machine, or starts one that goes on running. */
import { spawn } from "node:child_process";
import { constants } from "node:fs/promises";
import { join } from "node:path";
import { wallClock } from "../core/clock.ts";
import { requirePlace } from "../core/config/file-error.ts";
import { PROJECT_DIR } from "../core/config/folders.ts";
import { makeOwnFolder, openOwnFile } from "../core/config/own-file.ts";
import { selfCommand } from "../core/config/self.ts";
import { PsnError } from "../core/errors.ts";
import { isSandbox, sandboxLog } from "../doctor/running-sandbox.ts";
import { startSandbox } from "../sandbox/server.ts";

const START_MS_MAX = 20_000;
const LOOK_PAUSE_MS = 150;

/**
 * Starts `psn sandbox` as a process of its own, which outlives this one. Its timeline and its sign-ins are kept in a file.
 * @throws PsnError SANDBOX_NOT_RUNNING with where its words are
 */
export async function startSandboxHost(
  dataDir: string,
  port: number,
  env: Record<string, string | undefined>,
): Promise<{ url: string; pid: number | undefined }> {
  const url = `http://127.0.0.1:${port}`;
  await makeOwnFolder(dataDir);
  const logFile = sandboxLog(dataDir);
  const log = await openOwnFile(logFile, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC);
  try {
    const { file, args } = selfCommand();
    const child = spawn(file, [...args, "sandbox", "--json", "--port", String(port)], {
      cwd: PROJECT_DIR,
      env: { ...env, PSN_DATA_DIR: dataDir } as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.on("error", () => {});
    child.unref();
    for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += LOOK_PAUSE_MS) {
      if (await isSandbox(url)) return { url, pid: child.pid };
      if (child.exitCode !== null) break;
      await wallClock.sleep(LOOK_PAUSE_MS);
    }
  } finally {
    await log.close();
  }
  throw notStarted(port, `Its words are in ${logFile}.`);
}

/**
 * Whether a sandbox could be started, for a dry run.
 * @throws PsnError SANDBOX_NOT_RUNNING, FILE_NOT_WRITTEN
 */
export async function requireSandboxPort(dataDir: string, port: number): Promise<void> {
  const stateFile = sandboxFile(dataDir, port);
  await requirePlace(stateFile);
  // It has read its file and taken its port, and writes nothing before it was asked for something.
  const running = await startSandbox({ port, stateFile }).catch((error) => {
    throw error instanceof PsnError ? notStarted(port, error.message) : error;
  });
  await running.stop();
}

/** Where the sandbox of a port keeps its timeline. Two sandboxes cannot have one port, so neither do they share a file. */
export const sandboxFile = (dataDir: string, port: number): string => join(dataDir, `sandbox-${port}.json`);

// --- internal ---

function notStarted(port: number, why: string): PsnError {
  return new PsnError("SANDBOX_NOT_RUNNING", `The sandbox did not start on port ${port}.`, {
    hint: `${why} Another port: psn sandbox --port 4011, then psn setup --sandbox --port 4011.`,
  });
}
