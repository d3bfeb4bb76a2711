/** What X charges for a thread. In millionths of a dollar inside, so that sums stay exact. */
import { findLinks } from "./links.ts";
import { MICROS_PER_DOLLAR, PRICES, type Price } from "./prices.ts";
import { comparable } from "./source.ts";

export interface Priced {
  text: string;
  media?: readonly { altText?: string | null }[];
}

/** By which price a tweet of this text is created. */
export function createPrice(text: string): Extract<Price, "create" | "createWithLink"> {
  return findLinks(comparable(text)).length > 0 ? "createWithLink" : "create";
}

/** Millionths of a dollar for one tweet: its creation, dearer with a link, and every alt text. */
export function tweetMicros({ text, media = [] }: Priced): number {
  const altTexts = media.filter(({ altText }) => altText !== undefined && altText !== null && altText !== "").length;
  return PRICES.micros[createPrice(text)] + altTexts * PRICES.micros.altText;
}

/** Millionths of a dollar for all. Every tweet of a thread is charged by itself. */
export function threadMicros(tweets: readonly Priced[]): number {
  return tweets.reduce((sum, tweet) => sum + tweetMicros(tweet), 0);
}

/** Dollars for one tweet. */
export function tweetCostUsd(tweet: Priced): number {
  return tweetMicros(tweet) / MICROS_PER_DOLLAR;
}

/** Dollars for all. */
export function threadCostUsd(tweets: readonly Priced[]): number {
  return threadMicros(tweets) / MICROS_PER_DOLLAR;
}

/** An amount as it is shown: prices have tenths of a cent. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(3)}`;
}

/** The same of millionths of a dollar. */
export const dollarsOf = (micros: number): string => dollars(micros / MICROS_PER_DOLLAR);
