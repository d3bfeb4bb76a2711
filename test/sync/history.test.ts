/** Random histories of a folder; scenario 40 at large. All of them in `npm run proof`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { howMany } from "../../src/testing/counts.ts";
import { openStage, type Stage } from "../../src/testing/stage.ts";
import { runHistory } from "./history.ts";

const HISTORIES = howMany(12, 1_000);
/** A failing one is replayed alone: PSN_HISTORY=17. */
const ONLY = process.env.PSN_HISTORY;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test(`scenario 40: ${HISTORIES} histories of a folder end in agreement, and nothing is sent twice`, async () => {
  const seeds = ONLY ? [Number(ONLY)] : Array.from({ length: HISTORIES }, (_, index) => index + 1);
  for (const seed of seeds) {
    await stage.clean();
    expect(await runHistory(stage, seed)).toEqual([]);
  }
});
