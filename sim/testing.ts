/** The simulation's command, for its tests. */
import { join } from "node:path";

/** A process of its own: a mutant must be loaded before anything else. */
export async function sim(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "run.ts"), "--jobs", "1", ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output, errors };
}
