/** A tweet that is not on X yet, as X's readers will see it. Pure. */

import { findEntities } from "../core/compose/entities.ts";
import { printable, segmentsBy } from "../core/compose/unicode-segments.ts";
import { TWEET_LIMIT, weightedLength } from "../core/compose/weighted-length.ts";
import { domainOf } from "../page/text.ts";
import type { EntityView, MediaView, PersonView, PollView, TimeView, TweetView } from "../page/views.ts";

const X = "https://x.com";
/** X leaves room for its ellipsis. */
const FOLDED_MAX = TWEET_LIMIT - 4;
/** More characters than that are never shown before the fold: the lightest weigh one each, and a link shows as 23. */
const FOLD_SEARCH_CHARS = 4_096;
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;
const POST_LINK = /^https?:\/\/(?:www\.)?(?:x|twitter)\.com\/([A-Za-z0-9_]{1,15})\/status\/[0-9]{1,19}/i;

export interface Author {
  name: string;
  handle: string;
  /** X's id; null before an account is chosen. */
  platformUserId: string | null;
  subscription: string | null;
}

export function authorView({ name, handle, platformUserId, subscription }: Author): PersonView {
  const isVerified = subscription !== null && subscription !== "None";
  return { name: printable(name), handle, url: null, seed: platformUserId ?? handle, isVerified };
}

/** What of a tweet is seen on X. Its `key` is unique on the page. The poll is the first tweet's. */
export function tweetView(
  key: string,
  text: string,
  more: {
    author: Author;
    media: readonly MediaView[];
    poll?: PollView | null;
    time?: TimeView | null;
    url?: string | null;
  },
): TweetView {
  const entities = findEntities(text).map(
    ({ start, end, kind }): EntityView => ({ start, end, kind, url: entityUrl(kind, text.slice(start, end)) }),
  );
  const lastLink = entities.findLast(({ kind }) => kind === "url")?.url ?? null;
  const quoted = POST_LINK.exec(lastLink ?? "")?.[1];
  const domain = lastLink === null ? null : domainOf(lastLink);
  return {
    key,
    person: authorView(more.author),
    text,
    entities,
    foldAt: foldOf(text),
    time: more.time ?? null,
    url: more.url ?? null,
    media: more.media,
    poll: more.poll ?? null,
    quote: quoted === undefined ? null : { name: quoted, handle: quoted, text: null, url: lastLink },
    card: quoted !== undefined || lastLink === null || domain === null ? null : { domain, url: lastLink },
    marks: [],
    isDeleted: false,
  };
}

/** A poll that has not begun. */
export function pollView({
  options,
  durationMinutes,
}: {
  options: readonly string[];
  durationMinutes: number;
}): PollView {
  const [count, unit] =
    durationMinutes >= MINUTES_PER_DAY
      ? [durationMinutes / MINUTES_PER_DAY, "day"]
      : durationMinutes >= MINUTES_PER_HOUR
        ? [durationMinutes / MINUTES_PER_HOUR, "hour"]
        : [durationMinutes, "minute"];
  const whole = Math.round(Number(count));
  return { options, timeLeft: `${whole} ${unit}${whole === 1 ? "" : "s"} left` };
}

/** A time as X writes it, on the clock of the author's zone. */
export function timeView(at: Date, zone: string): TimeView {
  const said = (options: Intl.DateTimeFormatOptions) => at.toLocaleString("en-US", { ...options, timeZone: zone });
  const day = said({ month: "short", day: "numeric", year: "numeric" });
  const clock = said({ hour: "numeric", minute: "2-digit" });
  return {
    iso: at.toISOString(),
    short: said({ month: "short", day: "numeric" }),
    full: `${clock} · ${day} · ${zone}`,
  };
}

/** What X takes a file for. */
export function mediaKind(mime: string): MediaView["kind"] {
  if (mime.startsWith("video/")) return "video";
  return mime === "image/gif" ? "gif" : "photo";
}

// --- internal ---

function entityUrl(kind: EntityView["kind"], written: string): string | null {
  const name = encodeURIComponent(written.slice(1));
  switch (kind) {
    case "url":
      return /^https?:\/\//i.test(written) ? written : `https://${written}`;
    case "mention":
      return `${X}/${name}`;
    case "hashtag":
      return `${X}/hashtag/${name}`;
    case "cashtag":
      return `${X}/search?q=%24${name}`;
  }
}

const graphemesOf = segmentsBy("grapheme");

/** Where X folds a long post, in UTF-16 units; null for one that is not long. Never inside a character or a link. */
function foldOf(text: string): number | null {
  if (text.length <= TWEET_LIMIT / 2 || weightedLength(text) <= TWEET_LIMIT) return null;
  const ends = Array.from(graphemesOf(text.slice(0, FOLD_SEARCH_CHARS)), ({ index }) => index);
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (weightedLength(text.slice(0, ends[middle])) <= FOLDED_MAX) low = middle;
    else high = middle - 1;
  }
  const at = ends[low] ?? 0;
  const link = findEntities(text).find(({ start, end }) => start < at && at < end);
  return link?.start ?? at;
}
