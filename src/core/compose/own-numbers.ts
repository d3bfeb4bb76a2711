/**
 * Numbers that the author wrote: `1/`, `2/5`, `(3/5)`, `1️⃣`, `Tweet 4:`. Each is a tweet of its own. Prose that merely holds "1/2" is
 * prose: the numbers must count up, each at the start of a line (or each at the end of a paragraph). `own-number-order.ts` says what a slip is.
 */
import { outsideFences } from "./fences.ts";
import { atLineStarts } from "./line-starts.ts";
import { type Mark, type NumberDoubt, numbersOf, type OwnNumbers } from "./own-number-order.ts";
import { digitValue, ZEROS } from "./text-characters.ts";

export type { OwnNumber, OwnNumbers } from "./own-number-order.ts";

interface Style {
  /** Finds a number: group 1 is the number, group 2 the count where there is one. Sticky where it stands at the start of a line. */
  pattern: RegExp;
  /** What a text that has such numbers holds: to look for it is quicker than to go through all lines. */
  first: "slash" | "word" | "of" | "keycap";
  place: "start" | "end";
}

/** A thread sign may stand before a number: 🧵 1/5. */
const LINE_START = "[ \\t]*(?:🧵[ \\t]*)?";
/** Many numbers are written as Markdown: **1/5**, ### Tweet 1 */
const BOLD = "(?:\\*\\*|__)";
const MARKED_START = `[ \\t]*(?:#{1,6}[ ])?${BOLD}?(?:🧵[ \\t]*)?`;
/** In any digits, and with the signs of East Asia as well: १/, （１／３） */
const NUMBER = "\\p{Nd}{1,3}";
const OPEN = "[(\\[（【]?";
const CLOSE = "[)\\]）】]?";
/** The slash of a keyboard, of East Asia, and those that typesetters use. */
const SLASHES = "[/／⁄∕]";
const SLASH = `#?(${NUMBER})(?:[ ]?${SLASHES}[ ]?(${NUMBER}|n)|${SLASHES})`;
/** What people call a thread, before its number: "Hilo 1/3", "Тред 2/5:". */
const THREAD =
  "(?:(?:thread|hilo|fil|fio|filo|wątek|nitka|vlákno|draad|draadje|tråd|ketju|zincir|flood|utas|тред|нить|нитка|νήμα|chuỗi|ثريد|سلسلة|رشته|שרשור|थ्रेड|スレッド|スレ|连推|串|스레드|쓰레드|타래)(?:[ \\t]{0,3}:)?[ \\t]{0,3})?";
const OF = "(?:of|von|de|di|sur)";
const SPELLED = `(\\d{1,3})[ ]${OF}[ ](\\d{1,3})`;
/** What says that the thread goes on: (1/5) 🧵👇 */
const GOES_ON = "(?:[ \\t]*(?:🧵|👇|⬇\\ufe0f?|↓|➡\\ufe0f?|→)){0,3}";
const STYLES: readonly Style[] = [
  {
    pattern: new RegExp(
      `${MARKED_START}${OPEN}${THREAD}${OPEN}${SLASH}(?:[）】]|${CLOSE}(?:${BOLD}|(?=[\\s:.)…–—-]|$)))`,
      "iyu",
    ),
    first: "slash",
    place: "start",
  },
  {
    pattern: new RegExp(
      // "## Part 1" is the heading of a text that has parts, "## Tweet 1" says what it is.
      `(?:${LINE_START}(?:tweet|post|part|teil|partie|parte)|${MARKED_START}(?:tweet|post))[ \\t]+#?(\\d{1,3})(?:[ ]?(?:/|${OF})[ ]?(\\d{1,3}))?[ \\t]*(?:\\([^()\\n]{1,40}\\)[ \\t]*)?(?:[:.)–—-]|${BOLD}|$)`,
      "imyu",
    ),
    first: "word",
    place: "start",
  },
  {
    pattern: new RegExp(`${MARKED_START}[([]?${SPELLED}(?:[)\\]:]|${BOLD}|(?=[.–—-]|[ ][–—-]|$))`, "imyu"),
    first: "of",
    place: "start",
  },
  { pattern: new RegExp(`[ \\t\\n][([]${SPELLED}[)\\]]${GOES_ON}[ \\t]*$`, "gimu"), first: "of", place: "end" },
  { pattern: new RegExp(`${LINE_START}(?:(\\d)\\ufe0f?\\u20e3|🔟)`, "yu"), first: "keycap", place: "start" },
  {
    pattern: new RegExp(
      `[ \\t\\n\u3000。！？](?:🧵[ \\t]*)?${OPEN}${THREAD}${SLASH}${CLOSE}${GOES_ON}[ \\t]*$`,
      "gimu",
    ),
    first: "slash",
    place: "end",
  },
];
/** The digits of one and two in every script, and a slash, which is rarer and so looked for first. */
const WITH_SLASH = new RegExp(
  `(?<=[${ZEROS.map((zero) => String.fromCharCode(zero + 1, zero + 2)).join("")}] ?)${SLASHES}`,
);
const SPELLED_FIRST = ["1 of ", "1 von ", "1 de ", "1 di ", "1 sur "];
const NUMBERS_MAX = 999;

