/** The order of the optimum against trying every split of small texts (scenario 52). */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { alternativesTo } from "./alternatives.ts";
import { findAtoms } from "./atoms.ts";
import { composeThread } from "./compose.ts";
import type { CutList } from "./cut-list.ts";
import { cutThread, workOf } from "./cut-thread.ts";
import { findCuts } from "./cuts.ts";
import { chooseExactly } from "./exact-count.ts";
import { lengthCost } from "./optimum.ts";
import { PROSE } from "./testing.ts";
import { tornByBorders } from "./torn.ts";
import { countTorn } from "./units.ts";

const RUNS = Number(process.env.COMPOSE_RUNS ?? 300);
const CUTS_MAX = 12;

/** Short sentences, clauses, items and a heading: a dozen places to cut. */
const words = fc.constantFrom(
  "One.",
  "Two more.",
  "A bit longer, it is.",
  "So, so, so.",
  "- item\n",
  "- other\n",
  "3 kg.",
);
const text = fc
  .array(fc.tuple(words, fc.constantFrom(" ", " ", "\n", "\n\n")), { minLength: 2, maxLength: 7 })
  .map((pieces) =>
    pieces
      .map(([piece, glue]) => (piece.startsWith("-") ? `\n${piece}` : piece + glue))
      .join("")
      .trim(),
  );

interface Split {
  path: number[];
  torn: number;
  cost: number;
}

/** Every split of the cuts into tweets that fit, the bonded cuts left out. */
function everySplit(cuts: CutList, limit: number): Split[] {
  const last = cuts.length - 1;
  const torn = countTorn(cuts, limit, "all");
  const free = Array.from({ length: last - 1 }, (_, bit) => bit + 1).filter((cut) => cuts.bonds[cut] === 0);
  return Array.from({ length: 2 ** free.length }, (_, subset) => {
    const path = [0, ...free.filter((_cut, bit) => subset & (2 ** bit)), last];
    const share = (cuts.endsAt[last] ?? 0) / (path.length - 1);
    let cost = 0;
    for (const [tweet, cut] of path.slice(1).entries()) {
      const weight = (cuts.endsAt[cut] ?? 0) - (cuts.startsAt[path[tweet] ?? 0] ?? 0);
      if (weight > limit) return null;
      cost += lengthCost(weight, share, limit) + (cuts.penalties[cut] ?? 0);
    }
    return { path, torn: path.slice(1, -1).reduce((sum, cut) => sum + (torn[cut] ?? 0), 0), cost };
  }).filter((split) => split !== null);
}

/** The cuts that a composition chose. */
function pathOf(cuts: CutList, source: string, limit: number): number[] {
  const ends = Array.from(cuts.ends.subarray(0, cuts.length));
  const path = [0];
  let at = 0;
  for (const { body, separatorAfter } of composeThread(source, { limit }).tweets) {
    path.push(ends.indexOf(at + body.length, 1));
    at += body.length + separatorAfter.length;
  }
  return path;
}

test("scenario 52: nothing torn, then the fewest tweets, then the lowest cost, as trying every split shows", () => {
  let compared = 0;
  fc.assert(
    fc.property(text, fc.integer({ min: 24, max: 60 }), (source, limit) => {
      const cuts = findCuts(source, 0, source.length, findAtoms(source));
      if (cuts.length > CUTS_MAX) return;
      const whole = everySplit(cuts, limit).filter((split) => split.torn === 0);
      const fewest = Math.min(...whole.map(({ path }) => path.length));
      const best = Math.min(...whole.filter(({ path }) => path.length === fewest).map(({ cost }) => cost));
      const path = pathOf(cuts, source, limit);
      const chosen = everySplit(cuts, limit).find((split) => split.path.join() === path.join());
      if (whole.length === 0) return;
      compared++;
      expect(chosen).toMatchObject({ torn: 0 });
      expect(path.length).toBe(fewest);
      expect(chosen?.cost).toBeCloseTo(best, 9);
    }),
    { numRuns: RUNS, seed: 521 },
  );
  expect(compared).toBeGreaterThan(RUNS / 2);
});

