/** A text as tweets, and tweets as a preview for a person or a program. */
import { composeThread } from "../core/compose/compose.ts";
import { buildPreview, type Preview, PreviewSchema } from "../core/compose/preview.ts";
import type { Paint } from "./_paint.ts";
import { printable } from "./post/_wrap.ts";

export { type Preview, PreviewSchema };

export interface CutTweet {
  text: string;
  separatorAfter: string;
  break?: Preview["tweets"][number]["break"];
}

/**
 * The tweets of a text, as the splitter cuts it.
 * @throws PsnError for an empty text, invalid characters, or one too long to split
 */
export function composeTweets(text: string, limit?: number): CutTweet[] {
  return composeThread(text, limit === undefined ? {} : { limit }).tweets.map((tweet) => ({
    text: tweet.text,
    separatorAfter: tweet.separatorAfter,
    break: tweet.break,
  }));
}

/** The preview of tweets as they stand. */
export function previewOf(
  tweets: readonly (CutTweet & { media?: readonly { fileName: string; altText: string | null }[] })[],
  facts: Parameters<typeof buildPreview>[1] = {},
): Preview {
  return buildPreview(tweets, facts);
}

/** For a person: each tweet numbered, with its count, its cut, its cost and what to know about it. */
export function renderPreview(preview: Preview, paint: Paint): string {
  const count = preview.tweetCount;
  const blocks = preview.tweets.map((tweet) => {
    const number = paint.bold(`${tweet.position + 1}/${count}`);
    const facts = paint.dim(`${tweet.weightedLength} of ${tweet.limit}  ${dollars(tweet.costUsd)}  ${tweet.break.why}`);
    const text = printable(tweet.text).replace(/^/gm, "    ");
    const media = tweet.media.map(
      (item) =>
        `    ${paint.cyan("▣")} ${printable(item.fileName)}${item.altText ? `: ${printable(item.altText)}` : " (no alt text)"}`,
    );
    const warnings = tweet.warnings.map((warning) => `    ${paint.yellow("!")} ${warning.message}`);
    return [`${number}  ${facts}`, text, ...media, ...warnings].join("\n");
  });
  const total = `${count} ${count === 1 ? "tweet" : "tweets"}, about ${dollars(preview.costUsd)} at X`;
  return [
    ...blocks,
    "",
    paint.bold(total),
    ...preview.warnings.map((warning) => `${paint.yellow("!")} ${warning.message}`),
  ].join("\n");
}

export const dollars = (usd: number) => `$${usd.toFixed(3)}`;
