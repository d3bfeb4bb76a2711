/** Markdown taken out for X, which shows it as it is written (scenario 56). */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Lexer, type Token } from "marked";
import { findFences } from "./fences.ts";
import { stripMarkdown } from "./markdown.ts";
import { PROSE, TOKENS } from "./testing.ts";

const strip = (text: string) => stripMarkdown(text).text;

test.each([
  ["bold, italic, struck out", "**Bold**, *italic*, __both__ and ~~gone~~.", "Bold, italic, both and gone."],
  ["a heading", "## To *do*\n\nIt.", "To do\n\nIt."],
  ["an author's break under a line", "Title\n---\nText", "Title\n---\nText"],
  ["breaks with blank lines", "One.\n\n---\n\n**Two.**", "One.\n\n---\n\nTwo."],
  ["a link", "See [the docs](https://example.com/a) now.", "See the docs https://example.com/a now."],
  [
    "a link of itself",
    "See [example.com](https://example.com/) and <https://example.com/b>.",
    "See https://example.com/ and https://example.com/b.",
  ],
  ["a link by reference", "See [docs].\n\n[docs]: https://example.com/a", "See docs https://example.com/a."],
  ["a link to a file beside", "See [the notes](notes.md).", "See the notes."],
  ["a list", "- **one**\n- two\n  1. [three](https://example.com)", "- one\n- two\n  1. three https://example.com"],
  ["a quotation", "> **So** it is.\n> *And* so.", "> So it is.\n> And so."],
  ["a fence", "```md\n**raw** # --- <!-- x -->\n---\n```", "```md\n**raw** # --- <!-- x -->\n---\n```"],
  ["a code span", "Call `a ** b` *now*.", "Call `a ** b` now."],
  [
    "comments and tags",
    "One<!-- not this --> two<br>three <b>four</b>.\n\n<!-- nor this -->\n\nEnd.",
    "One two\nthree four.\n\nEnd.",
  ],
  ["what only looks like it", "2 * 3 * 4, snake_case_name and 5 < 6", "2 * 3 * 4, snake_case_name and 5 < 6"],
  ["an escaped mark", "\\*not\\* bold", "*not* bold"],
  [
    "a path of Windows",
    "Open C:\\Users\\me\\_data and C:\\Program Files\\#a, **now**.",
    "Open C:\\Users\\me\\_data and C:\\Program Files\\#a, now.",
  ],
  [
    "other paths of Windows",
    "\\\\server\\share\\-x, %TEMP%\\_a, dir\\_b\\*.txt",
    "\\\\server\\share\\-x, %TEMP%\\_a, dir\\_b\\*.txt",
  ],
  ["a path whose backslashes are escaped", "C:\\\\Users\\\\me", "C:\\Users\\me"],
  ["references to characters", "5 &lt; 6 &amp;&amp; caf&eacute; &#8217; AT&T `&amp;`", "5 < 6 && café ’ AT&T `&amp;`"],
  [
    "an address with &amp;",
    "[a](https://a.co/?x=1&amp;y=2) https://a.co/?x=1&amp;y=2",
    "a https://a.co/?x=1&y=2 https://a.co/?x=1&y=2",
  ],
  ["words struck through before others", "~~old~~new and ~~$10~~ $5", "old new and $10 $5"],
  [
    "a table",
    "| **a** | `b` |\n|---|---|\n| [c](https://c.co) | d |",
    "| a | `b` |\n|---|---|\n| c https://c.co | d |",
  ],
  ["an image between words", "a![b](b.png)c", "a c"],
  ["blocks of HTML", "<p>One</p><p>Two <code>x</code></p>", "One\nTwo `x`"],
])("%s", (_, markdown, plain) => {
  expect(strip(markdown)).toBe(plain);
});

test.each([
  "2*3*4",
  "5 * 3 * 2",
  "a*b*c in prose",
  "x**2 + y**2 = 2**3**4",
  "E=mc**2**",
  "snake_case_name, __init__ and __main__.py",
  "_foo_bar_ and self._x_.y",
  "foo.__bar__()",
  "f(*args, **kwargs)",
  "src/*/foo/*.ts and **/*.ts, **/*.js",
  "/*x*/ int*p, *q",
  "between ~5-~6 km and ~10/~20",
  "un*frigging*believable",
  "Array<string>, Promise<void>, <your-name> and <T>",
  "if a <b and c> d",
  "¯\\_(ツ)_/¯",
  "\\(a + b\\) and \\[ x \\]",
  "A note.[^1]\n\n[^1]: https://example.com",
  "1*2*3, 10*x*y, 2 *3* 4",
  "So:\n\n$$\na_1 *b* &= c \\\\\nd\n$$\n\nThen:\n\n\\[\n*x* \\_ y\n\\]",
  "- a\n\n  \\begin{align}\n  *x* \\\\\n  y\n  \\end{align}",
])("what is no markup for sure stays: %s", (text) => expect(strip(text)).toBe(text));

