/** The facts that the port holds for all who ask. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { ALT_TEXT_LENGTH_MAX, altTextLength, compareIds, isNumericId } from "./platform.ts";

test("ids beyond 2^53 keep every digit", () => {
  expect(compareIds("1346889436626259968", "1346889436626259969")).toBe(-1);
  expect(compareIds("9", "10")).toBe(-1);
  expect(compareIds("10", "10")).toBe(0);
});

test("the order of ids is the order of their numbers", () => {
  const id = fc.bigInt({ min: 0n, max: 9_999_999_999_999_999_999n });
  fc.assert(
    fc.property(
      id,
      id,
      (left, right) => compareIds(String(left), String(right)) === Number(left > right) - Number(left < right),
    ),
  );
});

test("what is no id is refused aloud", () => {
  for (const text of ["", "12a", "-1", "1e3", "12345678901234567890", " 1", "1\n"]) {
    expect(isNumericId(text)).toBe(false);
    expect(() => compareIds(text, "1")).toThrow(TypeError);
  }
  expect(isNumericId(123)).toBe(false);
});

test("an alt text of a thousand emoji is as long as X takes", () => {
  expect(altTextLength("👩".repeat(1_000))).toBe(ALT_TEXT_LENGTH_MAX);
  expect(altTextLength("")).toBe(0);
});
