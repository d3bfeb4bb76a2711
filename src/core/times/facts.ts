/** What the parts of a phrase may say, each fact by itself, and what its readers share. */
import type { Token } from "./lex.ts";
import { type DayPart, numberWord, type Unit } from "./words.ts";

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

/** What a reader has found from one token on. */
export interface Found {
  length: number;
  facts: Facts;
}

/** Null where it reads nothing there. `known` is what was found before. */
export type Matcher = (tokens: readonly Token[], at: number, known: Facts) => Found | null;

/** The text of a word; null for anything else. */
export const word = (token: Token | undefined) => (token?.kind === "word" ? token.text : null);

export const words = (tokens: readonly Token[], at: number, ...expected: string[]) =>
  expected.every((text, index) => word(tokens[at + index]) === text);

/** A whole number in digits or words. */
export function whole(token: Token | undefined): number | null {
  if (token?.kind === "number") return Number.isInteger(token.value) ? token.value : null;
  return token?.kind === "word" ? numberWord(token.text) : null;
}
