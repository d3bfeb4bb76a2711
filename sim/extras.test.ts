/** Faults that are switched on one by one. */
import { expect, test } from "bun:test";
import { EXTRAS, isExtra, skewMs } from "./extras.ts";

test("a clock is off by hours when that is switched on, the same way for the same seed, and else not", () => {
  const hours = new Set(Array.from({ length: 60 }, (_, seed) => skewMs(seed, ["skew"]) / 3_600_000));
  expect([...hours].sort((a, b) => a - b)).toEqual([-24, -5, -1, 1, 5, 24]);
  expect(skewMs(3, ["skew"])).toBe(skewMs(3, ["skew"]));
  expect(skewMs(3, [])).toBe(0);
});

test("only names that exist can be switched on", () => {
  expect(EXTRAS.every(isExtra)).toBe(true);
  expect(isExtra("nonsense")).toBe(false);
});
