/** Reads the time of day: "9am", "half past nine", "18:30", "noon". */
import { type Matcher, whole, word } from "./facts.ts";
import type { Token } from "./lex.ts";
import { numberWord } from "./words.ts";

/** "9am", "at 9", "18:30", "9:15 pm", "9.30pm", "21h", "noon", "half past nine", "nine o'clock" */
export const clock: Matcher = (tokens, at) => {
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

/** An hour in figures or words, perhaps with minutes. */
export function digits(tokens: readonly Token[], at: number): Clock | null {
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

// --- internal ---

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
