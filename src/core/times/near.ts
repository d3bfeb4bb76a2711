/**
 * Phrases that PSN does not take, and what their author probably means: never read in their place, only offered as times that can be
 * pasted. Pure.
 */
import { isKnown } from "./parse.ts";
import { DAY_PARTS, MONTHS, numberWord, WEEKDAYS } from "./words.ts";

export interface Near {
  /** Where none of the phrases is read, the phrase is refused by its words. */
  isGuess?: true;
  /** Why the phrase itself is not taken, a sentence. */
  why: string;
  /** Phrases that PSN may read, of which one is meant. */
  phrases: string[];
}

const ONE_TIME = "A post goes out at one exact time.";

/** Words that make a time less than exact, or a wish: without them the phrase names one. */
const VAGUE: readonly (readonly [RegExp, string])[] = [
  [/\b(?:no|not) (?:later|earlier) than\b|\bat the (?:latest|earliest|soonest)\b|\bnot (?:before|after)\b/, ONE_TIME],
  [/\b(?:(?:at|from) )?(?:around|about|approximately|approx|roughly|circa|ca|maybe|perhaps)\b\.?|~/, ONE_TIME],
  [/(?<=\d|\b[ap]m|o'clock|noon|midnight|tomorrow|tonight)[ -]?ish\b|\bor so\b|\?+$/, ONE_TIME],
  [
    /\b(?:by|before|after|since|from(?!.* (?:to|till|until) ))(?= (?:at )?(?:\d|noon|midnight))(?<!(?:quarter|minutes|five|ten|twenty|twenty-five) \w+)/,
    ONE_TIME,
  ],
  [
    /\b(?:please|pls|plz|thanks|thx|schedule(?: it| this)?(?: for)?|post(?: it| this)?|publish(?: it| this)?|send(?: it| this)?)\b/,
    "Only a time is read here.",
  ],
  [/\b(?:first|last) thing\b(?: in the(?= morning))?/, "“first thing” and “last thing” are no time of day."],
  [
    /\b(?:lunch(?:time)?|dinner(?:time)?|breakfast|tea ?time|dusk|dawn|sun(?:rise|set|up|down))\b/,
    "No clock shows a meal or the sun.",
  ],
  [
    /\b(?:the )?(?:eod|cob|(?:end|close|beginning|start|middle) of (?:the |this )?(?:day|business|play))\b/,
    "Where a day begins or ends is no time of day.",
  ],
];

/** As people write them in haste. */
const SHORT: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["tomorrow", "tmrw tmr tmrrw tmw tmo tomo tom moro morrow"],
    ["tonight", "tonite 2nite nite"],
    ["today", "2day tdy"],
    ["next", "nxt"],
    ["in", "inn"],
    ["minutes", "mns mnts minuts"],
    ["hours", "hrz hs"],
  ].flatMap(([meant = "", written = ""]) => written.split(" ").map((word) => [word, meant])),
);

/** Words of their own, however near to another. */
const ORDINARY: ReadonlySet<string> = new Set(
  "soon soonest later right light might date dates time times daily weekly monthly yearly every each until between through".split(
    " ",
  ),
);

/** What a slip of the keys is compared with. */
const VOCABULARY: readonly string[] = [
  ...[...Object.keys(WEEKDAYS), ...Object.keys(MONTHS), ...DAY_PARTS].filter((word) => word.length >= 5),
  ..."tomorrow tonight today midnight noon midday next minutes minute hours hour weeks week days month half quarter past".split(
    " ",
  ),
];

/** What may be meant by a phrase that holds words of this kind; null for one that is read, or refused, by its words. */
export function nearOf(phrase: string): Near | null {
  const text = phrase.toLowerCase().replaceAll("’", "'");
  // Whoever says when it is not, means no slip of the keys.
  if (/\b(?:ago|yesterday|asap|immediately|right away|(?<!from )now)\b/.test(text)) return null;
  return endOf(text) ?? halfAnHour(text) ?? clockAsSpan(text) ?? withFullStop(text) ?? vague(text) ?? misspelt(text);
}

// --- internal ---

function endOf(text: string): Near | null {
  const [end] =
    /\b(?:eow|eom|(?:end|beginning|start|middle|mid) of (?:the |this |next )?(?:week|month|quarter|year))\b/.exec(
      text,
    ) ?? [];
  return end === undefined ? null : { why: `Which day is “${end}”? Name the day.`, phrases: [] };
}

