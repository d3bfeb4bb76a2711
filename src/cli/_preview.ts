/** Tweets as a preview, for a person or a program. */
import { dollars } from "../core/compose/cost.ts";
import { type Preview, PreviewSchema } from "../core/compose/preview.ts";
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

/**
 * One sentence on the other ways to cut that an author might weigh, both with fewer tweets and with more; none where a single tweet holds
 * all and loses nothing by it.
 */
function renderAlternatives(preview: Preview): string[] {
  const { tweetCount, tweets, alternatives } = preview;
  const isWhole = tweets.every((tweet) => tweet.break.tears === null);
  const told = alternatives.filter((other) => tweetCount > 1 || other.cut !== null || !isWhole);
  const ways = told.map((other, index) => {
    const count = index === 0 ? counted(other.tweetCount, "tweet") : String(other.tweetCount);
    const torn = other.tears.map((one) => counted(one.count, NAMES[one.kind])).join(" and ");
    return `${count} would tear ${torn || "nothing"}${priceBeside(other, preview)}${gainOf(other, preview)}`;
  });
  return ways.length === 0 ? [] : [`${ways.join("; ")}.`];
}

type Alternative = Preview["alternatives"][number];

function priceBeside({ costUsd, cut }: Alternative, preview: Preview): string {
  const more = costUsd - preview.costUsd;
  const price = Math.abs(more) < TENTH_OF_A_CENT ? "" : `, ${dollars(Math.abs(more))} ${more < 0 ? "less" : "more"}`;
  return `${price}${cut === null ? "" : ` (--cut ${cut})`}`;
}

const TENTH_OF_A_CENT = 0.001;

/** What more tweets are good for when nothing is torn anyway. */
function gainOf({ tweetCount, cuts }: Alternative, preview: Preview): string {
  if (tweetCount <= preview.tweetCount) return "";
  const paragraphs = cuts.find(({ kind }) => kind === "paragraph")?.count ?? 0;
  const gain = paragraphs - preview.tweets.filter((tweet) => tweet.break.kind === "paragraph").length;
  return gain > 0 ? `, and ${gain} more would end with a paragraph` : "";
}

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
