/**
 * What is never cut and does not weigh the sum of its characters: URLs and emoji sequences, in one ordered list.
 *
 * The weight kept here is the highest of every reading, so that a tweet cut by it fits whichever reading X takes.
 */
import { findEmojiSequences } from "./emoji.ts";
import { findLinks, type Link } from "./links.ts";
import { findPastedLinks } from "./pasted-links.ts";
import { mayHoldNewerTld } from "./tlds.ts";
import { outside, plainWeight, URL_WEIGHT } from "./weighted-length.ts";

export interface Atom {
  start: number;
  end: number;
  /** Highest weight by any reading. */
  weight: number;
  /** Weight by today's reading, which is what is shown. */
  today: number;
}

/** All atoms of `text` (NFC), in order and without overlap. */
export function findAtoms(text: string): Atom[] {
  const links = findLinkAtoms(text);
  const emoji = findEmojiSequences(text);
  if (emoji.length === 0) return links;
  const free = [...outside(emoji, links)].map(({ start, end, weight, weight2018 }) => ({
    start,
    end,
    weight: Math.max(weight, weight2018),
    today: weight,
  }));
  return links.length === 0 ? free : [...links, ...free].sort((a, b) => a.start - b.start);
}

type Spanned = Pick<Link, "start" | "end">;

function findLinkAtoms(text: string): Atom[] {
  if (!text.includes(".")) return [];
  const today = findLinks(text, "today");
  const in2020 = mayHoldNewerTld(text) ? findLinks(text, "2020") : today;
  const hidden = hiddenLinks(text, today);
  const pasted = findPastedLinks(text, today);
  if (hidden.length === 0 && pasted.length === 0 && (in2020 === today || sameSpans(today, in2020)))
    return today.map(({ start, end }) => ({ start, end, weight: URL_WEIGHT, today: URL_WEIGHT }));

  const regions = merge([...today, ...in2020, ...hidden, ...pasted]);
  const linksToday = linksBy(regions, today);
  const links2020 = in2020 === today ? linksToday : linksBy(regions, in2020);
  const linksHidden = linksBy(regions, hidden);
  return regions.map((region, index) => {
    const plain = plainWeight(text, region.start, region.end);
    const byToday = readingWeight(text, plain, linksToday[index]);
    const by2020 = readingWeight(text, plain, links2020[index]);
    const isHidden = linksHidden[index]?.length !== 0;
    const weight = Math.max(byToday, by2020, ...(isHidden ? [plain, plain + URL_WEIGHT] : []));
    return { ...region, weight, today: byToday };
  });
}

/** For each region the links in it. Both are in order, and every link lies in a region. */
function linksBy(regions: readonly Spanned[], links: readonly Spanned[]): Spanned[][] {
  let next = 0;
  return regions.map(({ end }) => {
    const from = next;
    while (next < links.length && (links[next]?.end ?? 0) <= end) next++;
    return links.slice(from, next);
  });
}

function readingWeight(text: string, plain: number, links: readonly Spanned[] = []): number {
  return links.reduce((weight, { start, end }) => weight + URL_WEIGHT - plainWeight(text, start, end), plain);
}

/**
 * URLs that are none only because of what is written against them without a space, such as a Chinese sentence too long
 * to be a domain label. A cut in that sentence would make them count.
 */
function hiddenLinks(text: string, found: Spanned[]): Spanned[] {
  const hidden: Spanned[] = [];
  let next = 0;
  for (const { 1: run = "", index } of text.matchAll(GLUED_LATIN_WITH_DOT)) {
    for (const link of findLinks(run)) {
      const start = index + 1 + link.start;
      const end = index + 1 + link.end;
      while (next < found.length && (found[next]?.end ?? 0) <= start) next++;
      if ((found[next]?.start ?? text.length) >= end) hidden.push({ start, end });
    }
  }
  return hidden;
}

const GLUED_LATIN_WITH_DOT = /[^\0-\u024f]([\x21-\x7e\u00c0-\u024f]+\.[\x21-\x7e\u00c0-\u024f]+)/g;

const sameSpans = (a: Spanned[], b: Spanned[]): boolean =>
  a.length === b.length && a.every((link, index) => link.start === b[index]?.start && link.end === b[index]?.end);

function merge(spans: Spanned[]): Spanned[] {
  const merged: Spanned[] = [];
  for (const { start, end } of spans.sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Walks the atoms of a text in order, for scanners that move forward only. */
export class AtomCursor {
  readonly atoms: readonly Atom[];
  #next: number;

  constructor(atoms: readonly Atom[], from: number) {
    this.atoms = atoms;
    let low = 0;
    let high = atoms.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((atoms[middle]?.end ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    this.#next = low;
  }

  /**
   * Whether an atom that ends after `index` and begins before `end` weighs differently by today's reading. `index` must
   * not go back.
   */
  differsIn(index: number, end: number): boolean {
    while ((this.atoms[this.#next]?.end ?? Number.POSITIVE_INFINITY) <= index) this.#next++;
    for (let at = this.#next; at < this.atoms.length; at++) {
      const atom = this.atoms[at];
      if (atom === undefined || atom.start >= end) return false;
      if (atom.weight !== atom.today) return true;
    }
    return false;
  }

  /** The atom that begins at `index`, if one does. `index` must not go back. */
  at(index: number): Atom | undefined {
    let atom = this.atoms[this.#next];
    while (atom !== undefined && atom.start < index) atom = this.atoms[++this.#next];
    return atom?.start === index ? atom : undefined;
  }

  /** Whether `index` lies inside an atom and not at its edge. `index` must not go back. */
  isInside(index: number): boolean {
    let atom = this.atoms[this.#next];
    while (atom !== undefined && atom.end <= index) atom = this.atoms[++this.#next];
    return atom !== undefined && atom.start < index;
  }

  /** Start of the next atom at or after `index`. */
  nextStart(index: number): number {
    this.at(index);
    return this.atoms[this.#next]?.start ?? Number.POSITIVE_INFINITY;
  }
}
