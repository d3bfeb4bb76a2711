/** Giving each of several things its own of several others, both in an order that is kept. Pure. */

/** More than these are not compared; nobody has so many unanswered requests. */
const EACH_MAX = 100;

/**
 * Pairs `left` with `right` so that as many as can be have a partner, at the least cost in all. Both are in order, and
 * pairs do not cross.
 * @param costOf null where the two do not fit
 */
export function assignInOrder<L, R>(
  left: readonly L[],
  right: readonly R[],
  costOf: (left: L, right: R) => number | null,
): Map<L, R> {
  const lefts = left.slice(0, EACH_MAX);
  const rights = right.slice(0, EACH_MAX);
  let before = new Array<Pairing<L, R>>(rights.length + 1).fill(NOTHING);
  for (const one of lefts) {
    const row: Pairing<L, R>[] = [NOTHING];
    for (const [index, other] of rights.entries()) {
      const cost = costOf(one, other);
      const without = better(before[index + 1] ?? NOTHING, row[index] ?? NOTHING);
      const rest = before[index] ?? NOTHING;
      const pair = { count: rest.count + 1, cost: rest.cost + (cost ?? 0), last: [one, other] as const, rest };
      row.push(cost === null ? without : better(pair, without));
    }
    before = row;
  }
  const pairs = new Map<L, R>();
  for (let at: Pairing<L, R> | null = before.at(-1) ?? null; at?.last; at = at.rest) pairs.set(...at.last);
  return pairs;
}

// --- internal ---

interface Pairing<L, R> {
  count: number;
  cost: number;
  last: readonly [L, R] | null;
  rest: Pairing<L, R> | null;
}

const NOTHING: Pairing<never, never> = { count: 0, cost: 0, last: null, rest: null };

function better<L, R>(one: Pairing<L, R>, other: Pairing<L, R>): Pairing<L, R> {
  return one.count > other.count || (one.count === other.count && one.cost < other.cost) ? one : other;
}
