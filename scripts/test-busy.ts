/**
 * `npm run test:busy`: the whole suite with four processes beside it that only compute, as on a machine that others use
 * too. A test that asserts how quick this machine is fails here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const LOOPS = 4;
/** Each ends by itself when this process is gone, however it went, and after two hours at the latest. */
const LOOP = `
  const parent = process.ppid;
  const end = Date.now() + 2 * 3_600_000;
  const spin = () => {
    const until = Date.now() + 100;
    while (Date.now() < until);
    if (process.ppid === parent && Date.now() < end) setImmediate(spin);
  };
  spin();`;

const loops: ChildProcess[] = Array.from({ length: LOOPS }, () =>
  spawn(process.execPath, ["-e", LOOP], { stdio: "ignore" }),
);
const codes = [await run("test"), await run("test:long")];
process.exitCode = Math.max(...codes);
for (const loop of loops) loop.kill("SIGKILL");

function run(script: string): Promise<number> {
  const suite = spawn("npm", ["run", script, "--", ...process.argv.slice(2)], {
    cwd: join(import.meta.dirname, ".."),
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => suite.kill(signal));
  return new Promise((resolve) => {
    suite.once("error", () => resolve(1));
    suite.once("close", (code) => resolve(code ?? 1));
  });
}
