/**
 * What the parts of a phrase say, each fact by itself: a day, an hour, a part of the day, a zone. Pure; knows no "now".
 * Whatever is said twice, or not understood, refuses the phrase.
 */
import { isDeepStrictEqual } from "node:util";
import { lex, type Token } from "./lex.ts";
import {
  type DayPart,
  dayPartWord,
  LETTER_ZONES,
  MONTHS,
  numberWord,
  ordinalWord,
  type Unit,
  unitsIn,
  unitWord,
  WEEKDAYS,
} from "./words.ts";

export type DayFact =
  /** Days from today. */
  | { kind: "relative"; days: number }
  /** A day of the calendar; without a year, the next such day. */
  | { kind: "date"; year: number | null; month: number; day: number }
  /** 3/4/2026: both ways round are possible. Without a year, the next such day. */
  | { kind: "numeric"; first: number; second: number; year: number | null }
  /** The 15th, of this month or the next. */
  | { kind: "dayOfMonth"; day: number }
  /** The last friday of march. `month` null: of the month itself. */
  | { kind: "nthWeekday"; nth: number; weekday: number; month: number | null; year: number | null };

export interface TimeFact {
  kind: "time";
  hour: number;
  minute: number;
  second: number;
  meridiem: "am" | "pm" | null;
  isBare: boolean;
  /** 7:30, which may be of either half of the day. */
  isTwelveHour?: boolean;
  /** "at 7:30" */
  isAfterAt?: true;
  /** 1830: four figures may be anything. */
  isUnmarked?: true;
}

export type ClockFact = TimeFact | { kind: "noon" } | { kind: "midnight" };

export interface Duration {
  unit: Unit;
  amount: number;
}

export interface Facts {
  day?: DayFact;
  weekday?: { weekday: number; which: "plain" | "this" | "next" | "coming" };
  week?: "this" | "next";
  weekend?: "this" | "next";
  part?: { part: DayPart; isThis: boolean };
  clock?: ClockFact;
  ahead?: Duration[];
  /** "45 minutes", without a word that says from when. */
  isBareSpan?: true;
  /** `+01:00`, `UTC` or a name of the IANA database; two are allowed when they agree. */
  offset?: string;
  /** `UTC+1`: cannot be taken for the end of a range, as the -10:00 of "9:00-10:00" can. */
  offsetIsNamed?: boolean;
  zone?: string;
}

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

// --- internal ---

interface Found {
  length: number;
  facts: Facts;
}
type Matcher = (tokens: readonly Token[], at: number, known: Facts) => Found | null;

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

const word = (token: Token | undefined) => (token?.kind === "word" ? token.text : null);
const words = (tokens: readonly Token[], at: number, ...expected: string[]) =>
  expected.every((text, index) => word(tokens[at + index]) === text);

/** A whole number in digits or words. */
function whole(token: Token | undefined): number | null {
  if (token?.kind === "number") return Number.isInteger(token.value) ? token.value : null;
  return token?.kind === "word" ? numberWord(token.text) : null;
}

