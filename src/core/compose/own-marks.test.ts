/** What the author's own marks mean: numbers, addresses, names at the start, Markdown (scenarios 54 to 57). */
import { describe, expect, test } from "bun:test";
import { composeThread } from "./compose.ts";
import { findLinks } from "./links.ts";
import { findPastedLinks } from "./pasted-links.ts";
import { buildPreview } from "./preview.ts";
import { joinThread } from "./testing.ts";

const textsOf = (text: string, limit = 280) => composeThread(text, { limit }).tweets.map((tweet) => tweet.text);
const codesOf = (text: string) => buildPreview([{ text }]).tweets[0]?.warnings.map(({ code }) => code) ?? [];

describe("scenario 54: a thread that its author numbered", () => {
  test.each([
    ["1/", "1/ First.\n\n2/ Second.\n\n3/ Third."],
    ["1/3", "1/3 First.\n2/3 Second.\n3/3 Third."],
    ["1/n", "1/n First.\n\n2/n Second.\n\n3/n Third."],
    ["(2/3)", "(1/3) First.\n\n(2/3) Second.\n\n(3/3) Third."],
    ["a thread sign", "🧵 1/3 First.\n\n2/3 Second.\n\n3/3 Third."],
    ["keycaps", "1️⃣ First.\n\n2️⃣ Second.\n\n3️⃣ Third."],
    ["Tweet 1:", "Tweet 1: First.\n\nTweet 2: Second.\n\nTweet 3: Third."],
    ["numbers alone in a line", "1/\nFirst.\n\n2/\nSecond.\n\n3/\nThird."],
    ["at the end", "First. 1/3\n\nSecond. 2/3\n\nThird. 3/3"],
    ["in brackets at the end", "First. (1/3)\n\nSecond. (2/3)\n\nThird. (3/3)"],
    ["in the signs of East Asia", "（１／３）First.\n\n（２／３）Second.\n\n（３／３）Third."],
    ["in the signs of East Asia at the end", "First。（1/3）\n\nSecond。（2/3）\n\nThird。（3/3）"],
    ["in Devanagari", "१/ First.\n\n२/ Second.\n\n३/ Third."],
    ["in Arabic digits", "١/٣ First.\n\n٢/٣ Second.\n\n٣/٣ Third."],
    ["in Persian digits at the end", "First. (۱/۳)\n\nSecond. (۲/۳)\n\nThird. (۳/۳)"],
    ["in Bengali", "(১/৩) First.\n\n(২/৩) Second.\n\n(৩/৩) Third."],
    ["at the ends of lines", "First. 1/3\nSecond. 2/3\nThird. 3/3"],
    ["in a line below", "First.\n1/3\n\nSecond.\n2/3\n\nThird.\n3/3"],
    ["in a paragraph below", "First.\n\n(1/3)\n\nSecond.\n\n(2/3)\n\nThird.\n\n(3/3)"],
    ["in words below", "First.\nTweet 1\n\nSecond.\nTweet 2\n\nThird.\nTweet 3"],
    ["in bold", "**1/3** First.\n\n**2/3** Second.\n\n**3/3** Third."],
    ["bold words", "**Tweet 1:**\nFirst.\n\n**Tweet 2:**\nSecond.\n\n**Tweet 3:**\nThird."],
    ["headings", "### Tweet 1 (the hook)\nFirst.\n\n### Tweet 2\nSecond.\n\n### Tweet 3\nThird."],
    ["1 of 3:", "1 of 3: First.\n\n2 of 3: Second.\n\n3 of 3: Third."],
    ["(1 of 3) at the end", "First. (1 of 3)\n\nSecond. (2 of 3)\n\nThird. (3 of 3)"],
    ["a thread sign at the end", "First. 🧵1/3\n\nSecond. 🧵2/3\n\nThird. 🧵3/3"],
    ["what points on behind the number", "First. (1/3) 🧵👇\n\nSecond. (2/3)\n\nThird. (3/3)"],
    ["an ellipsis behind the number", "1/3… First.\n\n2/3… Second.\n\n3/3… Third."],
    ["with lines of --- as well", "1/ First.\n---\n2/ Second.\n---\n3/ Third."],
  ])("%s: one tweet for each number", (_, source) => {
    const composition = composeThread(source);
    expect(composition.tweets.map(({ text }) => /First|Second|Third/.exec(text)?.[0])).toEqual([
      "First",
      "Second",
      "Third",
    ]);
    expect(joinThread(composition)).toBe(source);
    expect(() => composeThread(source, { numbering: { form: "1/n", place: "end" } })).toThrow(
      expect.objectContaining({ code: "NUMBERED_TWICE" }),
    );
  });

  test("numbers in lines of their own belong to what follows where something follows the last", () => {
    expect(textsOf("How it began.\n1/2\nFirst.\n2/2\nSecond.")).toEqual([
      "How it began.",
      "1/2\nFirst.",
      "2/2\nSecond.",
    ]);
  });

  test("a first tweet without a number stands before them", () => {
    expect(textsOf("How it began 🧵👇\n\n1/ First.\n\n2/ Second.")).toEqual([
      "How it began 🧵👇",
      "1/ First.",
      "2/ Second.",
    ]);
  });

  test("what is too long for its number is said", () => {
    const { tweets, warnings } = composeThread(`1/ ${"Some words here. ".repeat(30)}\n\n2/ Second.`);
    expect(tweets).toHaveLength(3);
    expect(warnings).toMatchObject([{ code: "own_number_long" }]);
  });

  test.each([
    ["mixed with a last 3/3", "1/ First.\n\n2/ Second.\n\n3/3 Third."],
    ["with a count at the first alone", "1/3 First.\n2/ Second.\n3/ Third."],
    ["from the second on", "First.\n\n2/ Second.\n\n3/ Third."],
  ])("%s: one tweet for each number", (_, source) => {
    expect(textsOf(source).map((text) => /First|Second|Third/.exec(text)?.[0])).toEqual(["First", "Second", "Third"]);
  });

  test.each([
    ["a number is missing", "1/ First.\n\n2/ Second.\n\n4/ Third.", "1, 2, 4: 3 is missing"],
    ["one line each, and one is missing", "1/ First.\n2/ Second.\n4/ Third.", "1, 2, 4: 3 is missing"],
    ["with a count", "1/4 First.\n\n2/4 Second.\n\n4/4 Third.", "1, 2, 4 of 4: 3 is missing"],
    ["fewer than the count", "1/5 First.\n\n2/5 Second.\n\n3/5 Third.", "1, 2, 3 of 5: 4 is missing"],
    ["two counts", "1/3 First.\n\n2/3 Second.\n\n3/4 Third.", "1, 2, 3 of 4: 4 is missing"],
    ["doubled", "1/ First.\n\n2/ Second.\n\n2/ Third.", "1, 2, 2: 2 comes twice"],
    ["out of order", "1/ First.\n\n3/ Second.\n\n2/ Third.", "1, 3, 2: they are out of order"],
    ["at the end", "First. 1/4\n\nSecond. 2/4\n\nThird. 4/4", "1, 2, 4 of 4: 3 is missing"],
    ["keycaps", "1️⃣ First.\n\n2️⃣ Second.\n\n4️⃣ Third.", "1, 2, 4: 3 is missing"],
    ["words", "Tweet 1: First.\n\nTweet 2: Second.\n\nTweet 4: Third.", "1, 2, 4: 3 is missing"],
  ])("a slip, %s: one tweet for each number, and it is said", (_, source, said) => {
    const { tweets, warnings } = composeThread(source);
    expect(tweets.map(({ text }) => /First|Second|Third/.exec(text)?.[0])).toEqual(["First", "Second", "Third"]);
    expect(warnings).toMatchObject([{ code: "own_numbers_unsure", blocking: false }]);
    expect(warnings[0]?.message).toContain(said);
  });

  test.each([
    ["below an introduction", "How we do it:\n\n1️⃣ Ask.\n\n2️⃣ Listen.\n\n3️⃣ Thank."],
    ["above a closing paragraph", "1️⃣ Ask.\n\n2️⃣ Listen.\n\n3️⃣ Thank.\n\nThat is all. Now you know as much as we do."],
  ])("keycaps %s are a list, and it is said", (_, source) => {
    const { tweets, warnings } = composeThread(source);
    expect(tweets.map(({ text }) => text)).toEqual([source]);
    expect(warnings).toMatchObject([{ code: "own_numbers_unsure" }]);
  });

  test("numbers inside of lines are said to part nothing", () => {
    expect(composeThread("1/ One here. 2/ Two here. 3/3 Three here.").warnings).toMatchObject([
      { code: "own_numbers_unsure" },
    ]);
  });

  test.each([
    ["scores", "4/5 Dune is good.\n\n3/5 Alien is not.\n\n5/5 Heat is great."],
    ["amounts in a recipe", "1/4 tsp salt\n1/4 tsp pepper\n3/4 cup milk"],
    ["a fraction", "Take 1/2 cup of sugar.\n\n2/3 of it goes into the bowl."],
    ["fractions at the start of lines", "1/2 cup of sugar\n2/3 cup of flour\n3/4 cup of milk"],
    ["a date", "On 1/2 we met.\n\nOn 2/2 we parted."],
    ["a score", "I give it 1/5.\n\nHe gave it 4/5."],
    ["a short list with keycaps", "To buy:\n1️⃣ Milk\n2️⃣ Eggs"],
    ["a numbered list", "1. Milk\n2. Eggs\n3. Tea"],
    ["one number", "1/ Only this."],
    ["numbers in code", "```\n1/ a\n2/ b\n```"],
    ["counts in sentences", "1 of 3 eggs hatched.\n\n2 of 3 were cold.\n\n3 of 3 were counted."],
    ["headings of parts", "## Part 1: Setup\n\nDo it.\n\n## Part 2: Use\n\nUse it."],
    ["paths", "1/*.txt is first.\n\n2/*.txt is next."],
    ["ratings at the ends of lines", "Dune 1/3\nAlien 2/3\nHeat 3/3\nThat is all."],
  ])("%s is prose", (_, source) => {
    expect(textsOf(source)).toEqual([source]);
  });
});

