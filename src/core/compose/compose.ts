/**
 * One text in, the tweets of a thread out. Nothing is lost: `leading` and every tweet's `body` and `separatorAfter`,
 * joined, are the source in NFC to the byte.
 */
import {
  breakWarnings,
  normalisedWarnings,
  numberedTwice,
  numberWarnings,
  readingWarnings,
} from "./compose-warnings.ts";
import type { Break } from "./cut-list.ts";
import type { Body } from "./cut-segment.ts";
import { type ComposeOptions, cutThread, workOf } from "./cut-thread.ts";
import { affixes, NO_AFFIXES, type Numbering } from "./numbering.ts";
import type { UnitKind } from "./unit-list.ts";
import type { Warning } from "./warnings.ts";
import { weightedLength } from "./weighted-length.ts";

export type { ComposeOptions };

export interface ComposedTweet {
  /** From 0. */
  position: number;
  /** What is sent: the author's words, and the number when there is one. */
  text: string;
  /** The author's words alone. Equals `text` without numbering. */
  body: string;
  /** X's count of `text`. */
  weightedLength: number;
  limit: number;
  break: Break;
  /** What the end of this tweet tears, such as a sentence, though it would fit into one tweet. Null nearly always. */
  tears: UnitKind | null;
  /** What stood between this tweet and the next (or the end) in the source: white space, and lines of `---`. */
  separatorAfter: string;
}

export interface Composition {
  tweets: ComposedTweet[];
  /** White space and lines of `---` before the first tweet, which X would strip. Nearly always empty. */
  leading: string;
  /** The source in NFC. */
  source: string;
  /** What the cutting itself has to say; the preview adds the rest. */
  warnings: Warning[];
}

/** Ten million tweets cannot come out of the longest source. */
const COUNT_DIGITS_MAX = 8;

/**
 * The thread that a careful editor would cut.
 *
 * @throws PsnError `TEXT_EMPTY`, `TEXT_TOO_LONG`, `TEXT_INVALID_CHARACTER` (see `normaliseSource`), `LIMIT_INVALID`, or `NUMBERED_TWICE`
 *   when numbers are asked for and the author wrote some.
 */
export function composeThread(text: string, options: ComposeOptions = {}): Composition {
  const { numbering = null } = options;
  const work = workOf(text, options);
  const { source, segments, ownNumbers, limit } = work;
  if (numbering !== null && ownNumbers.numbers.length > 0) throw numberedTwice(ownNumbers.numbers.length);

  const bodies = cutThread(work, null);
  const warnings = [
    ...readingWarnings(work, bodies.length),
    ...breakWarnings(source),
    ...normalisedWarnings(text, source),
    ...numberWarnings(segments, bodies, ownNumbers),
  ];
  if (numbering === null || bodies.length === 1) return compositionOf(source, bodies, limit, null, warnings);
  // The room left depends on how many digits the count has, and the count on the room: the first that agrees is the fewest.
  for (let digits = String(bodies.length).length; digits <= COUNT_DIGITS_MAX; digits++) {
    const numbered = cutThread(work, { numbering, digits });
    if (String(numbered.length).length <= digits) return compositionOf(source, numbered, limit, numbering, warnings);
  }
  throw new RangeError("the count of tweets does not settle");
}

function compositionOf(
  source: string,
  bodies: Body[],
  limit: number,
  numbering: Numbering | null,
  warnings: Warning[],
): Composition {
  const tweets = bodies.map((body, position): ComposedTweet => {
    const words = source.slice(body.start, body.end);
    const { prefix, suffix } = numbering === null ? NO_AFFIXES : affixes(numbering, position, bodies.length);
    const text = prefix + words + suffix;
    return {
      position,
      text,
      body: words,
      weightedLength: text === words ? body.weightedLength : weightedLength(text),
      limit,
      break: body.break,
      tears: body.tears,
      separatorAfter: source.slice(body.end, bodies[position + 1]?.start ?? source.length),
    };
  });
  return { tweets, leading: source.slice(0, bodies[0]?.start ?? 0), source, warnings };
}
