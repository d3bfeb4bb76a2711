import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cpuMs } from "../../testing/wait.ts";
import { normaliseForMatch, sameText } from "./match.ts";
import { decodeOwnPost } from "./own-posts.ts";

/** X's own library for finding links, which has no types. */
const twitterTextName: string = "twitter-text";
const twitterText: { extractUrlsWithIndices(text: string): { url: string; indices: [number, number] }[] } = (
  await import(twitterTextName)
).default;

const ID = "1989000000000000001";
const decode = (post: object) => decodeOwnPost({ id: ID, text: "", created_at: "2026-11-21T09:00:00.000Z", ...post });
const textOf = (post: object) => decode(post)?.post.text;
const link = (url: string, expanded: string, more: object = {}) => ({
  start: 0,
  end: 0,
  url,
  expanded_url: expanded,
  ...more,
});

describe("both vocabularies", () => {
  const shared = {
    conversation_id: "1989000000000000000",
    in_reply_to_user_id: "7",
    attachments: { media_keys: ["3_1", "3_2"] },
    text: "cut…",
  };
  const references = [
    { type: "quoted", id: "5" },
    { type: "replied_to", id: "1989000000000000000" },
  ];
  const expected = {
    post: {
      id: ID,
      text: "the whole",
      replyToId: "1989000000000000000",
      mediaCount: 2,
      mediaKeys: ["3_1", "3_2"],
      createdAt: new Date("2026-11-21T09:00:00Z"),
      isBeginning: false,
    },
    parentKnown: true,
    textWhole: true,
  };
  test("the older", () => {
    expect(decode({ ...shared, referenced_tweets: references, note_tweet: { text: "the whole" } })).toEqual(expected);
  });
  test("the newer", () => {
    expect(decode({ ...shared, referenced_posts: references, note_post: { text: "the whole" } })).toEqual(expected);
  });
});

describe("scenario 2: X's decorations are undone", () => {
  test("entities once, in one pass", () => {
    expect(textOf({ text: "a &lt;b&gt; &amp; c" })).toBe("a <b> & c");
    expect(textOf({ text: "write &amp;lt; for &lt;" })).toBe("write &lt; for <");
    expect(textOf({ text: "&amp;amp;amp;" })).toBe("&amp;amp;");
  });

  test("links by what was written, not by where they lead", () => {
    const urls = [
      link("https://t.co/aaa", "https://example.com/a?b=1&c=2", { unwound_url: "https://elsewhere.example/" }),
      link("https://t.co/bbb", "http://README.md"),
    ];
    expect(
      textOf({ text: "see https://t.co/aaa and https://t.co/bbb, &amp; https://t.co/aaa", entities: { urls } }),
    ).toBe("see https://example.com/a?b=1&c=2 and http://README.md, & https://example.com/a?b=1&c=2");
  });

  test("a link that runs into the next word is still known", () => {
    const urls = [link("https://t.co/aaa", "http://example.com"), link("https://t.co/aaab", "http://b.example")];
    expect(textOf({ text: "https://t.co/aaaandです https://t.co/aaabc", entities: { urls } })).toBe(
      "http://example.comandです http://b.examplec",
    );
  });

  test("an address keeps an escape of its own", () => {
    const urls = [link("https://t.co/aaa", "https://example.com/?q=&lt;")];
    expect(textOf({ text: "https://t.co/aaa", entities: { urls } })).toBe("https://example.com/?q=&lt;");
  });

  test("the link to the post's own media goes, once for all of them", () => {
    const media = link("https://t.co/mmm", `https://x.com/me/status/${ID}/photo/1`, { display_url: "pic.x.com/mmm" });
    const attachments = { media_keys: ["3_1", "3_2"] };
    expect(textOf({ text: "look https://t.co/mmm", entities: { urls: [media, media] }, attachments })).toBe("look");
    expect(textOf({ text: "https://t.co/mmm", entities: { urls: [media] }, attachments })).toBe("");
    expect(textOf({ text: "look https://t.co/mmm", attachments })).toBe("look");
  });

  test("somebody else's photo at the end is the author's own link", () => {
    const urls = [link("https://t.co/ppp", "https://x.com/other/status/42/photo/1", { display_url: "pic.x.com/ppp" })];
    expect(textOf({ text: "look https://t.co/ppp", entities: { urls }, attachments: { media_keys: ["3_1"] } })).toBe(
      "look https://x.com/other/status/42/photo/1",
    );
  });

  test("an ordinary link at the end of a post with media stays, its media link goes", () => {
    const urls = [
      link("https://t.co/aaa", "https://example.com"),
      link("https://t.co/mmm", `https://twitter.com/me/status/${ID}/video/1`),
    ];
    expect(
      textOf({
        text: "see https://t.co/aaa https://t.co/mmm",
        entities: { urls },
        attachments: { media_keys: ["7_1"] },
      }),
    ).toBe("see https://example.com");
  });

  test("NFC", () => {
    expect(textOf({ text: "cafe\u0301" })).toBe("caf\u00e9");
  });
});

