/** Tweets as a preview, for a person or a program. */
import { dollars } from "../core/compose/cost.ts";
import { type Preview, PreviewSchema } from "../core/compose/preview.ts";
import { capital } from "../core/utils/capital.ts";
import type { Paint } from "./_paint.ts";
import { hung, nameLine, printable, screenWidth, wrap } from "./_wrap.ts";

export { type Preview, PreviewSchema };

/** For a person: each tweet numbered, with its count, its cost, its cut, and what to know about it. */
export function renderPreview(preview: Preview, paint: Paint): string {
  const { tweets, tweetCount, costUsd, warnings } = preview;
  const total = `${tweetCount} ${tweetCount === 1 ? "tweet" : "tweets"}, about ${dollars(costUsd)} at X`;
  return [
    ...tweets.flatMap((tweet) => [...renderTweet(tweet, tweetCount, paint), ""]),
    paint.bold(total),
    ...renderAlternatives(preview).flatMap((line) => hung("  ", line)),
    ...warnings.flatMap(({ message }) => hung(`${paint.yellow("!")} `, message)),
  ].join("\n");
}

// --- internal ---

const INDENT = "    ";

/** One sentence on the other ways to cut that an author might weigh: those that have something over the present one. */
function renderAlternatives(preview: Preview): string[] {
  const better = preview.alternatives.filter(({ gain }) => gain !== null);
  const ways = better.map((other, index) => {
    const count = index === 0 ? counted(other.tweetCount, "tweet") : String(other.tweetCount);
    return effectOf(other, count, preview) + priceBeside(other, preview);
  });
  const told = ways.join("; ");
  return told === "" ? [] : [`${capital(told)}.`];
}

type Alternative = Preview["alternatives"][number];
type Ends = Preview["tweets"][number]["break"]["kind"];

/** In what the other way differs: in what it tears or else, from the worst place to end a tweet at to the best, in where they end. */
function effectOf(other: Alternative, count: string, { tweets }: Preview): string {
  const tears = tornIn((kind) => other.tears.find((one) => one.kind === kind)?.count ?? 0);
  const now = tornIn((kind) => tweets.filter((tweet) => tweet.break.tears === kind).length);
  if (tears !== now) return `${count} would tear ${tears || "nothing"}${now && ` instead of ${now}`}`;
  for (const [kinds, place] of PLACES) {
    const ends = other.cuts.reduce((sum, one) => sum + (kinds.includes(one.kind) ? one.count : 0), 0);
    const more = ends - tweets.filter((tweet) => kinds.includes(tweet.break.kind)).length;
    if (more !== 0) return `of ${count}, ${Math.abs(more)} ${more > 0 ? "more" : "fewer"} would end ${place}`;
  }
  return `${count} would tear ${tears || "nothing"}, too`;
}

const PLACES: readonly (readonly [readonly Ends[], string])[] = [
  [["grapheme"], "inside a word"],
  [["word"], "between two words of a sentence"],
  [["clause"], "at a pause inside a sentence"],
  [["paragraph"], "with a paragraph"],
];

function tornIn(countOf: (kind: keyof typeof NAMES) => number): string {
  const kinds = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((kind) => countOf(kind) > 0);
  return kinds.map((kind) => counted(countOf(kind), NAMES[kind])).join(" and ");
}

function priceBeside({ costUsd, cut }: Alternative, preview: Preview): string {
  const more = costUsd - preview.costUsd;
  const price = Math.abs(more) < TENTH_OF_A_CENT ? "" : `, ${dollars(Math.abs(more))} ${more < 0 ? "less" : "more"}`;
  return `${price}${cut === null ? "" : ` (--cut ${cut})`}`;
}

const TENTH_OF_A_CENT = 0.001;

const NAMES = {
  clause: "clause",
  sentence: "sentence",
  item: "list item",
  code: "piece of code",
  table: "table",
  list: "list",
  quotation: "quotation",
  container: "container",
  heading: "heading",
} as const;

function counted(count: number, name: string): string {
  if (count === 1) return `1 ${name}`;
  return `${count} ${name === "piece of code" ? "pieces of code" : `${name}s`}`;
}

function renderTweet(tweet: Preview["tweets"][number], count: number, paint: Paint): string[] {
  const room = screenWidth() - INDENT.length;
  const block = (text: string) => wrap(printable(text), room).map((line) => INDENT + line);
  const number = paint.bold(`${tweet.position + 1}/${count}`);
  const size = `${tweet.weightedLength} of ${tweet.limit}`;
  const isTooLong = tweet.weightedLength > tweet.limit;
  return [
    `${number}  ${isTooLong ? paint.red(size) : size}  ${paint.dim(`${dollars(tweet.costUsd)}  ${tweet.break.why}`)}`,
    ...block(tweet.text),
    ...tweet.media.flatMap((item) => block(mediaLine(item)).map(paint.cyan)),
    ...tweet.warnings.flatMap((warning) =>
      block(`! ${warning.message}`).map(warning.blocking ? paint.red : paint.yellow),
    ),
  ];
}

/** A file of a tweet, with its alt text and the languages of its captions. */
export function mediaLine({ fileName, altText, captions = [] }: Preview["tweets"][number]["media"][number]): string {
  const languages = captions.length > 0 ? ` [captions: ${captions.join(", ").toLowerCase()}]` : "";
  return `▣ ${nameLine(fileName)}${altText ? `: ${altText}` : captions.length > 0 ? "" : " (no alt text)"}${languages}`;
}
