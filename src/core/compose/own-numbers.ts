/**
 * Numbers that the author wrote: `1/`, `2/5`, `(3/5)`, `1️⃣`, `Tweet 4:`. Each is a tweet of its own. Prose that merely holds "1/2" is
 * prose: the numbers must count up from one, each at the start of a line (or each at the end of a paragraph).
 */
import { outsideFences } from "./fences.ts";
import { digitValue, ZEROS } from "./text-characters.ts";

export interface OwnNumber {
  /** 1, 2, 3, … */
  number: number;
  /** Where the tweet begins that bears it. */
  start: number;
}

interface Style {
  /** Finds a number: group 1 is the number, group 2 the count where there is one. Sticky where it stands at the start of a line. */
  pattern: RegExp;
  /** What a text that has the first number holds: to look for it is quicker than to go through all lines. */
  first: "slash" | "word" | "keycap";
  /** Whether a list may look the same, so that only numbers with blank lines between them count. */
  mayBeList: boolean;
  place: "start" | "end";
}

/** A thread sign may stand before a number: 🧵 1/5. */
const LINE_START = "[ \\t]*(?:🧵[ \\t]*)?";
/** In any digits, and with the signs of East Asia as well: १/, （１／３） */
const NUMBER = "\\p{Nd}{1,3}";
const OPEN = "[(\\[（【]?";
const CLOSE = "[)\\]）】]?";
const STYLES: readonly Style[] = [
  {
    pattern: new RegExp(
      `${LINE_START}${OPEN}(${NUMBER})[ ]?[/／][ ]?(${NUMBER}|n)(?:[）】]|${CLOSE}(?=[\\s:.)–—-]|$))`,
      "yu",
    ),
    first: "slash",
    mayBeList: false,
    place: "start",
  },
  {
    pattern: new RegExp(`${LINE_START}${OPEN}(${NUMBER})[/／]${CLOSE}(?=\\s|$)`, "yu"),
    first: "slash",
    mayBeList: false,
    place: "start",
  },
  {
    pattern: new RegExp(
      `${LINE_START}(?:tweet|post|part|teil|partie|parte)[ \\t]+#?(\\d{1,3})(?:[ ]?(?:/|of|von|de|di)[ ]?(\\d{1,3}))?[ \\t]*(?:[:.)–—-]|$)`,
      "imyu",
    ),
    first: "word",
    mayBeList: false,
    place: "start",
  },
  {
    pattern: new RegExp(`${LINE_START}(?:(\\d)\\ufe0f?\\u20e3|🔟)`, "yu"),
    first: "keycap",
    mayBeList: true,
    place: "start",
  },
  {
    pattern: new RegExp(`[ \\t\\n\u3000。！？]${OPEN}(${NUMBER})[ ]?[/／][ ]?(${NUMBER})${CLOSE}[ \\t]*$`, "gmu"),
    first: "slash",
    mayBeList: false,
    place: "end",
  },
  { pattern: /[ \t\n](\p{Nd}{1,3})\/[ \t]*$/gmu, first: "slash", mayBeList: false, place: "end" },
];
const NUMBERS_MAX = 999;
/** The digit of one in every script, and a slash, which is rarer and so looked for first. */
const FIRST_WITH_SLASH = new RegExp(`(?<=[${ZEROS.map((zero) => String.fromCharCode(zero + 1)).join("")}] ?)[/／]`);

/** The numbers by which the author parts `text`, in order; none where there are fewer than two. */
export function findOwnNumbers(text: string): OwnNumber[] {
  const firsts = {
    slash: FIRST_WITH_SLASH.test(text),
    word: text.includes(" 1") || text.includes("#1") || text.includes("\t1"),
    keycap: text.includes("\u20e3"),
  };
  const styles = STYLES.filter(({ first }) => firsts[first]);
  if (styles.length === 0) return [];
  for (const style of styles) {
    const found = outsideFences(text, numbersIn(text, style), ({ start }) => start);
    if (found.length > 1) return found;
  }
  return [];
}

// --- internal ---

function numbersIn(text: string, { pattern, mayBeList, place }: Style): OwnNumber[] {
  const found: OwnNumber[] = [];
  let total: string | null = null;
  let start = 0;
  for (const match of place === "end" ? text.matchAll(pattern) : atLineStarts(text, pattern)) {
    const number = match[1] === undefined ? 10 : numberOf(match[1]);
    if (number !== found.length + 1 || found.length === NUMBERS_MAX) continue;
    const count = match[2] ?? null;
    if (found.length > 0 && count !== total) continue;
    if (place === "end" && !endsParagraph(text, match.index + match[0].length)) continue;
    total = count;
    found.push({ number, start: place === "start" ? match.index : start });
    start = match.index + match[0].length;
  }
  const isWhole = total === null || total === "n" || numberOf(total) === found.length;
  if (!isWhole || (place === "end" && text.slice(start).trim() !== "")) return [];
  return mayBeList && !areApart(text, found) ? [] : found;
}

function numberOf(number: string): number {
  let value = 0;
  for (let index = 0; index < number.length; index++) value = 10 * value + digitValue(number.charCodeAt(index));
  return value;
}

/** What `pattern`, which is sticky, finds at the starts of lines. */
function* atLineStarts(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  let start = 0;
  do {
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match !== null) yield match;
    start = text.indexOf("\n", start) + 1;
  } while (start > 0);
}

function endsParagraph(text: string, end: number): boolean {
  return /^[ \t]*(?:\r?\n[ \t]*(?:\r?\n|---)|\s*$)/.test(text.slice(end));
}

/** Whether a blank line, or a line of ---, stands before each but the first. */
function areApart(text: string, numbers: readonly OwnNumber[]): boolean {
  return numbers
    .slice(1)
    .every(({ start }) => /\n[ \t]*\r?\n[ \t]*$|\n---[ \t]*\r?\n\s*$/.test(text.slice(Math.max(0, start - 80), start)));
}
