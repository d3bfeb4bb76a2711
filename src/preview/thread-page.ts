/** A thread on a page: what it counts and costs, what to know about it, and its tweets with the places where it was cut. */
import { dollars } from "../core/compose/cost.ts";
import { attribute, type Html, html, join, NOTHING } from "../page/html.ts";
import { tweetHtml } from "../page/tweet.ts";
import type { DraftTweetView, ThreadView } from "./draft.ts";
import { tweetView } from "./tweet-view.ts";

/** What a page adds to a tweet, and to the border after it. */
export interface Tools {
  tweet(index: number): Html;
  border(index: number): Html;
}

/** How a thread's tweets say which of them they are: as numbers, or as slots in which another room puts them. */
export interface Numbers {
  /** How many there are. */
  size: number | string;
  /** Which one it is, counted from 1 as people do, and from 0 as acts do. */
  n(index: number): number | string;
  at(index: number): number | string;
}

export const numbersOf = ({ tweets }: ThreadView): Numbers => ({
  size: tweets.length,
  n: (index) => index + 1,
  at: (index) => index,
});

/** The counts and warnings above a thread. `state` stands before them, `more` below. */
export function summaryHtml(thread: ThreadView, state: Html, more: Html = NOTHING): Html {
  const { tweets, costUsd, warnings, labels } = thread;
  const count = `${tweets.length} ${tweets.length === 1 ? "tweet" : "tweets"}`;
  const torn = tweets.filter(({ cut }) => cut?.tears).length;
  const tornWords =
    torn === 0
      ? NOTHING
      : html`<li class="warning">${torn === 1 ? "One cut tears" : `${torn} cuts tear`} what would fit into one tweet; see the marks below.</li>`;
  return html`<section class="summary" aria-label="Counts and cost">${state}<p class="figures"><b>${count}</b><span>about <b>${dollars(costUsd)}</b> at X</span>${labels.map((label) => html`<span class="mark">${label}</span>`)}</p><ul class="warnings">${tornWords}${warnings.map(warningHtml)}</ul>${more}</section>`;
}

/** The tweets, an article each. One that stands alone is shown opened, as its link shows it. */
export function articlesOf(thread: ThreadView, tools: Tools | null, numbers: Numbers = numbersOf(thread)): Html[] {
  return thread.tweets.map((_, index) => articleOf(thread, index, tools, numbers));
}

/** One of them. What it reads of the thread beside `tools` is named in `makingsOf`. */
export function articleOf(thread: ThreadView, index: number, tools: Tools | null, numbers: Numbers): Html {
  const tweet = thread.tweets[index];
  return tweet ? articleHtml(thread, tweet, index, tools, numbers) : NOTHING;
}

/** All that an article is made of beside its numbers and `tools`. */
export function makingsOf({ tweets, author, poll }: ThreadView, index: number): unknown[] {
  const [isFirst, isLast] = [index === 0, index === tweets.length - 1];
  return [tweets[index], author, isFirst ? poll : null, isFirst, isLast];
}

/** Which tweet it is, in words, where a script finds it: another one after a join, while all else of a tweet may be as before. */
export const nth = (n: number | string) => html`<span class="n">${n}</span>`;

/** Articles as a feed. */
export function feedHtml(articles: readonly Html[]): Html {
  return html`<h2 class="unseen" id="thread">The thread</h2><div role="feed" aria-labelledby="thread" id="feed">${join(articles)}</div>`;
}

// --- internal ---

function articleHtml(
  thread: ThreadView,
  tweet: DraftTweetView,
  index: number,
  tools: Tools | null,
  numbers: Numbers,
): Html {
  const { tweets, author, poll } = thread;
  const n = numbers.n(index);
  const size = of(numbers.size);
  const view = tweetView(`tweet-${n}`, tweet.text, {
    author,
    media: tweet.media,
    poll: index === 0 ? poll : null,
    time: tweet.time,
    url: tweet.url,
  });
  const isOver = tweet.weightedLength > tweet.limit;
  const count = html`<span class="count${isOver ? " over" : ""}" id="count-${n}"><span class="unseen">Tweet ${nth(n)} of ${size}, </span><span class="nth" aria-hidden="true">${nth(n)}/${size}</span> <span class="length">${tweet.weightedLength}</span><span aria-hidden="true">/</span><span class="unseen"> of </span>${tweet.limit}</span>`;
  const warnings =
    tweet.warnings.length === 0 ? NOTHING : html`<ul class="warnings">${tweet.warnings.map(warningHtml)}</ul>`;
  const sent = tweet.isOnX ? html`<p class="small good">On X. It stays as it is.</p>` : NOTHING;
  return tweetHtml(view, {
    position: n,
    size: numbers.size,
    label: html`tweet ${nth(n)} of ${size}`,
    isOpened: tweets.length === 1,
    isReply: index > 0,
    goesOn: index < tweets.length - 1,
    corner: count,
    below: html`${sent}${warnings}${tools && !tweet.isOnX ? tools.tweet(index) : NOTHING}`,
    after: tweet.cut === null ? NOTHING : cutHtml(tweet.cut, n, tools?.border(index) ?? NOTHING),
  });
}

/** How many there are, where a script finds it: it is another number after a join, and all else of a tweet may be as before. */
const of = (size: number | string) => html`<span class="of">${size}</span>`;

function cutHtml({ why, tears }: NonNullable<DraftTweetView["cut"]>, n: number | string, tools: Html): Html {
  const words = tears === null ? html`Cut: ${why}` : html`Cut: ${why}; <strong>it tears ${article(tears)}</strong>`;
  return html`<div class="cut${tears === null ? "" : " torn"}" id="cut-${n}"><p class="why">${words}</p>${tools}</div>`;
}

function article(unit: string): string {
  const words = unit === "code" ? "piece of code" : unit === "item" ? "list item" : unit;
  return `a ${words}`;
}

function warningHtml({ message, blocking }: { message: string; blocking: boolean }): Html {
  return html`<li${attribute("class", blocking ? "warning blocking" : "warning")}>${blocking ? html`<span class="unseen">X refuses this: </span>` : NOTHING}${message}</li>`;
}