/** The numbers by which the author parts `text`. */
export function findOwnNumbers(text: string): OwnNumbers {
  const firsts = {
    slash: WITH_SLASH.test(text),
    word: text.includes(" 1") || text.includes("#1") || text.includes("\t1"),
    of: text.includes("1 ") && SPELLED_FIRST.some((first) => text.includes(first)),
    keycap: text.includes("\u20e3"),
  };
  let doubt: NumberDoubt | null = null;
  for (const { pattern, first, place } of STYLES) {
    if (!firsts[first]) continue;
    const marks = outsideFences(text, marksIn(text, pattern, place), ({ start }) => start);
    if (marks.length < 2) continue;
    const found = numbersOf(text, marks, { place, isKeycap: first === "keycap" });
    if (found.numbers.length > 1) return found;
    doubt ??= found.doubt;
  }
  if (firsts.slash) doubt ??= doubtInLine(text);
  return { numbers: [], doubt };
}

// --- internal ---

function marksIn(text: string, pattern: RegExp, place: Style["place"]): Mark[] {
  const marks: Mark[] = [];
  const atLineEnds: Mark[] = [];
  for (const match of place === "end" ? text.matchAll(pattern) : atLineStarts(text, pattern)) {
    const end = match.index + match[0].length;
    const total = match[2] === undefined ? null : /^n$/i.test(match[2]) ? "n" : numberOf(match[2]);
    const mark: Mark = { number: match[1] === undefined ? 10 : numberOf(match[1]), total, start: match.index, end };
    if (place === "end") atLineEnds.push(mark);
    if (place === "start" || endsParagraph(text, end)) marks.push(mark);
    if (marks.length === NUMBERS_MAX || atLineEnds.length === NUMBERS_MAX) break;
  }
  return endLines(text, atLineEnds) ? atLineEnds : marks;
}

const END_LINES_MIN = 3;

/** "One. 1/3", "Two. 2/3", "Three. 3/3" without blank lines between them: every line ends with its number, and none is missing. */
function endLines(text: string, marks: readonly Mark[]): boolean {
  if (marks.length < END_LINES_MIN) return false;
  if (!marks.every(({ number, total }, index) => number === index + 1 && total === marks.length)) return false;
  return text.split("\n").filter((line) => line.trim() !== "").length === marks.length;
}

const IN_LINE = new RegExp(`(?<=^|[\\s])${OPEN}#?(${NUMBER})${SLASHES}(?:${NUMBER})?${CLOSE}(?=\\s)`, "gu");
const FIRST_IN_TEXT = new RegExp(`^\\s*(?:🧵\\s*)?${OPEN}#?\\p{Nd}${SLASHES}`, "u");
const IN_LINE_MIN = 3;

/** "1/ One. 2/ Two. 3/3 Three.": a text that begins with the first number, with the others inside of its lines. */
function doubtInLine(text: string): NumberDoubt | null {
  if (!FIRST_IN_TEXT.test(text)) return null;
  let last = 0;
  for (const { 1: number = "" } of text.matchAll(IN_LINE)) if (numberOf(number) === last + 1) last++;
  return last < IN_LINE_MIN ? null : { kind: "in_line", last };
}

function numberOf(number: string): number {
  let value = 0;
  for (let index = 0; index < number.length; index++) value = 10 * value + digitValue(number.charCodeAt(index));
  return value;
}

function endsParagraph(text: string, end: number): boolean {
  return /^[ \t]*(?:\r?\n[ \t]*(?:\r?\n|---)|\s*$)/.test(text.slice(end, end + LINE_HEAD_MAX));
}

const LINE_HEAD_MAX = 200;
