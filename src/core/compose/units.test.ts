/** Nothing that fits into a tweet is torn (scenarios 52 and 53). */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { alternativesTo } from "./alternatives.ts";
import { composeThread } from "./compose.ts";
import { joinThread, PROSE } from "./testing.ts";
import { findUnsureBreaks, withBreakMeant } from "./unsure-breaks.ts";
import { weightedLength } from "./weighted-length.ts";

const essay = readFileSync(new URL("../../../examples/essay.txt", import.meta.url), "utf8");
const words = (count: number, end = ".") => `Lorem ${"lorem ".repeat(count - 2)}ipsum${end}`;
const textsOf = (text: string, limit = 280) => composeThread(text, { limit }).tweets.map((tweet) => tweet.text);
const holds = (text: string, whole: string) => textsOf(text).some((tweet) => tweet.includes(whole));

/** How a unit stands after some text, in places that would cut it if tweets were filled. */
function neverTorn(whole: string): void {
  expect(weightedLength(whole)).toBeLessThanOrEqual(280);
  for (let before = 6; before <= 90; before += 4) {
    const source = `${words(before)}\n\n${whole}\n\n${words(20)}`;
    if (!holds(source, whole)) expect(textsOf(source)).toContain(whole);
  }
}

describe("scenario 52: what fits into one tweet is never cut, not even to save a tweet", () => {
  test("a sentence, though the thread has a tweet more", () => {
    const { tweets } = composeThread(essay);
    expect(tweets.every((tweet) => tweet.tears === null)).toBe(true);
    expect(alternativesTo(essay, tweets.length)[0]).toMatchObject({
      tweetCount: tweets.length - 1,
      tears: [{ kind: "sentence", count: 1 }],
      cut: "fewest",
    });
  });

  test.each([
    [
      "a fence of code",
      '```ts\nconst log = await open("file");\ntry {\n  await log.done(id);\n} catch (error) {\n  retry(error);\n}\n```',
    ],
    ["a fence of tildes with blank lines", "~~~\none = 1\n\ntwo = 2\n\nthree = 3\n~~~"],
    ["an indented block", "    one = compute(1)\n    two = compute(2)\n    three = compute(3)"],
    ["a short list", "1. Milk and bread, and butter if they have it.\n2. Eggs, twelve.\n3. Tea. The good one."],
    ["a list with bullets", "• The first.\n• The second one.\n• And the third of them."],
    ["a table", "| name | price |\n| --- | --- |\n| tea | 3 |\n| bread | 4 |"],
    ["a table without bars at its ends", "name | price\n--- | ---\ntea | 3\nbread | 4\nbutter | 5 and a half"],
    [
      "an item with the items under it",
      "- The fruit we need\n  - apples, the red ones\n  - pears, the green ones\n    - hard ones",
    ],
    ["a quotation", "> It is hard to be simple.\n> It takes work.\n> And then some more of it."],
    ["a quotation with its source", "> It is hard to be simple. It takes work.\n\n— Rich, in a talk"],
    ["a heading and the sentence after it", "## What came of it\n\nNothing that anybody would have guessed. "],
    ["a heading and the list under it", "## To do\n\n- Call them.\n- Write it down, with the date.\n- Sleep."],
    [
      "what somebody says in a sentence",
      "“We tried it. Nobody came! Shall we try again?” asked Ann, and shut the door.",
    ],
    [
      "what stands in brackets",
      "The keeper (he had been there for years. Nobody knew why.) smiled and went on with it.",
    ],
    ["»German« quotation", "Sie sagte: »Es regnet. Wir bleiben hier. Morgen gehen wir.« und schloss die Tür."],
    ["a sentence with its notes", "It is a gas without colour and without any smell.[1][2–4] [7]"],
    ["a long sentence with commas", `${words(12, ",")} ${words(12, ",")} and so on, as they say.`],
  ])("%s", (_, whole) => neverTorn(whole.trim()));

  test("a list that is longer than a tweet is cut between its items of the first level", () => {
    const item = (n: number) => `- Part ${n}, ${words(12, ",")}\n  - ${words(8)}\n  - ${words(5)}`;
    expect(textsOf([item(1), item(2), item(3)].join("\n"))).toEqual([item(1), item(2), item(3)]);
  });

  test("a sentence that is longer than a tweet is cut between its clauses", () => {
    const clauses = [words(30, ","), words(25, ","), words(28, ".")];
    expect(textsOf(clauses.join(" "))).toEqual([clauses[0], clauses[1], clauses[2]].map(String));
  });

  test("a fence that is longer than a tweet is cut between its lines", () => {
    const lines = Array.from({ length: 14 }, (_, index) => `const value${index} = compute(${index}, "text");`);
    const tweets = textsOf(["```ts", ...lines, "```"].join("\n"));
    expect(tweets.length).toBeGreaterThan(1);
    expect(tweets.flatMap((tweet) => tweet.split("\n"))).toEqual(["```ts", ...lines, "```"]);
  });

  test("the fewest tweets come first for an author who wants that", () => {
    const whole = composeThread(essay);
    const fewest = composeThread(essay, { cut: "fewest" });
    expect(fewest.tweets.length).toBe(whole.tweets.length - 1);
    expect(fewest.tweets.filter(({ tears }) => tears === "sentence")).toHaveLength(1);
    expect(alternativesTo(essay, fewest.tweets.length, { cut: "fewest" })).toMatchObject([
      { tweetCount: whole.tweets.length, tears: [], cut: "whole" },
    ]);
    expect(joinThread(fewest)).toBe(essay.normalize("NFC"));
  });

  const sentences = Object.values(PROSE).flatMap((prose) => prose.split(/(?<=[.!?।។؟۔]["”’»」]?)\s+/u));
  const unit = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...sentences) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("- One item.\n- Another item, longer.\n- A third.", "1. First.\n2. Second.\n"),
    },
    { weight: 1, arbitrary: fc.constantFrom("```\ncode();\nmore();\n```", "> Quoted words.\n> More of them.") },
    { weight: 1, arbitrary: fc.constantFrom("## A heading", "See https://example.com/a/long/path?q=1, please.") },
  );
  const text = fc
    .array(fc.tuple(unit, fc.constantFrom(" ", "\n", "\n\n")), { minLength: 2, maxLength: 40 })
    .map((pieces) => pieces.map(([piece, glue]) => (/\n|^#/.test(piece) ? `\n\n${piece}\n\n` : piece + glue)).join(""));

  test("over generated texts of thirty languages with lists, code, quotations and links: nothing that fits is torn", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(140, 280, 1000), (source, limit) => {
        const { tweets } = composeThread(source, { limit });
        expect(tweets.filter(({ tears }) => tears !== null)).toEqual([]);
        // And tweets are saved only by tearing something, or by cutting at other places what no tweet holds.
        for (const { tweetCount, tears, cuts } of alternativesTo(source, tweets.length, { limit })) {
          const inside = cuts.some(({ kind }) => kind === "clause" || kind === "word");
          if (tweetCount < tweets.length) expect(tears.length > 0 || inside).toBe(true);
        }
      }),
      { numRuns: Number(process.env.COMPOSE_RUNS ?? 500), seed: 52 },
    );
  });
});

describe("scenario 53: --- inside code is the author's text", () => {
  test.each([
    ["a fence", "Two documents:\n\n```yaml\nkind: Pod\n---\nkind: Service\n```\n\nThat is all."],
    ["a fence of tildes", "~~~\na\n---\nb\n~~~"],
    ["a fence that never closes", "```\na\n---\nb"],
    ["four backticks around three", "````\n```\na\n---\nb\n```\n---\n````"],
    ["a fence in a list item", "- item\n  ```\n  a\n---\n  b\n  ```"],
    ["an indented block", "Before:\n\n    a: 1\n    ---\n    b: 2"],
    ["a tab", "Before:\n\n\ta: 1\n\t---\n\tb: 2"],
    ["a diff", "```diff\n--- a/file\n+++ b/file\n---\n```"],
  ])("%s", (_, source) => {
    expect(textsOf(source).join("\n\n")).toContain("---");
    expect(joinThread(composeThread(source))).toBe(source);
    expect(composeThread(source).tweets.every((tweet) => tweet.break.kind !== "author")).toBe(true);
  });

  test("outside of it, a break; behind a closed fence too", () => {
    expect(textsOf("One.\n---\nTwo.")).toEqual(["One.", "Two."]);
    expect(textsOf("```\na\n```\n---\nTwo.")).toEqual(["```\na\n```", "Two."]);
  });

  test("under one short line it may be a heading, and that is said", () => {
    const { tweets, warnings } = composeThread("A title\n---\n\nThe text.");
    expect(tweets.map((tweet) => tweet.text)).toEqual(["A title", "The text."]);
    expect(warnings).toMatchObject([{ code: "break_or_heading", blocking: false }]);
    expect(composeThread("One tweet.\n\n---\n\nAnother.").warnings).toEqual([]);
    expect(composeThread("First line.\nSecond line.\n---\n\nAnother.").warnings).toEqual([]);
  });

  test("written as it is meant, nothing is said any more", () => {
    for (const [source, meant, expected] of [
      ["A title\n---\n\nThe text.", "break", "A title\n\n---\n\nThe text."],
      ["So.\n\nA title\n---\n\nThe text.", "heading", "So.\n\n## A title\n\nThe text."],
      ["One.\n———\nTwo.", "break", "One.\n---\nTwo."],
    ] as const) {
      const [unsure] = findUnsureBreaks(source);
      const sure = unsure && withBreakMeant(source, unsure, meant);
      expect(sure).toBe(expected);
      expect(composeThread(expected).warnings).toEqual([]);
    }
  });

  test.each(["———", "—-", "–––", "—", "---\u00a0"])("a line of %s is no break, and that is said", (line) => {
    const { tweets, warnings } = composeThread(`One.\n${line}\nTwo.`);
    expect(tweets).toHaveLength(1);
    expect(warnings).toMatchObject([{ code: "dashes_no_break", blocking: false }]);
  });

  test.each(["----", "***", "- - -", "___", "> ---", "=="])("a line of %s is neither", (line) => {
    const { tweets, warnings } = composeThread(`One.\n${line}\nTwo.`);
    expect([tweets.length, warnings]).toEqual([1, []]);
  });
});
