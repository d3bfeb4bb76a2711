/**
 * The best way to cut into a given number of tweets: the fewest cuts that tear something and, among those, the lowest cost. Asked for
 * what one tweet more or less would mean, so plain dynamic programming over the cuts at which a tweet can begin is quick enough;
 * `optimum.ts` has the search that a thread needs.
 */
import { type Cuts, earliestEnds, type LimitOf, lengthCost } from "./optimum.ts";

/** A torn sentence outweighs every other cost that a tweet can have. */
export const TORN_COST = 1e6;

/**
 * Indices of the chosen cuts, from 0 to the last; null when the segment cannot be cut into `count` tweets.
 * @param isTorn whether the cut of that index tears something
 */
export function chooseExactly(
  cuts: Cuts,
  limit: number,
  limitOf: LimitOf,
  count: number,
  isTorn: (cut: number) => boolean,
): number[] | null {
  const last = cuts.length - 1;
  if (count < 1 || count > last) return null;
  const share = (cuts.endsAt[last] ?? 0) / count;
  const penalties = Float64Array.from({ length: cuts.length }, (_, cut) =>
    cut === 0 || cut === last ? 0 : (cuts.penalties[cut] ?? 0) + (isTorn(cut) ? TORN_COST : 0),
  );
  let best = new Float64Array(cuts.length).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  const from: Int32Array[] = [];
  const earliest = earliestEnds(cuts, limitOf, count);
  let reached = 0;
  for (let tweet = 0; tweet < count; tweet++) {
    const room = limitOf(tweet);
    const next = new Float64Array(cuts.length).fill(Number.POSITIVE_INFINITY);
    const chosen = new Int32Array(cuts.length).fill(-1);
    const until = Math.min(reached, last - 1);
    for (let start = earliest[tweet] ?? 0; start <= until; start++) {
      const cost = best[start] ?? Number.POSITIVE_INFINITY;
      if (cost === Number.POSITIVE_INFINITY) continue;
      for (let end = start + 1; end <= last; end++) {
        const weight = (cuts.endsAt[end] ?? 0) - (cuts.startsAt[start] ?? 0);
        if (weight > room) break;
        const total = cost + lengthCost(weight, share, limit) + (penalties[end] ?? 0);
        if (total >= (next[end] ?? 0)) continue;
        next[end] = total;
        chosen[end] = start;
        reached = Math.max(reached, end);
      }
    }
    best = next;
    from.push(chosen);
  }
  if (best[last] === Number.POSITIVE_INFINITY) return null;
  const path = [last];
  for (let tweet = count - 1; tweet >= 0; tweet--) path.push(from[tweet]?.[path.at(-1) ?? 0] ?? 0);
  return path.reverse();
}
