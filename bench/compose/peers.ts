/**
 * Other ways to cut a text into tweets, on the real texts of the tests: what each tears, loses and miscounts, and how long it takes.
 *
 * No package of npm that cuts threads and is kept was found (November 2026), so the peers are what programs do that have no such package:
 *
 * - words: word after word while twitter-text 3.1.0 calls the tweet valid;
 * - icu: sentence after sentence of Intl.Segmenter, words where one is too long; counted by twitter-text;
 * - recursive: at blank lines, then lines, then ". ", then spaces, up to 280 characters, as LangChain's RecursiveCharacterTextSplitter.
 */
import { readdirSync, readFileSync } from "node:fs";
import library from "twitter-text";
import { composeThread } from "../../src/core/compose/compose.ts";
import { judgeThread } from "../../src/core/compose/testing-judge.ts";
import type { Figure } from "../_print.ts";

const LIMIT = 280;
const FOLDER = new URL("../../test/compose/texts/", import.meta.url);

const PEERS: Record<string, (text: string) => string[]> = {
  ours: (text) => composeThread(text).tweets.map((tweet) => tweet.text),
  words: (text) => filled(text.split(/\s+/).filter(Boolean), " ", isValid),
  icu: (text) => filled(sentencesOf(text), "", isValid).map((tweet) => tweet.trim()),
  recursive: (text) => recursive(text, ["\n\n", "\n", ". ", " "]).map((tweet) => tweet.trim()),
};

/** The figures of every peer, over all texts. */
export function comparePeers(): Figure[] {
  const texts = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => readFileSync(new URL(name, FOLDER), "utf8").trim().normalize("NFC"));
  return Object.entries(PEERS).flatMap(([name, cut]) => {
    const start = process.cpuUsage();
    const threads = texts.map(cut);
    const { user, system } = process.cpuUsage(start);
    const sum = (count: (text: string, tweets: string[]) => number) =>
      texts.reduce((total, text, index) => total + count(text, threads[index] ?? []), 0);
    return [
      { name: `${name}: tweets`, value: sum((_, tweets) => tweets.length) },
      figure(
        name,
        "torn",
        sum((text, tweets) => judgeThread(text, placed(text, tweets), LIMIT).length),
      ),
      figure(name, "lostCharacters", sum(lost)),
      figure(
        name,
        "tooLong",
        sum((_, tweets) => tweets.filter((tweet) => !isValid(tweet)).length),
      ),
      { name: `${name}: ms`, value: (user + system) / 1000 },
    ];
  });
}

// --- internal ---

/** What we promise is a goal; what others do is told. */
function figure(peer: string, what: string, value: number): Figure {
  return { name: `${peer}: ${what}`, value, ...(peer === "ours" ? { goal: 0, better: "lower" as const } : {}) };
}

const isValid = (tweet: string): boolean => library.parseTweet(tweet.trim()).valid;

function filled(parts: readonly string[], glue: string, fits: (tweet: string) => boolean): string[] {
  const tweets: string[] = [];
  let tweet = "";
  for (const part of parts) {
    const longer = tweet === "" ? part : tweet + glue + part;
    if (tweet === "" || fits(longer)) tweet = longer;
    else {
      tweets.push(tweet);
      tweet = part;
    }
  }
  return tweet === "" ? tweets : [...tweets, tweet];
}

function sentencesOf(text: string): string[] {
  const sentences = [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)].map(
    ({ segment }) => segment,
  );
  return sentences.flatMap((sentence) => (isValid(sentence) ? [sentence] : sentence.split(/(?<=\s)/)));
}

function recursive(text: string, [separator, ...finer]: readonly string[]): string[] {
  if (text.length <= LIMIT) return [text];
  if (separator === undefined) return text.match(/[\s\S]{1,280}/g) ?? [];
  const parts = text.split(separator).map((part, index, all) => (index < all.length - 1 ? part + separator : part));
  const pieces = parts.flatMap((part) => (part.length > LIMIT ? recursive(part, finer) : [part]));
  return filled(pieces, "", (tweet) => tweet.length <= LIMIT).filter((piece) => piece.trim() !== "");
}

/** Each tweet as the text has it, found by its characters that are seen, and the white space behind it. */
function placed(text: string, tweets: readonly string[]): { body: string; separatorAfter: string }[] {
  let at = 0;
  return tweets.map((tweet) => {
    const start = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
    let end = start;
    for (let ink = tweet.replace(/\s+/g, "").length; ink > 0 && end < text.length; end++) {
      if (!/\s/.test(text.charAt(end))) ink--;
    }
    const separatorAfter = /^\s*/.exec(text.slice(end))?.[0] ?? "";
    at = end;
    return { body: text.slice(start, end), separatorAfter };
  });
}

/** Characters of the author's that are in no tweet, line breaks inside of tweets among them. */
function lost(text: string, tweets: readonly string[]): number {
  return placed(text, tweets).reduce((sum, { body }, index) => {
    const breaks = (words: string) => words.split("\n").length;
    const tweet = tweets[index] ?? "";
    return sum + Math.max(0, breaks(body) - breaks(tweet), body.length - tweet.length);
  }, 0);
}
