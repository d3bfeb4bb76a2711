/** Numbers in a thread (`2/7`), which are sent with the text and so are inside the count. Off unless asked for. */
import { weightedLength } from "./weighted-length.ts";

/** How a number looks. `n` stands for the number of tweets. */
export const NUMBER_FORMS = ["1/n", "(1/n)", "[1/n]", "1/", "1."] as const;
export type NumberForm = (typeof NUMBER_FORMS)[number];

export interface Numbering {
  place: "start" | "end";
  form: NumberForm;
}

/** What stands before and after the author's words of one tweet. */
export interface Affixes {
  prefix: string;
  suffix: string;
}

export const NO_AFFIXES: Affixes = { prefix: "", suffix: "" };

/** The number of the tweet at `position` (from 0) among `count`, with the space between it and the words. */
export function affixes(numbering: Numbering, position: number, count: number): Affixes {
  const number = numbering.form.replace("1", String(position + 1)).replace("n", String(count));
  return numbering.place === "start" ? { prefix: `${number} `, suffix: "" } : { prefix: "", suffix: ` ${number}` };
}

/** What the number of that tweet weighs when the count of all has `countDigits` digits. */
export function affixWeight(numbering: Numbering, position: number, countDigits: number): number {
  const { prefix, suffix } = affixes(numbering, position, 10 ** countDigits - 1);
  return weightedLength(prefix + suffix);
}
