/**
 * Addresses and tags behind a full stop. They are no sentence: an address belongs to the sentence before it, unless words go on behind it,
 * and so do the tags that close a line.
 */

const ADDRESS = /(?:https?:\/\/|www\.)\S+/giu;
const TAGS = /[#＃][\p{L}\p{M}\p{N}_]+(?:[ \t]+[#＃][\p{L}\p{M}\p{N}_]+)*[ \t]*(?=[\r\n]|$)/gu;
/** What announces the address. */
const ANNOUNCED = /(?:[:：→⇒➡👉👇↓]\ufe0f?)\s*$/u;
const ENDS_LINE = /^[ \t]*(?:[\r\n]|$)/;
const SENTENCE_BEHIND = /^[ \t\u00a0]+(?=["'“„«‘(¿¡*_]*[\p{Lu}\p{Lo}\p{Extended_Pictographic}])/u;
const AROUND = 12;

export interface JoinedStarts {
  /** The starts of sentences, with those behind addresses. */
  starts: number[];
  /** Those of addresses and tags that belong to the sentence before. */
  joined: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();

/** @param starts those of the sentences of `text`, ascending */
export function joinStarts(text: string, starts: number[]): JoinedStarts {
  const hasAddress = text.includes("://") || text.includes("www.");
  const hasTag = text.includes("#") || text.includes("＃");
  if (!hasAddress && !hasTag) return { starts, joined: NONE };
  const known = among(starts);
  const joined = new Set<number>();
  const more: number[] = [];
  for (const { 0: address, index } of hasAddress ? text.matchAll(ADDRESS) : []) {
    const end = index + address.length;
    const after = text.slice(end, end + AROUND);
    const behind = SENTENCE_BEHIND.exec(after)?.[0].length ?? 0;
    if (behind === 0 && !ENDS_LINE.test(after)) continue;
    const isStart = known(index);
    if (isStart) joined.add(index);
    if (behind > 0 && (isStart || ANNOUNCED.test(text.slice(Math.max(0, index - AROUND), index))))
      more.push(end + behind);
  }
  for (const { index } of hasTag ? text.matchAll(TAGS) : []) if (known(index)) joined.add(index);
  const added = more.filter((start) => !known(start));
  return { starts: added.length === 0 ? starts : [...starts, ...added].sort((a, b) => a - b), joined };
}

// --- internal ---

/** Whether a number is one of `numbers`, which ascend. */
function among(numbers: readonly number[]): (one: number) => boolean {
  return (one) => {
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[middle] ?? 0) < one) low = middle + 1;
      else high = middle;
    }
    return numbers[low] === one;
  };
}
