/** What an author should know before approving: what X will charge for, refuse, or read otherwise than it was meant. */
import { z } from "zod";
import type { CutKind } from "./cut-list.ts";
import { findLinks } from "./links.ts";
import { literalEscapes, literalEscapesMessage } from "./literal-escapes.ts";
import { shownMarkdown } from "./markdown-shown.ts";
import { findPastedLinks } from "./pasted-links.ts";
import { comparable } from "./source.ts";
import { findCashtags, findMentions } from "./tags.ts";
import { ASCII_TLDS_2020 } from "./tlds.ts";
import type { Torn } from "./torn.ts";
import { measure } from "./weighted-length.ts";

const WARNING_CODES = [
  "too_long",
  "empty",
  "count_uncertain",
  "accidental_link",
  "link_uncertain",
  "two_cashtags",
  "mention",
  "word_cut",
  "posted_recently",
  "same_text_twice",
  "many_tweets",
  "break_or_heading",
  "dashes_no_break",
  "characters_normalised",
  "own_number_long",
  "own_numbers_unsure",
  "link_partial",
  "unit_torn",
  "front_matter_ignored",
  "front_matter_unread",
  "image_left_out",
  "starts_with_mention",
  "markdown_shown",
  "strike_lost",
  "literal_escapes",
  "alt_text_on_video",
  "alt_missing",
  "media_doubtful",
  "media_location",
  "media_serial",
  "media_not_decoded",
  "media_fixed",
] as const;

export const WarningSchema = z.object({
  code: z.enum(WARNING_CODES),
  /** One sentence for a person. */
  message: z.string(),
  /** X will refuse the tweet as it stands. */
  blocking: z.boolean(),
});
export type Warning = z.infer<typeof WarningSchema>;

/** Above this many tweets few people read on. */
const TWEETS_MANY = 7;

/** What the caller knows about one tweet beyond its text. */
export interface TweetFacts {
  limit: number;
  hasMedia: boolean;
  breakKind: CutKind | null;
  /** Handle of the account that posts, without @: mentioning oneself is no mention. */
  ownHandle: string | null;
  /** When this account posted the very same text, as far as it is known. */
  postedRecentlyAt: Date | null;
}

/** X documents alt texts for images and GIFs, and refuses them on videos. */
export function altTextWarnings(
  media: readonly { mime?: string; fileName: string; altText: string | null }[],
): Warning[] {
  return media
    .filter(({ mime, altText }) => altText !== null && mime?.startsWith("video/"))
    .map(({ fileName }) =>
      warn(
        "alt_text_on_video",
        `X takes alt texts for images and GIFs; ${fileName} is a video and may go out without its own. Say in the text what it shows.`,
      ),
    );
}

export function warn(code: Warning["code"], message: string, blocking = false): Warning {
  return { code, message, blocking };
}

/** What a reader who cannot see them misses, and what was seen in the files when they were attached. */
export function mediaWarnings(
  media: readonly {
    mime?: string | undefined;
    fileName: string;
    altText: string | null;
    notes?: readonly { code: string; message: string }[] | undefined;
  }[],
): Warning[] {
  return media.flatMap(({ mime, fileName, altText, notes = [] }) => [
    ...(altText === null && mime?.startsWith("image/")
      ? [warn("alt_missing", `${fileName} has no alt text; who cannot see it learns nothing of it. --alt "…" says it.`)]
      : []),
    ...notes.map((note) => warn(isWarningCode(note.code) ? note.code : "media_doubtful", note.message)),
  ]);
}

/** Warnings of one tweet, the blocking ones first. */
export function tweetWarnings(text: string, facts: TweetFacts): Warning[] {
  const nfc = comparable(text);
  const warnings = [
    ...lengthWarnings(nfc, facts),
    ...cashtagWarnings(nfc),
    ...linkWarnings(nfc),
    ...mentionWarnings(nfc, facts),
    ...partialLinkWarnings(nfc),
    ...markdownWarnings(nfc),
    ...escapeWarnings("The tweet", nfc),
  ];
  if (facts.breakKind === "grapheme") {
    warnings.push(warn("word_cut", "A word is longer than a tweet, so it is cut inside."));
  }
  if (facts.postedRecentlyAt !== null) {
    warnings.push(
      warn(
        "posted_recently",
        `This text was posted on ${facts.postedRecentlyAt.toISOString()}; X refuses recent duplicates.`,
      ),
    );
  }
  return warnings;
}

/** Warnings about the thread as a whole. */
export function threadWarnings(texts: readonly string[]): Warning[] {
  const warnings: Warning[] = [];
  if (texts.length > TWEETS_MANY) {
    warnings.push(
      warn("many_tweets", `The thread has ${texts.length} tweets; above ${TWEETS_MANY} few people read on.`),
    );
  }
  for (const [text, numbers] of numbersByText(texts)) {
    if (text === "" || numbers.length === 1) continue;
    const shown = numbers.slice(0, NUMBERS_SHOWN_MAX).join(", ");
    const rest = numbers.length - NUMBERS_SHOWN_MAX;
    const which = rest > 0 ? `${shown} and ${rest} more` : shown.replace(/, (\d+)$/, " and $1");
    warnings.push(warn("same_text_twice", `Tweets ${which} have the same text; X refuses recent duplicates.`));
  }
  return warnings;
}

const NUMBERS_SHOWN_MAX = 5;

/** The numbers of the tweets, from 1, that have each text. */
function numbersByText(texts: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [position, text] of texts.entries()) found.set(text, [...(found.get(text) ?? []), position + 1]);
  return found;
}

