/** What lines of a text without marks are by their form: a title directly above its paragraph, items such as "Speed: it is quick." */
import { LENGTH_MAX, PARAGRAPH_LENGTH_MIN, SENTENCE_END } from "./announcements.ts";
import type { Block } from "./blocks.ts";
import { LINE_BREAK } from "./text-characters.ts";

const TITLE = /^["“„«¿¡「『《]?[\p{Lu}\p{Lo}\p{N}\p{Extended_Pictographic}].*[\p{L}\p{M}\p{N}]$/u;
/** "**Speed**: it is quick.", "**Speed:** it is quick." */
const BOLD_LABEL = /^(?:\*\*|__)[^*_\n]{1,60}(?:[:：](?:\*\*|__)|(?:\*\*|__)[ \t]?[:：])[ \t]*\S/u;
/** "Speed: it is quick.", "Last of all: it is free." */
const LABEL = /^[\p{Lu}\p{Lo}\p{Nd}][^\s:：.!?…]{0,24}(?: [^\s:：.!?…]{1,24}){0,3}(?::[ \t]+|：[ \t]*)\S/u;
/** "1.Charge more", "Rule 1: charge more", "Tip #2: …", "Day 3 – …" */
const NUMBERED =
  /^(?:\p{Nd}{1,2}[.)](?=\p{L})|[\p{Lu}\p{Lo}][\p{L}\p{M}]{1,11} ?#?\p{Nd}{1,3} ?(?:[:：]|[–—-] )[ \t]*\S)/u;
const SURE_LABEL = new RegExp(`${BOLD_LABEL.source}|${NUMBERED.source}`, "u");
/** One such line may be any sentence; so many in a row are a list. */
const LABELS_MIN = 3;
const SURE_LABELS_MIN = 2;
const QUOTATION_END = /[.!?…。！？,]?["”“»«’』」]\s*$/u;
const NAME = /^[\p{Lu}\p{Lo}][^.!?…。！？:;"“”«»]{1,60}(?:\p{Lu}\.[^.!?…。！？:;"“”«»]{1,40}){0,2}$/u;
/** Not what asks in Greek and ends a sentence in Armenian, nor the eyes of a smile. */
const GOES_ON =
  /(?:[,،、，፣][\p{Pf}\p{Pe}"'”’»*_]*|(?<![\p{Script=Greek}\p{Script=Armenian}]\p{M}?)[;:؛；：፤][\p{Pf}"'”’»*_]*)$/u;
/** How much of its end tells whether a line goes on. */
export const LINE_TAIL = 8;

/** Which of the lines of one text are titles of the line below them: short, without a full stop, above a paragraph. */
export function titleLines(lines: readonly string[]): number[] {
  return [...lines.keys()].filter((index) => {
    const line = lines[index] ?? "";
    const isBehindSentence = index === 0 || SENTENCE_END.test(lines[index - 1] ?? "");
    const isAboveParagraph = (lines[index + 1] ?? "").length > PARAGRAPH_LENGTH_MIN;
    return isAboveParagraph && isBehindSentence && line.length <= LENGTH_MAX && TITLE.test(line);
  });
}

/** Which of them are lists of items, each with its label: from the first line of each up to behind its last one. */
export function labelledLines(lines: readonly string[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let from = 0; from < lines.length; ) {
    let to = from;
    let sure = 0;
    for (; isLabelled(lines[to] ?? ""); to++) if (SURE_LABEL.test(lines[to] ?? "")) sure++;
    if (to - from >= LABELS_MIN || (sure === to - from && sure >= SURE_LABELS_MIN)) found.push({ from, to });
    from = to + 1;
  }
  return found;
}

/** Whether the last of the lines says whose words the others are: “Trust is good.” and below it: Ernest Hemingway, 1948 */
export function endWithSource(lines: readonly string[]): boolean {
  return QUOTATION_END.test(lines.at(-2) ?? "") && NAME.test(lines.at(-1) ?? "");
}

/** Whether the sentence goes on in the next line behind a line that ends so. */
export const goesOnBelow = (tail: string): boolean => GOES_ON.test(tail);

/** Whether the block is one line with a label in bold letters, as Markdown parts them by blank lines. */
export function isBoldItem(text: string, block: Block | undefined): boolean {
  if (block?.kind !== "text" || (block.flags & LINE_BREAK) !== 0 || !/[*_]/.test(text.charAt(block.start)))
    return false;
  return BOLD_LABEL.test(text.slice(block.start, block.end));
}

// --- internal ---

const isLabelled = (line: string): boolean => SURE_LABEL.test(line) || LABEL.test(line);
