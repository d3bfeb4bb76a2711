/** The words of times: what each means on its own, as tables. English. */

export const WEEKDAYS: Readonly<Record<string, number>> = {
  monday: 1,
  mon: 1,
  tuesday: 2,
  tue: 2,
  tues: 2,
  wednesday: 3,
  wed: 3,
  weds: 3,
  thursday: 4,
  thu: 4,
  thur: 4,
  thurs: 4,
  friday: 5,
  fri: 5,
  saturday: 6,
  sat: 6,
  sunday: 7,
  sun: 7,
};

export const MONTHS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ["january", "jan"],
    ["february", "feb"],
    ["march", "mar"],
    ["april", "apr"],
    ["may"],
    ["june", "jun"],
    ["july", "jul"],
    ["august", "aug"],
    ["september", "sep", "sept"],
    ["october", "oct"],
    ["november", "nov"],
    ["december", "dec"],
  ].flatMap((names, index) => names.map((name) => [name, index + 1])),
);

const ONES = [
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen",
  "eighteen nineteen",
]
  .join(" ")
  .split(" ");
const TENS: Readonly<Record<string, number>> = { twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, ninety: 90 };

/** "nine" → 9, "twenty-five" → 25; null for what is no number in words. */
export function numberWord(word: string): number | null {
  const one = ONES.indexOf(word);
  if (one >= 0) return one;
  const [tens = "", ones, more] = word.split("-");
  const ten = TENS[tens];
  if (ten === undefined || more !== undefined) return null;
  if (ones === undefined) return ten;
  const rest = ONES.indexOf(ones);
  return rest >= 1 && rest <= 9 ? ten + rest : null;
}

const ORDINAL_WORDS = [
  "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth",
  "sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth",
  "twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first",
]
  .join(" ")
  .split(" ");
const ORDINALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(ORDINAL_WORDS.map((name, index) => [name, index + 1])),
  last: -1,
};

/** Which one of several, as in "last friday of march" or "the thirty-first": from 1, or -1 for the last. */
export function ordinalWord(word: string): number | null {
  return ORDINALS[word] ?? null;
}

export type Unit = "seconds" | "minutes" | "hours" | "days" | "weeks" | "months" | "years";

const UNITS: readonly (readonly [Unit, readonly string[]])[] = [
  ["seconds", ["s", "sec", "secs", "second", "seconds"]],
  ["minutes", ["m", "min", "mins", "minute", "minutes"]],
  ["hours", ["h", "hr", "hrs", "hour", "hours"]],
  ["days", ["d", "day", "days"]],
  ["weeks", ["w", "week", "weeks", "fortnight", "fortnights"]],
  ["months", ["month", "months"]],
  ["years", ["y", "yr", "year", "years"]],
];

/** How many of its unit a word stands for. */
export const unitsIn = (word: string): number => (word.startsWith("fortnight") ? 2 : 1);

export function unitWord(word: string): Unit | null {
  return UNITS.find(([, names]) => names.includes(word))?.[0] ?? null;
}

export const DAY_PARTS = ["morning", "afternoon", "evening", "night"] as const;
export type DayPart = (typeof DAY_PARTS)[number];

export function dayPartWord(word: string): DayPart | null {
  return DAY_PARTS.find((part) => part === word) ?? null;
}

/** Names of zones by letters: each is used for more than one zone, or for another one in summer. UTC and GMT are not among them. */
export const LETTER_ZONES: ReadonlySet<string> = new Set(
  "est edt et cst cdt ct mst mdt mt pst pdt pt akst akdt hst bst ist cet cest mez mesz eet eest wet west msk jst kst aest aedt acst awst nzst nzdt sgt hkt pht wib sast wat cat eat gst pkt npt brt art clt".split(
    " ",
  ),
);
