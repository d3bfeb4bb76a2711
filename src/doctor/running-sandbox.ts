/** The sandbox that `psn setup --sandbox` started, and that goes on running until it is ended. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { wallClock } from "../core/clock.ts";
import { openRegular, readAt } from "../core/config/open-file.ts";

const LOOK_MS_MAX = 2_000;
const LIST_MS_MAX = 5_000;
const STOP_MS_MAX = 10_000;
const STOP_PAUSE_MS = 100;
const FIRST_LINE_BYTES_MAX = 4_096;
const SaidSchema = z.object({ url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/), pid: z.int().min(2) });

/** What it writes. */
export const sandboxLog = (dataDir: string): string => join(dataDir, "sandbox.log");

const RevisionSchema = z.object({ revision: z.number(), user: z.number().optional() });

/** The sandbox that answers there, and whether another user of this machine runs it, as far as it says; null for none. */
export async function sandboxAt(url: string): Promise<{ isAnothers: boolean } | null> {
  try {
    const answer = await fetch(`${url}/sandbox/revision`, { signal: AbortSignal.timeout(LOOK_MS_MAX) });
    const { user } = RevisionSchema.parse(await answer.json());
    return { isAnothers: user !== undefined && user !== process.getuid?.() };
  } catch {
    return null;
  }
}

/** Whether a sandbox answers there. */
export const isSandbox = async (url: string): Promise<boolean> => (await sandboxAt(url)) !== null;

/** The one that was started last from this data folder. Null where it does not run, or its process may be another one by now. */
export async function runningSandbox(dataDir: string): Promise<{ url: string; pid: number } | null> {
  try {
    const { handle } = await openRegular(sandboxLog(dataDir));
    const head = await readAt(handle, 0, FIRST_LINE_BYTES_MAX).finally(() => handle.close());
    const said = SaidSchema.parse(JSON.parse(head.toString("utf8").split("\n")[0] ?? ""));
    const isIts = / sandbox --json --port \d+/.test(await commandOf(said.pid)) && (await isSandbox(said.url));
    return isIts ? said : null;
  } catch {
    return null;
  }
}

/** Asks it to end, and waits until it has. */
export async function stopSandbox({ url, pid }: { url: string; pid: number }): Promise<void> {
  process.kill(pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < STOP_MS_MAX && (await isSandbox(url)); waitedMs += STOP_PAUSE_MS) {
    await wallClock.sleep(STOP_PAUSE_MS);
  }
}

// --- internal ---

/** A small system may have no `ps`. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
  const options = { timeout: LIST_MS_MAX };
  return (await promisify(execFile)("ps", ["-o", "args=", "-p", String(pid)], options)).stdout;
}
