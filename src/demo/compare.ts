/**
 * The demo's judge. Given what was approved and what X shows, it says whether each text is there whole, in order, once.
 * Pure: it knows no hub, no HTTP and no clock, so that its own tests can plant every fault it must find.
 */
import { findChains } from "./chains.ts";
import type { Expected, Seen } from "./facts.ts";
import {
  CHECKS,
  type CheckName,
  judgeCreates,
  judgeStrays,
  judgeThread,
  judgeTimeline,
  type Problem,
} from "./judge.ts";

export interface ThreadResult {
  name: string;
  held: boolean;
  /** In the order of the chain on X. */
  ids: string[];
  firstAt: Date | null;
  /** From the time it was due to its first tweet on X; null when it had no time, or is not there. */
  latenessMs: number | null;
}

export interface Comparison {
  held: boolean;
  checks: { name: CheckName; says: string; held: boolean }[];
  threads: ThreadResult[];
  problems: Problem[];
}

/** Compares what was approved with what X shows. */
export function compare(expected: Expected, seen: Seen): Comparison {
  const problems: Problem[] = [];
  const { chains, strays } = findChains(expected.threads, seen.posts);
  const threads = expected.threads.map((thread, index): ThreadResult => {
    const chain = chains[index] ?? [];
    const found = judgeThread(thread, chain);
    problems.push(...found.map((problem) => ({ ...problem, thread: thread.name })));
    const firstAt = chain[0]?.createdAt ?? null;
    const latenessMs = firstAt && thread.notBefore ? firstAt.getTime() - thread.notBefore.getTime() : null;
    return { name: thread.name, held: found.length === 0, ids: chain.map(({ id }) => id), firstAt, latenessMs };
  });
  problems.push(
    ...judgeStrays(expected, seen.posts, strays),
    ...judgeTimeline(seen),
    ...judgeCreates(expected.threads, seen),
  );
  const checks = (Object.keys(CHECKS) as CheckName[]).map((name) => {
    const held = problems.every(({ check }) => check !== name);
    return { name, says: CHECKS[name], held };
  });
  return { held: problems.length === 0, checks, threads, problems };
}
