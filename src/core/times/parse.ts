/**
 * What the parts of a phrase say: a day, an hour, a part of the day, a zone. Pure; knows no "now".
 * Whatever is said twice, or not understood, refuses the phrase.
 */
import { isDeepStrictEqual } from "node:util";
import { type Facts, type Found, type Matcher, word } from "./facts.ts";
import { lex, type Token } from "./lex.ts";
import { ahead } from "./parse-ahead.ts";
import { clock } from "./parse-clock.ts";
import { date, dayPart, lateYear, relativeDay, week, weekday } from "./parse-days.ts";
import { dayPartWord, LETTER_ZONES, MONTHS, numberWord, ordinalWord, unitWord, WEEKDAYS } from "./words.ts";

export type Parsed = { facts: Facts } | { refusal: string; isPast?: boolean };

/** The facts of a phrase, or why there are none: a sentence for its author. */
export function parse(phrase: string): Parsed {
  const inFigures = inFiguresRefusal(phrase);
  if (inFigures) return inFigures;
  const cut = lex(phrase);
  if ("unknown" in cut) return { refusal: notRead(cut.unknown) };
  const { tokens } = cut;
  const text = tokens.map((token) => token.text).join(" ");
  const special = specialRefusal(text);
  if (special) return special;
  const facts: Facts = {};
  let at = 0;
  while (at < tokens.length) {
    const found = firstOf(tokens, at, facts);
    if (!found) return { refusal: notUnderstood(tokens, at, facts) };
    for (const key of Object.keys(found.facts) as (keyof Facts)[]) {
      // Said twice alike it is one thing: times that PSN prints name their day in figures and in words.
      if (facts[key] !== undefined && !isDeepStrictEqual(facts[key], found.facts[key]))
        return { refusal: "It says two different things of the same kind." };
    }
    Object.assign(facts, found.facts);
    at += found.length;
  }
  return { facts };
}

/** Whether a word is read somewhere in a time. */
export function isKnown(text: string): boolean {
  if (OTHER_WORDS.has(text) || LETTER_ZONES.has(text)) return true;
  if (WEEKDAYS[text] !== undefined || MONTHS[text] !== undefined) return true;
  return (
    dayPartWord(text) !== null || unitWord(text) !== null || numberWord(text) !== null || ordinalWord(text) !== null
  );
}

// --- internal ---

function notRead(piece: string): string {
  const isWord = /^\p{L}/u.test(piece);
  return `PSN does not read “${piece.slice(0, 30)}” in a time.${isWord ? " Words of time are English; figures are of no language." : ""}`;
}

/** Words that are read nowhere are named; else the words from here to the next that are read. */
function notUnderstood(tokens: readonly Token[], at: number, facts: Facts): string {
  if (word(tokens[at]) === "and") return "It names more than one time.";
  if (MONTHS[word(tokens[at]) ?? ""] !== undefined) return `Which day of ${tokens[at]?.text}?`;
  const strange = tokens.slice(at).find((token) => token.kind === "word" && !isKnown(token.text));
  if (strange) return notRead(strange.text);
  const end = tokens.findIndex((_, index) => index > at && firstOf(tokens, index, facts) !== null);
  const piece = tokens.slice(at, end < 0 ? undefined : end).map(({ text }) => text);
  return `PSN does not read “${piece.join(" ").slice(0, 40)}” in a time.`;
}

function specialRefusal(text: string): { refusal: string; isPast?: boolean } | null {
  if (/\b(ago|yesterday|previous)\b/.test(text)) return { refusal: "It is in the past.", isPast: true };
  if (
    /\blast (week|month|year|night|\w+day|mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)\b(?! (?:of|in) )/.test(text)
  ) {
    return { refusal: "It is in the past.", isPast: true };
  }
  if (/\b(every|each|daily|weekly)\b/.test(text))
    return { refusal: "A post goes out once; a time that repeats is not read." };
  if (/\b(between|or|until|till|from \d.* to)\b/.test(text)) return { refusal: "It names more than one time." };
  const days = Object.keys(WEEKDAYS).join("|");
  if (new RegExp(`\\b(?:${days}) ?(?:-|to|through|thru|and|&) ?(?:${days})\\b`).test(text))
    return { refusal: "It names more than one time." };
  if (/\b(few|couple|some|several)\b/.test(text)) return { refusal: "How many? Write the number." };
  if (/\b(?<!from )now\b|\b(immediately|asap)\b/.test(text)) return { refusal: "A time to schedule for lies ahead." };
  if (/\b(soon|later)\b/.test(text)) return { refusal: "At what time of day? For example: tomorrow 9am." };
  return null;
}

/** What figures alone say and no token does. */
function inFiguresRefusal(phrase: string): { refusal: string } | null {
  if (/\b\d{1,2}(?::\d\d)? ?(?:[ap]\.?m\.?)? ?(?:-|–|—|to) ?\d{1,2}(?::\d\d)? ?[ap]\.?m\b/i.test(phrase))
    return { refusal: "It names more than one time." };
  if (/(?:^|\s)\d{4}-(?:0[1-9]|1[0-2])(?:$|\s)/.test(phrase)) return { refusal: "It names a month and no day." };
  if (/(?:^|\s)\d{4}-?(?:w\d|\d{3}(?:t|\s|$))/i.test(phrase))
    return { refusal: "Days of ISO 8601 are written with month and day, 2027-03-15." };
  if (/(?:^|\s)@?\d{10}(?:\d{3})?(?:$|\s)/.test(phrase))
    return { refusal: "A number of seconds since 1970 is no time that a person can check." };
  return null;
}

function firstOf(tokens: readonly Token[], at: number, known: Facts): Found | null {
  for (const matcher of MATCHERS) {
    const found = matcher(tokens, at, known);
    if (found) return found;
  }
  return null;
}

/** "UTC", "+01:00", "Europe/Berlin", "[Europe/Berlin]" */
const zone: Matcher = (tokens, at) => {
  const token = tokens[at];
  if (token?.kind === "offset") return { length: 1, facts: { offset: token.offset, offsetIsNamed: token.isNamed } };
  if (token?.kind === "zone") return { length: 1, facts: { zone: token.zone } };
  const name = word(token);
  if (name === "z" || name === "utc" || name === "gmt")
    return { length: 1, facts: { offset: "+00:00", offsetIsNamed: true } };
  return name !== null && LETTER_ZONES.has(name) ? { length: 1, facts: { zone: `letters:${name}` } } : null;
};

/** "at" before a part that reads itself, as in "at noon on friday". */
const filler: Matcher = (tokens, at) =>
  word(tokens[at]) === "on" && tokens[at + 1] !== undefined ? { length: 1, facts: {} } : null;

const OTHER_WORDS: ReadonlySet<string> = new Set(
  "a an and after am at before coming day days from half hour hundred in last later midday midnight minutes month next noon now o'clock of on past pm quarter quarters sharp the this time to today tomorrow tonight upcoming week weekend utc gmt z".split(
    " ",
  ),
);

const MATCHERS: readonly Matcher[] = [ahead, relativeDay, date, week, weekday, dayPart, lateYear, clock, zone, filler];
