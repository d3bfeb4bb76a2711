/** Cuts a phrase of time into its smallest parts. Pure. */
import { MONTHS } from "./words.ts";

export type Token =
  /** A word in lower case, such as "friday" or "am". */
  | { kind: "word"; text: string }
  /** Digits, perhaps with a fraction; `digits` as written, so that "09" is told from "9". */
  | { kind: "number"; text: string; value: number }
  /** "15th" */
  | { kind: "ordinal"; text: string; value: number }
  /** 2026-03-15 */
  | { kind: "date"; text: string; year: number; month: number; day: number }
  /** 03/04/2026 or 3.4.2026: whichever way round. 3/4 and 3.4. are of any year, 3/4/26 of this century's. */
  | { kind: "numericDate"; text: string; first: number; second: number; year: number | null }
  /** 18:30, 18:30:05 */
  | { kind: "clock"; text: string; hour: number; minute: number; second: number }
  /** +01:00; `isNamed` when it is written UTC+1 */
  | { kind: "offset"; text: string; offset: string; isNamed: boolean }
  /** Europe/Berlin, perhaps in brackets */
  | { kind: "zone"; text: string; zone: string; isBracketed: boolean };

/** Of a year in two figures. */
const CENTURY = 2000;

interface Rule {
  pattern: RegExp;
  make(match: RegExpExecArray): Token | null;
}

