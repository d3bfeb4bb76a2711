/**
 * `psn` run in this process: the command line from its words to its exit code, without the start of a process, which takes more of
 * the machine than what most commands do. It knows no signals, no terminal and no crash, and what asks the system for the environment
 * or the folder of the process gets this one's: tests of those start a process.
 */
import { Readable, Writable } from "node:stream";
import { runLine } from "../cli/_main.ts";
import type { Env } from "../core/config/env-file.ts";
import { entries } from "../psn.ts";
import { type Ran, ranOf } from "./ran.ts";

/** How many run at the moment. */
let running = 0;
let umaskBefore = 0;

/** As `runPsn` of `cli.ts` does it in a process of its own: stdout is no terminal, so answers are JSON. */
export async function runHere(args: string[], options: { env: Env; cwd: string; stdin?: string }): Promise<Ran> {
  const stdout = new Collected();
  const stderr = new Collected();
  const stdin = Readable.from(options.stdin ? [Buffer.from(options.stdin)] : []);
  // What psn writes is its user's alone: bin/psn sees to that.
  if (running++ === 0) umaskBefore = process.umask(0o077);
  try {
    const around = { env: { ...options.env }, cwd: () => options.cwd, stdin, stdout, stderr };
    const code = await runLine(entries, args, around, new AbortController().signal);
    return ranOf(code, stdout.text, stderr.text);
  } finally {
    if (--running === 0) process.umask(umaskBefore);
  }
}

// --- internal ---

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