test.each([
  ["**bold**text and text**bold**", "boldtext and textbold"],
  ["这是**重要**的，*很*好", "这是重要的，很好"],
  ["**중요**합니다", "중요합니다"],
  ["**50%** of **C++** in **.env**", "50% of C++ in .env"],
  ["(*so*), “*so*” — *so*! *Titanic*’s", "(so), “so” — so! Titanic’s"],
  ["***both***, **_both_** and *__both__*", "both, both and both"],
  ['<a href="x">a</a> <b>b</b><br/>c', "a b\nc"],
  ["> *so* a*b*c **x**", "> so a*b*c x"],
])("what is markup for sure goes: %s", (markdown, plain) => expect(strip(markdown)).toBe(plain));

test("images are named with the place at which they stood", () => {
  const { text, images } = stripMarkdown("First.\n\n![A bay](bay.png)\n\nSecond ![](https://example.com/x.png) here.");
  expect(text).toBe("First.\n\nSecond  here.");
  expect(images).toEqual([
    { source: "bay.png", alt: "A bay", offset: 6 },
    { source: "https://example.com/x.png", alt: "", offset: 15 },
  ]);
});

const lines = fc.constantFrom(
  ...Object.values(PROSE).slice(0, 6),
  "```",
  "~~~",
  "````",
  "    code",
  "- item",
  "1. item",
  "> quoted",
  "# Heading",
  "| a | b |",
  "---",
  "",
  "",
  "**bold**",
);
const documents = fc.array(lines, { minLength: 1, maxLength: 12 }).map((all) => all.join("\n"));

test("what it makes has no Markdown left to take out, over generated documents", () => {
  const words = fc.array(fc.constantFrom(...TOKENS, "**b**", "_i_", "[l](https://a.io)", "\n\n", "## h\n", "---\n"), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(words, (pieces) => {
      const once = strip(pieces.join(" "));
      expect(once).not.toMatch(/(?<![*\w`\\])\*\*\w[^*\n`]*\*\*(?![*\w])/);
      expect(once.length).toBeLessThanOrEqual(pieces.join(" ").length + pieces.length * 20);
    }),
    { numRuns: 500, seed: 56 },
  );
});

/** The lines of fenced code by the parser, at the top of the document. */
function fencesOfParser(text: string): string[] {
  const fenced = (token: Token) =>
    token.type === "code" && !("codeBlockStyle" in token && token.codeBlockStyle === "indented");
  return new Lexer({ gfm: true })
    .lex(text)
    .filter(fenced)
    .map((token) => token.raw.trim());
}

test("scenario 53: fences are where a parser of CommonMark sees them, over generated documents", () => {
  fc.assert(
    fc.property(documents, (text) => {
      // A fence in a list or a quotation is the block's own for the parser.
      if (/^(?:- item|1\. item|> quoted|\| a)/m.test(text)) return;
      expect(findFences(text).map(({ start, end }) => text.slice(start, end).trim())).toEqual(fencesOfParser(text));
    }),
    { numRuns: 1000, seed: 53 },
  );
});

test("scenario 56: what was struck through is told", () => {
  expect(stripMarkdown("~~a b~~ c ~~d~~").struck).toEqual(["a b", "d"]);
});

test.each([
  ["> ", 97_500],
  ["- ", 90_000],
  [`${"> ".repeat(60)}a\n`, 1_500],
])("what is nested without an end is refused before it is parsed: %j", (line, count) => {
  expect(() => stripMarkdown(line.repeat(count))).toThrow(expect.objectContaining({ code: "TEXT_TOO_LONG" }));
});

test("a paragraph that the parser takes too long for is refused, and as many words in short ones are not", () => {
  const sentence = "Words *and* words, and some more of them. ";
  expect(() => stripMarkdown(sentence.repeat(2000))).toThrow(
    expect.objectContaining({ code: "TEXT_TOO_LONG", message: expect.stringContaining("paragraph") }),
  );
  expect(stripMarkdown(`${sentence.repeat(20)}\n\n`.repeat(100)).text).not.toContain("*");
});
