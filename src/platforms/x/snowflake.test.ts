import { expect, test } from "bun:test";
import fc from "fast-check";
import { compareIds } from "../../core/utils/external-id.ts";
import { idTime, isNumericId } from "./snowflake.ts";

test("an id tells the millisecond of its making", () => {
  // The first two from X's documentation of ids; the third is the oldest that the scheme can name.
  expect(idTime("1541815603606036480").toISOString()).toBe("2022-06-28T16:07:40.105Z");
  expect(idTime("1346889436626259968").toISOString()).toBe("2021-01-06T18:40:40.344Z");
  expect(idTime("0").toISOString()).toBe("2010-11-04T01:42:54.657Z");
});

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
    expect(() => idTime(text)).toThrow(TypeError);
    expect(() => compareIds(text, "1")).toThrow(TypeError);
  }
  expect(isNumericId(123)).toBe(false);
});
