/** How long commands take from their start to their end. */

const WARMUP_ROUNDS = 3;

/** A command line, and all that it knows of the environment. */
export interface Start {
  command: readonly string[];
  env: Record<string, string>;
}

/**
 * The median of each command's starts, in milliseconds. They take turns, so that what else the machine does meets all alike.
 * @throws an Error when one ends with another code than 0
 */
export async function mediansOfStarts<K extends string>(
  kinds: Record<K, Start>,
  rounds: number,
  cwd: string,
): Promise<Record<K, number>> {
  const names = Object.keys(kinds) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    for (const name of names) {
      const ms = await startOf(kinds[name], cwd);
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)])) as Record<K, number>;
}

/** How long one start takes, in milliseconds. */
export async function startOf({ command, env }: Start, cwd: string): Promise<number> {
  const from = performance.now();
  const child = Bun.spawn([...command], { env, cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const code = await child.exited;
  const ms = performance.now() - from;
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}: ${await new Response(child.stderr).text()}`);
  return ms;
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
