/** A line that announces what follows: "What you need:", the line directly above a list, a caption above a table. */
import type { Block } from "./blocks.ts";

const LENGTH_MAX = 70;
/** How far back the last mark of a line may stand, behind what closes emphasis or a quotation. */
const TAIL_LENGTH = 12;
const COLON = /(?:[:：︓﹕፦]-?|👇[\u{1f3fb}-\u{1f3ff}]?|⬇\ufe0f?|⤵\ufe0f?|[↓▼🔽])["'”’»*_~)\]]*\s*$/u;
const SENTENCE_END = /[\p{Sentence_Terminal}…][\p{Pf}\p{Pe}"'”’»*_~]*$/u;
const WORD_AT_END = /[\p{L}\p{M}\p{N}]$/u;
/** "Table 1. Prices." says itself what it stands above. */
const CAPTION =
  /^[*_]{0,2}(?:table|tab\.|figure|fig\.|listing|tabelle|abbildung|abb\.|tableau|tabla|tabela|tabella|таблица|рис\.|表|图|圖|図)\s?\p{Nd}/iu;

/** Whether the end of `block` announces `after`, the block behind it. */
export function announces(text: string, block: Block, after: Block): boolean {
  const tail = text.slice(Math.max(block.start, block.end - TAIL_LENGTH), block.end);
  if (COLON.test(tail)) return true;
  const isShort = block.end - block.start <= LENGTH_MAX && !text.slice(block.start, block.end).includes("\n");
  if (after.kind === "text" || after.kind === "heading") return false;
  if (isShort && CAPTION.test(text.slice(block.start, block.end))) return true;
  return (isShort || !block.blankAfter) && !SENTENCE_END.test(tail);
}

/** Whether `block` looks like a heading without a mark above a paragraph: a short line without a full stop. */
export function looksLikeTitle(text: string, block: Block, after: Block): boolean {
  const isShort = block.end - block.start <= LENGTH_MAX && !text.slice(block.start, block.end).includes("\n");
  const isAboveParagraph = block.blankAfter && after.kind === "text" && after.end - after.start > 2 * LENGTH_MAX;
  return isShort && isAboveParagraph && WORD_AT_END.test(text.charAt(block.end - 1));
}
