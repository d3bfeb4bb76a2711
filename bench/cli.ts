/**
 * How long a command takes to start: `psn --help`, and `psn post list --json` with the hub running, against the bare runtime in the
 * same run.
 *
 * Alone: `bun bench/cli.ts [--json]`. All start from `sh`, as bin/psn does. They take turns, and each figure is the median of many starts, so that
 * what else the machine does meets all alike.
 */
import { join } from "node:path";
import { PROJECT_DIR } from "../src/core/utils/env.ts";
import { testHome } from "../src/testing/cli.ts";
import { type BenchResult, printResult } from "./_print.ts";

const ROUNDS = 25;
const WARMUP_ROUNDS = 3;
const PSN = join(PROJECT_DIR, "bin/psn");

/** @returns `startMs` of `psn --help`, `startRatio` to the bare runtime, `listMs` of `psn post list --json` */
export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const home = await testHome();
  try {
    const env = home.env as Record<string, string>;
    const kinds = {
      bare: ["sh", "-c", `exec "${process.execPath}" --no-install --no-env-file --config=/dev/null -e 1`],
      help: [PSN, "--help"],
      list: [PSN, "post", "list", "--json"],
    };
    const times: Record<keyof typeof kinds, number[]> = { bare: [], help: [], list: [] };
    for (let round = -WARMUP_ROUNDS; round < ROUNDS; round++) {
      for (const kind of ["bare", "help", "list"] as const) {
        const ms = await startOf(kinds[kind], env, home.folder);
        if (round >= 0) times[kind].push(ms);
      }
    }
    const [bareMs, startMs, listMs] = [median(times.bare), median(times.help), median(times.list)];
    return {
      bench: "cli",
      figures: [
        { name: "startMs", value: startMs, goal: 120, better: "lower" },
        { name: "startRatio", value: startMs / bareMs, better: "lower" },
        { name: "listMs", value: listMs, better: "lower" },
        { name: "listRatio", value: listMs / bareMs, better: "lower" },
        { name: "bareMs", value: bareMs, better: "lower" },
      ],
    };
  } finally {
    await home.close();
  }
}

// --- internal ---

async function startOf(command: string[], env: Record<string, string>, cwd: string): Promise<number> {
  const from = performance.now();
  const child = Bun.spawn(command, { env, cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const code = await child.exited;
  const ms = performance.now() - from;
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}: ${await new Response(child.stderr).text()}`);
  return ms;
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
