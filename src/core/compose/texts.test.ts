/** Real texts in fifteen languages, judged by what stands at the end of each tweet and not by our own sentences (scenarios 52, 57). */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { composeThread } from "./compose.ts";
import { joinThread } from "./testing.ts";
import { judgeThread } from "./testing-judge.ts";

const FOLDER = new URL("../../../test/compose/texts/", import.meta.url);
const texts = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));

test("there are at least forty real texts in ten languages", () => {
  expect(texts.length).toBeGreaterThanOrEqual(40);
  expect(new Set(texts.map(({ name }) => name.slice(0, 2))).size).toBeGreaterThanOrEqual(10);
});

test.each(texts.map(({ name, text }) => [name, text]))("scenario 52: nothing is torn in %s", (_, text) => {
  for (const limit of [280, 240, 200, 500]) {
    const composition = composeThread(text, { limit });
    expect(joinThread(composition)).toBe(text.normalize("NFC"));
    expect(composition.tweets.filter(({ tears }) => tears !== null)).toEqual([]);
    expect(judgeThread(text, composition.tweets, limit)).toEqual([]);
  }
});

test.each(texts.map(({ name, text }) => [name, text]))(
  "--cut fewest needs no more tweets than the default in %s",
  (_, text) => {
    for (const limit of [280, 240, 200, 500, 140]) {
      const fewest = composeThread(text, { limit, cut: "fewest" });
      expect(joinThread(fewest)).toBe(text.normalize("NFC"));
      expect(fewest.tweets.length).toBeLessThanOrEqual(composeThread(text, { limit }).tweets.length);
    }
  },
);
