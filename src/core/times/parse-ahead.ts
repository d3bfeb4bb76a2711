/** Reads a span of time that is counted from now: "in 2 hours", "a week from today". */
import { type Duration, type Matcher, whole, word, words } from "./facts.ts";
import type { Token } from "./lex.ts";
import { digits } from "./parse-clock.ts";
import { unitsIn, unitWord } from "./words.ts";

/** "in 2 hours", "in an hour and a half", "1h30m from now", "in half an hour", "in two days" */
export const ahead: Matcher = (tokens, at) => {
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

// --- internal ---

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
