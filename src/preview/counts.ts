/** What the page's script asks while a person types or drags: counts as X counts, and the places where a cut may go. Pure. */
import { borderPlaces, partsOf } from "../core/compose/acts.ts";
import { weightedLength } from "../core/compose/weighted-length.ts";
import { PsnError } from "../core/errors.ts";
import type { Post } from "../core/posts/read.ts";
import { bodiesOf } from "./draft.ts";

/** Of a text with lines of `---` part by part. */
export function countsOf(text: string, limit: number): { parts: number[]; limit: number } {
  return { parts: countedParts(text).map((part) => weightedLength(part)), limit };
}

/** To where a border can be dragged: in the texts as they are shown, with the counts of both tweets then. */
export function placesOf(post: Post, border: number) {
  const bodies = bodiesOf(post);
  const drafts = bodies.map((text, index) => ({ text, separatorAfter: post.tweets[index]?.separatorAfter ?? "" }));
  const before = [border, border + 1].map((index) => (post.tweets[index]?.content ?? "").indexOf(bodies[index] ?? ""));
  const extra = [border, border + 1].map((index) => {
    const [whole, body] = [post.tweets[index]?.content ?? "", bodies[index] ?? ""];
    return weightedLength(whole) - weightedLength(body);
  });
  const own = [bodies[border] ?? "", bodies[border + 1] ?? ""] as const;
  return borderPlaces(drafts, border).map(({ by, left, right }) => ({
    by,
    tweet: by > 0 ? 1 : 0,
    offset: by > 0 ? (before[1] ?? 0) + own[1].length - right.length : (before[0] ?? 0) + left.length,
    left: weightedLength(left) + (extra[0] ?? 0),
    right: weightedLength(right) + (extra[1] ?? 0),
  }));
}

// --- internal ---

/** What cannot be saved as it stands is counted all the same: it is being typed. */
function countedParts(text: string): string[] {
  try {
    return partsOf(text);
  } catch (error) {
    if (error instanceof PsnError) return [text];
    throw error;
  }
}