test("a long text that X cut is read from the note, with the note's own links", () => {
  const note = {
    text: "long https://t.co/nnn &amp; more",
    entities: { urls: [link("https://t.co/nnn", "https://note.example")] },
  };
  expect(decode({ text: "long… https://t.co/self", note_tweet: note })).toMatchObject({
    post: { text: "long https://note.example & more" },
    textWhole: true,
  });
});

test("a cut text without its note is known to be only a beginning", () => {
  const urls = [link("https://t.co/self", `https://x.com/i/web/status/${ID}`)];
  expect(decode({ text: "long… https://t.co/self", entities: { urls } })).toMatchObject({
    post: { text: "long…" },
    textWhole: false,
  });
});

test("a reply whose parent X does not name is not taken for a root", () => {
  expect(decode({ text: "x", in_reply_to_user_id: "7" })?.parentKnown).toBe(false);
  expect(decode({ text: "x", conversation_id: "1" })?.parentKnown).toBe(false);
  expect(decode({ text: "x", conversation_id: ID })?.parentKnown).toBe(true);
});

test("nulls, missing fields and nonsense in optional fields do no harm; without id or text there is no post", () => {
  expect(
    decodeOwnPost({
      id: ID,
      text: "x",
      entities: { urls: null },
      attachments: null,
      created_at: 7,
      note_tweet: "?",
      referenced_tweets: [{ type: "replied_to", id: 5 }],
    }),
  ).toMatchObject({ post: { text: "x", mediaCount: 0, createdAt: new Date("2025-11-13T15:54:16.834Z") } });
  for (const raw of [null, [], "x", { id: 5, text: "x" }, { id: "5" }, { text: "x" }])
    expect(decodeOwnPost(raw)).toBeNull();
});

/**
 * What X makes of a text: links found by its own library become t.co, bare ones get a scheme, and the rest is escaped.
 */
function asXShows(sent: string): object {
  const text = sent.normalize("NFC");
  const urls: object[] = [];
  let shown = "";
  let from = 0;
  const escaped = (part: string) => part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  for (const { url, indices } of twitterText.extractUrlsWithIndices(text)) {
    const short = `https://t.co/link${urls.length}`;
    urls.push(link(short, /^https?:/i.test(url) ? url : `http://${url}`));
    shown += escaped(text.slice(from, indices[0])) + short;
    from = indices[1];
  }
  return { text: (shown + escaped(text.slice(from))).trim(), entities: { urls } };
}

