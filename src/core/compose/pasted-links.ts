/**
 * Addresses as their author pasted them. X links an address only as far as it knows its characters: `/wiki/日本` is linked up to the
 * slash, `#src=a()` up to the bracket. What the author pasted as one is one, so it is never cut in two.
 */
import { findLinks, type Link } from "./links.ts";

export interface PastedLink {
  start: number;
  /** Where X's link ends. */
  linkEnd: number;
  /** Where the author's address ends: before white space, or the marks of the sentence around it. */
  end: number;
}

/** What ends an address in running text of a script without spaces. */
const REST = /^[^\s\u3000-\u303f\uff00-\uff65“”„«»‹›<>"]+/u;
/** What a sentence puts behind an address. */
const MARKS = new Set(".,;:!?'’…)]}*_`");
const REST_LENGTH_MAX = 2000;

/** The addresses with a scheme of which X links only a part. `text` is NFC. */
export function findPastedLinks(text: string, links: readonly Link[] = findLinks(text)): PastedLink[] {
  return links.flatMap(({ start, end, hasScheme }, index) => {
    if (!hasScheme) return [];
    const restMax = Math.min(end + REST_LENGTH_MAX, links[index + 1]?.start ?? text.length);
    const rest = REST.exec(text.slice(end, restMax))?.[0] ?? "";
    // In Chinese or Japanese a sentence may go on right behind the address: only what begins with a mark of addresses, or follows one,
    // is taken for the rest of it.
    const isAddress = /[/?=&#%+_~(-]$/.test(text.slice(start, end)) || /^[/?=&#%+_~(-]/.test(rest);
    const trimmed = withoutMarks(rest);
    const isMore = isAddress && /[\p{L}\p{N}()=]/u.test(trimmed);
    return isMore ? [{ start, linkEnd: end, end: end + trimmed.length }] : [];
  });
}

// --- internal ---

/** Without the marks of the sentence at the end; a bracket that the rest itself opens belongs to it. */
function withoutMarks(rest: string): string {
  let unopened = rest.split(")").length - rest.split("(").length;
  let end = rest.length;
  for (; MARKS.has(rest.charAt(end - 1)); end--) {
    if (rest.charAt(end - 1) !== ")") continue;
    if (unopened <= 0) break;
    unopened--;
  }
  return rest.slice(0, end);
}
