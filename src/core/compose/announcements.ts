/** A line that announces what follows: "What you need:", the line directly above a list, a caption above a table. */
import type { Block } from "./blocks.ts";

/** Of a short line, such as a title. */
export const LENGTH_MAX = 70;
/** What is longer is a paragraph, and none of a poem, an address or a list of short lines. */
export const PARAGRAPH_LENGTH_MIN = 2 * LENGTH_MAX;
const CAPTION_LENGTH_MAX = 140;
/** How far back the last mark of a line may stand, behind what closes emphasis or a quotation. */
const TAIL_LENGTH = 12;
const COLON = /(?:[:：︓﹕፦]-?|👇[\u{1f3fb}-\u{1f3ff}]?|⬇\ufe0f?|⤵\ufe0f?|[↓▼🔽])["'”’»*_~)\]]*\s*$/u;
export const SENTENCE_END = /[\p{Sentence_Terminal}…][\p{Pf}\p{Pe}"'”’»*_~]*$/u;
const WORD_AT_END = /[\p{L}\p{M}\p{N}]$/u;
const CAPTION =
  /^[*_]{0,2}(?:table|tab\.|figure|fig\.|listing|tabelle|abbildung|abb\.|tableau|tabla|tabela|tabella|таблица|рис\.|表|图|圖|図)\s?[\p{Nd}:：]/iu;

const COMMA = /[,،，]/;
/** "Step 1: Install it." */
const STEP =
  /^[*_]{0,2}(?:step|part|schritt|teil|stap|étape|etape|paso|passo|passaggio|pas|krok|steg|trin|adım|шаг|крок|βήμα|ステップ|手順|步骤|步驟|단계)\s?\p{Nd}{1,3}\s?[.:：)–—-]/iu;
/** "Q: Does it work?" and "A: It does." */
const QUESTION = /^[*_]{0,2}[QFPDВ问問문]\d{0,3}[.:：)]/u;
const ANSWER = /^[*_]{0,2}[ARО答답]\d{0,3}[.:：)]/u;
const LABEL_LENGTH = 8;

/** Whether the end of `block` announces `after`, the block behind it. */
export function announces(text: string, block: Block, after: Block): boolean {
  const tail = text.slice(Math.max(block.start, block.end - TAIL_LENGTH), block.end);
  if (COLON.test(tail)) return true;
  const isOneLine = isShortLine(text, block);
  if (isOneLine && startsWith(text, block, QUESTION) && startsWith(text, after, ANSWER)) return true;
  if (after.kind === "text" || after.kind === "heading") return false;
  if (isCaption(text, block) || (isOneLine && STEP.test(text.slice(block.start, block.end)))) return true;
  return (isOneLine || !block.blankAfter) && !SENTENCE_END.test(tail);
}

/** "Table 1. Prices.": a short line that says of itself that it stands above or under a table. */
export function isCaption(text: string, { kind, start, end }: Block): boolean {
  return kind === "text" && end - start <= CAPTION_LENGTH_MAX && CAPTION.test(text.slice(start, end));
}

/** Whether `block` looks like a heading without a mark above a paragraph: a short line without a full stop. */
export function looksLikeTitle(text: string, block: Block, after: Block): boolean {
  const isAboveParagraph = block.blankAfter && after.kind === "text" && after.end - after.start > PARAGRAPH_LENGTH_MIN;
  return isShortLine(text, block) && isAboveParagraph && WORD_AT_END.test(text.charAt(block.end - 1));
}

/** "Dear Ms. Hill,": a sentence may go on behind a line that ends so. A tweet had better not end there, but may. */
export function looksLikeSalutation(text: string, block: Block, after: Block): boolean {
  return after.kind === "text" && isShortLine(text, block) && COMMA.test(text.charAt(block.end - 1));
}

// --- internal ---

const isShortLine = (text: string, { start, end }: Block): boolean =>
  end - start <= LENGTH_MAX && !text.slice(start, end).includes("\n");

const startsWith = (text: string, { start, end }: Block, label: RegExp): boolean =>
  label.test(text.slice(start, Math.min(end, start + LABEL_LENGTH)));