describe("scenario 55: an address of which X links only the beginning", () => {
  test.each([
    ["https://ja.wikipedia.org/wiki/日本", "https://ja.wikipedia.org/wiki/", "%E6%97%A5%E6%9C%AC"],
    ["https://example.com/page#src=a()", "https://example.com/page#src=a", "%28%29"],
    ["https://ru.wikipedia.org/wiki/Москва_(город)…", "", ""],
  ])("%s", (address, linked, encoded) => {
    const found = findPastedLinks(`See ${address} today.`);
    if (linked === "") return;
    expect(found).toHaveLength(1);
    const warning = buildPreview([{ text: `See ${address} today.` }]).tweets[0]?.warnings.find(
      ({ code }) => code === "link_partial",
    );
    expect(warning?.message).toContain(`“${linked}” of “${address}”`);
    expect(warning?.message).toContain(encoded);
  });

  test.each([
    "http://пример.рф/путь?q=да",
    "https://bücher.example.com/wiki/日本(東京)/x?y=1",
    "https://example.org/#src=a()&b=c",
    "https://zh.wikipedia.org/wiki/北京#历史",
  ])("the address that is offered for %s is linked as a whole", (address) => {
    const [warning] = buildPreview([{ text: `See ${address} today.` }]).tweets[0]?.warnings ?? [];
    const offered = /Write (\S+) to have/.exec(warning?.message ?? "")?.[1] ?? "";
    expect(findLinks(offered)).toMatchObject([{ start: 0, end: offered.length }]);
  });

  test("it is never cut in two, in any script", () => {
    for (const address of [
      "https://ja.wikipedia.org/wiki/日本の歴史",
      "https://example.com/#src=a()b",
      "https://th.wikipedia.org/wiki/ประเทศไทย",
    ]) {
      for (let before = 1; before < 60; before += 3) {
        const source = `${"ab ".repeat(before)}${address} ${"cd ".repeat(12)}`.trim();
        expect(textsOf(source, 100).filter((tweet) => tweet.includes(address))).toHaveLength(1);
      }
    }
  });

  test.each([
    "See https://example.com/a(b) and (https://example.com/c).",
    "https://example.com/a, https://example.com/b; done!",
    "见https://example.com。他来了。",
    "「https://example.com/a」と言った",
  ])("nothing is said of %s", (text) => {
    expect(codesOf(text)).not.toContain("link_partial");
  });
});

