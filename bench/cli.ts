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
import { mediansOfStarts } from "./_starts.ts";

const ROUNDS = 25;
const PSN = join(PROJECT_DIR, "bin/psn");

/** @returns `startMs` of `psn --help`, `startRatio` to the bare runtime, `listMs` of `psn post list --json` */
export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const home = await testHome();
  try {
    const env = home.env as Record<string, string>;
    const kinds = {
      bare: {
        command: ["sh", "-c", `exec "${process.execPath}" --no-install --no-env-file --config=/dev/null -e 1`],
        env,
      },
      help: { command: [PSN, "--help"], env },
      list: { command: [PSN, "post", "list", "--json"], env },
    };
    const { bare: bareMs, help: startMs, list: listMs } = await mediansOfStarts(kinds, ROUNDS, home.folder);
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

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
