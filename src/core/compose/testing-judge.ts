/**
 * A judge of threads that knows nothing of our sentences: it looks at what stands at the end of each tweet. For tests, and for the
 * benchmark that compares with other ways to cut.
 */
import { weightedLength } from "./weighted-length.ts";

/** What ends a sentence in any of these languages, closing marks included. */
const SENTENCE_END = /[.!?…;:。！？；：।॥؟][\p{Pf}\p{Pe}"'”’»“」』]*$/u;
/** Words of the texts whose full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(«“])(?:Mr|Mrs|Dr|Nov|e\.g|No|a\.m|d|h|z|B|u|a|S|ff|vgl|Prof|med|ca|rd|ggf|Min|Gr|v|p|ex|av|h|M|Sr|Sra|Dra|Ing|Ud|Avda|núm|págs|EE|UU|dott|avv|sig|lun|ven|ad|es|ago|tel|n|арх|ул|ок|тыс|т|д|до|н|э|проф|канд|ист|тел|г|А|И|\d{1,2})\.$/u;

export interface Torn {
  tweet: string;
  why: string;
}

/** What a careful reader would call torn in a thread. @param tweets what each holds, and what stood between it and the next */
export function judgeThread(
  text: string,
  tweets: readonly { body: string; separatorAfter: string }[],
  limit: number,
): Torn[] {
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
