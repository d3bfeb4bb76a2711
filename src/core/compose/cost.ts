/**
 * What X charges for a thread (x-api.md §5.1, pay-per-use). In thousandths of a dollar inside, so that sums stay exact.
 */
import { findLinks } from "./links.ts";

const PRICE_USD = {
  post: 0.015,
  /** Any URL, written with a scheme or not, and also a word that only looks like one. */
  postWithLink: 0.2,
  altText: 0.005,
} as const;

const MILLS = 1000;

export interface Priced {
  text: string;
  media?: readonly { altText?: string | null }[];
}

/** Dollars for one tweet: its creation, dearer with a link, and every alt text. Uploads are not on X's price list. */
export function tweetCostUsd(tweet: Priced): number {
  return tweetMills(tweet) / MILLS;
}

/** Dollars for all. Every tweet of a thread is charged by itself. */
export function threadCostUsd(tweets: readonly Priced[]): number {
  return tweets.reduce((sum, tweet) => sum + tweetMills(tweet), 0) / MILLS;
}

/** An amount as it is shown: prices have tenths of a cent. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(3)}`;
}

// --- internal ---

function tweetMills({ text, media = [] }: Priced): number {
  const hasLink = findLinks(text.normalize("NFC")).length > 0;
  const altTexts = media.filter(({ altText }) => altText !== undefined && altText !== null && altText !== "").length;
  return Math.round(((hasLink ? PRICE_USD.postWithLink : PRICE_USD.post) + altTexts * PRICE_USD.altText) * MILLS);
}
