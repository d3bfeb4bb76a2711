import { expect, test } from "bun:test";
import fc from "fast-check";
import { composeThread } from "../compose/compose.ts";
import { PROSE, TOKENS } from "../compose/testing.ts";
import { cutText } from "./composing.ts";
import { requireCuttable, TWEETS_MAX } from "./limits.ts";

const CUTTING = { limit: 280, numbering: null, cut: "whole" } as const;

test.each([
  ["words", "Some words to read. ".repeat(250_000)],
  ["one word", "a".repeat(5_000_000)],
  ["one word with dots", "a.".repeat(2_500_000)],
  ["flags", "🇨🇭".repeat(625_000)],
  ["families", "👩‍👩‍👧‍👦".repeat(200_000)],
  ["Chinese", "水开了。你会写信吗？".repeat(170_000)],
])("5 MB of %s are refused without being cut", (_, text) => {
  expect(() => cutText(text, CUTTING)).toThrow(expect.objectContaining({ code: "POST_TOO_MANY_TWEETS" }));
});

test("nothing is refused that fits: addresses and emoji count less than they are long", () => {
  const pieces = fc.constantFrom(
    ...TOKENS,
    ...Object.values(PROSE),
    `https://example.com/${"a".repeat(300)}`,
    "e\u0301".repeat(9),
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 60, max: 280 }),
      (words, limit) => {
        const text = words.join(" ");
        const { length } = composeThread(`${text} x`, { limit }).tweets;
        // As long as the whole thread of the largest post: the same text so often that its tweets are as many as a post holds.
        const times = Math.floor(TWEETS_MAX / length);
        expect(() => requireCuttable(`${text} x `.repeat(times), limit)).not.toThrow();
      },
    ),
    { numRuns: 200, seed: 500 },
  );
});
