/** One tweet as X shows it, in a thread or opened. */
import { type Html, html, join, NOTHING } from "./html.ts";
import { icon } from "./icons.ts";
import { mediaHtml } from "./media.ts";
import { foldedText, richText } from "./text.ts";
import type { PersonView, PollView, QuoteView, TimeView, TweetView } from "./views.ts";

/** Where a tweet stands on its page, and what the page adds to it. */
export interface Place {
  /** In its feed, from 1. */
  position: number | string;
  size: number | string;
  /** What its heading says beside the name, such as “2 of 5”. */
  label: Html | string;
  isOpened?: boolean;
  /** How deep it is set in, for a reply beside a thread's main line. */
  depth?: number;
  /** The reply line comes from the tweet before, or goes on to the one after. */
  isReply?: boolean;
  goesOn?: boolean;
  /** Beside the time. */
  corner?: Html;
  /** Instead of the text, and below the tweet. */
  words?: Html | null;
  below?: Html;
  /** After all of it, from edge to edge. */
  after?: Html;
}

/** The tweet as an article of a feed. */
export function tweetHtml(tweet: TweetView, place: Place): Html {
  const { key, person } = tweet;
  const names = [
    "tweet",
    place.isOpened ? "opened-tweet" : "",
    place.depth ? `side-${Math.min(place.depth, DEPTH_MAX)}` : "",
    place.isReply ? "is-reply" : "",
    place.goesOn ? "goes-on" : "",
    tweet.isDeleted ? "is-deleted" : "",
  ];
  return html`<article class="${names.filter(Boolean).join(" ")}" id="${key}" tabindex="-1" aria-posinset="${place.position}" aria-setsize="${place.size}" aria-labelledby="${key}-name">
${avatar(person)}<div class="head"><h3 id="${key}-name"><span class="name">${nameOf(person)}</span>${person.isVerified ? verified() : NOTHING}<span class="unseen">, ${place.label}</span></h3>${handleOf(person)}${place.isOpened ? NOTHING : timeOf(tweet.time, tweet.url)}${marksOf(tweet)}${place.corner ?? NOTHING}</div>
<div class="body">${place.words ?? words(tweet)}${mediaHtml(key, tweet.media)}${tweet.poll ? poll(tweet.poll) : NOTHING}${below(tweet)}${place.isOpened ? opened(tweet.time, tweet.url) : NOTHING}${ACTIONS}${place.below ?? NOTHING}</div>${place.after ?? NOTHING}
</article>`;
}

/** The first letter of a name on a colour of its own. */
export function avatar({ name, seed }: PersonView): Html {
  let hash = 7;
  for (const character of seed) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  const letter = Array.from(name.trim())[0] ?? "?";
  return html`<span class="avatar hue-${hash % HUES}" aria-hidden="true">${letter.toUpperCase()}</span>`;
}

/** How many colours the style sheet has for letters. */
export const HUES = 12;

// --- internal ---

/** Deeper replies are set in no further. */
const DEPTH_MAX = 4;

const ACTIONS = html`<div class="actions" aria-hidden="true">${join((["reply", "repost", "like", "views", "share"] as const).map(icon))}</div>`;

function nameOf({ name, url }: PersonView): Html {
  return url === null ? html`<bdi>${name}</bdi>` : html`<a href="${url}"><bdi>${name}</bdi></a>`;
}

function handleOf({ handle }: PersonView): Html {
  return html`<span class="handle">@${handle}</span>`;
}

function verified(): Html {
  return html`<span class="verified">${icon("check")}<span class="unseen"> verified</span></span>`;
}

function timeOf(time: TimeView | null, url: string | null): Html {
  if (time === null) return NOTHING;
  const shown = html`<time datetime="${time.iso}" title="${time.full}">${time.short}</time>`;
  return html`<span class="when"><span aria-hidden="true">·</span> ${url === null ? shown : html`<a href="${url}">${shown}</a>`}</span>`;
}

function opened(time: TimeView | null, url: string | null): Html {
  if (time === null) return NOTHING;
  const shown = html`<time datetime="${time.iso}">${time.full}</time>`;
  return html`<p class="opened-at">${url === null ? shown : html`<a href="${url}">${shown}</a>`}</p>`;
}

function marksOf({ marks }: TweetView): Html[] {
  return marks.map(({ text, isBad }) => html`<span class="mark${isBad ? " bad" : ""}">${text}</span>`);
}

function words({ key, text, entities, foldAt }: TweetView): Html {
  if (text === "") return NOTHING;
  if (foldAt === null) return html`<p class="text" dir="auto" id="${key}-text">${richText(text, entities)}</p>`;
  const folded = foldedText(key, text, entities, foldAt);
  return html`<div class="folding">${folded.box}<p class="text" dir="auto" id="${key}-text">${folded.words}</p>${folded.label}</div>`;
}

function poll({ options, timeLeft }: PollView): Html {
  const items = options.map((option) => html`<li dir="auto">${option}</li>`);
  return html`<div class="poll"><ul aria-label="Poll">${items}</ul><p>0 votes · ${timeLeft}</p></div>`;
}

function below(tweet: TweetView): Html {
  if (tweet.quote !== null) return quote(tweet.quote);
  return tweet.card !== null && tweet.media.length === 0 && tweet.poll === null ? card(tweet.card) : NOTHING;
}

function quote({ name, handle, text, url }: QuoteView): Html {
  const said =
    text === null ? html`<p class="faint">X shows that post here.</p>` : html`<p class="text" dir="auto">${text}</p>`;
  const head = html`<span class="name"><bdi>${name}</bdi></span> <span class="handle">@${handle}</span>`;
  return html`<div class="quote"><p class="quote-head">${url === null ? head : html`<a href="${url}" rel="noreferrer noopener">${head}</a>`}</p>${said}</div>`;
}

function card({ domain, url }: { domain: string; url: string }): Html {
  return html`<a class="card" href="${url}" rel="noreferrer noopener" target="_blank"><span class="card-picture">${icon("page")}</span><span class="card-words"><span class="card-domain">${domain}</span><span class="faint">X puts the title and picture of that page here, if it has any</span></span></a>`;
}