/** "in 1:30", and "in 2.30 hours", which is 2 h 30 min or 2.3 h. */
function clockAsSpan(text: string): Near | null {
  const said = /\bin (\d{1,2})([.,:])([0-5]\d)(?: ?(?:h|hrs?|hours?))?\b(?! ?(?:m|min|d|day|w|week|s|sec))/.exec(text);
  if (!said) return null;
  const [whole, hours, mark, minutes = ""] = said;
  if (mark !== ":" && ["25", "50", "75"].includes(minutes)) return null;
  const spoken = text.replace(whole, `in ${hours} hours ${Number(minutes)} minutes`);
  const decimal = mark === ":" ? [] : [text.replace(whole, `in ${hours}.${minutes} hours`)];
  return { why: `Is ${hours}${mark}${minutes} hours and minutes?`, phrases: [spoken, ...decimal], isGuess: true };
}

/** "6.30" and "9.30h", which may be numbers of something else. */
function withFullStop(text: string): Near | null {
  const said = /(?<![\d.:,])([1-9]|1[0-2])\.([0-5]\d)( ?h(?:rs|ours)?\b)?(?![\d.:,]| ?[ap]\.?m)/.exec(text);
  if (!said) return null;
  const [whole, hour, minute, unit] = said;
  const asTime = text.replace(whole, `at ${hour}:${minute}`).replace("at at ", "at ");
  const asSpan = unit === undefined ? [] : [text.replace(whole, `in ${hour}.${minute} hours`)];
  return { why: `Is ${hour}.${minute} a time of day?`, phrases: [asTime, ...asSpan], isGuess: true };
}

/** "half nine" is half past nine in Britain, and half past eight in much of Europe. */
function halfAnHour(text: string): Near | null {
  const [half, said = ""] = /\bhalf ([a-z]+|\d{1,2})\b(?! (?:hours?|an?|past|minutes?)\b)/.exec(text) ?? [];
  const hour = /^\d/.test(said) ? Number(said) : numberWord(said);
  if (half === undefined || hour === null || hour < 1 || hour > 12) return null;
  const at = (full: number) => text.replace(half, `half past ${full === 0 ? 12 : full}`);
  return {
    why: `“${half}” is ${hour}:30 to some, and ${hour === 1 ? 12 : hour - 1}:30 to others.`,
    phrases: [at(hour), at(hour - 1)],
  };
}

function vague(text: string): Near | null {
  for (const [pattern, why] of VAGUE) {
    if (pattern.test(text)) return { why, phrases: [text.replace(pattern, " ").replace(/\s+/g, " ").trim()] };
  }
  return null;
}

function misspelt(text: string): Near | null {
  const slips: [written: string, meant: string][] = [];
  for (const [written] of text.matchAll(/\p{L}[\p{L}\p{M}]*|2(?:moro|morrow|day|nite)\b/gu)) {
    if (isKnown(written)) continue;
    const meant = SHORT[written.replace(/^2(?=moro|morrow)/, "")] ?? closest(written);
    if (meant === null) return null;
    slips.push([written, meant]);
  }
  const [first] = slips;
  if (!first) return null;
  const phrase = slips.reduce((said, [written, meant]) => said.replace(written, meant), text);
  return { why: `PSN does not read “${first[0].slice(0, 30)}” in a time. Is it “${first[1]}”?`, phrases: [phrase] };
}

/** The one word that is a slip or two of the keys away; null where none is, or several are. */
function closest(written: string): string | null {
  if (written.length < 4 || written.length > 12 || ORDINARY.has(written)) return null;
  const most = written.length >= 7 ? 2 : 1;
  for (let slips = 1; slips <= most; slips++) {
    const near = VOCABULARY.filter((word) => distance(written, word) === slips);
    if (near.length === 1) return near[0] ?? null;
    if (near.length > 1) return null;
  }
  return null;
}

/** How many letters are missing, too many, other ones or swapped with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => i + j * Number(i === 0)),
  );
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(i - 2, j - 2) + 1);
      (rows[i] as number[])[j] = least;
    }
  }
  return at(a.length, b.length);
}