/** "in 2 hours", "in an hour and a half", "1h30m from now", "in half an hour", "in two days" */
const ahead: Matcher = (tokens, at) => {
  const hasIn = word(tokens[at]) === "in";
  let next = at + (hasIn ? 1 : 0);
  const durations: Duration[] = [];
  for (;;) {
    const duration = oneDuration(tokens, next);
    if (!duration) break;
    durations.push(duration.duration);
    next += duration.length;
    const minutes = minutesAfter(tokens, next);
    if (minutes !== null) {
      durations.push({ unit: "minutes", amount: minutes });
      next += 1;
    }
    const joined = word(tokens[next]) === "and" ? 1 : 0;
    if (joined && words(tokens, next + 1, "a", "half")) {
      durations.push({ unit: duration.duration.unit, amount: 0.5 });
      next += 3;
      break;
    }
    if (!oneDuration(tokens, next + joined)) break;
    next += joined;
  }
  if (durations.length === 0) return null;
  // "in ten minutes' time"
  if (hasIn && word(tokens[next]) === "time") return { length: next + 1 - at, facts: { ahead: durations } };
  const from = word(tokens[next]) === "from" ? word(tokens[next + 1]) : null;
  const [only] = durations;
  if ((from === "today" || from === "tomorrow") && durations.length === 1 && only && Number.isInteger(only.amount)) {
    const weeks = only.unit === "weeks" ? 7 : only.unit === "days" ? 1 : 0;
    const days = only.amount * weeks + (from === "tomorrow" ? 1 : 0);
    if (weeks > 0 && days <= 3_660) return { length: next + 2 - at, facts: { day: { kind: "relative", days } } };
  }
  if (words(tokens, next, "from", "now")) return { length: next + 2 - at, facts: { ahead: durations } };
  // Alone it is a span of time that lacks its "in"; 21h and 9h30 are of the clock.
  const isAlone = at === 0 && next === tokens.length && digits(tokens, at)?.length !== tokens.length;
  return hasIn || isAlone
    ? { length: next - at, facts: { ahead: durations, ...(hasIn ? {} : { isBareSpan: true }) } }
    : null;
};

/** The 30 of "in 2h30". */
function minutesAfter(tokens: readonly Token[], at: number): number | null {
  const token = tokens[at];
  const isShort = word(tokens[at - 1]) === "h" && token?.kind === "number" && /^[0-5]\d$/.test(token.text);
  return isShort && unitWord(word(tokens[at + 1]) ?? "") === null ? token.value : null;
}

const PARTS_OF_AN_HOUR: readonly (readonly [readonly string[], number])[] = [
  [["half", "hour"], 0.5],
  [["a", "half", "hour"], 0.5],
  [["a", "quarter", "of", "an", "hour"], 0.25],
  [["quarter", "of", "an", "hour"], 0.25],
  [["three", "quarters", "of", "an", "hour"], 0.75],
];

function oneDuration(tokens: readonly Token[], at: number): { duration: Duration; length: number } | null {
  if (words(tokens, at, "half", "an") || words(tokens, at, "half", "a")) {
    const unit = unitWord(word(tokens[at + 2]) ?? "");
    return unit ? { duration: { unit, amount: 0.5 }, length: 3 } : null;
  }
  for (const [spoken, amount] of PARTS_OF_AN_HOUR) {
    if (words(tokens, at, ...spoken)) return { duration: { unit: "hours", amount }, length: spoken.length };
  }
  const first = tokens[at];
  const isOne = word(first) === "a" || word(first) === "an";
  const amount = isOne ? 1 : first?.kind === "number" ? first.value : whole(first);
  if (amount === null) return null;
  if (words(tokens, at + 1, "and", "a", "half")) {
    const unit = unitWord(word(tokens[at + 4]) ?? "");
    return unit ? { duration: { unit, amount: amount + 0.5 }, length: 5 } : null;
  }
  const name = word(tokens[at + 1]) ?? "";
  const unit = unitWord(name);
  return unit ? { duration: { unit, amount: amount * unitsIn(name) }, length: 2 } : null;
}

/** "today", "tonight", "tomorrow", "day after tomorrow" */
const relativeDay: Matcher = (tokens, at) => {
  const start = word(tokens[at]) === "the" ? at + 1 : at;
  if (words(tokens, start, "day", "after", "tomorrow")) {
    return { length: start + 3 - at, facts: { day: { kind: "relative", days: 2 } } };
  }
  switch (word(tokens[at])) {
    case "today":
      return { length: 1, facts: { day: { kind: "relative", days: 0 } } };
    case "tomorrow":
      return { length: 1, facts: { day: { kind: "relative", days: 1 } } };
    case "tonight":
      return { length: 1, facts: { day: { kind: "relative", days: 0 }, part: { part: "night", isThis: true } } };
    default:
      return null;
  }
};

