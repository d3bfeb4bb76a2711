/** Scenario 52 in the shapes of Markdown: what a reader takes in as one thing stays whole wherever it stands in a text. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { composeThread } from "./compose.ts";
import { joinThread, PROSE } from "./testing.ts";
import { weightedLength } from "./weighted-length.ts";

const words = (count: number) => `Lorem ${"lorem ".repeat(count - 2)}ipsum.`;
const S = "This is a sentence of some length, which says a thing or two.";
const T = "Another sentence stands here to make the thing a bit longer.";

test.each([
  ["setext =", `A title\n=====\n\n${S}`],
  ["setext -", `A title\n-----\n\n${S}`],
  ["setext no blank", `A title\n=======\n${S}`],
  ["setext --", `A title\n--\n\n${S}`],
  ["setext list", `Shopping\n========\n\n- milk, the good one\n- eggs, twelve of them\n- bread`],
  ["setext two-line", `A title that goes\non here\n=====\n\n${S}`],
  ["setext fence", "Code\n----------\n\n```js\nconst a = 1;\n\nconst b = 2;\n```"],
  ["setext quote", "Words\n=====\n\n> Quoted words are here. And more of them.\n> Last line."],
  ["setext table", "Prices\n=====\n\n| a | b |\n| - | - |\n| c | d |"],
  ["setext then atx", `Title\n=====\n\n## Second\n\n${S}`],
  ["unicode underline", `Заголовок\n─────────\n\n${S}`],
  ["double line", `=====\nTitle\n=====\n\n${S}`],
  ["### list", `### To do\n\n- call them today\n- write it all down\n- sleep`],
  ["### fence", "### Code\n\n```\nfoo();\n\nbar();\n```"],
  ["### fence direct", "### Code\n```\nfoo();\nbar();\n```"],
  ["### quote", "### Words\n\n> One. Two. Three.\n> Four."],
  ["### quote+source", "### Words\n\n> One. Two. Three.\n> Four.\n\n— Somebody, somewhere"],
  ["### table", "### Prices\n\n| a | b |\n| - | - |\n| c | d |\n| e | f |"],
  ["two headings", `# One\n\n## Two\n\n${S}`],
  ["three headings", `# One\n## Two\n### Three\n\n${S}`],
  ["heading two sentences", `## What is it? And why now?\n\n${S}`],
  ["heading+intro+list", `## Shopping\n\nWhat you need:\n\n- milk\n- eggs`],
  ["heading ::: ", `## A\n\n:::note\nText here. More text.\n:::`],
  ["item 2 paras", `- First paragraph of the item. It has two sentences.\n\n  Second paragraph of the item.`],
  ["item 3 paras", `- ${S}\n\n  ${T}\n\n  The end of it.`],
  ["item 1. para", `1. ${S}\n\n   ${T}`],
  ["item 1. para 2sp", `1. ${S}\n\n  ${T}`],
  ["item 4sp", `- ${S}\n\n    ${T}`],
  ["item tab", `- ${S}\n\n\t${T}`],
  ["10. para", `10. ${S}\n\n    ${T}`],
  ["item fence", "- Do this now.\n\n  ```sh\n  npm install\n\n  npm test\n  ```\n\n  Then that."],
  ["item fence direct", "1. Do this now.\n   ```sh\n   npm install\n   npm test\n   ```"],
  ["item begins fence", "- ```sh\n  npm install\n  npm test\n  ```\n  And so on."],
  ["item nested", "- Fruit. All of it.\n  - apples\n  - pears\n\n    Soft ones.\n- Bread."],
  ["item nested loose", "- Fruit. All of it.\n\n  - apples\n\n  - pears\n\n- Bread."],
  ["item quote", "- He said it.\n\n  > Quoted words. More.\n  > And more.\n\n  Then he left."],
  ["item quote 1st", "- > Quoted words. More.\n  > And more."],
  ["item table", "- Prices here.\n\n  | a | b |\n  | - | - |\n  | c | d |"],
  ["en dashes", "– the first of them\n– the second. And more.\n– the third one"],
  ["en dashes and a colon", "What you need:\n– milk\n– eggs, twelve of them\n– bread"],
  ["quotation and its source behind an en dash", "“Words are here. And more.”\n– Somebody, 1843"],
  ["step and code", "Step 1: Install it.\n\n```sh\nnpm i -g psn\n\npsn --version\n```"],
  ["question and answer", "Q: Does it work on Windows?\n\nA: Yes, it does."],
  ["bare title", `Getting started\n\n${words(24)}`],
  ["loose list", "- The first one of them.\n\n- The second one.\n\n- The third one of all."],
  ["loose numbered", "1. The first one of them.\n\n2. The second one.\n\n3. The third one of all."],
  ["loose with paras", "1. One.\n\n   More of one.\n\n2. Two.\n\n   More of two."],
  ["checkbox", "- [ ] One thing. With two.\n- [x] Two things."],
  ["cyrillic letters", "а) первое дело\nб) второе дело. И ещё.\nв) третье"],
  ["chinese list", "一、背景介绍在这里。还有一句。\n二、方法。\n三、结论。"],
  ["jp nakaguro", "・牛乳を買う。\n・卵を十二個。\n・パン"],
  ["circled", "①一つ目。\n②二つ目。もう一つ。\n③三つ目。"],
  ["devanagari list", "१. पहला काम है।\n२. दूसरा काम। और।\n३. तीसरा"],
  ["arabic list", "١. أول شيء هنا.\n٢. ثاني شيء.\n٣. ثالث"],
  ["korean", "가. 첫째.\n나. 둘째. 그리고.\n다. 셋째."],
  ["roman", "i) one thing\nii) two things. And.\niii) three"],
  ["a.", "a. one thing\nb. two things. And.\nc. three"],
  ["1.1.", "1.1. one thing\n1.2. two things. And.\n1.3. three"],
  ["emoji bullets", "✅ One is done. Yes.\n✅ Two is done.\n❌ Three is not."],
  ["grid", "+-----+-----+\n| a   | b   |\n+=====+=====+\n| c   | d   |\n+-----+-----+"],
  [
    "grid multi",
    "+-----+-----+\n| a   | b   |\n| a2  | b2  |\n+-----+-----+\n| c   | d   |\n+-----+-----+\n| e   | f   |\n+-----+-----+",
  ],
  ["grid caption", "Table 1: Prices\n\n+-----+-----+\n| a   | b   |\n+-----+-----+\n| c   | d   |\n+-----+-----+"],
  ["bare table", "name | price\n:--- | ---:\ntea | 3\nbread | 4"],
  ["bare left only", "| name | price\n| --- | ---\n| tea | 3\n| bread | 4"],
  ["bare right only", "name | price |\n--- | --- |\ntea | 3 |\nbread | 4 |"],
  ["psql", " id | name \n----+------\n  1 | foo\n  2 | bar"],
  ["caption table", "Prices of the year\n\n| a | b |\n| - | - |\n| c | d |"],
  ["caption table direct", "Prices of the year.\n| a | b |\n| - | - |\n| c | d |"],
  ["caption colon", "Prices:\n\nname | price\n--- | ---\ntea | 3"],
  ["Table 1.", "Table 1. Prices of the year.\n\n| a | b |\n| - | - |\n| c | d |"],
  ["caption below", "| a | b |\n|---|---|\n| c. D | d |\n\n*Table 1. Prices.*"],
  ["caption below a grid", "+---+---+\n| a | b |\n+---+---+\n\nTable: caption"],
  ["setext of one sign", `Title\n=\n\n${S}`],
  ["a table of HTML", "<table>\n<tr><td>a. B</td></tr>\n<tr><td>c</td></tr>\n</table>"],
  ["a tree", "├── src. A\n│   └── a.ts\n└── test"],
  ["tabs of one colon count", ":::tabs\n:::tab A\na. B\n:::\n:::tab B\nc. D\n:::\n:::"],
  ["template", '{% hint style="info" %}\na. B\n\nc\n{% endhint %}'],
  ["org", "#+BEGIN_QUOTE\na. B\n\nc\n#+END_QUOTE"],
  ["details in an item", "- a. A\n\n  <details>\n  <summary>s</summary>\n  b. B\n  </details>"],
  ["Japanese", "必要なもの：\n・牛乳\n・卵。もう一つ。"],
  ["box", "┌───┬───┐\n│ a │ b │\n├───┼───┤\n│ c │ d │\n└───┴───┘"],
  ["intro list", "What you need:\n\n- milk\n- eggs\n- bread and butter"],
  ["intro direct", "What you need:\n- milk\n- eggs"],
  ["Steps", "Steps:\n1. Go. Now.\n2. Stop."],
  ["ru", "Ингредиенты：\n\n- мука\n- вода"],
  ["zh", "你需要：\n\n- 牛奶\n- 鸡蛋"],
  ["bold intro", "**You need:**\n\n- milk\n- eggs"],
  ["bold intro2", "**You need**:\n\n- milk\n- eggs"],
  ["point down", "Here is how 👇\n\n1. Go. Now.\n2. Stop."],
  ["no colon", "Ingredients\n\n- milk\n- eggs"],
  ["no colon direct", "Ingredients\n- milk\n- eggs"],
  ["intro code", "Run this:\n\n```\nfoo\n\nbar\n```"],
  ["intro quote", "She wrote:\n\n> It is so. It is.\n> Yes."],
  ["math", "$$\na = b + c\n= d\n\\quad e. F\n$$"],
  ["math inline open", "$$ a = b + c\n= d\n\\quad e. F $$"],
  ["math []", "\\[\na = b + c\n= d\n- e. F\n\\]"],
  ["begin", "\\begin{align}\na &= b \\\\\n- c &= d. E\n\\end{align}"],
  ["math one", "$$ a = b. C = d, e = f $$"],
  [":::", ":::note\nText here. More text.\n\nSecond paragraph.\n:::"],
  [":::: nested", "::::tip Title\nText here. More text.\n\n:::note\ninner\n:::\n\nSecond paragraph.\n::::"],
  ["details", "<details>\n<summary>More of it</summary>\n\nText here. More text.\n\n- a\n- b\n\n</details>"],
  ["details 2", "<details><summary>More of it</summary>\n\nText here. More text.\n\nEnd.</details>"],
  ["div", '<div align="center">\n  <b>Hi.</b> There.\n\n  <i>So</i>.\n</div>'],
  ["bb", "[quote]\nText here. More text.\n\nEnd.\n[/quote]"],
  ["footnote", "[^1]: See the book. It is long.\n\n    And this too."],
  ["footnotes", "[^1]: See the book. It is long.\n[^2]: Another one. Also long."],
  ["def", "Term\n: What it means. In two sentences."],
  ["def2", "Term\n\n:   What it means. In two sentences.\n\n    And a paragraph."],
  ["quote fence", "> Text.\n> ```\n> code\n>\n> more\n> ```\n> End. Of it."],
  ["quote paras", "> One. Two.\n>\n> Three. Four.\n>\n> — Ann"],
  ["alert", "> [!NOTE]\n> One. Two."],
  ["wrapped item", "- This is an item whose line was broken by an\neditor without any indentation. It goes on."],
  ["announce nested", "- Do these things:\n  1. one\n  2. two\n- Then that."],
])("scenario 52: whole wherever it stands: %s", (_, whole) => {
  expect(weightedLength(whole)).toBeLessThanOrEqual(280);
  for (let before = 6; before <= 90; before += 4) {
    const source = `${words(before)}\n\n${whole}\n\n${words(20)}`;
    const composition = composeThread(source);
    expect(joinThread(composition)).toBe(source.normalize("NFC"));
    expect(composition.tweets.filter(({ tears }) => tears !== null)).toEqual([]);
    expect(composition.tweets.map(({ text }) => text).join("\n~~~\n")).toContain(whole.trim().normalize("NFC"));
  }
});

/** A piece of a document: its text, what a heading above it must stay with, and what of it must stay whole. */
interface Piece {
  kind: "text" | "lead" | "whole" | "list";
  text: string;
  first: string;
  units: string[];
}