describe("matching", () => {
  test("scenario 2: a sent text is recognised in what X shows", () => {
    const pairs: [string, string][] = [
      ["see example.com", "see http://example.com"],
      ["see Example.COM/Path", "see http://example.com/Path"],
      ["see https://example.com/", "see https://example.com"],
      ["(https://example.com/)", "(https://example.com)"],
      ["read README.md.", "read http://readme.md."],
      ["https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"],
      ["  lines\r\nand\n\n\n\nmore  ", "lines\nand\n\nmore"],
      ["cafe\u0301", "caf\u00e9"],
    ];
    for (const [sent, shown] of pairs) expect([sent, sameText(sent, shown)]).toEqual([sent, true]);
  });

  test("scenario 58: what X may drop, replace or escape does not matter", () => {
    const pairs: [string, string][] = [
      ["👩‍👩‍👧‍👦 family", "👩👩👧👦 family"],
      ['it\'s "q"', "it&#39;s &#34;q&#34;"],
      ['it\'s "q"', "it&#x27;s &quot;q&quot;"],
      ["it's café – €5", "it&apos;s caf&eacute; &ndash; &euro;5"],
      ["Tom & Jerry <3", "Tom &amp;amp; Jerry &amp;lt;3"],
      ["co\u00adoperate\u200b now", "cooperate now"],
      ["10\u00a0km\u202fh, 3\u2009m", "10 km h, 3 m"],
      ["10\u00a0km", "10km"],
      ["❤️ and ☺︎", "❤ and ☺"],
      ["\u200eleft\u2066 right\u2069", "left right"],
      ["نمی\u200cخواهم", "نمیخواهم"],
      ["write &quot;", "write &amp;quot;"],
      ["a\ufeffb\u2060c", "abc"],
      ["tab\there\u3000wide", "tab here wide"],
      ["cafe\u200d\u0301", "café"],
    ];
    for (const [sent, shown] of pairs) {
      expect([sent, sameText(sent, textOf({ text: shown }) ?? "")]).toEqual([sent, true]);
    }
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (sent) => {
        const escaped = [...sent.normalize("NFC")].map((one) =>
          /[\w\s]/.test(one) ? one : `&#${one.codePointAt(0)};`,
        );
        expect(sameText(sent, textOf({ text: escaped.join("") }) ?? "")).toBe(true);
      }),
    );
  });

  test("scenario 58: a long text of which X shows the beginning only is recognised by that", () => {
    const sent = `${"A long text, word by word. ".repeat(20)}Its end.`;
    const urls = [link("https://t.co/self", `https://x.com/i/web/status/${ID}`)];
    const cut = decode({ text: `${sent.slice(0, 270)}… https://t.co/self`, entities: { urls } })?.post;
    expect(cut?.isBeginning).toBe(true);
    expect(sameText(sent, cut?.text ?? "", cut?.isBeginning)).toBe(true);
    expect(sameText(`Another ${sent}`, cut?.text ?? "", cut?.isBeginning)).toBe(false);
    expect(sameText("A", "A…", true)).toBe(false);
  });

  test("texts that differ in a word, a letter's case or a link differ", () => {
    expect(sameText("one", "two")).toBe(false);
    expect(sameText("One", "one")).toBe(false);
    expect(sameText("https://a.example/x", "https://a.example/X")).toBe(false);
    expect(sameText("part 1/10", "part 1/1")).toBe(false);
    expect(sameText("version 3.10", "version 3.1")).toBe(false);
  });

  test("scenario 2: whatever X takes for a link, the decorated text is recognised", () => {
    const words = fc.constantFrom(
      "and",
      "漢字",
      "です",
      " ",
      " ",
      "\n",
      "&",
      "<b>",
      "é",
      "e\u0301",
      "👍🏽",
      ".",
      ",",
      "(",
      ")",
      "#tag",
      "@me",
      "3.5",
    );
    const links = fc.constantFrom(
      "example.com",
      "Example.COM/Path?q=1&r=2",
      "https://example.com/",
      "http://a.example.org/x_(y)",
      "README.md",
      "node.js",
      "https://日本.jp/漢",
    );
    const texts = fc.array(fc.oneof(words, links), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (sent) => {
        expect(sameText(sent, textOf(asXShows(sent)) ?? "")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("escaping and decoding by X's rules gives back a text that matches", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (sent) => {
        const escaped = sent.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
        expect(sameText(sent, textOf({ text: escaped.normalize("NFC") }) ?? "")).toBe(true);
      }),
    );
  });
});

test("a hostile text of 25,000 characters is normalised in no time", () => {
  const texts = [
    "a".repeat(25_000),
    "a.".repeat(12_500),
    "http://".repeat(3_500),
    "/".repeat(25_000),
    "a.b/".repeat(6_000),
  ];
  expect(
    cpuMs(() => {
      for (const text of texts) normaliseForMatch(text);
    }),
  ).toBeLessThan(5_000);
});
