/** A person is asked what a line of dashes means where their text does not say it; a program is warned (`break_or_heading`). */
import { findUnsureBreaks, withBreakMeant } from "../../core/compose/unsure-breaks.ts";
import { pickKey } from "../_ask.ts";
import type { Io } from "../_command.ts";

const QUESTIONS_MAX = 5;

/** The text with each such line written as its author means it; as it was where they answer neither. */
export async function askBreaks(io: Io, given: string): Promise<string> {
  let text = given;
  // From the last to the first, so that the places before stay what they are.
  for (const unsure of findUnsureBreaks(given).slice(0, QUESTIONS_MAX).reverse()) {
    const { kind, line } = unsure;
    const key =
      kind === "heading"
        ? await pickKey(io, `Under “${line}” stands a line of ---. What is it?`, [
            ["b", "a break: the tweet ends there"],
            ["h", `a heading: ## ${line}`],
          ])
        : await pickKey(io, `The line “${line}” looks like a break that an editor changed. What is it?`, [
            ["b", "a break: ---"],
            ["k", "words, kept as they are"],
          ]);
    if (key === "b") text = withBreakMeant(text, unsure, "break");
    if (key === "h") text = withBreakMeant(text, unsure, "heading");
  }
  return text;
}