/** "friday", "this friday", "next friday", "coming friday", "on friday", "next week friday" (the week is another fact) */
const weekday: Matcher = (tokens, at) => {
  const before = words(tokens, at, "this", "coming") || words(tokens, at, "the", "coming") ? 1 : 0;
  const lead = word(tokens[at + before]);
  const which =
    lead === "this" || lead === "next" || lead === "coming" ? lead : lead === "upcoming" ? "coming" : "plain";
  const skipped = before + (which !== "plain" || lead === "on" ? 1 : 0);
  const day = WEEKDAYS[word(tokens[at + skipped]) ?? ""];
  return day === undefined ? null : { length: skipped + 1, facts: { weekday: { weekday: day, which } } };
};

const week: Matcher = (tokens, at) => {
  const lead = word(tokens[at]);
  const of = lead === "of" || lead === "on" ? 1 : 0;
  const which = word(tokens[at + of]);
  if (which === "this" || which === "next") {
    if (word(tokens[at + of + 1]) === "week") return { length: of + 2, facts: { week: which } };
    if (word(tokens[at + of + 1]) === "weekend") return { length: of + 2, facts: { weekend: which } };
  }
  return word(tokens[at]) === "weekend" ? { length: 1, facts: { weekend: "this" } } : null;
};

/** "morning", "this morning", "in the morning", "at night" */
const dayPart: Matcher = (tokens, at) => {
  const lead = word(tokens[at]);
  const skipped =
    words(tokens, at, "in", "the") || words(tokens, at, "on", "the") ? 2 : lead === "this" || lead === "at" ? 1 : 0;
  const part = dayPartWord(word(tokens[at + skipped]) ?? "");
  if (!part) return null;
  const facts: Facts = { part: { part, isThis: lead === "this" } };
  // "this evening" names the day as well.
  if (lead === "this") facts.day = { kind: "relative", days: 0 };
  return { length: skipped + 1, facts };
};

/** "2026-03-15", "15.03.2027", "march 12 2027", "12th of march", "the 15th", "last friday of march" */
const date: Matcher = (tokens, at) => {
  const lead = word(tokens[at]) === "on" ? 1 : 0;
  const the = word(tokens[at + lead]) === "the" ? 1 : 0;
  const start = at + lead + the;
  const found = isoDate(tokens, start) ?? nthWeekday(tokens, start) ?? namedDate(tokens, start);
  if (found) return { length: found.length + lead + the, facts: found.facts };
  const token = tokens[start];
  // "the second", "on the thirty-first"
  const spoken = the === 1 ? ordinalWord(word(token) ?? "") : null;
  const day = token?.kind === "ordinal" ? token.value : spoken !== null && spoken > 0 ? spoken : null;
  if (day === null) return null;
  const ofTheMonth = words(tokens, start + 1, "of", "the", "month") || words(tokens, start + 1, "of", "this", "month");
  return {
    length: 1 + lead + the + (ofTheMonth ? 3 : 0),
    facts: { day: { kind: "dayOfMonth", day } },
  };
};

function isoDate(tokens: readonly Token[], at: number): Found | null {
  const token = tokens[at];
  if (token?.kind === "date") {
    return { length: 1, facts: { day: { kind: "date", year: token.year, month: token.month, day: token.day } } };
  }
  if (token?.kind !== "numericDate") return null;
  const { first, second, year } = token;
  return { length: 1, facts: { day: { kind: "numeric", first, second, year } } };
}

function nthWeekday(tokens: readonly Token[], at: number): Found | null {
  const token = tokens[at];
  const nth = token?.kind === "ordinal" ? token.value : ordinalWord(word(token) ?? "");
  const day = WEEKDAYS[word(tokens[at + 1]) ?? ""];
  if (nth === null || day === undefined || (word(tokens[at + 2]) !== "of" && word(tokens[at + 2]) !== "in"))
    return null;
  const after = at + 3;
  if (words(tokens, after, "the", "month") || words(tokens, after, "this", "month")) {
    return { length: 5, facts: { day: { kind: "nthWeekday", nth, weekday: day, month: null, year: null } } };
  }
  const month = MONTHS[word(tokens[after]) ?? ""];
  if (month === undefined) return null;
  const year = yearAt(tokens, after + 1);
  return {
    length: 4 + (year === null ? 0 : 1),
    facts: { day: { kind: "nthWeekday", nth, weekday: day, month, year } },
  };
}

