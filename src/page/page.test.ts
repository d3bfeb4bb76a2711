import { expect, test } from "bun:test";
import fc from "fast-check";
import { boxRatio, cropOf } from "./geometry.ts";
import { attribute, html, safeUrl } from "./html.ts";
import { pageOf } from "./shell.ts";
import { richText, shortUrl } from "./text.ts";
import { tweetHtml } from "./tweet.ts";
import type { TweetView } from "./views.ts";

const TWEET: TweetView = {
  key: "tweet-1",
  person: { name: "Ann", handle: "ann", url: null, seed: "1", isVerified: false },
  text: "",
  entities: [],
  foldAt: null,
  time: null,
  url: null,
  media: [],
  poll: null,
  quote: null,
  card: null,
  marks: [],
  isDeleted: false,
};

/** The text of markup as a browser reads it. */
const textOf = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'");

test("whatever is put into a template is text, and only what a template made is markup", () => {
  fc.assert(
    fc.property(fc.string(), (said) => {
      const { markup } = html`<p title="${said}">${said}</p>`;
      expect(markup.match(/[<>]/g)).toHaveLength(4);
      expect(markup.match(/"/g)).toHaveLength(2);
      expect(textOf(markup)).toBe(said);
    }),
  );
  expect(html`<b>${[html`<i>${"<x>"}</i>`, null, false, 3]}</b>`.markup).toBe("<b><i>&lt;x&gt;</i>3</b>");
});

test("no template makes a handler, a style or an address that runs a script", () => {
  for (const name of ["onclick", "style", "a b"]) expect(() => attribute(name, "x")).toThrow(TypeError);
  for (const url of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example", "blob:x"]) {
    expect(safeUrl(url)).toBeNull();
  }
  for (const url of ["https://example.com/", "/ann/status/1", "#tweet-1"]) expect(safeUrl(url)).toBe(url);
});

test("among words from right to left an address and a handle run from left to right, a tag as its own letters do", () => {
  const text = "انظر https://example.com/a و @ann و #وسم";
  const entity = (written: string, kind: "url" | "mention" | "hashtag") => {
    const start = text.indexOf(written);
    return { start, end: start + written.length, kind, url: null };
  };
  const entities = [entity("https://example.com/a", "url"), entity("@ann", "mention"), entity("#وسم", "hashtag")];
  const { markup } = richText(text, entities);
  expect([...markup.matchAll(/ dir="(\w+)">([^<]+)</g)].map(([, dir, words]) => [words, dir])).toEqual([
    ["example.com/a", "ltr"],
    ["@ann", "ltr"],
    ["#وسم", "auto"],
  ]);
});

test("a text is shown to the byte: what X writes otherwise keeps the author's words beside it", () => {
  const text = "See https://www.example.com/a/very/long/path/of/it?b=1&c=2 & <b> @ann";
  const end = text.indexOf(" & <b>");
  const { markup } = richText(text, [
    { start: 4, end, kind: "url", url: text.slice(4, end) },
    { start: text.length - 4, end: text.length, kind: "mention", url: null },
  ]);
  expect(textOf(markup)).toBe("See example.com/a/very/long/pa… & <b> @ann");
  expect(markup).toContain('data-text="https://www.example.com/a/very/long/path/of/it?b=1&amp;c=2"');
  expect(shortUrl("http://www.x.org/")).toBe("x.org");
});

test("X's grid: one picture keeps its ratio down to 3:4, two are halves, of three the first is high, four are quarters", () => {
  expect([boxRatio(1, 0, 1.5), boxRatio(1, 0, 0.5), boxRatio(1, 0, null)]).toEqual([1.5, 0.75, 16 / 9]);
  const grid = (count: number) => Array.from({ length: count }, (_, index) => boxRatio(count, index, 1));
  expect(grid(2)).toEqual([8 / 9, 8 / 9]);
  expect(grid(3)).toEqual([8 / 9, 16 / 9, 16 / 9]);
  expect(grid(4)).toEqual(Array(4).fill(16 / 9));
  expect(cropOf(1600, 900, 16 / 9)).toBeNull();
  expect(cropOf(800, 800, 16 / 9)).toMatchObject({ x: 0, y: 175, width: 800, height: 450 });
  expect(cropOf(1000, 500, 1)).toMatchObject({ x: 250, width: 500, lost: 0.5 });
});

test("a tweet says what is cropped, opens its alt text, folds what is long and shows a card only without media", () => {
  const media = [
    { url: "/m/1", kind: "photo", width: 900, height: 300, altText: "A <wide> one", fileName: "a.png" },
    { url: "/m/2", kind: "photo", width: 900, height: 1000, altText: null, fileName: "b.png" },
  ] as const;
  const card = { domain: "example.com", url: "https://example.com/" };
  const { markup } = tweetHtml({ ...TWEET, text: "Words", media, card }, { position: 1, size: 2, label: "1 of 2" });
  expect(markup).toContain("X crops picture 1: 70 % is not seen, at left and right");
  expect(markup).not.toContain("X crops picture 2: 70");
  expect(markup).toContain("A &lt;wide&gt; one");
  expect(markup).toContain("No alt text");
  expect(markup).not.toContain('class="card"');
  const long = tweetHtml(
    { ...TWEET, text: "abc def", foldAt: 3, card },
    { position: 1, size: 1, label: "post" },
  ).markup;
  expect(long).toContain('<span class="rest"> def</span>');
  expect(long).toContain("Show more");
  expect(long).toContain('class="card"');
});

test("a page allows exactly its own style and scripts, by hash, and nothing inline beside them", () => {
  const page = pageOf({ title: "</title><script>", heading: html`x`, main: html`y`, skip: "Skip", scripts: ["1;"] });
  expect(page.html).not.toContain("</title><script>");
  expect(page.policy).toStartWith("default-src 'none'");
  expect(page.policy).not.toContain("unsafe");
  const hashes = [...page.html.matchAll(/<(?:script|style)>([\s\S]*?)<\/(?:script|style)>/g)].map(
    ([, body]) => `'sha256-${new Bun.CryptoHasher("sha256").update(body ?? "").digest("base64")}'`,
  );
  // A style, another where no script runs, and three scripts.
  expect(hashes).toHaveLength(5);
  for (const hash of hashes) expect(page.policy).toContain(hash);
  expect(page.html).not.toMatch(/ style=| on[a-z]+=/);
});
