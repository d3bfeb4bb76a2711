/**
 * Cutting text into threads: how fast, whether in linear time, and against the loop that one would write with twitter-text.
 *
 * Alone: `bun bench/compose.ts [--json]`. Every ratio is taken within one run, and every time is in CPU time of this process, garbage
 * collection included: another process on the machine then changes little. Times are the best of a few rounds; the growth is the middle one.
 */
import { readFileSync } from "node:fs";
import library from "twitter-text";
import { composeThread } from "../src/core/compose/compose.ts";
import { PROSE, seededRandom } from "../src/core/compose/testing.ts";
import { type BenchResult, printResult } from "./_print.ts";
import { comparePeers } from "./compose/peers.ts";

const SMALL_BYTES = 1_000_000;
const LARGE_BYTES = 10_000_000;
/** The library's loop takes seconds for this much already. */
const GREEDY_BYTES = 100_000;
/** About 500 tweets, the most that a post holds. */
const POST_BYTES = 140_000;
const ROUNDS = 5;
/** Until nothing is compiled any more: that is done by other threads of this process, whose time counts as well. */
const WARMUP_ROUNDS = 1500;
const GREEDY_WARMUP_ROUNDS = 40;
const SHORT_ROUNDS = 200;
const ESSAY_CHARACTERS = 3000;

const essay = readFileSync(new URL("../examples/essay.txt", import.meta.url), "utf8");

/** Measures composing; see the issue on composing for the goals. */
export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const essayText = essay.slice(0, ESSAY_CHARACTERS).trimEnd();
  best(WARMUP_ROUNDS, () => composeThread(essayText));
  const essayMs = median(SHORT_ROUNDS, () => composeThread(essayText));

  // The two rivals take turns, so that a busy machine is busy for both; each has run before, so that none is compiled meanwhile.
  const greedyText = prose(GREEDY_BYTES);
  best(GREEDY_WARMUP_ROUNDS, () => composeThread(greedyText));
  best(2, () => greedyThread(greedyText));
  let oursMs = Number.POSITIVE_INFINITY;
  let greedyMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    oursMs = Math.min(
      oursMs,
      best(ROUNDS, () => composeThread(greedyText)),
    );
    greedyMs = Math.min(
      greedyMs,
      best(1, () => greedyThread(greedyText)),
    );
  }

  const largest = prose(POST_BYTES);
  const post500Ms = best(ROUNDS, () => composeThread(largest));

  const small = prose(SMALL_BYTES);
  const large = prose(LARGE_BYTES);
  // The same work on both sides: ten small texts, garbage collection included, and one of ten times the length.
  const largeMs: number[] = [];
  const growth: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [tenSmallMs = 0] = times(1, () => {
      for (let one = 0; one < LARGE_BYTES / SMALL_BYTES; one++) composeThread(small);
    });
    const [ms = 0] = times(1, () => composeThread(large));
    largeMs.push(ms);
    growth.push((LARGE_BYTES / SMALL_BYTES) * (ms / tenSmallMs));
  }

  return {
    bench: "compose",
    figures: [
      { name: "mbPerSecond", value: LARGE_BYTES / 1e6 / (Math.min(...largeMs) / 1000), better: "higher" },
      { name: "growth10x", value: middle(growth), goal: 11, better: "lower" },
      { name: "timesFaster", value: greedyMs / oursMs, goal: 20, better: "higher" },
      { name: "essayMs", value: essayMs, goal: 1, better: "lower" },
      { name: "post500Ms", value: post500Ms, goal: 100, better: "lower" },
      ...comparePeers(),
    ],
  };
}

/** Paragraphs of the essay and of thirty languages in a seeded order, about `byteLength` bytes of UTF-8. */
function prose(byteLength: number): string {
  const random = seededRandom(5);
  const paragraphs = [...essay.split("\n\n"), ...essay.split("\n\n"), ...Object.values(PROSE)];
  const parts: string[] = [];
  for (let bytes = 0; bytes < byteLength; ) {
    const paragraph = paragraphs[Math.floor(random() * paragraphs.length)] ?? "";
    parts.push(paragraph);
    bytes += Buffer.byteLength(paragraph) + 2;
  }
  return parts.join("\n\n");
}

/** What one writes first: word after word while twitter-text calls it valid. It keeps neither paragraphs nor sentences. */
function greedyThread(text: string): string[] {
  const tweets: string[] = [];
  let tweet = "";
  for (const word of text.split(/\s+/)) {
    const longer = tweet === "" ? word : `${tweet} ${word}`;
    if (library.parseTweet(longer).valid) tweet = longer;
    else {
      tweets.push(tweet);
      tweet = word;
    }
  }
  return [...tweets, tweet];
}

function best(rounds: number, work: () => unknown): number {
  return Math.min(...times(rounds, work));
}

function median(rounds: number, work: () => unknown): number {
  return middle(times(rounds, work));
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function times(rounds: number, work: () => unknown): number[] {
  return Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
}

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