/** "march 12", "12 march", "12th of march", each perhaps with a year; and the year at the end of `date`'s output. */
function namedDate(tokens: readonly Token[], at: number): Found | null {
  const dayOf = (token: Token | undefined) =>
    (token?.kind === "number" && /^\d{1,2}$/.test(token.text)) || token?.kind === "ordinal" ? token.value : null;
  const monthOf = (token: Token | undefined) => MONTHS[word(token) ?? ""];
  const of = word(tokens[at + 1]) === "of" ? 1 : 0;
  // "the first of april"; "first monday of april" has been read by then.
  const spoken = of === 1 ? ordinalWord(word(tokens[at]) ?? "") : null;
  const dayFirst = dayOf(tokens[at]) ?? (spoken !== null && spoken > 0 ? spoken : null);
  const monthAfter = monthOf(tokens[at + 1 + of]);
  const monthFirst = monthOf(tokens[at]);
  const the = word(tokens[at + 1]) === "the" ? 1 : 0;
  const spokenAfter = ordinalWord(word(tokens[at + 1 + the]) ?? "");
  const dayAfter = dayOf(tokens[at + 1 + the]) ?? (spokenAfter !== null && spokenAfter > 0 ? spokenAfter : null);
  let found: { month: number; day: number; length: number } | null = null;
  if (dayFirst !== null && monthAfter !== undefined) found = { month: monthAfter, day: dayFirst, length: 2 + of };
  else if (monthFirst !== undefined && dayAfter !== null && !isHour(tokens, at + 1 + the)) {
    found = { month: monthFirst, day: dayAfter, length: 2 + the };
  }
  if (!found) return null;
  const year = yearAt(tokens, at + found.length);
  const { month, day } = found;
  return { length: found.length + (year === null ? 0 : 1), facts: { day: { kind: "date", year, month, day } } };
}

/** The number there is an hour, as the 9 of "march 9am". */
function isHour(tokens: readonly Token[], at: number): boolean {
  return ["am", "pm", "o'clock", "h"].includes(word(tokens[at + 1]) ?? "");
}

function yearAt(tokens: readonly Token[], at: number): number | null {
  const token = tokens[at];
  return token?.kind === "number" && /^(19|20|21)\d{2}$/.test(token.text) ? token.value : null;
}

/** A year that stands alone after its date, perhaps with the time between them, as the command `date` prints it. */
const lateYear: Matcher = (tokens, at, known) => {
  const year = yearAt(tokens, at);
  if (year === null || known.day?.kind !== "date" || known.day.year !== null) return null;
  known.day = { ...known.day, year };
  return { length: 1, facts: {} };
};