test("so many tweets and no other: the fewest torn, then the lowest cost, as trying every split shows", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 24, max: 60 }), fc.integer({ min: 1, max: 5 }), (source, limit, count) => {
      const cuts = findCuts(source, 0, source.length, findAtoms(source));
      if (cuts.length > CUTS_MAX) return;
      const torn = countTorn(cuts, limit, "all");
      const tornCuts = ({ path }: Split) => path.slice(1, -1).filter((cut) => (torn[cut] ?? 0) > 0).length;
      const splits = everySplit(cuts, limit).filter(({ path }) => path.length === count + 1);
      // The search is over all cuts that it is given; here those without a bond.
      const path = chooseExactly(
        cuts,
        limit,
        () => limit,
        count,
        (cut) => (torn[cut] ?? 0) > 0,
      );
      if (path?.some((cut) => cuts.bonds[cut] === 1)) return;
      if (path === null) return expect(splits).toEqual([]);
      const chosen = splits.find((split) => split.path.join() === path.join());
      const least = Math.min(...splits.map(tornCuts));
      expect(chosen && tornCuts(chosen)).toBe(least);
      const best = Math.min(...splits.filter((split) => tornCuts(split) === least).map(({ cost }) => cost));
      expect(chosen?.cost).toBeCloseTo(best, 9);
    }),
    { numRuns: RUNS, seed: 522 },
  );
});

test("what one tweet more or less would cost and tear", () => {
  const long = "It went on for a while, as such things do, until it was over and nobody minded.";
  const source = Array.from({ length: 9 }, () => long).join(" ");
  const { tweets } = composeThread(source);
  expect(tweets).toHaveLength(3);
  expect(alternativesTo(source, 3)).toEqual([
    { tweetCount: 4, costUsd: 0.06, tears: [], cuts: [{ kind: "sentence", count: 3 }], cut: null, gain: null },
  ]);
  // 12 sentences of 99: two in a tweet, and five in two tweets if one may be torn.
  const even = Array.from({ length: 12 }, (_, n) => `Word ${"word ".repeat(17)}sentence${n % 10}.`).join(" ");
  const whole = composeThread(even).tweets.length;
  const [one, ...others] = alternativesTo(even, whole);
  expect([one?.tweetCount, one?.tears]).toEqual([5, [{ kind: "sentence", count: 2 }]]);
  expect(others.map(({ tweetCount, cut }) => [tweetCount, cut])).toEqual([[7, null]]);
  expect(alternativesTo(even, 5, { cut: "fewest" }).at(-1)).toMatchObject({
    tweetCount: whole,
    tears: [],
    cut: "whole",
  });
  expect(alternativesTo("Short.", 1)).toEqual([]);
});

test("a border that its author moved into a sentence tears it; one at its end, or of ---, does not", () => {
  const torn = (left: string, right: string, separatorAfter = " ") =>
    tornByBorders(
      [
        { text: left, separatorAfter },
        { text: right, separatorAfter: "" },
      ],
      280,
    )[0];
  expect(torn("One. Two is", "here. Three.")).toEqual({ kind: "sentence", text: "Two is here." });
  expect(torn("One.", "Two.")).toBeNull();
  expect(torn("One. Two is", "here.", "\n---\n")).toBeNull();
  expect(torn("- one\n- two\n", "- three", "")).toMatchObject({ kind: "list" });
  expect(torn("```\na();", "b();\n```", "\n")).toMatchObject({ kind: "code" });
});

test("--cut fewest tears no more than the default where that needs no more tweets", () => {
  const words = ["kettle", "the", "sea", "a letter", "and then", "tea"];
  const sentence = fc
    .array(fc.constantFrom(...words), { minLength: 2, maxLength: 14 })
    .map((chosen) => `K${chosen.join(" ")}.`);
  const block = fc.oneof(
    fc.array(sentence, { minLength: 1, maxLength: 4 }).map((sentences) => sentences.join(" ")),
    fc.array(sentence, { minLength: 2, maxLength: 5 }).map((items) => items.map((item) => `- ${item}`).join("\n")),
  );
  const tornOf = (tweets: readonly { tears: unknown }[]) => tweets.filter(({ tears }) => tears !== null).length;
  fc.assert(
    fc.property(fc.array(block, { minLength: 2, maxLength: 6 }), fc.integer({ min: 60, max: 280 }), (blocks, limit) => {
      const text = blocks.join("\n\n");
      const whole = composeThread(text, { limit }).tweets;
      const fewest = composeThread(text, { limit, cut: "fewest" }).tweets;
      expect(fewest.length).toBeLessThanOrEqual(whole.length);
      if (fewest.length === whole.length) expect(tornOf(fewest)).toBeLessThanOrEqual(tornOf(whole));
    }),
    { numRuns: 300, seed: 6 },
  );
});

