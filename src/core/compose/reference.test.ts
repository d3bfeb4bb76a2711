import { expect, test } from "bun:test";
import { parse } from "twemoji-parser";
import library from "twitter-text";
import directionalAscii from "twitter-text/dist/regexp/validAsciiDomain";
import domainCharacters from "twitter-text/dist/regexp/validDomainChars";
import pathCharacters from "twitter-text/dist/regexp/validGeneralUrlPathChars";
import pathEndCharacters from "twitter-text/dist/regexp/validUrlPathEndingChars";
import precedingCharacters from "twitter-text/dist/regexp/validUrlPrecedingChars";
import queryCharacters from "twitter-text/dist/regexp/validUrlQueryChars";
import queryEndCharacters from "twitter-text/dist/regexp/validUrlQueryEndingChars";
import { findEmojiSequences } from "./emoji.ts";
import { findCashtags, findMentions } from "./tags.ts";
import { PROSE, seededRandom, TOKENS } from "./testing.ts";
import { BEFORE_URL, DOMAIN, LATIN_LABEL, PATH, PATH_END, QUERY, QUERY_END, URL_CHARACTERS } from "./url-characters.ts";

/** Facts that were written down from twitter-text 3.1.0, each held against the library itself. */

const latinLabel = /\[[^\]]*\]/.exec(directionalAscii.source)?.[0] ?? "";

test.each([
  ["domain", DOMAIN, domainCharacters.source],
  ["before a URL", BEFORE_URL, precedingCharacters.source.replace("|^", "")],
  ["path", PATH, pathCharacters.source],
  ["end of a path", PATH_END, pathEndCharacters.source.slice(0, pathEndCharacters.source.indexOf("|"))],
  ["query", QUERY, queryCharacters.source],
  ["end of a query", QUERY_END, queryEndCharacters.source],
  ["Latin label", LATIN_LABEL, latinLabel],
])("all 65,536 code units: %s", (_, flag, source) => {
  const reference = new RegExp(`^(?:${source})$`, "i");
  const wrong: string[] = [];
  for (let unit = 0; unit < 65536; unit++) {
    const expected = reference.test(String.fromCharCode(unit));
    if (expected !== (((URL_CHARACTERS[unit] ?? 0) & flag) !== 0)) wrong.push(unit.toString(16));
  }
  expect(wrong).toEqual([]);
});

test("what the library's emoji parser takes for one, the reading of 2018 takes for one", () => {
  const bases: string[] = [];
  for (let codePoint = 0x23; codePoint < 0x1ffff; codePoint++) {
    const character = String.fromCodePoint(codePoint);
    if (/\p{Emoji}/u.test(character)) bases.push(character);
  }
  const candidates = bases.flatMap((base) =>
    [
      "\ufe0f",
      "\u{1f3fb}",
      "\ufe0f\u{1f3ff}",
      "\u200d♀️",
      "\u{1f3fd}\u200d♂️",
      "\ufe0f\u200d♂️",
      "\u200d⚕️",
      "\u20e3",
      "\ufe0e",
    ].map((end) => base + end),
  );
  for (let a = 0; a < 26; a++)
    for (let b = 0; b < 26; b++) candidates.push(String.fromCodePoint(0x1f1e6 + a, 0x1f1e6 + b));
  const wrong = candidates.filter((candidate) => {
    const sequence = findEmojiSequences(candidate)[0];
    const isOne = sequence?.start === 0 && sequence.end === candidate.length && sequence.weight2018 === 2;
    return isOne !== (parse(candidate)[0]?.text === candidate);
  });
  expect(wrong).toEqual([]);
});

test("mentions and cashtags are the library's on 20,000 generated strings", () => {
  const random = seededRandom(9);
  const pieces = [
    ...TOKENS,
    ...Object.values(PROSE),
    "@a",
    "@b_1",
    "RT @c:",
    "rt:@d",
    "＠e",
    "@f/list",
    "x@y",
    "$A",
    "$AB.C",
    "$toolong1",
    "é",
    "://",
    "!",
    "&",
    "_",
  ];
  for (let round = 0; round < 20_000; round++) {
    let text = "";
    for (let count = 1 + Math.floor(random() * 6); count > 0; count--) {
      text += (pieces[Math.floor(random() * pieces.length)] ?? "") + (random() < 0.4 ? " " : "");
    }
    if (text.includes("@") || text.includes("＠"))
      expect([text, findMentions(text)]).toEqual([text, library.extractMentions(text)]);
    expect([text, findCashtags(text).map((tag) => tag.slice(1))]).toEqual([text, library.extractCashtags(text)]);
  }
});