/** "9am", "at 9", "18:30", "9:15 pm", "9.30pm", "21h", "noon", "half past nine", "nine o'clock" */
const clock: Matcher = (tokens, at) => {
  const lead = word(tokens[at]) === "at" ? 1 : 0;
  const start = at + lead;
  const at12 = word(tokens[start + 1]) === "at" ? 2 : 1;
  const twelve = isTwelve(tokens[start]) && ["noon", "midday", "midnight"].includes(word(tokens[start + at12]) ?? "");
  if (twelve)
    return {
      length: lead + at12 + 1,
      facts: { clock: { kind: word(tokens[start + at12]) === "midnight" ? "midnight" : "noon" } },
    };
  const name = word(tokens[start]);
  if (name === "noon" || name === "midday") return { length: lead + 1, facts: { clock: { kind: "noon" } } };
  if (name === "midnight") return { length: lead + 1, facts: { clock: { kind: "midnight" } } };
  const found = pastOrTo(tokens, start) ?? digits(tokens, start);
  if (!found) return null;
  const after = start + found.length;
  const half = word(tokens[after]);
  const said = half === "am" || half === "pm" ? half : null;
  // Of "half past midnight" as of "12:30am".
  const meridiem = found.meridiem ?? said;
  if (found.meridiem && said) return null;
  const { hour, minute, second, isBare, isTwelveHour, isUnmarked } = found;
  const sharp = word(tokens[after + (said ? 1 : 0)]) === "sharp" ? 1 : 0;
  return {
    length: lead + found.length + (said ? 1 : 0) + sharp,
    facts: {
      clock: {
        kind: "time",
        hour,
        minute,
        second,
        meridiem,
        isBare: isBare && meridiem === null,
        isTwelveHour: isTwelveHour === true && meridiem === null,
        ...(isTwelveHour && meridiem === null && lead === 1 ? { isAfterAt: true as const } : {}),
        ...(isUnmarked && meridiem === null ? { isUnmarked } : {}),
      },
    },
  };
};

/** The 12 of "12 noon", which says nothing more. */
function isTwelve(token: Token | undefined): boolean {
  return token?.kind === "clock" ? token.hour === 12 && token.minute === 0 && token.second === 0 : whole(token) === 12;
}

interface Clock {
  hour: number;
  minute: number;
  second: number;
  /** It may be of the morning or of the evening. */
  isBare: boolean;
  isTwelveHour?: boolean;
  isUnmarked?: true | undefined;
  meridiem?: "am";
  length: number;
}

function digits(tokens: readonly Token[], at: number): Clock | null {
  const token = tokens[at];
  if (token?.kind === "clock") {
    const { hour, minute, second } = token;
    const hasSeconds = /:.*:/.test(token.text);
    const isTwelveHour = hour >= 1 && hour <= 12 && !token.text.startsWith("0") && !hasSeconds;
    // "18:30 hrs"; "2:30 hours" may be a span.
    const isMarked = /^\d\d/.test(token.text) && ["hours", "hrs"].includes(word(tokens[at + 1]) ?? "");
    return { hour, minute, second, isBare: false, isTwelveHour: isTwelveHour && !isMarked, length: isMarked ? 2 : 1 };
  }
  const next = word(tokens[at + 1]);
  if (
    token?.kind === "number" &&
    /^\d{1,2}[.,]\d{2}$/.test(token.text) &&
    (next === "am" || next === "pm" || isAfternoon(token.text))
  ) {
    const [hour, minute] = token.text.split(/[.,]/).map(Number);
    return { hour: hour ?? 0, minute: minute ?? 0, second: 0, isBare: false, length: 1 };
  }
  const together = token?.kind === "number" ? hourAndMinute(token.text, next) : null;
  if (together) return together;
  const hour = token?.kind === "number" && !/^\d{1,2}$/.test(token.text) ? null : whole(token);
  if (hour === null || hour > 24) return null;
  if (next === "h") {
    const minute = tokens[at + 2];
    const hasMinute = minute?.kind === "number" && /^\d{2}$/.test(minute.text);
    return { hour, minute: hasMinute ? minute.value : 0, second: 0, isBare: false, length: hasMinute ? 3 : 2 };
  }
  // "eighteen hundred", "nine hundred hours"
  if (next === "hundred") {
    const isMarked = ["hours", "hrs"].includes(word(tokens[at + 2]) ?? "");
    return { hour, minute: 0, second: 0, isBare: !isMarked && hour >= 1 && hour <= 12, length: isMarked ? 3 : 2 };
  }
  // "nine oh five"
  const few = next === "oh" ? numberWord(word(tokens[at + 2]) ?? "") : null;
  if (few !== null && few >= 1 && few <= 9)
    return { hour, minute: few, second: 0, isBare: hour >= 1 && hour <= 12, length: 3 };
  // "nine thirty"
  const spoken = token?.kind === "word" && next !== null ? numberWord(next) : null;
  if (spoken !== null && spoken >= 10 && spoken <= 59) {
    return { hour, minute: spoken, second: 0, isBare: hour >= 1 && hour <= 12, length: 2 };
  }
  const isBare = hour >= 1 && hour <= 12 && !(token?.kind === "number" && token.text.startsWith("0"));
  return { hour, minute: 0, second: 0, isBare, length: next === "o'clock" ? 2 : 1 };
}

