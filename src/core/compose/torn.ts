/** What the borders between the tweets of a thread tear, wherever its author has moved them. */
import { findAtoms } from "./atoms.ts";
import { findCuts } from "./cuts.ts";
import { remembered } from "./remembered.ts";
import type { UnitKind } from "./unit-list.ts";
import { tornAt } from "./units.ts";

export interface Torn {
  kind: UnitKind;
  /** The whole of what is torn. */
  text: string;
}

/** Above this nobody looks at single borders, and each takes as long as cutting two tweets. */
const BORDERS_MAX = 200;

/**
 * For each tweet what its end tears although it fits into one tweet; null for nothing. A line of `---` between two tweets was asked
 * for, so it tears nothing.
 */
export function tornByBorders(
  tweets: readonly { text: string; separatorAfter: string }[],
  limit: number,
): (Torn | null)[] {
  return tweets.map((tweet, index) => {
    const next = tweets[index + 1];
    if (next === undefined || index >= BORDERS_MAX || /\S/.test(tweet.separatorAfter)) return null;
    return tornBetween(tweet.text, tweet.separatorAfter, next.text, limit);
  });
}

// --- internal ---

const tornBetween = remembered(
  (...asked: [string, string, string, number]) => JSON.stringify(asked),
  (left, separator, right, limit): Torn | null => {
    const text = (left + separator + right).normalize("NFC");
    if (text.trim() !== text) return null;
    const end = left.normalize("NFC").length;
    const cuts = findCuts(text, 0, text.length, findAtoms(text));
    const torn = tornAt(cuts, limit, end, end + separator.length);
    if (torn === null) return null;
    const from = cuts.starts[torn.from] ?? 0;
    return { kind: torn.kind, text: text.slice(from, cuts.ends[torn.to] ?? text.length) };
  },
);