const whole = (text: string): Piece => ({ kind: "whole", text, first: text, units: [text] });
/** Without a mark at its end a short line above a list announces that. */
const endsSentence = (text: string) => /\p{Sentence_Terminal}["”’»」]?$/u.test(text);
const sentence = fc.constantFrom(
  "One short sentence.",
  "Is that so?",
  "Another one, a bit longer than the first, says more.",
  "Nobody had expected that the thing would go on for as long as it did, and yet it did.",
  ...Object.values(PROSE)
    .map((prose) => prose.split(/(?<=\p{Sentence_Terminal})\s*/u)[0] ?? "")
    .filter(endsSentence),
);
const paragraph = fc
  .array(sentence, { minLength: 1, maxLength: 4 })
  .map((all): Piece => ({ kind: "text", text: all.join(" "), first: all[0] ?? "", units: [] }));
const lead = fc
  .constantFrom(
    "# A title",
    "### Вещи",
    "A title\n=====",
    "Two words: and more\n------",
    "What you need:",
    "Ингредиенты：",
    "How 👇",
  )
  .map((text): Piece => ({ ...whole(text), kind: "lead" }));
const verbatim = fc
  .constantFrom(
    "```js\nconst a = 1;\n\nconst b = 2;\n```",
    "~~~\n- a\n---\n# b\n~~~",
    "$$\na = b\n- c. D\n$$",
    "\\[\nx\n=\ny\n\\]",
  )
  .map(whole);
const table = fc
  .constantFrom(
    "| a | b |\n| --- | --- |\n| c | d |",
    "a | b\n--- | ---\nc | d\ne | f",
    "+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+",
  )
  .map(whole);
const quotation = fc
  .array(sentence, { minLength: 1, maxLength: 4 })
  .map((all) => whole(all.map((one) => `> ${one}`).join("\n")));
const leaf = fc.oneof(paragraph, verbatim, table, quotation);

const indented = (text: string, by: number) => text.replace(/\n(?!\n|$)/g, `\n${" ".repeat(by)}`);
/** Two lists with the same mark behind one another are one. */
const apart = (pieces: Piece[]) =>
  pieces.filter(({ kind }, index) => kind !== "list" || pieces[index - 1]?.kind !== "list");
const listOf = (inside: fc.Arbitrary<Piece[]>): fc.Arbitrary<Piece> =>
  fc
    .tuple(
      fc.constantFrom("-", "*", "1.", "•", "а)"),
      fc.constantFrom("\n", "\n\n"),
      fc.array(fc.tuple(paragraph, inside), { minLength: 1, maxLength: 4 }),
    )
    .map(([mark, glue, items]) => {
      const by = mark.length + 1;
      const texts = items.map(([words, more]) =>
        indented(`${mark} ${[words, ...more].map(({ text }) => text).join("\n\n")}`, by),
      );
      const inner = items.flatMap(([, more]) => more.flatMap(({ units }) => units.map((unit) => indented(unit, by))));
      const text = texts.join(glue);
      return { kind: "list", text, first: texts[0] ?? "", units: [...inner, ...texts, text] };
    });
const list = listOf(fc.constant([]));
const richList = listOf(fc.array(fc.oneof(leaf, list), { maxLength: 2 }).map(apart));
const container = fc
  .tuple(
    fc.constantFrom([":::note\n", "\n:::"], ["<details>\n<summary>More</summary>\n\n", "\n\n</details>"]),
    fc.array(fc.oneof(leaf, list), { minLength: 1, maxLength: 3 }).map(apart),
  )
  .map(([[open, close], pieces]): Piece => {
    const text = open + pieces.map((piece) => piece.text).join("\n\n") + close;
    return { ...whole(text), units: [...pieces.flatMap(({ units }) => units), text] };
  });
const documents = fc
  .array(fc.oneof(paragraph, paragraph, lead, verbatim, table, quotation, list, richList, container), {
    minLength: 1,
    maxLength: 8,
  })
  .map(apart);

test("scenario 52: over generated documents, whatever fits stays whole, and a heading with what follows it", () => {
  fc.assert(
    fc.property(documents, fc.constantFrom(140, 280, 500), fc.constantFrom("\n", "\r\n"), (pieces, limit, lineEnd) => {
      const written = (text: string) => text.trim().replaceAll("\n", lineEnd).normalize("NFC");
      const source = written(pieces.map(({ text }) => text).join("\n\n"));
      const composition = composeThread(source, { limit });
      const mustHold = (text: string) => {
        if (weightedLength(written(text)) > limit) return;
        expect(composition.tweets.filter((tweet) => tweet.text.includes(written(text)))).not.toEqual([]);
      };
      expect(joinThread(composition)).toBe(source);
      expect(composition.tweets.filter(({ tears }) => tears !== null)).toEqual([]);
      for (const [index, { kind, text, first, units }] of pieces.entries()) {
        const before = pieces[index - 1];
        const isLed = before?.kind === "lead";
        if (isLed && kind !== "lead") mustHold(`${before.text}\n\n${first}`);
        // A list is cut behind its first item where it does not fit together with its heading.
        for (const unit of units)
          mustHold(isLed && kind === "list" && unit === text ? `${before.text}\n\n${unit}` : unit);
      }
    }),
    { numRuns: Number(process.env.COMPOSE_RUNS ?? 400), seed: 523 },
  );
});