const NAMES = {
  clause: "a clause",
  sentence: "a sentence",
  item: "an item of a list",
  code: "code",
  table: "a table",
  list: "a list",
  quotation: "a quotation",
  container: "a container",
  heading: "a heading or a line like one from what follows it",
} as const;
const SHOWN_LENGTH_MAX = 60;

/** The end of a tweet that parts what fits into one. */
export function tornWarnings(torn: Torn | null): Warning[] {
  if (torn === null) return [];
  const words = torn.text.replace(/\s+/g, " ");
  const shown = words.length <= SHOWN_LENGTH_MAX ? words : `${Array.from(words).slice(0, SHOWN_LENGTH_MAX).join("")}…`;
  return [warn("unit_torn", `The end of this tweet tears ${NAMES[torn.kind]} that fits into one: “${shown}”`)];
}

/** Escapes that were not resolved, in whatever X shows of a post. */
export function escapeWarnings(what: string, text: string): Warning[] {
  const escapes = literalEscapes(text);
  return escapes.length === 0 ? [] : [warn("literal_escapes", literalEscapesMessage(what, escapes))];
}

function lengthWarnings(text: string, { limit, hasMedia }: TweetFacts): Warning[] {
  if (text.trim() === "") return hasMedia ? [] : [warn("empty", "The tweet has neither text nor media.", true)];
  const { weightedLength, libraryLength } = measure(text);
  if (weightedLength > limit && libraryLength > limit) {
    return [
      warn(
        "too_long",
        `The tweet counts ${weightedLength}, which is ${weightedLength - limit} more than the ${limit} of this account.`,
        true,
      ),
    ];
  }
  if (weightedLength <= limit && libraryLength <= limit) return [];
  const message =
    `The tweet counts ${weightedLength} with today's emoji and domains, but ${libraryLength} by X's published counter; the limit of ${limit} ` +
    "lies between, so X may refuse it.";
  return [warn("count_uncertain", message)];
}

function cashtagWarnings(text: string): Warning[] {
  const cashtags = findCashtags(text);
  if (cashtags.length < 2) return [];
  return [
    warn("two_cashtags", `X refuses more than one cashtag in a tweet; this one has ${cashtags.join(", ")}.`, true),
  ];
}

/** Endings that are also those of files, so that a bare name with one is seldom meant as a link. */
const FILE_ENDINGS = new Set(
  "md rs sh py pl cc so ps zip mov ai app dev gz la ml mm mk tf ts vb am as do in info bar gdn cab".split(" "),
);
const KNOWN = new Set(ASCII_TLDS_2020);

function linkWarnings(text: string): Warning[] {
  const warnings: Warning[] = [];
  for (const { start, end, hasScheme } of findLinks(text)) {
    const word = text.slice(start, end);
    if (hasScheme || word.includes("/")) continue;
    const ending = word.slice(word.lastIndexOf(".") + 1);
    if (/^[a-z]+$/i.test(ending) && !KNOWN.has(ending.toLowerCase())) {
      warnings.push(
        warn(
          "link_uncertain",
          `X may take “${word}” for a link, since .${ending} is a newer domain ending; it is counted as one.`,
        ),
      );
    } else if (isAccidental(word, ending)) {
      const message = `X takes “${word}” for a link: it counts 23 and makes the tweet cost $0.20. Break it up, as in “${word.replace(/\.([^.]*)$/, " .$1")}”, if none is meant.`;
      warnings.push(warn("accidental_link", message));
    }
  }
  return warnings;
}

/** A file name, or two sentences without a space between them (`done.So`). */
function isAccidental(word: string, ending: string): boolean {
  if (word.toLowerCase().startsWith("www.")) return false;
  if (FILE_ENDINGS.has(ending.toLowerCase())) return true;
  return /^\p{Lu}\p{Ll}+$/u.test(ending) && /\p{Ll}\.[^.]*$/u.test(word);
}

/** An address of which X links only the beginning. */
function partialLinkWarnings(text: string): Warning[] {
  return findPastedLinks(text).map(({ start, linkEnd, end }) => {
    const linked = text.slice(start, linkEnd);
    const rest = text.slice(linkEnd, end);
    const message = `X links only “${linked}” of “${linked}${rest}”. Write ${linked}${encoded(rest)} to have all of it linked.`;
    return warn("link_partial", message);
  });
}

/** What X does not take into a link, percent-encoded. What it takes stays: a host that is percent-encoded is none. */
function encoded(rest: string): string {
  return encodeURI(rest)
    .replace(/%25(?=[0-9A-F]{2})/gi, "%")
    .replace(/[()'[\]|^`{}<>"\\]/g, (mark) => percent(mark));
}

const percent = (mark: string): string => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;

/** X shows Markdown as it is written. */
function markdownWarnings(text: string): Warning[] {
  const marks = shownMarkdown(text);
  if (marks.length === 0) return [];
  const message = `X shows Markdown as it is written: ${marks.join(" ")} will be seen. --markdown strip takes it out.`;
  return [warn("markdown_shown", message)];
}

function mentionWarnings(text: string, { ownHandle }: TweetFacts): Warning[] {
  const others = findMentions(text).filter((handle) => handle.toLowerCase() !== ownHandle?.toLowerCase());
  if (others.length === 0) return [];
  const startsWith = /^[@＠]\w/.test(text.trimStart())
    ? [
        warn(
          "starts_with_mention",
          "The tweet begins with a name, so X may show it to few: put a word before the name.",
        ),
      ]
    : [];
  const names = [...new Set(others)].map((handle) => `@${handle}`).join(", ");
  return [
    ...startsWith,
    warn("mention", `X may refuse posts by an API that mention people who did not mention you: ${names}.`),
  ];
}

/** A later version may have written codes that this one does not know. */
function isWarningCode(code: string): code is Warning["code"] {
  return (WARNING_CODES as readonly string[]).includes(code);
}