const RULES: readonly Rule[] = [
  {
    pattern: /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)(?:t(?=\d))?/,
    make: ([text, year, , month, day]) => ({
      kind: "date",
      text,
      year: Number(year),
      month: Number(month),
      day: Number(day),
    }),
  },
  {
    // ISO 8601's basic form, 20261201T0900: a date only when a time follows.
    pattern: /^(\d{4})(\d{2})(\d{2})(?:t(?=\d{2}:)|(?=\s+\d{1,2}:))/,
    make: ([text, year, month, day]) => ({
      kind: "date",
      text: text.replace("t", ""),
      year: Number(year),
      month: Number(month),
      day: Number(day),
    }),
  },
  {
    pattern: /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)/,
    make: ([text, first, , second, year]) => ({
      kind: "numericDate",
      text,
      first: Number(first),
      second: Number(second),
      year: Number(year),
    }),
  },
  {
    pattern: /^(\d{1,2})(?:\/(\d{1,2})(?:\/(\d{2}))?|\.(\d{1,2})\.(\d{2})?)(?![\d/]|[.:,]\d)/,
    make: ([text, first, second, year, secondDotted, yearDotted]) => {
      const short = year ?? yearDotted;
      return {
        kind: "numericDate",
        text,
        first: Number(first),
        second: Number(second ?? secondDotted),
        year: short === undefined ? null : CENTURY + Number(short),
      };
    },
  },
  {
    pattern: /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\d|:)/,
    make: ([text, hour, minute, second]) => ({
      kind: "clock",
      text,
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second ?? 0),
    }),
  },
  {
    // 0900 and 1830h: four digits are a time where a nought or an h says so.
    pattern: /^(?:(0\d)([0-5]\d)h?|([01]\d|2[0-3])([0-5]\d)h)(?![\w:.,/-]\d|\w)/,
    make: ([text, early, earlyMinute, hour, minute]) => ({
      kind: "clock",
      text,
      hour: Number(early ?? hour),
      minute: Number(earlyMinute ?? minute),
      second: 0,
    }),
  },
  {
    // "26. november": the full stop of an ordinal, where a month follows.
    pattern: new RegExp(`^(\\d{1,2})(?:(?:st|nd|rd|th)\\b|\\.(?=\\s*(?:${Object.keys(MONTHS).join("|")})\\b))`),
    make: ([text, value]) => ({ kind: "ordinal", text, value: Number(value) }),
  },
  {
    pattern: /^\d{1,6}(?:[.,]\d{1,2})?(?![\d.,]\d)/,
    make: ([text]) => ({ kind: "number", text, value: Number(text.replace(",", ".")) }),
  },
  {
    pattern: /^(?:(utc|gmt)([+-])(\d{1,2})(?::?(\d{2}))?|([+-])(\d{2})(?::?(\d{2}))?)(?!\d)/,
    make: ([text, name, namedSign, namedHours, namedMinutes, sign, hours, minutes]) => ({
      kind: "offset",
      text,
      offset: `${namedSign ?? sign}${(namedHours ?? hours ?? "").padStart(2, "0")}:${namedMinutes ?? minutes ?? "00"}`,
      isNamed: name !== undefined,
    }),
  },
  {
    pattern: /^\[(!?)([a-z_]+(?:[/+-][a-z0-9_+-]+)*|[+-]\d{2}:?\d{2})\]/,
    make: ([text, , zone = ""]) => ({ kind: "zone", text, zone, isBracketed: true }),
  },
  {
    pattern: /^[a-z_]+(?:\/[a-z0-9_+-]+)+/,
    make: ([zone]) => ({ kind: "zone", text: zone, zone, isBracketed: false }),
  },
  {
    // Letters of all scripts, so that what is not read is named as a whole word.
    pattern: /^(?:[ap]\.m\.?(?![a-z])|o['’]clock|[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*)/u,
    make: ([text]) => ({ kind: "word", text: text.replace(/\./g, "").replace("’", "'") }),
  },
];

/**
 * The parts of a phrase, in order. Blanks, commas, parentheses and a full stop at the end part nothing.
 * @returns the parts, or the first piece that is none of them
 */
export function lex(phrase: string): { tokens: Token[] } | { unknown: string } {
  const tokens: Token[] = [];
  // Parentheses part nothing: PSN prints times as “2027-03-15T09:00+01:00 (Mon 2027-03-15 09:00)”.
  let rest = phrase.toLowerCase().replace(/[()]/g, " ").trim();
  // The full stop of a sentence; that of "9am 12.11." is the date's.
  if (!/(?:^|[\s,])(?:\d{1,2}\.(?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])\.\d{1,2})\.$/.test(rest))
    rest = rest.replace(/[.!]$/, "");
  rest = rest
    .replace(/\b(?:oh|zero) ([a-z]+) hundred\b(?: (?:hours|hrs)\b)?/g, "$1 hundred hours")
    .replace(/\b(today|tomorrow|tonight)[/-](?=\d)/g, "$1 ")
    .replace(/\bo ?['’]?clock\b/g, "o'clock")
    .replace(/\b(twenty|thirty|forty|fifty) (?=(?:one|two|three|four|five|six|seven|eight|nine)\b)/g, "$1-")
    .replace(/\s[-–—]\s/g, " ")
    // "17:15 h" and "17.15h"; ISO 8601's hour alone, 2026-11-28T10.
    .replace(/(?<!in )\b(1[3-9]|2[0-3])[.:]([0-5]\d) ?h(?:rs|ours)?\b/g, "$1:$2")
    .replace(/(\d{4}-\d{2}-\d{2}t\d{2})(?![\d:])/g, "$1:00");
  // "6p", "6:30a", "9 a m".
  rest = rest.replace(/(\d)([ap])(?=[\s,]|$)/g, "$1$2m").replace(/(\d ?)([ap]) m\b/g, "$1$2m");
  // A typographic minus of an offset; the full stop of "fri." and "dec."; "15-mar-2026".
  rest = rest
    .replace(/[−–](?=\d{2}:?\d{2}\b)/g, "-")
    .replace(/\b(\d{1,2})-([a-z]{3,9})-(\d{4})\b/g, "$1 $2 $3")
    .replace(/\bweek['’]s\b/g, "week")
    .replace(
      /\b((?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec))\.(?=[\s,]|$)/g,
      "$1",
    );
  // ISO 8601's basic form of a time, after a date: T0900 is T09:00.
  rest = rest.replace(/(\d{2}t\d{2})(\d{2})(\d{2})?(?!\d|:)/, (_, hours, minutes, seconds) =>
    [hours, minutes, ...(seconds ? [seconds] : [])].join(":"),
  );
  // Of the word that is being cut: what is not read is named whole.
  let before = "";
  for (;;) {
    rest = rest.replace(/^[\s,]+/, "").replace(/^@\s*/, "at ");
    if (rest === "") return { tokens };
    const token = firstToken(rest);
    if (!token) return { unknown: before + (rest.split(/\s/)[0] ?? rest) };
    tokens.push(token.token);
    before += rest.slice(0, token.length);
    rest = rest.slice(token.length);
    if (/^[\s,]/.test(rest)) before = "";
  }
}

// --- internal ---

function firstToken(rest: string): { token: Token; length: number } | null {
  for (const { pattern, make } of RULES) {
    const match = pattern.exec(rest);
    const token = match && make(match);
    if (token) return { token, length: match[0].length };
  }
  return null;
}
