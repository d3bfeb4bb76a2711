/**
 * Whether two texts are the same tweet. X decorates what it was sent, and how it normalises is unpublished, so both
 * sides are brought to one form that forgets what X is known or likely to change. Errors are not alike in cost: to miss
 * one's own tweet publishes a second copy, while two tweets of one account, with one parent, in one minute, that differ
 * only in blanks or in the scheme of a link, do not happen.
 */

import { unescapeHtml } from "../../core/compose/html-entities.ts";
import { comparable } from "../../core/compose/source.ts";
import { wellFormed } from "./detail.ts";

/**
 * The form in which a sent text and the text of an `OwnPost` compare equal when they are the same tweet.
 *
 * HTML's escapes undone; without blanks and the characters that nobody sees, which X may drop or replace; NFC, as X
 * counts; links without scheme, in ASCII, with the host in lower case and without a final slash, because X turns
 * `Example.com` into `http://example.com`.
 */
export function normaliseForMatch(text: string): string {
  return comparable(unescapedWhole(wellFormed(text)).replace(UNSEEN, ""))
    .replace(/https?:\/\//giu, "")
    .replace(LINK, (_link: string, host: string, path: string) => plainHost(host) + plainPath(path))
    .replace(/\s+/gu, "");
}

/** A beginning that is shorter says too little; X shows about 280 characters. */
const BEGINNING_LENGTH_MIN = 60;

/** True when both are the same tweet's text, or the shown one is the beginning of what was sent. */
export function sameText(sent: string, shown: string, isBeginning = false): boolean {
  if (!isBeginning) return normaliseForMatch(sent) === normaliseForMatch(shown);
  const beginning = normaliseForMatch(shown.replace(/(…|\.\.\.)\s*$/, ""));
  return beginning.length >= BEGINNING_LENGTH_MIN && normaliseForMatch(sent).startsWith(beginning);
}

/** Not a blank, and nothing to be seen: joiners, soft hyphens, selectors, marks of direction; controls, and no characters. */
const UNSEEN = /(?![\s])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Noncharacter_Code_Point}]|\ufeff/gu;

/** An escape may have been escaped. Whoever writes one as text and whoever means it are alike here. */
const ESCAPED_TIMES_MAX = 3;

function unescapedWhole(text: string): string {
  let plain = text;
  for (let time = 0; time < ESCAPED_TIMES_MAX && plain.includes("&"); time++) plain = unescapeHtml(plain);
  return plain;
}

/**
 * Schemes are gone when this is applied: in Japanese nothing but the scheme, which X adds, parts a link from the words
 * before. Anything with a dot inside is taken for a host, without asking whether the ending exists: "README.md" becomes
 * a link at X, "a.b" does not, and both sides are treated alike. The label count is bounded, so that a line of dots
 * costs nothing.
 */
const LINK = /([\p{L}\p{N}][\p{L}\p{N}-]{0,62}(?:\.[\p{L}\p{N}][\p{L}\p{N}-]{0,62}){1,8})((?:\/[^\s]*)?)/giu;

function plainHost(host: string): string {
  // Puts an international name into the one form, whichever of the two X shows. What is no host keeps its letters.
  const url = `http://${host}`;
  return URL.canParse(url) && /[^\d.]/.test(host) ? new URL(url).hostname : host.toLowerCase();
}

function plainPath(path: string): string {
  const url = `http://host${path}`;
  if (path === "" || !URL.canParse(url)) return path;
  // Percent-encodes what is not ASCII and leaves alone what is encoded already.
  const ascii = new URL(url).href.slice("http://host".length);
  return withoutFinalSlashes(ascii.replace(/%[0-9a-f]{2}/gi, (octet) => octet.toUpperCase()));
}

/** Counted from the end: an expression would begin anew at each of a thousand slashes. */
function withoutFinalSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && `).,;:!?'"]`.includes(path.charAt(end - 1))) end--;
  let start = end;
  while (start > 0 && path.charAt(start - 1) === "/") start--;
  return path.slice(0, start) + path.slice(end);
}
