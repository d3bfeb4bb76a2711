/** Each of several things gets its own of several others, in their order. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { assignInOrder } from "./assign.ts";

/** Numbers that differ by at most so much fit. */
const within = (most: number) => (left: number, right: number) =>
  Math.abs(left - right) <= most ? Math.abs(left - right) : null;
const pairs = (left: number[], right: number[], most = 10) => [...assignInOrder(left, right, within(most))];

test("as many as can be have a partner, at the least cost in all", () => {
  expect(pairs([], [1])).toEqual([]);
  expect(pairs([1], [])).toEqual([]);
  expect(pairs([100], [1, 2])).toEqual([]);
  expect(pairs([5], [1, 4, 9])).toEqual([[5, 4]]);
  expect(pairs([0, 5], [4, 14])).toEqual([
    [5, 14],
    [0, 4],
  ]);
  // The nearest for one would leave the other without.
  expect(new Map(pairs([0, 8], [9, 18]))).toEqual(
    new Map([
      [0, 9],
      [8, 18],
    ]),
  );
  expect(pairs([50, 5], [5, 60])).toEqual([[5, 5]]);
});

test("what does not fit is passed over, and pairs do not cross", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 6 }), fc.array(fc.nat(40), { maxLength: 6 }), (left, right) => {
      const lefts = left.map((value, at) => ({ value, at }));
      const rights = right.map((value, at) => ({ value, at }));
      const made = [...assignInOrder(lefts, rights, (a, b) => within(5)(a.value, b.value))].toReversed();
      for (const [a, b] of made) expect(Math.abs(a.value - b.value)).toBeLessThanOrEqual(5);
      expect(made).toEqual(made.toSorted(([a], [b]) => a.at - b.at));
      expect(made).toEqual(made.toSorted(([, a], [, b]) => a.at - b.at));
    }),
  );
});

test("more than a hundred on either side are not compared", () => {
  const many = Array.from({ length: 101 }, (_, index) => index * 100);
  const compared = new Set<number>();
  const count = (left: readonly number[], right: readonly number[]) => {
    compared.clear();
    assignInOrder(left, right, (a, b) => {
      compared.add(a);
      compared.add(b + 0.5);
      return 0;
    });
    return compared.size;
  };
  expect(count(many, [0])).toBe(101);
  expect(count([0], many)).toBe(101);
});