/** "1830 hours", "930pm"; "1830" alone is not marked as a time, and 930 may be of the morning or of the evening, as 9 may. */
function hourAndMinute(text: string, next: string | null): Clock | null {
  const [, hour, minute] = /^(\d{1,2})([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 24) return null;
  const isMarked = next === "hours" || next === "hrs";
  return {
    hour: Number(hour),
    minute: Number(minute),
    second: 0,
    isBare: hour.length === 1,
    isUnmarked: isMarked ? undefined : true,
    length: isMarked ? 2 : 1,
  };
}

/** 18.30: no decimal number of anything else that stands there. */
function isAfternoon(text: string): boolean {
  return /^(?:1[3-9]|2[0-3])\.[0-5]\d$/.test(text);
}

/** "half past nine", "quarter to nine", "quarter of nine", "ten past nine", "ten after nine", "5 minutes to 9" */
const WAYS: Readonly<Record<string, "past" | "to">> = { past: "past", after: "past", to: "to", of: "to" };

function pastOrTo(tokens: readonly Token[], at: number): Clock | null {
  const lead = word(tokens[at]) === "a" ? 1 : 0;
  const name = word(tokens[at + lead]);
  const minutes = name === "half" ? 30 : name === "quarter" ? 15 : whole(tokens[at + lead]);
  if (minutes === null || minutes < 1 || minutes > 59) return null;
  const unit = word(tokens[at + lead + 1]) === "minutes" ? 1 : 0;
  const way = WAYS[word(tokens[at + lead + 1 + unit]) ?? ""];
  if (way === undefined) return null;
  if (name === "half" && way === "to") return null;
  // "9 to 5" is a span of hours to most.
  const isWord = word(tokens[at + lead + 1 + unit]) !== "past";
  if (isWord && unit === 0 && tokens[at + lead]?.kind === "number" && minutes <= 12) return null;
  const hourToken = tokens[at + lead + 2 + unit];
  const length = lead + 3 + unit;
  const named = word(hourToken) === "noon" ? 12 : word(hourToken) === "midnight" ? 0 : null;
  const hour = named ?? whole(hourToken);
  if (hour === null || hour > 24) return null;
  const isBare = named === null && hour >= 1 && hour <= 12;
  // The beginning of that day or of the next, as of "12:30am".
  if (way === "past" && named === 0)
    return { hour: 12, minute: minutes, second: 0, isBare: false, meridiem: "am", length };
  if (way === "past") return { hour: hour === 24 ? 0 : hour, minute: minutes, second: 0, isBare, length };
  // A quarter to one is in the hour of twelve, on either half of the day.
  const before = isBare ? (hour === 1 ? 12 : hour - 1) : (hour + 23) % 24;
  return { hour: before, minute: 60 - minutes, second: 0, isBare, length };
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

/** Whether a word is read somewhere in a time. */
export function isKnown(text: string): boolean {
  if (OTHER_WORDS.has(text) || LETTER_ZONES.has(text)) return true;
  if (WEEKDAYS[text] !== undefined || MONTHS[text] !== undefined) return true;
  return (
    dayPartWord(text) !== null || unitWord(text) !== null || numberWord(text) !== null || ordinalWord(text) !== null
  );
}

const MATCHERS: readonly Matcher[] = [ahead, relativeDay, date, week, weekday, dayPart, lateYear, clock, zone, filler];
