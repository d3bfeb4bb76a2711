/** How a post was composed, as it is kept with it. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { NUMBER_FORMS } from "../compose/numbering.ts";
import { PsnError } from "../errors.ts";
import { textLimitOf } from "../platform.ts";
import { composingOf, requireLimit, withNumbers, withoutNumbers } from "./composing.ts";

test("numbers put on come off again, whatever the words, and a single tweet gets none", () => {
  const numbering = fc.record({
    place: fc.constantFrom("start" as const, "end" as const),
    form: fc.constantFrom(...NUMBER_FORMS),
  });
  const words = fc.array(fc.oneof(fc.string({ minLength: 1, unit: "grapheme" }), fc.constant("1/2 1/2")), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(words, numbering, (texts, how) => {
      const numbered = withNumbers(texts, how);
      expect(withoutNumbers(numbered, how)).toEqual(texts);
      expect(numbered.every((text, index) => (text === texts[index]) === (texts.length === 1))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a number that the author has changed by hand is taken for words", () => {
  const how = { place: "end", form: "1/n" } as const;
  expect(withoutNumbers(["One. 1/2", "Two. two of two"], how)).toEqual(["One.", "Two. two of two"]);
  expect(withoutNumbers(["One. 1/2"], null)).toEqual(["One. 1/2"]);
});

test("what is absent is the default, and what is broken is not taken for it", () => {
  expect(composingOf({})).toEqual({ limit: 280, numbering: null, planned: null, cut: "whole" });
  expect(composingOf({ limit: 25_000, madeWithAi: true }).limit).toBe(25_000);
  expect(() => composingOf({ limit: "long" } as never)).toThrow();
});

test("only an account that X says has Premium may post long", () => {
  expect([null, "None", "Basic", "Premium", "PremiumPlus"].map(textLimitOf)).toEqual([
    280, 280, 25_000, 25_000, 25_000,
  ]);
  expect(() => requireLimit(281, { handle: "a", subscription: null })).toThrow(PsnError);
  expect(() => requireLimit(280, { handle: "a", subscription: "None" })).not.toThrow();
});
