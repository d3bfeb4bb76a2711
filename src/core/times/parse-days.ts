/** Reads the day: of the week, of the calendar, or counted from today, and the part of the day. */
import { type Facts, type Found, type Matcher, word, words } from "./facts.ts";
import type { Token } from "./lex.ts";
import { dayPartWord, MONTHS, ordinalWord, WEEKDAYS } from "./words.ts";

/** "today", "tonight", "tomorrow", "day after tomorrow" */
export const relativeDay: Matcher = (tokens, at) => {
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
export const weekday: Matcher = (tokens, at) => {
  const before = words(tokens, at, "this", "coming") || words(tokens, at, "the", "coming") ? 1 : 0;
  const lead = word(tokens[at + before]);
  const which =
    lead === "this" || lead === "next" || lead === "coming" ? lead : lead === "upcoming" ? "coming" : "plain";
  const skipped = before + (which !== "plain" || lead === "on" ? 1 : 0);
  const day = WEEKDAYS[word(tokens[at + skipped]) ?? ""];
  return day === undefined ? null : { length: skipped + 1, facts: { weekday: { weekday: day, which } } };
};

export const week: Matcher = (tokens, at) => {
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
export const dayPart: Matcher = (tokens, at) => {
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
export const date: Matcher = (tokens, at) => {
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

/** A year that stands alone after its date, perhaps with the time between them, as the command `date` prints it. */
export const lateYear: Matcher = (tokens, at, known) => {
  const year = yearAt(tokens, at);
  if (year === null || known.day?.kind !== "date" || known.day.year !== null) return null;
  known.day = { ...known.day, year };
  return { length: 1, facts: {} };
};

// --- internal ---

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