describe("scenario 56: Markdown is posted as it stands, and that is said", () => {
  test.each([
    "**bold** words",
    "a [link](https://example.com)",
    "an ![image](a.png)",
    "# Title",
    "words <!-- note -->",
    "__so__",
    "this *is* so",
    "_Moby Dick_ is long",
    "a <b>bold</b> word",
    "one<br>two",
    "<details>\n<summary>More</summary>\n\nHidden.\n</details>",
    "salt &amp; pepper",
    "see <https://example.com>",
  ])("%s", (text) => expect(codesOf(text)).toContain("markdown_shown"));
  test.each(["2 ** 3 ** 4", "snake__case__name", "`**code**`", "#hashtag", "a [1] note", "C# and F#", "* item"])(
    "not of %s",
    (text) => expect(codesOf(text)).not.toContain("markdown_shown"),
  );
});

describe("scenario 57: a tweet that begins with a name", () => {
  test("is said when the author begins one so", () => {
    expect(codesOf("@someone wrote this")).toContain("starts_with_mention");
    expect(codesOf("This is by @someone")).not.toContain("starts_with_mention");
  });
  test("is not made by a cut where there is another place", () => {
    const sentence = "Words and words and some more words, and then a few of them again to fill it. ";
    const tweets = textsOf(`${sentence.repeat(3)}@someone said it first, long ago. ${sentence.repeat(2)}`);
    expect(tweets.length).toBeGreaterThan(1);
    expect(tweets.filter((tweet) => tweet.startsWith("@"))).toEqual([]);
  });
  test("nor with a name behind a wide sign", () => {
    const sentence = "Words and words and some more words, and then a few of them again to fill it. ";
    for (const sign of ["@", "＠"]) {
      const tweets = textsOf(`${sentence.repeat(3)}${sign}someone said it first, long ago. ${sentence.repeat(2)}`);
      expect(tweets.filter((tweet) => /^[@＠]/.test(tweet))).toEqual([]);
    }
  });
});

