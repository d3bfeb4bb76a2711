import { expect, test } from "bun:test";
import { runChaos } from "./chaos.ts";

test("scenario 1: workers are killed and frozen, answers are lost, Postgres restarts: no tweet is doubled or lost", async () => {
  const result = await runChaos({
    threads: 20,
    workers: 2,
    accounts: 4,
    chaosMs: 6_000,
    restarts: 1,
    scale: 10,
    restMs: 240_000,
  });
  expect(result).toMatchObject({ duplicates: 0, lost: 0, stuck: 0, outOfOrder: 0, untold: 0 });
  expect(result.kills).toBeGreaterThan(2);
}, 400_000);