test("a stanza is torn where that saves a tweet, and ends a tweet where it saves none", () => {
  const verse = (count: number) =>
    Array.from({ length: count }, (_, at) => `Verse ${at} of a poem, and no full stop`).join("\n");
  const endsOf = (source: string) =>
    composeThread(source)
      .tweets.slice(0, -1)
      .map((tweet) => tweet.break.kind);
  expect(endsOf(`${verse(4)}\n\n${verse(4)}\n\n${verse(4)}`)).toEqual(["line"]);
  expect(endsOf(`${verse(4)}\n\n${verse(5)}`)).toEqual(["paragraph"]);
});

test("lines that an e-mail's editor broke need as many tweets as the same words in one line", () => {
  const sentence = "Nobody had expected that the thing would go on for as long as it did.";
  const paragraph = `${sentence} ${sentence}`;
  const broken = paragraph.replace(/(.{40,60}) /g, "$1\n");
  const countOf = (text: string) => composeThread(`${text}\n\n${text}\n\n${text}`).tweets.length;
  expect(countOf(broken)).toBe(countOf(paragraph));
});

test("a tweet does not end behind a salutation, unless that saves one", () => {
  const words = (count: number) => `${"word ".repeat(count - 1)}word.`;
  const bodies = (before: number, after: number) =>
    composeThread(`${words(before)}\n\nDear Ms. Hill,\n\n${words(after)} So it is.`).tweets.map(({ body }) => body);
  expect(bodies(48, 44)[1]).toStartWith("Dear Ms. Hill,\n\nword");
  expect(bodies(52, 53)).toHaveLength(2);
});

const PIECES = [
  ...Object.values(PROSE),
  "# A title",
  "- one thing\n- two things. And more.",
  "> Quoted words are here. And more of them.",
  "`some code. It` and [a link. Of two](https://a.io/x) go on. It cost 5. 5 pounds is not much.",
  "他说：“等等！”然后走了。我们也走了，因为天黑了，路很远，而且谁也不知道前面还有什么。",
];

test("the cuts that are not looked for inside of sentences that fit are none that a thread needs", () => {
  const texts = fc.array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(" ", "\n", "\n\n", "")), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(texts, fc.integer({ min: 45, max: 300 }), (pieces, limit) => {
      const work = workOf(pieces.flat().join(""), { limit });
      const every = workOf(work.source, { limit });
      for (const segment of every.segments) {
        const found = findCuts(every.source, segment.start, segment.end, every.atoms);
        every.cuts.set(segment, { found, room: 0 });
      }
      expect(cutThread(work, null)).toEqual(cutThread(every, null));
    }),
    { numRuns: RUNS, seed: 524 },
  );
});

test("the cuts by today's reading of the count are those that would be found with its weights", () => {
  const pieces = [...PIECES, "example.zip", "🫩", "🇨🇶", "See example.zip/a. It is so."];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 9 }), (texts) => {
      const text = texts.join(" ");
      const atoms = findAtoms(text);
      const from = text.indexOf(" ") + 1;
      const changes = atoms.map(({ end, weight, today }) => ({ end, by: weight - today }));
      const cuts = findCuts(text, from, text.length, atoms).lighter(changes);
      const anew = findCuts(
        text,
        from,
        text.length,
        atoms.map((atom) => ({ ...atom, weight: atom.today })),
      );
      const weightsOf = ({ length, ends, endsAt, startsAt }: CutList) =>
        [ends, endsAt, startsAt].map((all) => [...all.subarray(0, length)]);
      expect(weightsOf(cuts)).toEqual(weightsOf(anew));
    }),
    { numRuns: RUNS, seed: 525 },
  );
});
