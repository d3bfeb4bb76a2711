/** Titles and items that bear no mark: what of a text without marks stays together (scenario 52), and what stays as free as it was. */
import { expect, test } from "bun:test";
import { composeThread } from "./compose.ts";
import { labelledLines, titleLines } from "./text-lines.ts";

const words = (count: number) => `Lorem ${"lorem ".repeat(count - 2)}ipsum.`;
const FIRST = words(20);
const PARAGRAPH = `${FIRST} Then comes another sentence, which makes it a paragraph. ${words(14)}`;

test.each([
  ["a title", "Getting started", "\n\n"],
  ["a title without a blank line above it", "What it costs", "\n"],
  ["a title with a heading above it", "# Chapter 2\n\nGetting started", "\n\n"],
  ["a title with an emoji before it", "🧭 Getting started", "\n"],
  ["a title in quotation marks and without case", "「始め方」について", "\n"],
])("directly above its text, %s stays with the first sentence", (_, title, glue) => {
  for (let before = 4; before <= 100; before++) {
    const { tweets } = composeThread([words(before), `${title}\n${PARAGRAPH}`, words(20)].join(glue));
    expect(tweets.filter((tweet) => tweet.tears !== null)).toEqual([]);
    expect(tweets.filter((tweet) => tweet.text.includes(`${title}\n${FIRST}`))).toHaveLength(1);
  }
});

test.each([
  ["a poem", ["Tyger Tyger, burning bright", "In the forests of the night", "What immortal hand or eye"]],
  ["an address", ["Anna Hill", "Long Road 5", "3011 Bern"]],
  ["short lines", ["milk", "eggs", "Bread and butter"]],
  ["a line that ends with a mark", ["I went home,", PARAGRAPH]],
  ["a sentence", ["I went home.", PARAGRAPH]],
  ["the second half of a line", ["We went on and", "Came home then", PARAGRAPH]],
  ["a line in small letters", ["and then i went home", PARAGRAPH]],
])("%s has no title", (_, lines) => {
  expect(titleLines(lines)).toEqual([]);
});

const MORE = "It is what it is, and that is said in a sentence of its own. And in one more.";
const LONGER = "真的是这样，这里再用一句话来说明它。然后还有一句话，也是为了把它说得更清楚一些。";

test.each([
  ["bold", `**Speed**: it is quick. ${MORE}\n**Size**: it is small. ${MORE}\n**Price**: it is free. ${MORE}`],
  ["bold with the colon", `**Speed:** it is quick. ${MORE}\n**Size:** it is small. ${MORE}`],
  ["bold, parted by blank lines", `**Speed**: it is quick. ${MORE}\n\n**Size**: it is small. ${MORE}`],
  ["plain", `Speed: it is quick. ${MORE}\nThe size: it is small. ${MORE}\nPrice: it is free. ${MORE}`],
  ["speakers", `ANNA: Are you there? ${MORE}\nBEN: I am. ${MORE}\nANNA: Good. ${MORE}`],
  ["Chinese", `速度：很快。${LONGER}\n大小：很小。${LONGER}\n价格：免费。${LONGER}`],
  ["definitions", `Tide\n: The sea that comes. ${MORE}\n\nEbb\n: The sea that goes. ${MORE}`],
])("an item of a list without marks is whole: %s", (_, list) => {
  const items = list.split(/\n+(?!:)/);
  for (let before = 4; before <= 100; before++) {
    const { tweets } = composeThread(`${words(before)}\n\n${list}\n\n${words(20)}`);
    expect(tweets.filter((tweet) => tweet.tears !== null)).toEqual([]);
    for (const item of items) expect(tweets.filter((tweet) => tweet.text.includes(item))).toHaveLength(1);
  }
});

test("what announces the next thing stays with it behind an item without a mark", () => {
  const list = "Speed: it is quick. So much.\nSize: it is small. Not big.\nParts: there are two. They are these:";
  for (let before = 4; before <= 100; before++) {
    const { tweets } = composeThread(`${words(before)}\n\n${list}\n\n- one\n- two\n\n${words(20)}`);
    expect(tweets.some((tweet) => tweet.text.includes("Parts: there are two. They are these:\n\n- one"))).toBe(true);
  }
});

test.each([
  ["two lines with a colon", ["He said: go.", "She said: stay."]],
  ["times and addresses", ["At 10:30 we left.", "https://example.com is it.", "At 11:30 we came."]],
  ["a sentence before the colon", ["I came home. It was: late.", "I saw him. He was: there.", "I left. It was: cold."]],
  ["small letters", ["so it was: late", "so he was: there", "so it was: cold"]],
])("%s are no list", (_, lines) => {
  expect(labelledLines(lines)).toEqual([]);
});

test.each([
  [
    "verse",
    "The wind is in the willow tree,\nThe rain is on the hill;\nThe boats are sailing out to sea,\nAnd I am waiting still.",
  ],
  ["a list with commas", "Eggs from the farm,\nmilk from the shop,\nand bread from yesterday."],
  [
    "a list without spaces",
    "My rules:\n1.Charge more from the first day\n2.Answer the phone in the mornings\n3.Never stock umbrellas",
  ],
  ["a list of rules", "My rules:\nRule 1: Charge more from the first day\nRule 2: Answer the phone in the mornings"],
  [
    "a paragraph that an editor wrapped before capitals",
    "The opening lecture on Thursday will be given by Professor Maria\nGonzalez of the University of California, who will talk about\nDarwin and his books, and there will be one on the next day by\nSir Nicholas Winterbourne.",
  ],
  ["a quotation with its source below", "“Trust is good, and to be trusted is better still.”\nErnest Hemingway, 1948"],
])("%s stays in one tweet", (_, lines) => {
  for (let before = 4; before <= 100; before++) {
    const { tweets } = composeThread([words(before), lines, words(20)].join("\n\n"));
    expect(tweets.filter(({ text }) => text.includes(lines))).toHaveLength(1);
  }
});

test.each([
  ["a smile", "That was fun ;)\nWe went home then."],
  ["a question in Greek", "Πού είναι;\nΕδώ είναι."],
])("behind %s the next line is another sentence", (_, lines) => {
  const { tweets } = composeThread(lines, { limit: 20 });
  expect(tweets.map(({ text, tears }) => [text, tears])).toEqual(lines.split("\n").map((line) => [line, null]));
});

test("lines of a form that begin with small letters are lines, though one of them ends a sentence", () => {
  const lines =
    "name: the first one\nsize: quite large in fact. it has a roof\ncolour: red\nplace: at the corner of the street";
  const { tweets } = composeThread(lines, { limit: 60 });
  expect(tweets.flatMap(({ text }) => text.split("\n"))).toEqual(lines.split("\n"));
});

test("each source of a list of them is an item", () => {
  const sources = ["[1] Knuth, D. The Art of It (1968). Wesley.", "[2] Hoare, C. (1978). On Processes. CACM."];
  expect(composeThread(sources.join("\n"), { limit: 70 }).tweets.map(({ text }) => text)).toEqual(sources);
});

test("the number of what a sentence counts stays with it", () => {
  for (let limit = 40; limit <= 120; limit++) {
    const counted =
      "The rules say (4) that nobody may enter; (5) that nobody may leave; and (6) that all of us must wait.";
    for (const { text } of composeThread(counted, { limit }).tweets) expect(text).not.toMatch(/\(\d\)$/);
  }
});
