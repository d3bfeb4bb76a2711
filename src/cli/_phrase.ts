/**
 * Times in words. chrono-node finds out which day and hour the words mean on a clock; which instant that is in a zone
 * is Temporal's affair alone. Words that leave the hour open, or mean different things to different people, are
 * refused with what to write instead: a post must not go out at a time its author did not say.
 */
import { en, type ParsedResult } from "chrono-node";
import { Temporal } from "temporal-polyfill";
import { PsnError } from "../core/errors.ts";
import { userTimeToUtc } from "../core/utils/timezone.ts";

export interface PhraseContext {
  /** The zone on whose clock the words are read. */
  zone: string;
  now: Date;
  overlap?: "earlier" | "later";
}

const PHRASE_CHARS_MAX = 100;
const AHEAD =
  /^in\s+(?:(an?)|(half an)|(\d{1,6}(?:\.\d{1,2})?))\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?)$/i;
const CLOCK_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)$/;
const HAS_OFFSET = /^\d{4}-\d{2}-\d{2}[T ].*(?:Z|[+-]\d{2}(?::?\d{2})?)(?:\[[^\]]*\])?$/i;

/**
 * The instant that `phrase` means.
 * @throws PsnError TIME_INVALID, TIME_IN_PAST, TIME_IN_GAP, TIME_AMBIGUOUS
 */
export function readPhrase(phrase: string, context: PhraseContext): Date {
  const text = phrase.trim().replace(/\s+/g, " ");
  if (text.length > PHRASE_CHARS_MAX) throw notATime(text, "It is too long.");
  if (HAS_OFFSET.test(text)) return exactInstant(text);
  const clock = CLOCK_TIME.exec(text);
  if (clock) return onClock(clock[1] ?? "", clock[2] ?? "", context);
  const ahead = AHEAD.exec(text);
  if (ahead) return fromNow(ahead, text, context);
  return fromWords(text, context);
}

// --- internal ---

const EXAMPLES = 'Write "tomorrow 9am", "next friday 18:30", "in 2 hours" or 2026-03-15T09:00+01:00.';

function notATime(text: string, why: string): PsnError {
  return new PsnError("TIME_INVALID", `"${text.slice(0, 60)}" is not a time that PSN can be sure of. ${why}`.trim(), {
    hint: EXAMPLES,
  });
}

function onClock(date: string, time: string, { zone, overlap }: PhraseContext): Date {
  return userTimeToUtc(date, time, zone, overlap ? { overlap } : {});
}

function exactInstant(text: string): Date {
  try {
    return new Date(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    throw notATime(text, "No calendar or clock has it.");
  }
}

/** Hours and less are counted on a stopwatch; days and more on the calendar, at the same time of day. */
function fromNow(match: RegExpExecArray, text: string, context: PhraseContext): Date {
  const [, one, half, count, unitText = ""] = match;
  const amount = one ? 1 : half ? 0.5 : Number(count);
  const unit = unitText.toLowerCase();
  const exactMs = unit.startsWith("mo") ? null : { s: 1_000, m: 60_000, h: 3_600_000 }[unit.charAt(0)];
  if (exactMs) return new Date(context.now.getTime() + Math.round(amount * exactMs));
  if (!Number.isInteger(amount)) throw notATime(text, "Days, weeks and months are whole.");
  const field = unit.startsWith("mo") ? "months" : unit.startsWith("w") ? "weeks" : "days";
  const there = wallClock(context).add({ [field]: amount });
  return onClock(
    there.toPlainDate().toString(),
    there.toPlainTime().toString({ smallestUnit: "second", roundingMode: "trunc" }),
    context,
  );
}

function fromWords(text: string, context: PhraseContext): Date {
  if (/\b(last|ago|previous|past)\b/i.test(text)) {
    throw new PsnError("TIME_IN_PAST", `"${text}" is in the past.`, { hint: "Give a later time." });
  }
  const result = onlyResult(text, context);
  const { start } = result;
  if (start.isCertain("timezoneOffset")) {
    throw notATime(text, "Zones by letters mean different things in different places; name it with --timezone.");
  }
  if (result.tags().has("parser/SlashDateFormatParser")) {
    throw notATime(text, "Is that day first or month first? Write the date as 2026-03-15.");
  }
  if (!start.isCertain("hour")) throw notATime(text, "At what time of day? For example: tomorrow 9am.");
  const part = (name: "year" | "month" | "day" | "hour" | "minute" | "second", digits = 2) =>
    String(start.get(name) ?? 0).padStart(digits, "0");
  return onClock(
    `${part("year", 4)}-${part("month")}-${part("day")}`,
    `${part("hour")}:${part("minute")}:${part("second")}`,
    context,
  );
}

/** chrono finds times within sentences; here the whole text must be one. */
function onlyResult(text: string, context: PhraseContext): ParsedResult {
  const { year, month, day, hour, minute, second } = wallClock(context);
  // A Date that shows the zone's clock on this machine's. Given a zone of its own, chrono (2.10) mixes the two in
  // places and may answer with the Friday before.
  const reference = new Date(year, month - 1, day, hour, minute, second);
  const results = en.casual.parse(text, reference, { forwardDate: true });
  const [result, another] = results;
  if (!result || another || result.end || result.text.length !== text.length) {
    throw notATime(text, "");
  }
  return result;
}

function wallClock({ now, zone }: PhraseContext): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDateTime();
}
