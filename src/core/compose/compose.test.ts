import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import library from "twitter-text";
import { cpuMs } from "../../testing/wait.ts";
import { findAtoms } from "./atoms.ts";
import { composeThread } from "./compose.ts";
import { findCuts } from "./cuts.ts";
import { affixWeight, NUMBER_FORMS } from "./numbering.ts";
import { openCuts } from "./open-cuts.ts";
import { findSegments } from "./segments.ts";
import { normaliseSource } from "./source.ts";
import { joinThread, PROSE, TOKENS } from "./testing.ts";
import { countTorn } from "./units.ts";
import { measure } from "./weighted-length.ts";

const essay = readFileSync(new URL("../../../examples/essay.txt", import.meta.url), "utf8");
const textsOf = (text: string, limit?: number) =>
  composeThread(text, limit === undefined ? {} : { limit }).tweets.map((tweet) => tweet.text);
const kindsOf = (text: string, limit?: number) =>
  composeThread(text, limit === undefined ? {} : { limit }).tweets.map((tweet) => tweet.break.kind);

/**
 * Text as people paste it together: prose of thirty languages with links, emoji, lists, code, odd spaces and the
 * author's breaks.
 */
const languages = Object.keys(PROSE);
const sentence = fc.constantFrom(
  ...Object.values(PROSE).flatMap((prose) => prose.split(/(?<=[.!?。।။؟۔…]["”’»」]?\s?)/u)),
);
const token = fc.constantFrom(...TOKENS);
const noise = fc.string({ unit: "grapheme", maxLength: 12 });
const glue = fc.constantFrom(" ", " ", " ", "", "\n", "\n\n", "\u00a0", "  ", "\n---\n", "\t");
const piece = fc.oneof(
  { weight: 5, arbitrary: sentence },
  { weight: 3, arbitrary: token },
  { weight: 1, arbitrary: noise },
);
const text = fc
  .array(fc.tuple(piece, glue), { minLength: 1, maxLength: 40 })
  .map((pieces) => pieces.map(([words, space]) => words + space).join(""))
  .filter((words) => !/[\ufffe\ufeff\uffff\p{Surrogate}]/u.test(words) && hasSomethingVisible(words));

const hasSomethingVisible = (words: string) =>
  /[^\s\p{Default_Ignorable_Code_Point}]/u.test(words.replace(/^[ \t]*---[ \t]*$/gm, ""));

const RUNS = Number(process.env.COMPOSE_RUNS ?? 400);

describe("scenario 26: nothing is ever cut off, in any language", () => {
  test.each(languages)("%s: no loss, every tweet fits by twitter-text's own count, no forbidden cut", (language) => {
    const prose = PROSE[language] ?? "";
    for (const limit of [40, 100, 280]) {
      const source = `${prose} ${prose}\n\n${prose}${prose}`;
      const composition = composeThread(source, { limit });
      expect(joinThread(composition)).toBe(source.normalize("NFC"));
      for (const tweet of composition.tweets) {
        expect(tweet.weightedLength).toBeLessThanOrEqual(limit);
        expect(library.parseTweet(tweet.text).weightedLength).toBeLessThanOrEqual(limit);
      }
      expect(kindsOf(source, limit)).not.toContain("grapheme");
    }
  });

  test("over generated text: no loss, within the limit, nothing whole is cut, no white space at the ends", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(60, 140, 280, 1000), (source, limit) => {
        const composition = composeThread(source, { limit });
        expect(joinThread(composition)).toBe(source.normalize("NFC"));
        for (const tweet of composition.tweets) {
          expect(tweet.text).toBe(tweet.text.trim());
          expect(tweet.weightedLength).toBe(measure(tweet.text).weightedLength);
          expect(Math.max(tweet.weightedLength, library.parseTweet(tweet.text).weightedLength)).toBeLessThanOrEqual(
            limit,
          );
          expect(hasSomethingVisible(tweet.separatorAfter)).toBe(false);
        }
        expectNothingWholeIsCut(composition);
      }),
      { numRuns: RUNS, seed: 26 },
    );
  });

  test("over generated text: composing a thread's own tweets again changes nothing", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(60, 280), (source, limit) => {
        const once = composeThread(source, { limit });
        for (const tweet of once.tweets) expect(textsOf(tweet.text, limit)).toEqual([tweet.text]);
        expect(textsOf(joinThread(once), limit)).toEqual(once.tweets.map((tweet) => tweet.text));
        expect(textsOf(once.tweets.map((tweet) => tweet.text).join("\n---\n"), limit)).toEqual(
          once.tweets.map((tweet) => tweet.text),
        );
      }),
      { numRuns: RUNS, seed: 27 },
    );
  });

  test("over generated text: no split at allowed cuts has fewer tweets", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(60, 280), (source, limit) => {
        expect(composeThread(source, { limit }).tweets.length).toBe(fewestByTrying(source, limit));
      }),
      { numRuns: RUNS, seed: 28 },
    );
  });
});

