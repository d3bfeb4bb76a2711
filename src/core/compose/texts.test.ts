/** Real texts in fifteen languages, judged by what stands at the end of each tweet and not by our own sentences (scenarios 52, 57). */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { composeThread } from "./compose.ts";
import { joinThread } from "./testing.ts";
import { weightedLength } from "./weighted-length.ts";

const FOLDER = new URL("../../../test/compose/texts/", import.meta.url);
const texts = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));

/** What ends a sentence in any of these languages, closing marks included. */
const SENTENCE_END = /[.!?…;:。！？；：।॥؟][\p{Pf}\p{Pe}"'”’»“」』]*$/u;
/** Words of the texts whose full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(«“])(?:Mr|Mrs|Dr|Nov|e\.g|No|a\.m|d|h|z|B|u|a|S|ff|vgl|Prof|med|ca|rd|ggf|Min|Gr|v|p|ex|av|h|M|Sr|Sra|Dra|Ing|Ud|Avda|núm|págs|EE|UU|dott|avv|sig|lun|ven|ad|es|ago|tel|n|арх|ул|ок|тыс|т|д|до|н|э|проф|канд|ист|тел|г|А|И|\d{1,2})\.$/u;

interface Torn {
  tweet: string;
  why: string;
}

/** What a careful reader would call torn in a thread, by rules of its own. */
function judge(text: string, limit: number): Torn[] {
  const { tweets } = composeThread(text, { limit });
  const torn: Torn[] = [];
  for (const [index, { body, separatorAfter }] of tweets.slice(0, -1).entries()) {
    const next = tweets[index + 1]?.body ?? "";
    const end = body.slice(-40);
    const isLineEnd = /\n/.test(separatorAfter);
    const fence = (body.match(/^```/gm) ?? []).length % 2 === 1;
    if (fence && fits(text, "```", "```", body, limit)) torn.push({ tweet: end, why: "code" });
    if (/^#{1,6} [^\n]*$/.test(body.split("\n").at(-1) ?? "")) torn.push({ tweet: end, why: "heading" });
    if (/^\s*(?:[-•]|\d+\.)$/.test(body.split("\n").at(-1) ?? "")) torn.push({ tweet: end, why: "mark" });
    if (isLineEnd || fence) continue;
    if (ABBREVIATION.test(body) && !isLongSentence(body, next, limit)) torn.push({ tweet: end, why: "abbreviation" });
    if (!SENTENCE_END.test(body) && !isLongSentence(body, next, limit)) torn.push({ tweet: end, why: "sentence" });
  }
  return torn;
}

/** Whether the fence around the end of `body` would fit into one tweet. */
function fits(text: string, open: string, close: string, body: string, limit: number): boolean {
  const at = text.indexOf(body) + body.length;
  const start = text.lastIndexOf(open, at - 1);
  const end = text.indexOf(close, at);
  return end >= 0 && weightedLength(text.slice(start, end + close.length)) <= limit;
}

/** Whether the sentence that goes on behind `body` is longer than a tweet, so that it had to be cut. */
function isLongSentence(body: string, next: string, limit: number): boolean {
  const paragraph = body.slice(body.lastIndexOf("\n") + 1);
  const ends = [...paragraph.matchAll(/[.!?…。！？।॥؟][\p{Pf}\p{Pe}"'”’»“」』]*\s/gu)].filter(
    ({ 0: mark, index }) => !ABBREVIATION.test(paragraph.slice(0, index + mark.trimEnd().length)),
  );
  const from = ends.at(-1);
  const head = from ? paragraph.slice(from.index + from[0].length) : paragraph;
  const tail = /^[^\n]*?[.!?…。！？।॥؟](?=[\p{Pf}\p{Pe}"'”’»“」』]*(?:\s|$))/u.exec(next)?.[0] ?? next;
  // A body that is a whole tweet of one sentence may have begun in the tweet before.
  return weightedLength(`${head} ${tail}`) > limit || (!from && !/\n/.test(body));
}

test("there are at least forty real texts in ten languages", () => {
  expect(texts.length).toBeGreaterThanOrEqual(40);
  expect(new Set(texts.map(({ name }) => name.slice(0, 2))).size).toBeGreaterThanOrEqual(10);
});

test.each(texts.map(({ name, text }) => [name, text]))("scenario 52: nothing is torn in %s", (_, text) => {
  for (const limit of [280, 240, 200, 500]) {
    const composition = composeThread(text, { limit });
    expect(joinThread(composition)).toBe(text.normalize("NFC"));
    expect(composition.tweets.filter(({ tears }) => tears !== null)).toEqual([]);
    expect(judge(text, limit)).toEqual([]);
  }
});
