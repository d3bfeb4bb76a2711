/**
 * Whether two texts are the same tweet. X decorates what it was sent, and how it normalises is unpublished, so both
 * sides are brought to one form that forgets what X is known or likely to change. Errors are not alike in cost: to miss
 * one's own tweet publishes a second copy, while two tweets of one account, with one parent, in one minute, that differ
 * only in blanks or in the scheme of a link, do not happen.
 */

import { wellFormed } from "./detail.ts";

/**
 * The form in which a sent text and the text of an `OwnPost` compare equal when they are the same tweet.
 *
 * NFC, as X counts; ends trimmed and runs of blanks made one; links without scheme, in ASCII, with the host in lower
 * case and without a final slash, because X turns `Example.com` into `http://example.com`.
 */
export function normaliseForMatch(text: string): string {
  return wellFormed(text)
    .normalize("NFC")
    .replace(/[\ufeff\ufffe\uffff]/gu, "") // not allowed in a tweet
    .replace(/https?:\/\//giu, "")
    .replace(LINK, (_link: string, host: string, path: string) => plainHost(host) + plainPath(path))
    .replace(/\s+/gu, " ")
    .trim();
}

/** True when both are the same tweet's text. */
export function sameText(sent: string, shown: string): boolean {
  return normaliseForMatch(sent) === normaliseForMatch(shown);
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
  return ascii.replace(/%[0-9a-f]{2}/gi, (octet) => octet.toUpperCase()).replace(/\/+(?=[).,;:!?'"\]]*$)/, "");
}
