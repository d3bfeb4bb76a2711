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
