/** What a person reads of the other ways to cut a text. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { alternativesTo } from "../core/compose/alternatives.ts";
import { type ComposeOptions, composeThread } from "../core/compose/compose.ts";
import { buildPreview } from "../core/compose/preview.ts";
import { makePaint } from "./_paint.ts";
import { renderPreview } from "./_preview.ts";

const essay = readFileSync(new URL("../../examples/essay.txt", import.meta.url), "utf8");

function linesOf(text: string, options: ComposeOptions = {}): string[] {
  const { tweets } = composeThread(text, options);
  const alternatives = alternativesTo(text, tweets.length, options);
  const shown = tweets.map((tweet) => ({ text: tweet.text, break: tweet.break }));
  const torn = tweets.map(({ tears }) => (tears === null ? null : { kind: tears, text: "" }));
  return renderPreview(buildPreview(shown, { alternatives, torn }), makePaint(false)).split("\n");
}

test("one tweet less and one more: what they would cost and tear, in one sentence", () => {
  expect(linesOf(essay)).toContain(
    "  14 tweets would tear 1 sentence, $0.015 less (--cut fewest); of 16, 2 more would end with a paragraph, $0.015 more.",
  );
  expect(linesOf(essay, { cut: "fewest" })).toContain(
    "  15 tweets would tear nothing instead of 1 sentence, $0.015 more (--cut whole).",
  );
});

test("one tweet more that tears and ends as the present ones do is not told", () => {
  const long = "It went on for a while, as such things do, until it was over and nobody minded.";
  const text = Array.from({ length: 9 }, () => long).join(" ");
  expect(composeThread(text).tweets).toHaveLength(3);
  expect(alternativesTo(text, 3)).toMatchObject([{ tweetCount: 4, tears: [], gain: null }]);
  expect(linesOf(text).filter((line) => /would/.test(line))).toEqual([]);
});

test("where no tweet holds a sentence, what changes is where in it the tweets end", () => {
  const sentence = `It began, ${"and it went on and on and on and on, ".repeat(9)}until it was over.`;
  expect(composeThread(sentence).tweets.length).toBeGreaterThan(1);
  for (const line of linesOf(`${sentence} ${sentence}`).filter((one) => /would/.test(one))) {
    expect(line).not.toContain("would tear nothing, ");
  }
});

test("a single tweet that loses nothing has no other way worth a line", () => {
  expect(linesOf("One sentence. And another one.").filter((line) => line.includes("would tear"))).toEqual([]);
});
