/** The command line as a person or an agent meets it: `bin/psn` in a process of its own, on a real hub and the sandbox. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApp } from "../cli/_app.ts";
import { sandboxEnv } from "../cli/sandbox.ts";
import { completeXOAuth, setupXOAuth } from "../cli/setup-x-oauth.ts";
import type { Env } from "../core/config/env-file.ts";
import { approvalFile, PROJECT_DIR } from "../core/config/folders.ts";
import type { Hub } from "../core/db/connection.ts";
import { newKeyHex } from "../core/utils/crypto.ts";
import { consent } from "../demo/consent.ts";
import { type RunningSandbox, type StartOptions, startSandbox } from "../sandbox/server.ts";
import { SANDBOX_HANDLE } from "../sandbox/types.ts";
import { isProof } from "./counts.ts";
import { runHere } from "./here.ts";
import { testHub } from "./hub.ts";
import { builtPsn } from "./program.ts";
import { type Ran, ranOf } from "./ran.ts";

export { consent, type Ran };

interface RunOptions {
  stdin?: string;
  env?: Env;
  cwd?: string;
}

export interface TestHome {
  env: Env;
  folder: string;
  hub: Hub;
  sandbox: RunningSandbox;
  /** Runs `psn ARGS` and waits for its end; in this process, where that is not what a test is about. */
  psn(args: string[], options?: RunOptions): Promise<Ran>;
  /** The same in a process of its own. */
  psnProcess(args: string[], options?: RunOptions): Promise<Ran>;
  /** Signs a sandbox user in, through the real OAuth code. */
  signIn(handle?: string): Promise<void>;
  /** The texts that the sandbox's author has on X, the oldest first. */
  onX(): string[];
  close(): Promise<void>;
}

/** Configuration, hub and sandbox of their own, thrown away by `close`. */
export async function testHome(options: { sandbox?: StartOptions } = {}): Promise<TestHome> {
  const folder = await mkdtemp(join(tmpdir(), "psn-home-"));
  const { hub, url, drop } = await testHub();
  const sandbox = await startSandbox(options.sandbox);
  const env: Env = {
    PATH: process.env.PATH,
    HOME: folder,
    PSN_CONFIG_DIR: join(folder, "config"),
    PSN_DATA_DIR: join(folder, "data"),
    PSN_TIMEZONE: "Europe/Berlin",
    DATABASE_URL: url,
    ENCRYPTION_KEY: newKeyHex(),
    ...sandboxEnv(sandbox.url),
  };
  return {
    env,
    folder,
    // As the commands open it, with the mark of their configuration.
    hub: { ...hub, approvalMark: { file: approvalFile(env), isPerson: false } },
    sandbox,
    psn: (args, options = {}) => (isHere ? runHere : runPsn)(args, { env, cwd: folder, ...options }),
    psnProcess: (args, options = {}) => runPsn(args, { env, cwd: folder, ...options }),
    async signIn(handle = SANDBOX_HANDLE) {
      const app = await openApp({ env });
      try {
        const step = await setupXOAuth(app, { again: true });
        await completeXOAuth(app, await consent(String(step.data?.url), handle));
      } finally {
        await app.close();
      }
    },
    onX: () =>
      (sandbox.sandbox.report().accounts[SANDBOX_HANDLE]?.posts ?? [])
        .filter(({ deletedAt }) => deletedAt === null)
        .map(({ text }) => text),
    async close() {
      await sandbox.stop();
      await drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The command under test: the checkout's, or the one of an installed package, which scripts/package/check.ts names. */
export const PSN = process.env.PSN_TEST_PROGRAM ?? (await builtPsn());

/** The same, from its very beginning: the checkout's own bin/psn. */
export const BIN_PSN = process.env.PSN_TEST_PROGRAM ?? join(PROJECT_DIR, "bin/psn");

/** An installed package is tried as it is, the proof starts every process, and the terminal of this one would show through. */
const isAtTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
const isHere = process.env.PSN_TEST_PROGRAM === undefined && !isProof && !isAtTerminal;

/** Runs `psn` in a process of its own. stdout is a pipe, so answers are JSON. */
export const runPsn = (args: string[], options: { env: Env; cwd: string; stdin?: string }): Promise<Ran> =>
  runProgram([PSN, ...args], options);

/** Runs a program and waits for its end. */
export async function runProgram(command: string[], options: { env: Env; cwd?: string; stdin?: string }): Promise<Ran> {
  const child = Bun.spawn(command, {
    env: options.env as Record<string, string>,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return ranOf(code, stdout, stderr);
}

/** A `psn` that goes on running. */
export interface PsnProcess {
  pid: number;
  exited: Promise<number>;
  /** Everything it has printed. */
  log(): string;
  /** Asks it to stop, and waits for its end. @returns its exit code */
  stop(): Promise<number>;
}

/** Starts `psn` and leaves it running. */
export function startPsn(args: string[], options: { env: Env; cwd?: string }): PsnProcess {
  const child = Bun.spawn([PSN, ...args], {
    env: options.env as Record<string, string>,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let log = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) log += decoder.decode(chunk, { stream: true });
  };
  void read(child.stderr);
  void read(child.stdout);
  return {
    pid: child.pid,
    exited: child.exited,
    log: () => log,
    async stop() {
      child.kill("SIGTERM");
      return await child.exited;
    },
  };
}
