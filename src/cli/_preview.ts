/** Tweets as a preview, for a person or a program. */
import { dollars } from "../core/compose/cost.ts";
import { type Preview, PreviewSchema } from "../core/compose/preview.ts";
import type { Paint } from "./_paint.ts";
import { hung, printable, screenWidth, wrap } from "./_wrap.ts";

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

/** One line for each other way to cut that an author might weigh. */
function renderAlternatives({ tweetCount, costUsd, alternatives }: Preview): string[] {
  return alternatives.flatMap(({ tweetCount: count, costUsd: cost, tears, cut }) => {
    const torn = tears.map((one) => counted(one.count, NAMES[one.kind])).join(" and ");
    // More tweets that spare nothing are not worth a line.
    if (count > tweetCount && cut === null) return [];
    const price = cost === costUsd ? "" : `, ${dollars(Math.abs(cost - costUsd))} ${cost < costUsd ? "less" : "more"}`;
    return [
      `${counted(count, "tweet")} would tear ${torn || "nothing"}${price}${cut === null ? "" : ` (--cut ${cut})`}.`,
    ];
  });
}

const NAMES = {
  clause: "clause",
  sentence: "sentence",
  item: "list item",
  code: "piece of code",
  table: "table",
  list: "list",
  quotation: "quotation",
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
    ...tweet.media.flatMap((item) =>
      block(`▣ ${item.fileName}${item.altText ? `: ${item.altText}` : " (no alt text)"}`).map(paint.cyan),
    ),
    ...tweet.warnings.flatMap((warning) =>
      block(`! ${warning.message}`).map(warning.blocking ? paint.red : paint.yellow),
    ),
  ];
}
