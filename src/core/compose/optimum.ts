/**
 * The best way to cut: the fewest tweets and, among those, the lowest cost. Dynamic programming over every allowed cut.
 *
 * A tweet from cut j to cut i weighs `endsAt[i] - startsAt[j]`; what stands between the two is the separator and weighs
 * nothing. Let lo(t) and hi(t) be the first and the last cut at which tweet t can end when the number of tweets is the
 * fewest. Both come from one greedy pass each, and the ranges of two neighbouring tweets never overlap, or a tweet
 * could be saved. So the search is a chain of ranges, each no wider than one tweet. The cost is convex in the length,
 * therefore the best start moves forward with the end and a range of m cuts takes m·log(m) steps instead of m². In all:
 * linear in the text.
 */

/** The allowed cuts of one segment, in order. Cut 0 is its start, the last one its end. */
export interface Cuts {
  length: number;
  /** Weight of the segment up to where a tweet that ends at this cut ends. */
  endsAt: ArrayLike<number>;
  /** Weight of the segment up to where a tweet that starts at this cut starts: after the separator. */
  startsAt: ArrayLike<number>;
  /** What it costs to cut here. */
  penalties: ArrayLike<number>;
}

/** Weight that tweet number `tweet` (from 0, within the segment) may have. */
export type LimitOf = (tweet: number) => number;

/** Below this part of the limit a tweet is an orphan. */
const ORPHAN_SHARE = 0.25;
const ORPHAN_COST = 12;

/**
 * Cost of one tweet's length: the square of its distance from the even share, and more for an orphan. Convex in
 * `weight`, which the search below needs.
 */
export function lengthCost(weight: number, evenShare: number, limit: number): number {
  const distance = (weight - evenShare) / limit;
  const missing = Math.max(0, (ORPHAN_SHARE * limit - weight) / limit);
  return distance * distance + ORPHAN_COST * missing * missing;
}

/**
 * Indices of the chosen cuts, from 0 to the last.
 *
 * @param limit The full limit, by which distances are measured; `limitOf` may be lower for a tweet that carries a
 *   number.
 * @throws RangeError when two neighbouring cuts are further apart than a tweet: the caller has not opened enough cuts.
 */
export function chooseCuts(cuts: Cuts, limit: number, limitOf: LimitOf): number[] {
  const last = cuts.length - 1;
  const latest = latestEnds(cuts, limitOf);
  const tweetCount = latest.length - 1;
  const earliest = earliestEnds(cuts, limitOf, tweetCount);
  const evenShare = (cuts.endsAt[last] ?? 0) / tweetCount;

  // For each cut the lowest cost of ending a tweet there, and the cut before. Which tweet it ends is known: the ranges
  // earliest[t]..latest[t] lie apart.
  const best = new Float64Array(cuts.length);
  const from = new Int32Array(cuts.length);
  for (let tweet = 1; tweet <= tweetCount; tweet++) {
    const tweetLimit = limitOf(tweet - 1);

    const search = (low: number, high: number, fromLow: number, fromHigh: number): void => {
      if (low > high) return;
      const middle = (low + high) >> 1;
      const end = cuts.endsAt[middle] ?? 0;
      let bestCost = Number.POSITIVE_INFINITY;
      let bestFrom = fromLow;
      for (let start = fromLow; start <= fromHigh; start++) {
        const weight = end - (cuts.startsAt[start] ?? 0);
        if (weight > tweetLimit) continue;
        const cost = (best[start] ?? 0) + lengthCost(weight, evenShare, limit);
        if (cost < bestCost) {
          bestCost = cost;
          bestFrom = start;
        }
      }
      best[middle] = bestCost + (cuts.penalties[middle] ?? 0);
      from[middle] = bestFrom;
      search(low, middle - 1, fromLow, bestFrom);
      search(middle + 1, high, bestFrom, fromHigh);
    };
    search(earliest[tweet] ?? 0, latest[tweet] ?? 0, earliest[tweet - 1] ?? 0, latest[tweet - 1] ?? 0);
  }

  const path = [last];
  for (let tweet = tweetCount; tweet >= 1; tweet--) path.push(from[path.at(-1) ?? 0] ?? 0);
  return path.reverse();
}

/**
 * For each number of tweets, the furthest cut that they reach. The last entry is the end, so its index is the fewest
 * tweets.
 */
function latestEnds(cuts: Cuts, limitOf: LimitOf): number[] {
  const last = cuts.length - 1;
  const ends = [0];
  for (let at = 0; at < last; ) {
    const reach = (cuts.startsAt[at] ?? 0) + limitOf(ends.length - 1);
    let next = at;
    while (next < last && (cuts.endsAt[next + 1] ?? 0) <= reach) next++;
    if (next === at) throw new RangeError(`no cut within a tweet after cut ${at}`);
    ends.push(next);
    at = next;
  }
  return ends;
}

/** For each number of tweets up to `tweetCount`, the earliest cut from which the rest can still be done in so many. */
export function earliestEnds(cuts: Cuts, limitOf: LimitOf, tweetCount: number): number[] {
  const ends = new Array<number>(tweetCount + 1).fill(0);
  let at = cuts.length - 1;
  for (let tweet = tweetCount; tweet >= 1; tweet--) {
    ends[tweet] = at;
    const from = (cuts.endsAt[at] ?? 0) - limitOf(tweet - 1);
    while (at > 0 && (cuts.startsAt[at - 1] ?? 0) >= from) at--;
    // The first tweet starts at the start, however much room there is.
    if (tweet === 1) ends[0] = 0;
  }
  return ends;
}