/** Links, mentions, emoji and graphemes of the source are whole in some tweet, unless they are longer than a tweet. */
function expectNothingWholeIsCut({ source, leading, tweets }: ReturnType<typeof composeThread>): void {
  const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" }).segment(source);
  const atoms = findAtoms(source);
  let offset = leading.length;
  for (const tweet of tweets) {
    offset += tweet.body.length;
    const isSoft = tweet.break.kind === "grapheme" || offset === source.length;
    const inside = atoms.find((atom) => atom.start < offset && offset < atom.end);
    if (inside !== undefined) expect(inside.weight).toBeGreaterThan(tweet.limit);
    if (!isSoft) {
      expect(graphemes.containing(offset)?.index).toBe(offset);
      const around = source.slice(Math.max(0, offset - 1), offset + 1);
      // Inside what is written without spaces a cut parts no two Latin letters or digits.
      expect(/^[A-Za-z0-9@#$_]{2}$/.test(around)).toBe(false);
    }
    offset += tweet.separatorAfter.length;
  }
}

/** Fewest tweets by trying every cut after every cut, without what makes the search fast. */
function fewestByTrying(text: string, limit: number): number {
  const source = normaliseSource(text);
  const atoms = findAtoms(source);
  let total = 0;
  for (const segment of findSegments(source, [])) {
    const all = findCuts(source, segment.start, segment.end, atoms);
    const cuts = openCuts(source, all, atoms, limit, countTorn(all, limit, "all"));
    const fewest = [0];
    for (let end = 1; end < cuts.length; end++) {
      fewest[end] = Number.POSITIVE_INFINITY;
      for (let start = 0; start < end; start++) {
        const fits = (cuts.endsAt[end] ?? 0) - (cuts.startsAt[start] ?? 0) <= limit;
        if (fits) fewest[end] = Math.min(fewest[end] ?? 0, (fewest[start] ?? 0) + 1);
      }
    }
    total += fewest.at(-1) ?? 0;
  }
  return total;
}

describe("scenario 11: links are whole and in order, however long the thread", () => {
  test("a thousand links", () => {
    const links = Array.from(
      { length: 1000 },
      (_, index) => `https://example.com/page/${index}?q=${"x".repeat(index % 50)}`,
    );
    const source = links.map((link, index) => `Number ${index} is at ${link} and`).join(" ");
    const tweets = textsOf(source);
    expect(tweets.length).toBeGreaterThan(100);
    expect(tweets.flatMap((tweet) => library.extractUrls(tweet))).toEqual(links);
  });

  test("a URL longer than a tweet is whole, since it counts 23", () => {
    const link = `https://example.com/${"a/".repeat(400)}z`;
    expect(
      textsOf(`${"word ".repeat(60)}${link} ${"word ".repeat(60)}`).filter((tweet) => tweet.includes(link)),
    ).toHaveLength(1);
  });
});

describe("the author's own breaks", () => {
  test("a line of --- ends a tweet, and is recorded in the separator", () => {
    const { tweets } = composeThread("One.\n---\nTwo.\n\n --- \n\nThree.");
    expect(tweets.map((tweet) => tweet.text)).toEqual(["One.", "Two.", "Three."]);
    expect(tweets.map((tweet) => tweet.separatorAfter)).toEqual(["\n---\n", "\n\n --- \n\n", ""]);
    expect(tweets.map((tweet) => tweet.break.kind)).toEqual(["author", "author", "end"]);
  });

  test("breaks with nothing between them, at the start and at the end, make no empty tweet", () => {
    const composition = composeThread("---\n\n---\nOne.\n---\n---\n");
    expect(composition.tweets.map((tweet) => tweet.text)).toEqual(["One."]);
    expect(joinThread(composition)).toBe("---\n\n---\nOne.\n---\n---\n");
  });

  test("hyphens inside a line are no break", () => {
    expect(textsOf("a --- b\nc---")).toEqual(["a --- b\nc---"]);
  });
});

describe("where a careful editor would cut", () => {
  const words = (count: number, end = ".") => `Lorem ${"lorem ".repeat(count - 2)}ipsum${end}`;

  test("between paragraphs rather than between sentences", () => {
    expect(kindsOf(`${words(15)} ${words(15)}\n\n${words(15)} ${words(15)}`)).toEqual(["paragraph", "end"]);
  });
  test("between sentences rather than at a comma", () => {
    expect(textsOf(`${words(20, ",")} ${words(15)} ${words(20)}`)[0]).toEndWith(".");
  });
  test("at a comma rather than between two words", () => {
    expect(kindsOf(`${words(35, ",")} ${words(35)}`)).toEqual(["clause", "end"]);
  });
  test("no orphan is left at the end when the sentences allow better", () => {
    const lengths = composeThread(`${words(14)} ${words(14)} ${words(14)} ${words(3)}`).tweets.map(
      (tweet) => tweet.weightedLength,
    );
    expect(Math.min(...lengths)).toBeGreaterThan(80);
  });
  test("list items stay whole", () => {
    const items = Array.from({ length: 8 }, (_, index) => `- ${words(8 + index, "")}. ${words(4)}`);
    const tweets = textsOf(items.join("\n"));
    expect(tweets.flatMap((tweet) => tweet.split("\n"))).toEqual(items);
  });
  test("lines of code stay whole, and the fences with them", () => {
    const code = Array.from(
      { length: 12 },
      (_, index) => `const value${index} = compute(${index}, "some text"); // why`,
    );
    const tweets = textsOf(["Before.", "```ts", ...code, "```", "After."].join("\n"));
    expect(tweets.flatMap((tweet) => tweet.split("\n"))).toEqual(["Before.", "```ts", ...code, "```", "After."]);
    expect(tweets.some((tweet) => tweet.endsWith("```ts") || tweet === "```")).toBe(false);
  });
  test("a heading stays with what follows", () => {
    const tweets = textsOf(`${words(40)}\n\n## A heading\n\n${words(20)} ${words(20)}`);
    expect(tweets.filter((tweet) => /## A heading\n\nLorem/.test(tweet))).toHaveLength(1);
  });
  test("a word longer than a tweet is cut between letters, and it is said", () => {
    const { tweets } = composeThread(`Hear: ${"a👩‍🚀".repeat(200)}`, { limit: 100 });
    expect(tweets[1]?.break.kind).toBe("grapheme");
    expect(tweets.slice(1).every((tweet) => /^(?:a|👩‍🚀)+$/u.test(tweet.text))).toBe(true);
  });
  test.each([
    ["a number and its unit", "12.5 km"],
    ["a number and a word for its size", "3 million"],
    ["a sign and its number", "§ 12"],
    ["thousands set apart", "10 000 000"],
    ["a code span", "`git commit -m now`"],
    ["a Markdown link", "[the whole title](https://example.com)"],
    ["French punctuation", "vraiment ?"],
    ["French quotation marks", "« oui »"],
    ["what a no-break space joins", "M.\u00a0Dupont"],
  ])("%s: never parted", (_, whole) => {
    for (let before = 1; before < 24; before++) {
      const source = `${"ab ".repeat(before)}${whole} ${"cd ".repeat(12)}`.trim();
      expect(textsOf(source, 46).filter((tweet) => tweet.includes(whole))).toHaveLength(1);
    }
  });
  test("wrapped prose is cut at sentences, not where an editor broke its lines", () => {
    const line = "lorem ".repeat(11);
    const source = `${line}\n${line}\nlorem ipsum. Dolor sit ${line}\n${line}\n${line}`;
    expect(kindsOf(source)[0]).toBe("sentence");
  });
  test("lines of notes and songs in small letters, where nothing ends a sentence, are cut between the lines", () => {
    const notes = `hey all quick update from the road
we made it to the border and they let us through without looking at the van
next stop is the lake where mum used to swim
the weather is fine and the dog is asleep on my feet
we have bread and cheese and a bottle of something red
more tomorrow, if there is a signal
love from all of us`;
    for (const limit of [120, 160, 200, 280]) {
      for (const tweet of textsOf(notes, limit))
        for (const line of tweet.split("\n")) expect(notes.split("\n")).toContain(line);
    }
  });
  test("a list that fits stays whole behind a long sentence that announces it, and a short line stays with its first item", () => {
    const list = "- water the plants in the hall\n- empty the fridge\n- close the windows\n- take the rubbish out";
    const sentence = `${"We leave on Friday and will be away for two whole weeks, ".repeat(3)}so please do these things:`;
    expect(textsOf(`${sentence}\n\n${list}`, 280)).toEqual([sentence, list]);
    const short = textsOf(`It is so. ${"And so on, and so on. ".repeat(11)}\n\nTo do:\n\n${list}`, 280);
    expect(short.find((tweet) => tweet.includes("To do:"))).toContain("To do:\n\n- water");
  });
  test("words of Thai, Chinese and Japanese stay whole, and a closing bracket never begins a tweet", () => {
    for (const language of ["Thai", "Chinese", "Japanese"]) {
      for (const tweet of textsOf((PROSE[language] ?? "").repeat(12), 60))
        expect(tweet).not.toMatch(/^[、。，！？」”）ๆ]/);
    }
  });
});

describe("numbers", () => {
  test.each(NUMBER_FORMS.flatMap((form) => (["start", "end"] as const).map((place) => ({ form, place }))))(
    "$form at the $place is inside the count, and the words are still all there",
    ({ form, place }) => {
      for (const source of [essay, essay.repeat(9)]) {
        const composition = composeThread(source, { numbering: { form, place } });
        expect(joinThread(composition)).toBe(source.normalize("NFC"));
        for (const tweet of composition.tweets) {
          expect(library.parseTweet(tweet.text).valid).toBe(true);
          const number = form.replace("1", String(tweet.position + 1)).replace("n", String(composition.tweets.length));
          expect(tweet.text).toBe(place === "start" ? `${number} ${tweet.body}` : `${tweet.body} ${number}`);
        }
      }
    },
  );
  test("a single tweet gets none", () => {
    expect(composeThread("Short.", { numbering: { form: "1/n", place: "end" } }).tweets[0]?.text).toBe("Short.");
  });
  test("what a number weighs grows with its digits", () => {
    expect(affixWeight({ form: "1/n", place: "end" }, 0, 1)).toBe(4);
    expect(affixWeight({ form: "(1/n)", place: "start" }, 9, 2)).toBe(8);
  });
});

describe("what cannot be composed is said, with its place", () => {
  test.each([
    ["", "TEXT_EMPTY"],
    [" \n\t", "TEXT_EMPTY"],
    ["\u200b\u200d", "TEXT_EMPTY"],
    ["---", "TEXT_EMPTY"],
    ["a".repeat(13 * 1024 * 1024), "TEXT_TOO_LONG"],
  ])("%#", (source, code) => {
    expect(() => composeThread(source)).toThrow(expect.objectContaining({ code }));
  });
  test.each([
    ["a\nb\ufeff", { codePoint: "U+FEFF", index: 3, line: 2, column: 2 }],
    ["😀\uffff", { codePoint: "U+FFFF", index: 2, line: 1, column: 2 }],
    ["\r\n\r\n\ufffe", { codePoint: "U+FFFE", index: 4, line: 3, column: 1 }],
    ["ab\ud83d", { codePoint: "U+D83D", index: 2, line: 1, column: 3 }],
  ])("%j", (source, details) => {
    expect(() => composeThread(source)).toThrow(expect.objectContaining({ code: "TEXT_INVALID_CHARACTER", details }));
  });
  test("a limit that X does not have", () => {
    for (const limit of [0, 1, 2.5, 25_001, Number.NaN]) {
      expect(() => composeThread("a", { limit })).toThrow(expect.objectContaining({ code: "LIMIT_INVALID" }));
    }
    expect(() => composeThread("example.com", { limit: 20 })).toThrow(
      expect.objectContaining({ code: "LIMIT_INVALID" }),
    );
  });
});

test("a Premium account's long post is one tweet up to 25,000", () => {
  expect(composeThread(essay.repeat(5), { limit: 25_000 }).tweets).toHaveLength(1);
  expect(composeThread(essay.repeat(8), { limit: 25_000 }).tweets).toHaveLength(2);
});

describe("a run that is longer than a tweet is parted, whatever each way of counting makes of it", () => {
  const half = "🇩";
  const flag = "🇩🇪";
  test.each([
    ["halves of flags", half.repeat(380)],
    ["an odd number of halves", half.repeat(381)],
    ["behind a word", `a ${half.repeat(380)}`],
    ["before words", `Words. ${half.repeat(1001)} More words.`],
    ["flags that are read in other pairs than X's", half.repeat(2) + flag.repeat(200)],
    ["halves between flags", flag.repeat(100) + half.repeat(301) + flag.repeat(150)],
    ["one joined emoji", "👩‍🦰‍".repeat(300)],
  ])("%s", (_, source) => {
    const composition = composeThread(source);
    expect(joinThread(composition)).toBe(source);
    for (const { text } of composition.tweets) {
      expect(text).not.toBe("");
      expect(Math.max(measure(text).weightedLength, library.parseTweet(text).weightedLength)).toBeLessThanOrEqual(280);
    }
  });
});

test.each([
  ["a domain that never ends", "a."],
  ["links without an end", "a.com/("],
  ["a Chinese text in one breath", "句.子"],
  ["quotation marks that never close", "“x "],
  ["one long ellipsis", "."],
  ["joined emoji", "😀\u200d"],
  ["flags in a row", "🇨🇭"],
  ["short links", "a.com "],
  ["code that never closes", "`[a](b "],
])("hostile text takes linear time: %s", (_, unit) => {
  const source = (length: number) => `x${unit.repeat(Math.ceil(length / unit.length))}`;
  composeThread(source(20_000));
  const hostile = source(200_000);
  // Quadratic work would take minutes.
  expect(cpuMs(() => composeThread(hostile))).toBeLessThan(10_000);
});
