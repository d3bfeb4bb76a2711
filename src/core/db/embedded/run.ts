/** Runs the programs of the embedded server. They see none of the caller's environment. */
import { execFile } from "node:child_process";

/** The user a child runs as; null means the user of this process. */
export interface RunAs {
  uid: number;
  gid: number;
}

/**
 * PGDATA, PGOPTIONS, LC_ALL, LD_PRELOAD, TMPDIR and the like of the caller would change what initdb and postgres do, so
 * none of it is passed on. C makes their messages English, which `errors.ts` reads.
 */
export const CHILD_ENV: Readonly<Record<string, string>> = {
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  LC_ALL: "C",
  TZ: "UTC",
};

const OUTPUT_BYTES_MAX = 256 * 1024;

export interface RunResult {
  /** Exit code; null when it was killed or could not be started. */
  code: number | null;
  /** ENOENT, EACCES, … when the program could not be started. */
  systemCode: string | null;
  timedOut: boolean;
  /** stdout and stderr, in that order. */
  output: string;
}

/**
 * Runs a program to its end. Never rejects for what the program does; rejects with the signal's reason when aborted.
 *
 * @param options.timeoutMs the program is killed after this many milliseconds
 */
export function run(
  file: string,
  args: readonly string[],
  options: { timeoutMs: number; runAs?: RunAs | null; signal?: AbortSignal | undefined },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(options.signal.reason);
    const child = execFile(
      file,
      [...args],
      {
        ...(options.runAs ?? {}),
        env: { ...CHILD_ENV },
        // The caller's folder may be one that the child's user cannot enter.
        cwd: "/",
        timeout: options.timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: OUTPUT_BYTES_MAX,
      },
      (error, stdout, stderr) => {
        options.signal?.removeEventListener("abort", end);
        if (options.signal?.aborted) return reject(options.signal.reason);
        const output = `${stdout}${stderr}`;
        if (error === null) return resolve({ code: 0, systemCode: null, timedOut: false, output });
        resolve({
          code: typeof error.code === "number" ? error.code : null,
          systemCode: typeof error.code === "string" ? error.code : null,
          timedOut: error.killed === true,
          output,
        });
      },
    );
    // Asked to end and waited for: what is killed leaves processes behind that still write.
    const end = () => child.kill("SIGTERM");
    options.signal?.addEventListener("abort", end, { once: true });
    child.stdin?.end();
  });
}
