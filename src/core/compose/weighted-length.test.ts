import { describe, expect, test } from "bun:test";
import library from "twitter-text";
import { PROSE, seededRandom, TOKENS } from "./testing.ts";
import { measure, weightedLength } from "./weighted-length.ts";

/** A property of strings, which needs the v flag. */
const RGI_EMOJI = "^\\p{RGI_Emoji}$";

describe("scenario 25: the weighted count equals X's", () => {
  test.each([
    ["Latin, Greek, Cyrillic, Arabic, Thai and Hindi weigh 1", "aΩжسกह", 6],
    ["Chinese, kana and hangul weigh 2", "中あ한", 6],
    ["€ • → … weigh 2, dashes and curly quotes 1", "€•→…—“”", 11],
    ["a decomposed letter is one after NFC", "e\u0301", 1],
    ["CRLF is two characters", "a\r\nb", 4],
    ["a URL is 23, however long", `https://example.com/${"x".repeat(500)}`, 23],
    ["a URL is 23, however short", "a.co", 23],
    ["a URL without a scheme", "see example.com/path today", 4 + 23 + 6],
    ["with port, query and fragment", "https://example.com:8080/a?b=c#d", 23],
    ["in other letters, with a scheme", "https://例え.みんな/あ", 23 + 2],
    ["the full stop after a URL stays outside", "https://example.com.", 24],
    ["a parenthesis around a URL stays outside", "(https://example.com/a_(b))", 25],
    ["t.co takes no further path", "https://t.co/abc/def", 23 + 4],
    ["a newer ending counts as a URL", "foo.web", 23],
    ["README.md is a URL for X", "README.md", 23],
    ["node.js is none", "node.js", 7],
    ["an e-mail address is none", "a@example.com", 13],
    ["a family is one emoji", "👨‍👩‍👧‍👦", 2],
    ["a skin tone belongs to its emoji", "👍🏽", 2],
    ["keycaps", "1️⃣#️⃣", 4],
    ["flags of countries and regions", "🇨🇭🏴󠁧󠁢󠁥󠁮󠁧󠁿", 4],
    ["an emoji sequence of 2020 and later", "❤️‍🔥🧑‍🔧🏳️‍⚧️", 6],
    ["an emoji of Unicode 17", "\u{1faea}", 2],
  ])("%s", (_, text, expected) => {
    expect(weightedLength(text)).toBe(expected);
  });

  test("every emoji that this runtime knows, alone or in a sequence, is 2", () => {
    const rgi = new RegExp(RGI_EMOJI, "v");
    const singles: string[] = [];
    for (let codePoint = 0x23; codePoint < 0x1ffff; codePoint++) {
      const character = String.fromCodePoint(codePoint);
      if (/\p{Emoji}/u.test(character)) singles.push(character);
    }
    const tones = ["\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];
    const people = [
      "👩",
      "👨",
      "🧑",
      "🏃",
      "🏃‍♀️",
      "🚶",
      "🧎‍♂️",
      "🧑‍🦯",
      "🤝",
      "🫱",
      "💏",
      "👭",
      "👁️",
      "🐕",
      "🐈",
      "🐻",
      "🐦",
      "🍄",
      "🍋",
      "⛓️",
      "❤️",
      "🏳️",
      "🏴",
      "😮",
      "😵",
      "😶",
      "🙂",
    ];
    const candidates = singles.flatMap((one) => [
      one,
      `${one}\ufe0f`,
      `${one}\ufe0f\u20e3`,
      ...tones.map((tone) => one + tone),
    ]);
    for (const person of people) {
      for (const one of singles) {
        for (const first of [person, ...tones.map((tone) => person.replace(/^(.)/u, `$1${tone}`))]) {
          candidates.push(`${first}\u200d${one}`, `${first}\u200d${one}\ufe0f`, `${first}\u200d➡️`);
        }
      }
    }
    for (let a = 0; a < 26; a++)
      for (let b = 0; b < 26; b++) candidates.push(String.fromCodePoint(0x1f1e6 + a, 0x1f1e6 + b));
    const emoji = [...new Set(candidates)].filter((candidate) => rgi.test(candidate));
    expect(emoji.length).toBeGreaterThan(2500);
    expect(emoji.filter((one) => weightedLength(one) !== 2)).toEqual([]);
  });
});

test("two readings are kept where twitter-text is older than Unicode and the root zone", () => {
  expect(measure("🧑‍🔧")).toEqual({ weightedLength: 2, libraryLength: 5 });
  expect(measure("🐦‍🔥")).toEqual({ weightedLength: 2, libraryLength: 5 });
  expect(measure("foo.web")).toEqual({ weightedLength: 23, libraryLength: 7 });
  expect(measure("👩‍🚀 example.com")).toEqual({ weightedLength: 26, libraryLength: 26 });
});

/** Comparisons with the library; `COMPOSE_COMPARISONS` asks for more or fewer. */
const COMPARISONS = Number(process.env.COMPOSE_COMPARISONS ?? 100_000);

test(`the library's reading equals twitter-text 3.1.0 on ${COMPARISONS} generated strings`, () => {
  const random = seededRandom(25);
  const words = Object.values(PROSE).flatMap((prose) => prose.split(/(?<=\s)/));
  const pieces = [
    ...TOKENS,
    ...TOKENS,
    ...words,
    "a",
    "b.",
    ".com",
    ".co.jp",
    "https://",
    "http",
    "://",
    "/",
    "?q=",
    "(",
    ")",
    "日本",
    "é",
    "\u0301",
    "1",
  ];
  const pick = () => pieces[Math.floor(random() * pieces.length)] ?? "";
  const differences: string[] = [];
  for (let round = 0; round < COMPARISONS; round++) {
    let text = "";
    for (let count = 1 + Math.floor(random() * 10); count > 0; count--) text += pick() + (random() < 0.3 ? " " : "");
    if (measure(text).libraryLength !== library.parseTweet(text).weightedLength) differences.push(text);
  }
  expect(differences.filter((text) => !isKnownDifference(text))).toEqual([]);
}, 300_000);

/**
 * The one known difference is a slip of the library: when a domain goes on in other letters and a path follows
 * (`README.md👍.рф/`), it skips as many code units as the Latin part and the path have, which can end inside a
 * character. See docs/decisions/compose.md.
 */
function isKnownDifference(text: string): boolean {
  return /[a-z](?:[^\0-\u024f]|\ufe0f)+\.\P{ASCII}+(?::\d+)?\//iu.test(text.normalize("NFC"));
}
