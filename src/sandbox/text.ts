/**
 * A text as X sees it: length, links, mentions. The sandbox counts for itself and does not share code with the
 * composer, so that a miscount in one shows in the other. Rules: twitter-text configuration 3.
 */
import { TLDS } from "./tlds.ts";

export const SHORT_TEXT_MAX = 280;
export const LONG_TEXT_MAX = 25_000;
const URL_LENGTH = 23;

/** What X recognizes inside a text. Indices are UTF-16 units of the text given; `end` is exclusive. */
export interface TextEntity {
  kind: "url" | "mention" | "hashtag" | "cashtag";
  start: number;
  end: number;
  /** The URL as written, or the name without its sign. */
  value: string;
}

/**
 * A label of a host, bounded so that no text makes the search slow: after a scheme any letters, without one only those
 * that twitter-text takes for a bare domain.
 */
const LABEL = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}_\\-]{0,61}[\\p{L}\\p{N}])?";
const BARE_LABEL = "[a-z0-9](?:[a-z0-9_\\-]{0,61}[a-z0-9])?";
const PATH_CHARS = "[a-z0-9!*';:=+,.$/%#\\[\\]\\-\\u2013_~@|&\\u00c0-\\u024f\\u0400-\\u04ff]";
const URL_PATTERN = new RegExp(
  "(?<before>^|[^a-z0-9@\\uff20$#\\uff03])" +
    `(?:(?<scheme>https?://)(?<host>${LABEL}(?:\\.${LABEL})+)|(?<bare>${BARE_LABEL}(?:\\.${BARE_LABEL})+))` +
    `(?<port>:[0-9]{1,5})?(?<path>/(?:${PATH_CHARS}|\\(${PATH_CHARS}*\\))*)?` +
    "(?<query>\\?[a-z0-9!?*'@();:&=+$/%#\\[\\]\\-_.,~|]*)?",
  "giu",
);

/** How many labels of a host belong to a URL: the longest run that ends in a top-level domain, or 0. */
function labelsInUrl(labels: string[], withScheme: boolean, after: string): number {
  for (let count = labels.length; count >= 2; count -= 1) {
    const isWhole = count === labels.length;
    // An address such as a.com@b, or a word that goes on, is no link.
    if (isWhole && /^[0-9a-z@+-]/i.test(after)) continue;
    const last = (labels[count - 1] ?? "").toLowerCase();
    const known = TLDS.has(last) || last.startsWith("xn--");
    // With a scheme, a top-level domain newer than the list still makes a link.
    if (known || (withScheme && isWhole && /^[a-z]{2,}$/.test(last))) return count;
  }
  return 0;
}

/** What of port, path and query belongs to a link. Without a scheme they count only when there is a path. */
function tailOf(groups: Record<string, string | undefined>, withScheme: boolean): string {
  const { port = "", path = "", query = "" } = groups;
  if (!withScheme && path === "") return "";
  const kept = path.replace(/[!*';:,.$%[\]~|&@]+$/u, "");
  if (kept !== path) return port + kept;
  const asked = query.replace(/[^a-z0-9_&=#/-]+$/iu, "");
  return port + path + (asked === "?" ? "" : asked);
}

/** The links of a text, in order. */
export function findUrls(text: string): TextEntity[] {
  const found: TextEntity[] = [];
  for (const match of text.matchAll(URL_PATTERN)) {
    const groups = match.groups ?? {};
    const before = groups.before ?? "";
    const scheme = groups.scheme ?? "";
    if (scheme === "" && /[-_./]/.test(before)) continue;
    const host = groups.host ?? groups.bare ?? "";
    const start = match.index + before.length;
    const labels = host.split(".");
    const count = labelsInUrl(
      labels,
      scheme !== "",
      text.slice(start + scheme.length + host.length, match.index + match[0].length + 1),
    );
    if (count === 0) continue;
    const tail = count === labels.length ? tailOf(groups, scheme !== "") : "";
    const value = scheme + labels.slice(0, count).join(".") + tail;
    found.push({ kind: "url", start, end: start + value.length, value });
  }
  return found;
}

const NAME_PATTERNS: { kind: TextEntity["kind"]; pattern: RegExp }[] = [
  { kind: "mention", pattern: /(?<![a-z0-9_!#$%&*@\uff20])[@\uff20]([a-z0-9_]{1,20})(?![a-z0-9_@\u00c0-\u024f])/giu },
  {
    kind: "hashtag",
    pattern: /(?<![\p{L}\p{M}\p{N}_&])[#\uff03]([\p{L}\p{M}\p{N}_]*[\p{L}\p{M}][\p{L}\p{M}\p{N}_]*)/gu,
  },
  { kind: "cashtag", pattern: /(?<=^|\s)\$([a-z]{1,6}(?:[._][a-z]{1,2})?)(?=$|\s|\p{P})/giu },
];

/** Links, mentions, hashtags and cashtags in order; none inside a link. */
export function findEntities(text: string): TextEntity[] {
  const urls = findUrls(text);
  const names: TextEntity[] = [];
  for (const { kind, pattern } of NAME_PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (urls.some((url) => start < url.end && end > url.start)) continue;
      names.push({ kind, start, end, value: match[1] ?? "" });
    }
  }
  return [...urls, ...names].sort((a, b) => a.start - b.start);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
// Named apart, not a literal: the v flag is newer than the language level the project compiles to.
const UNICODE_SETS: string = "v";
const EMOJI = new RegExp("^\\p{RGI_Emoji}$", UNICODE_SETS);

/** The weight of one grapheme: an emoji is 2 however it is built; otherwise its code points by range. */
export function graphemeWeight(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  let weight = 0;
  for (const char of grapheme) {
    const code = char.codePointAt(0) ?? 0;
    const single =
      code <= 4351 ||
      (code >= 8192 && code <= 8205) ||
      (code >= 8208 && code <= 8223) ||
      (code >= 8242 && code <= 8247);
    weight += single ? 1 : 2;
  }
  return weight;
}

/** A text cut into graphemes. */
export function graphemesOf(text: string): string[] {
  return Array.from(graphemes.segment(text), (part) => part.segment);
}

/** X's weighted length: NFC, 23 per link, 2 per emoji, 1 or 2 per other code point. */
export function weightedLength(text: string): number {
  const normal = text.normalize("NFC");
  let weight = 0;
  let at = 0;
  const plain = (part: string) => graphemesOf(part).reduce((sum, grapheme) => sum + graphemeWeight(grapheme), 0);
  for (const url of findUrls(normal)) {
    weight += plain(normal.slice(at, url.start)) + URL_LENGTH;
    at = url.end;
  }
  return weight + plain(normal.slice(at));
}

/** X refuses these code points wherever they stand. */
export function hasForbiddenCharacter(text: string): boolean {
  return /[\ufffe\ufeff\uffff]/u.test(text);
}

/** X escapes three characters, and only those. */
export function escapeEntities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