test.each([
  ["types, comparisons and placeholders", "Array<string>, Map<T>, a < b and c > d, <your-name>"],
  ["what is no escape", "R&D; AT&T; x &foobar; y"],
  ["signs of formulas and paths", "2*3*4, snake_case_name, /usr/_local_/x, src/*/x and *.ts, *.js"],
  ["names between two underscores", "Python calls __init__ and __name__."],
  ["what a fence holds", "```sh\n# a comment, **raw**\n```"],
  ["what is indented as code", "Write this:\n\n    <b>*x*</b>\n\n    **y**\n\nThat is all."],
  ["signs that no line of words stands above", "a == b\n\n====\n\nx"],
  ["what strip leaves", "2**3**4 and text**bold**text"],
])("scenario 56: %s are no Markdown that is shown", (_, text) => {
  expect(codesOf(text)).not.toContain("markdown_shown");
});

test("scenario 56: the marks that X will show are named", () => {
  const { message } = buildPreview([{ text: "__so__ and ~~gone~~" }]).tweets[0]?.warnings[0] ?? { message: "" };
  expect(message).toContain("__ ~~ will be seen");
  const html = buildPreview([{ text: "<b>Salt</b> &amp; *pepper*" }]).tweets[0]?.warnings[0];
  expect(html?.message).toContain("* <b> </b> &amp; will be seen");
});

test("scenario 56: a line of ==== under a heading is named", () => {
  expect(codesOf("A title\n=====\n\nAnd words.")).toContain("markdown_shown");
});

test.each([
  ["a sign before", ["#1/3", "#2/3", "#3/3"]],
  ["the word for a thread", ["Hilo 1/3", "Hilo 2/3", "Hilo 3/3"]],
  ["it in another language", ["Тред 1/3:", "Тред 2/3:", "Тред 3/3:"]],
  ["the word at the first alone", ["スレッド 1/3", "2/3", "3/3"]],
  ["the slash of typesetters", ["1⁄3", "2⁄3", "3⁄3"]],
])("scenario 54: numbers with %s are the author's", (_, numbers) => {
  const parts = numbers.map((number) => `${number} Words of a tweet.`);
  expect(textsOf(parts.join("\n\n"))).toEqual(parts);
});

test("scenario 54: halves of a cup are no numbers", () => {
  const recipe = "1⁄2 cup of flour\n1⁄2 cup of milk\n1⁄4 cup of oil";
  expect(textsOf(recipe)).toEqual([recipe]);
});

test("what NFC makes another character is said, and an accent that looks the same is not", () => {
  const { warnings } = composeThread("20 \u212b and \uf900");
  expect(warnings.map(({ code }) => code)).toEqual(["characters_normalised"]);
  expect(warnings[0]?.message).toContain("U+212B) as U+00C5");
  expect(composeThread("cafe\u0301").warnings).toEqual([]);
});
