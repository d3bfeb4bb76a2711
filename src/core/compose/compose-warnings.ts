/** What the cutting of a text has to say: numbers and breaks of the author's, and counts that are not sure. */
import { PsnError } from "../errors.ts";
import type { Body } from "./cut-segment.ts";
import { cutThread, type Work } from "./cut-thread.ts";
import type { Segment } from "./segments.ts";
import { findUnsureBreaks } from "./unsure-breaks.ts";
import { type Warning, warn } from "./warnings.ts";

const WARNINGS_MAX = 5;

/** Lines of dashes that may be meant otherwise than they are read. */
export function breakWarnings(source: string): Warning[] {
  return findUnsureBreaks(source)
    .slice(0, WARNINGS_MAX)
    .map(({ kind, line }) =>
      kind === "heading"
        ? warn(
            "break_or_heading",
            `The line of --- under “${line}” ends a tweet. If it is meant as a heading, write “## ${line}”.`,
          )
        : warn(
            "dashes_no_break",
            `The line “${line}” is posted as it stands. If it is meant to end a tweet, write three hyphens: ---`,
          ),
    );
}

/** Numbers were asked for, and the author wrote some. */
export function numberedTwice(count: number): PsnError {
  return new PsnError(
    "NUMBERED_TWICE",
    `The text numbers its ${count} tweets itself; two numbers in each would be posted.`,
    {
      hint: "Leave --numbering away, or take your own numbers out of the text.",
      details: { count },
    },
  );
}

/** A part that the author gave one number, and that does not fit into one tweet. */
export function numberWarnings(segments: readonly Segment[], bodies: readonly Body[], numbers: number): Warning[] {
  if (numbers === 0) return [];
  let next = 0;
  return segments.flatMap((segment) => {
    const first = next + 1;
    while (next < bodies.length && (bodies[next]?.end ?? 0) <= segment.end) next++;
    const count = next + 1 - first;
    if (count < 2) return [];
    const message = `What you numbered as one tweet does not fit: it takes ${count}, tweets ${first} to ${first + count - 1}, and only the first bears your number.`;
    return [warn("own_number_long", message)];
  });
}

/** In a thread longer than this nobody counts whether one tweet could be saved, and finding out takes as long as cutting. */
export const COMPARED_TWEETS_MAX = 100;

/** Says so when the two readings of the count disagree across the limit, and the text was cut more often for it. */
export function readingWarnings(work: Work, count: number): Warning[] {
  if (count > COMPARED_TWEETS_MAX || work.atoms.every((atom) => atom.weight === atom.today)) return [];
  const atoms = work.atoms.map((atom) => ({ ...atom, weight: atom.today }));
  const countToday = cutThread({ ...work, atoms, cuts: new Map() }, null, "today").length;
  if (countToday >= count) return [];
  const message =
    `With today's emoji and domains the text would take ${countToday} tweet(s); X's published counter weighs the newer ones more, ` +
    `so it was cut into ${count} to be safe.`;
  return [warn("count_uncertain", message)];
}
