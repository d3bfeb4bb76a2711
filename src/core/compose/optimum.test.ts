import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Cuts, chooseCuts, lengthCost } from "./optimum.ts";

/** Up to nine pieces with separators between them. */
const smallCuts = fc
  .array(
    fc.record({
      weight: fc.integer({ min: 1, max: 12 }),
      gap: fc.integer({ min: 0, max: 2 }),
      penalty: fc.integer({ min: 0, max: 30 }),
    }),
    {
      minLength: 1,
      maxLength: 9,
    },
  )
  .map((pieces): Cuts => {
    const cuts = { length: pieces.length + 1, endsAt: [0], startsAt: [0], penalties: [0] };
    let at = 0;
    for (const { weight, gap, penalty } of pieces) {
      at += weight;
      cuts.endsAt.push(at);
      cuts.startsAt.push(at + gap);
      cuts.penalties.push(penalty / 10);
      at += gap;
    }
    cuts.penalties[pieces.length] = 0;
    return cuts;
  });

/** Tries every subset of the cuts. */
function bruteForce(cuts: Cuts, limit: number, limitOf: (tweet: number) => number): number {
  const last = cuts.length - 1;
  let fewest = Number.POSITIVE_INFINITY;
  const feasible: number[][] = [];
  for (let subset = 0; subset < 2 ** (last - 1); subset++) {
    const path = [
      0,
      ...Array.from({ length: last - 1 }, (_, bit) => bit + 1).filter((cut) => subset & (2 ** (cut - 1))),
      last,
    ];
    const fits = path.slice(1).every((cut, tweet) => weightOf(cuts, path[tweet] ?? 0, cut) <= limitOf(tweet));
    if (!fits) continue;
    feasible.push(path);
    fewest = Math.min(fewest, path.length - 1);
  }
  return Math.min(...feasible.filter((path) => path.length - 1 === fewest).map((path) => costOf(cuts, path, limit)));
}

const weightOf = (cuts: Cuts, from: number, to: number) => (cuts.endsAt[to] ?? 0) - (cuts.startsAt[from] ?? 0);

function costOf(cuts: Cuts, path: number[], limit: number): number {
  const share = (cuts.endsAt[cuts.length - 1] ?? 0) / (path.length - 1);
  return path
    .slice(1)
    .reduce(
      (sum, cut, tweet) =>
        sum + lengthCost(weightOf(cuts, path[tweet] ?? 0, cut), share, limit) + (cuts.penalties[cut] ?? 0),
      0,
    );
}

test("the chosen cuts are the fewest, and the cheapest of those, as trying every split shows", () => {
  fc.assert(
    fc.property(
      smallCuts,
      fc.integer({ min: 12, max: 40 }),
      fc.integer({ min: 0, max: 2 }),
      (cuts, limit, numberWeight) => {
        // As with numbers in the text, later tweets may have less room.
        const limitOf = (tweet: number) => (tweet < 2 ? limit : Math.max(12, limit - numberWeight));
        const chosen = chooseCuts(cuts, limit, limitOf);
        expect(costOf(cuts, chosen, limit)).toBeCloseTo(bruteForce(cuts, limit, limitOf), 9);
      },
    ),
    { numRuns: 3000, seed: 7 },
  );
});

test("a piece that no tweet can hold is a mistake of the caller", () => {
  const cuts = { length: 2, endsAt: [0, 300], startsAt: [0, 300], penalties: [0, 0] };
  expect(() => chooseCuts(cuts, 280, () => 280)).toThrow(RangeError);
});
