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

const ORDINALS: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3, fourth: 4, fifth: 5, last: -1 };

/** Which one of several, as in "last friday of march": 1 to 5, or -1 for the last. */
export function ordinalWord(word: string): number | null {
  return ORDINALS[word] ?? null;
}

export type Unit = "seconds" | "minutes" | "hours" | "days" | "weeks" | "months" | "years";

const UNITS: readonly (readonly [Unit, readonly string[]])[] = [
  ["seconds", ["s", "sec", "secs", "second", "seconds"]],
  ["minutes", ["m", "min", "mins", "minute", "minutes"]],
  ["hours", ["h", "hr", "hrs", "hour", "hours"]],
  ["days", ["d", "day", "days"]],
  ["weeks", ["w", "week", "weeks"]],
  ["months", ["month", "months"]],
  ["years", ["y", "yr", "year", "years"]],
];

export function unitWord(word: string): Unit | null {
  return UNITS.find(([, names]) => names.includes(word))?.[0] ?? null;
}

export type DayPart = "morning" | "afternoon" | "evening" | "night";

export function dayPartWord(word: string): DayPart | null {
  return word === "morning" || word === "afternoon" || word === "evening" || word === "night" ? word : null;
}

/** Names of zones by letters: each is used for more than one zone, or for another one in summer. UTC and GMT are not among them. */
export const LETTER_ZONES: ReadonlySet<string> = new Set(
  "est edt et cst cdt ct mst mdt mt pst pdt pt akst akdt hst bst ist cet cest mez mesz eet eest wet west msk jst kst aest aedt acst awst nzst nzdt sgt hkt pht wib sast wat cat eat gst pkt npt brt art clt".split(
    " ",
  ),
);
