/**
 * Finds what X takes for a URL, by the rules of twitter-text 3.1.0 and in linear time.
 *
 * The library does it with one large regular expression, tried from every character, which is quadratic on long
 * unbroken text (Chinese has no spaces, and its full stop counts as a letter of a domain). Here each full stop leads to
 * the run of domain characters around it, the run is judged once from right to left, and the leftmost domain that the
 * expression would have found is read off. `weighted-length.test.ts` compares the result with the library over
 * generated text.
 */
// A CommonJS module: Node, which runs the bundle of the tasks, knows only its default export.
import punycode from "punycode/punycode.js";
import { ASCII_TLDS_2020, OTHER_TLDS_2020, TLDS_SINCE } from "./tlds.ts";
import { BEFORE_URL, DOMAIN, is, LATIN_LABEL } from "./url-characters.ts";
import { pathEnd, portEnd, queryEnd } from "./url-ends.ts";

/** A URL in a text, in UTF-16 offsets. `hasScheme` is false for a bare `example.com`. */
export interface Link {
  start: number;
  end: number;
  hasScheme: boolean;
}

/** Which endings count: those of twitter-text's list of 2020, or those and the newer ones. */
export type TldList = "2020" | "today";

const URL_LENGTH_MAX = 4096;
/** As DNS carries it: in ASCII, `xn--` included. */
const DNS_LABEL_LENGTH_MAX = 63;
const TCO_SLUG_LENGTH_MAX = 40;
const TCO_URL = /^https?:\/\/t\.co\/([a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#[\]\-_.,~|]*[a-z0-9\-_&=#/])?/i;
const SCHEMES = ["https://", "http://"];
/** The longest ending in ASCII has 18 letters. */
const TLD_LENGTH_MAX = 63;

const DOT = 0x2e;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

interface Endings {
  ascii: Set<string>;
  other: RegExp;
}

const NON_ASCII = /[^\0-\x7f]/;
const ENDINGS: Record<TldList, Endings> = {
  "2020": endings(ASCII_TLDS_2020, OTHER_TLDS_2020),
  today: endings(
    [...ASCII_TLDS_2020, ...TLDS_SINCE.filter((tld) => !NON_ASCII.test(tld))],
    [...TLDS_SINCE.filter((tld) => NON_ASCII.test(tld)), ...OTHER_TLDS_2020],
  ),
};

function endings(ascii: string[], other: string[]): Endings {
  return { ascii: new Set(ascii), other: new RegExp(`(?:${other.join("|")})(?![0-9A-Za-z@+-])`, "iy") };
}

/** All URLs of `text` that X counts as 23, in order. `text` is NFC. */
export function findLinks(text: string, tlds: TldList = "today"): Link[] {
  const links: Link[] = [];
  // No match begins before `floor`, the end of the last one; a match that turned out to be no URL moves it as well.
  let floor = 0;
  for (let dot = text.indexOf("."); dot >= 0; ) {
    // The full stop of plain prose: no ending can follow, so no domain passes over it.
    if (!is(text, dot + 1, DOMAIN)) {
      dot = text.indexOf(".", dot + 1);
      continue;
    }
    const run = runAround(text, dot, floor, ENDINGS[tlds]);
    for (let match = nextMatch(text, run, floor); match !== null; match = nextMatch(text, run, floor)) {
      collect(text, run, match, links);
      floor = match.end;
    }
    dot = text.indexOf(".", Math.max(run.end, floor));
  }
  return links;
}

/**
 * Consecutive domain characters, `_`, `-` and `.`. A domain and its ending always lie inside one run. Label k ends at
 * `dots[k]`.
 */
interface Run {
  start: number;
  end: number;
  dots: number[];
  /** For each full stop, where the ending (.com) after it ends, or -1. */
  tldEnds: number[];
  /** For label k: the last full stop of the longest domain that begins with the whole label, or -1. */
  lastDots: number[];
  /** The first label that may still hold the start of a domain. */
  cursor: number;
}

function runAround(text: string, dot: number, floor: number, endings: Endings): Run {
  let start = dot;
  while (start > floor && inRun(text, start - 1)) start--;
  const dots: number[] = [];
  const tldEnds: number[] = [];
  let end = start;
  for (; end < text.length && inRun(text, end); end++) {
    if (text.charCodeAt(end) !== DOT) continue;
    dots.push(end);
    tldEnds.push(tldEnd(text, end + 1, endings));
  }
  const run: Run = { start, end, dots, tldEnds, lastDots: new Array(dots.length).fill(-1), cursor: 0 };
  for (let label = dots.length - 1; label >= 0; label--) {
    const from = labelStart(run, label);
    if (is(text, from, DOMAIN)) run.lastDots[label] = lastDotFrom(text, run, label, from);
  }
  return run;
}

function inRun(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit === DOT || unit === HYPHEN || unit === UNDERSCORE || is(text, index, DOMAIN);
}

const labelStart = (run: Run, label: number): number => (label === 0 ? run.start : (run.dots[label - 1] ?? 0) + 1);

/**
 * The last full stop of the longest domain whose first label is `[from, dots[label])`, or -1. Only the last label must
 * be free of `_`.
 */
function lastDotFrom(text: string, run: Run, label: number, from: number): number {
  const dot = run.dots[label] ?? 0;
  if (dot <= from || !is(text, dot - 1, DOMAIN)) return -1;
  const further = run.lastDots[label + 1] ?? -1;
  if (further >= 0) return further;
  return (run.tldEnds[label] ?? -1) >= 0 && afterUnderscore(text, from, dot) === from ? label : -1;
}

/**
 * The offset behind the last `_` of `[from, to)`, or `from`. Not `lastIndexOf`, which would go on to the start of the
 * text.
 */
function afterUnderscore(text: string, from: number, to: number): number {
  let start = to;
  while (start > from && text.charCodeAt(start - 1) !== UNDERSCORE) start--;
  return start;
}

/** Where the ending that starts at `index` ends, or -1. An ASCII ending must be all of the letters there are. */
function tldEnd(text: string, index: number, endings: Endings): number {
  let end = index;
  while (isAsciiAlphanumeric(text.charCodeAt(end))) end++;
  const next = text.charCodeAt(end);
  if (end > index && next !== 0x40 && next !== 0x2b && next !== HYPHEN) {
    if (end - index <= TLD_LENGTH_MAX && endings.ascii.has(text.slice(index, end).toLowerCase())) return end;
  }
  if (next > 0x7f) {
    endings.other.lastIndex = index;
    if (endings.other.test(text)) return endings.other.lastIndex;
  }
  if (text.slice(index, index + 4).toLowerCase() !== "xn--") return -1;
  end = index + 4;
  while (isAsciiAlphanumeric(text.charCodeAt(end)) || text.charCodeAt(end) === HYPHEN) end++;
  return end > index + 4 ? end : -1;
}

function isAsciiAlphanumeric(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
}

/** What the library's expression would match next, before it asks whether that is a URL. */
interface Match {
  /** Start of the URL, scheme included. */
  start: number;
  domainStart: number;
  domainEnd: number;
  end: number;
  hasPath: boolean;
  /** Indices into `Run.dots` of the first and the last full stop of the domain. */
  firstDot: number;
  lastDot: number;
}

function nextMatch(text: string, run: Run, floor: number): Match | null {
  for (; run.cursor < run.dots.length; run.cursor++) {
    const label = run.cursor;
    if ((run.dots[label] ?? 0) <= floor && floor > 0) continue;
    if (label === 0) {
      const schemeStart = schemeBefore(text, run.start, floor);
      const lastDot = run.lastDots[0] ?? -1;
      if (schemeStart >= 0 && lastDot >= 0) return matchAt(text, run, schemeStart, run.start, 0, lastDot);
    }
    const start = domainStartIn(text, run, label, floor);
    if (start >= 0) return matchAt(text, run, start, start, label, lastDotFrom(text, run, label, start));
  }
  return null;
}

/** Start of the `https://` that ends at `index`, when it stands where a URL may begin, or -1. */
function schemeBefore(text: string, index: number, floor: number): number {
  if (text.charCodeAt(index - 1) !== 0x2f) return -1;
  for (const scheme of SCHEMES) {
    const start = index - scheme.length;
    if (start < floor || text.slice(start, index).toLowerCase() !== scheme) continue;
    if (start === 0 || (start > floor && is(text, start - 1, BEFORE_URL))) return start;
  }
  return -1;
}

/** The leftmost start of a domain without scheme in this label, or -1. */
function domainStartIn(text: string, run: Run, label: number, floor: number): number {
  const dot = run.dots[label] ?? 0;
  if (!is(text, dot - 1, DOMAIN)) return -1;
  if ((run.lastDots[label + 1] ?? -1) < 0 && (run.tldEnds[label] ?? -1) < 0) return -1;
  const fits = (start: number) => start < dot && is(text, start, DOMAIN) && lastDotFrom(text, run, label, start) >= 0;

  const from = labelStart(run, label);
  let start = Math.max(from, floor + 1);
  if (from === 0 && floor === 0) {
    // Nothing stands before the text. The expression tries to spend the first character as "what stands before" and
    // only then this.
    if (is(text, 0, BEFORE_URL) && fits(1)) return 1;
    if (fits(0)) return 0;
    start = 2;
  }
  if ((run.lastDots[label + 1] ?? -1) < 0) start = afterUnderscore(text, start, dot);
  for (; start < dot; start++) if (is(text, start - 1, BEFORE_URL) && is(text, start, DOMAIN)) return start;
  return -1;
}

function matchAt(text: string, run: Run, start: number, domainStart: number, firstDot: number, lastDot: number): Match {
  const domainEnd = run.tldEnds[lastDot] ?? -1;
  const afterPort = portEnd(text, domainEnd);
  const hasPath = text.charCodeAt(afterPort) === 0x2f;
  const afterPath = hasPath ? pathEnd(text, afterPort + 1) : afterPort;
  return { start, domainStart, domainEnd, end: queryEnd(text, afterPath), hasPath, firstDot, lastDot };
}

/** A label of more characters than twice the limit has more than it in ASCII too, and encoding takes quadratic time. */
function isTooLongForDns(label: string): boolean {
  if (label.length <= DNS_LABEL_LENGTH_MAX && !NON_ASCII.test(label)) return false;
  return label.length > 2 * DNS_LABEL_LENGTH_MAX || punycode.toASCII(label).length > DNS_LABEL_LENGTH_MAX;
}

function collect(text: string, run: Run, match: Match, links: Link[]): void {
  const hasScheme = match.domainStart > match.start;
  const schemeLength = hasScheme ? match.domainStart - match.start : "https://".length;
  // The library counts a written scheme twice; the edge is at 4,096 either way.
  if (schemeLength + match.end - match.start > URL_LENGTH_MAX) return;
  const domain = text.slice(match.domainStart, match.domainEnd);
  const labels = domain.split(".");
  if (labels.some(isTooLongForDns)) return;
  const latin = latinDomains(text, run, match);
  if (domain.startsWith("xn--") && latin.length === 0) return;

  if (hasScheme) {
    const tco = TCO_URL.exec(text.slice(match.start, match.end));
    if (tco !== null && (tco[1] ?? "").length > TCO_SLUG_LENGTH_MAX) return;
    links.push({ start: match.start, end: tco === null ? match.end : match.start + tco[0].length, hasScheme });
    return;
  }
  if (match.start > 0 && /[-_./]/.test(text.charAt(match.start - 1))) return;
  const last = latin.at(-1);
  // Port and query belong to a bare domain only when a path stands between them or behind them.
  if (last !== undefined && match.hasPath) last.end += match.end - match.domainEnd;
  links.push(...latin);
}

/** Without a scheme X links only the parts of a domain that are in Latin letters. */
function latinDomains(text: string, run: Run, match: Match): Link[] {
  const found: Link[] = [];
  // For a whole label of Latin letters: the last full stop of the longest domain that begins with it.
  const lastDots: number[] = [];
  const suffixStarts: number[] = [];
  for (let label = match.lastDot; label >= match.firstDot; label--) {
    const from = Math.max(labelStart(run, label), match.domainStart);
    const dot = run.dots[label] ?? 0;
    let start = dot;
    while (start > from && is(text, start - 1, LATIN_LABEL)) start--;
    suffixStarts[label] = start;
    const further = lastDots[label + 1] ?? -1;
    const here = (run.tldEnds[label] ?? -1) >= 0 ? label : -1;
    // `lastDots` speaks of this label onwards; it may be entered from the left only when all of it is Latin.
    lastDots[label] = start === from && start < dot ? (further >= 0 ? further : here) : -1;
  }
  let position = match.domainStart;
  for (let label = match.firstDot; label <= match.lastDot; label++) {
    const start = Math.max(suffixStarts[label] ?? 0, position);
    if (start >= (run.dots[label] ?? 0)) continue;
    const further = lastDots[label + 1] ?? -1;
    const last = further >= 0 ? further : (run.tldEnds[label] ?? -1) >= 0 ? label : -1;
    if (last < 0) continue;
    // The library looks its find up again by text, and so may put it where the same text stands earlier in the domain.
    const end = run.tldEnds[last] ?? start;
    const foundAt = text.indexOf(text.slice(start, end), position);
    position = foundAt + end - start;
    found.push({ start: foundAt, end: position, hasScheme: false });
    label = last;
  }
  return found;
}
