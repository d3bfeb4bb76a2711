/** What the cutting of a text has to say: numbers and breaks of the author's, and counts that are not sure. */
import { PsnError } from "../errors.ts";
import type { Body } from "./cut-segment.ts";
import { cutThread, type Work } from "./cut-thread.ts";
import type { NumberDoubt } from "./own-number-order.ts";
import type { OwnNumbers } from "./own-numbers.ts";
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

const CHARACTERS_MAX = 3;
/** More than a post holds. */
const LOOKED_AT_MAX = 200_000;

/**
 * Characters that look otherwise in NFC, which is what X keeps: ideographs of older standards, signs of units. An accent that is put together
 * with its letter looks the same, and nothing is said of it.
 * @param given the text before it was put into NFC
 */
export function normalisedWarnings(given: string, source: string): Warning[] {
  if (given === source) return [];
  const changed = [...new Set(given.slice(0, LOOKED_AT_MAX))].filter(
    (character) => character.normalize("NFC") !== character && [...character.normalize("NFC")].length === 1,
  );
  if (changed.length === 0) return [];
  const shown = changed
    .slice(0, CHARACTERS_MAX)
    .map((character) => `“${character}” (${nameOf(character)}) as ${nameOf(character.normalize("NFC"))}`);
  const more = changed.length > CHARACTERS_MAX ? ` and ${changed.length - CHARACTERS_MAX} more` : "";
  const message = `X keeps a text in NFC, so it is sent in it: ${shown.join(", ")}${more}, which may look otherwise.`;
  return [warn("characters_normalised", message)];
}

const nameOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

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
export function numberWarnings(
  segments: readonly Segment[],
  bodies: readonly Body[],
  { numbers, doubt }: OwnNumbers,
): Warning[] {
  const unsure = doubt === null ? [] : [warn("own_numbers_unsure", doubtMessage(doubt))];
  if (numbers.length === 0) return unsure;
  let next = 0;
  const long = segments.flatMap((segment) => {
    const first = next + 1;
    while (next < bodies.length && (bodies[next]?.end ?? 0) <= segment.end) next++;
    const count = next + 1 - first;
    if (count < 2) return [];
    const message = `What you numbered as one tweet does not fit: it takes ${count}, tweets ${first} to ${first + count - 1}, and only the first bears your number.`;
    return [warn("own_number_long", message)];
  });
  return [...unsure, ...long];
}

const SHOWN_NUMBERS_MAX = 12;

function doubtMessage(doubt: NumberDoubt): string {
  if (doubt.kind === "list") {
    return `The numbers 1️⃣ to ${doubt.last} stand inside of a text, so they are taken for a list. Where each is meant as a tweet, put a line of --- before it.`;
  }
  if (doubt.kind === "in_line") {
    return `The numbers 1/ to ${doubt.last}/ stand inside of lines, so they part no tweets. Where each is meant as a tweet, begin a line with it.`;
  }
  const { numbers, total } = doubt;
  const shown = `${numbers.slice(0, SHOWN_NUMBERS_MAX).join(", ")}${numbers.length > SHOWN_NUMBERS_MAX ? ", …" : ""}`;
  return `Your own numbers are ${shown}${total === null ? "" : ` of ${total}`}: ${slipOf(numbers, total)}. Each begins a tweet as it stands; look whether one is wrong.`;
}

/** What is wrong with numbers that should count up from one. */
function slipOf(numbers: readonly number[], total: number | null): string {
  const doubled = numbers.find((number, index) => numbers.indexOf(number) < index);
  if (doubled !== undefined) return `${doubled} comes twice`;
  const last = Math.max(...numbers, total ?? 0);
  const missing = Array.from({ length: last }, (_, index) => index + 1).find(
    (number) => !numbers.includes(number) && number >= Math.min(...numbers),
  );
  if (missing !== undefined) return `${missing} is missing`;
  return numbers.some((number, index) => number < (numbers[index - 1] ?? 0))
    ? "they are out of order"
    : "their count differs";
}

/** In a thread longer than this nobody counts whether one tweet could be saved, and finding out takes as long as cutting. */
export const COMPARED_TWEETS_MAX = 100;

/** Says so when the two readings of the count disagree across the limit, and the text was cut more often for it. */
export function readingWarnings(work: Work, count: number): Warning[] {
  if (count > COMPARED_TWEETS_MAX || work.atoms.every((atom) => atom.weight === atom.today)) return [];
  const atoms = work.atoms.map((atom) => ({ ...atom, weight: atom.today }));
  const changes = work.atoms
    .filter((atom) => atom.weight !== atom.today)
    .map(({ end, weight, today }) => ({ end, by: weight - today }));
  const cuts: Work["cuts"] = new Map();
  for (const [segment, { found, room }] of work.cuts) cuts.set(segment, { found: found.lighter(changes), room });
  const countToday = cutThread({ ...work, atoms, cuts }, null, "today").length;
  if (countToday >= count) return [];
  const message =
    `With today's emoji and domains the text would take ${countToday} tweet(s); X's published counter weighs the newer ones more, ` +
    `so it was cut into ${count} to be safe.`;
  return [warn("count_uncertain", message)];
}
