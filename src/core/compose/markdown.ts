/**
 * A text without its Markdown: emphasis and heading marks go, a link becomes its words and its address, an image is left out and named.
 * Code stays as it is, and so do the author's breaks, lists and quotations, which read well as they are.
 */
import { Lexer, type Token } from "marked";
import { PsnError } from "../errors.ts";
import { findFences } from "./fences.ts";
import { unescapeHtml } from "./html-entities.ts";
import { type Around, isEscapeForSure, isInPath, isMarkForSure, isTag } from "./markdown-sure.ts";
import { findFormulas } from "./paired-lines.ts";
import { findAuthorBreaks } from "./segments.ts";

export interface StrippedImage {
  /** As the author wrote it: a path or an address. */
  source: string;
  alt: string;
  /** Where it stood, in UTF-16 units of the stripped text. */
  offset: number;
}

export interface Stripped {
  text: string;
  images: StrippedImage[];
  /** Words that were struck through: X cannot show that, and they are read as any others now. */
  struck: string[];
}

/** What was found on the way. */
interface Found {
  images: Omit<StrippedImage, "offset">[];
  struck: string[];
}

/** Of Unicode's private use: they stand for a break, an image and a formula while the text is taken apart. */
const BREAK = "\ue0f0";
const IMAGE = "\ue0f1";
const FORMULA = "\ue0f2";
const PRIVATE = /[\ue0f0-\ue0f2]/g;
const HIDDEN_FORMULA = /\ue0f2(\d+)\ue0f2/g;

/** More than 500 tweets of 280 characters. */
const UNITS_MAX = 200_000;
/** The parser takes the square of a paragraph's length: nearly two seconds for one of 180,000. Nobody writes two hundred tweets as one. */
const PARAGRAPH_MAX = 50_000;
/** The parser takes the square of the length of `_a_a_a` or `?!?!`. An address is shorter. */
const WORD_MAX = 8_000;
const LONG_WORD = new RegExp(`(?<!\\S)\\S{${WORD_MAX + 1}}`);
/** The parser calls itself for each quotation or list in another one, and takes the square of their number. */
const NESTED_DEEPLY = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){65}/m;
/** And goes over each line once for each quotation that it is in. */
const QUOTED_LINE = /^[ \t]*>(?:[ \t]*>){3,}.*$/gm;
const QUOTED_UNITS_MAX = 400_000;
const NESTED = "has quotations or lists in one another without an end";
const WORD_AT_START = /^[\p{L}\p{N}]/u;
const WORD_AT_END = /[\p{L}\p{N}]$/u;
/** An image that was a paragraph. It begins where the space before it does: begun at each, a run of spaces takes its length's square. */
const PARAGRAPH_OF_IMAGES = new RegExp(`(?<!\\s)\\s*\\n[ \\t]*((?:${IMAGE}[ \\t]*)+)(?=\\n|$)`, "g");

/**
 * Takes the Markdown out of `text`.
 * @throws PsnError TEXT_TOO_LONG for what the parser takes too long for
 */
export function stripMarkdown(text: string): Stripped {
  if (text.length > UNITS_MAX) throw tooLong(`has ${text.length} characters; ${UNITS_MAX} is the most`);
  if (LONG_WORD.test(text)) throw tooLong(`has a word of more than ${WORD_MAX} characters`);
  const source = text.replace(/\r\n?/g, "\n").replace(PRIVATE, "");
  const found: Found = { images: [], struck: [] };
  const formulas: string[] = [];
  const plain = lexed(withFormulasHidden(withBreaksHidden(source), formulas))
    .map((token) => plainOf(token, found, ALONE))
    .join("")
    .replaceAll(`\n${BREAK}\n`, "---")
    // An image that was a paragraph stands behind the one before.
    .replace(PARAGRAPH_OF_IMAGES, "$1")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .replace(HIDDEN_FORMULA, (_, index: string) => formulas[Number(index)] ?? "");
  return { ...located(plain, found.images), struck: found.struck };
}

// --- internal ---

function lexed(source: string): Token[] {
  if (NESTED_DEEPLY.test(source) || quotedUnits(source) > QUOTED_UNITS_MAX) throw tooLong(NESTED);
  try {
    return new BoundedLexer({ gfm: true }).lex(source);
  } catch (error) {
    // The parser calls itself for each quotation in a quotation, until the stack is used up.
    if (error instanceof RangeError) throw tooLong(NESTED);
    throw error;
  }
}

class BoundedLexer extends Lexer {
  /** What a paragraph, an item or a cell holds. */
  override inlineTokens(source: string, tokens?: Token[]): Token[] {
    if (source.length > PARAGRAPH_MAX)
      throw tooLong(`has a paragraph of ${source.length} characters; ${PARAGRAPH_MAX} is the most`);
    return super.inlineTokens(source, tokens);
  }
}

function quotedUnits(source: string): number {
  let units = 0;
  for (const [line] of source.matchAll(QUOTED_LINE))
    units += line.length * (/^[> \t]*/.exec(line)?.[0].split(">").length ?? 1);
  return units;
}

function tooLong(why: string): PsnError {
  return new PsnError("TEXT_TOO_LONG", `Markdown cannot be taken out of this text: it ${why}.`, {
    hint: "Is this the right file? Post a part of it, or the text as it is: --markdown keep.",
  });
}

/** A line of --- directly under words would be a heading to a parser. */
function withBreaksHidden(source: string): string {
  let hidden = "";
  let from = 0;
  for (const { index, length } of findAuthorBreaks(source)) {
    hidden += `${source.slice(from, index)}\n${BREAK}\n`;
    from = index + length;
  }
  return hidden + source.slice(from);
}

/** Stars, underlines and backslashes of a formula are its own. */
function withFormulasHidden(source: string, formulas: string[]): string {
  let hidden = "";
  let from = 0;
  for (const { start, end } of findFormulas(source, findFences(source))) {
    const at = start + Math.max(0, source.slice(start, end).search(/\$\$|\\\[|\\begin/));
    hidden += source.slice(from, at) + FORMULA + formulas.length + FORMULA;
    formulas.push(source.slice(at, end));
    from = end;
  }
  return hidden + source.slice(from);
}

const ALONE: Around = { before: "", after: "", line: "" };
/** So much of what stands before and behind it says what a mark is. */
const AFTER_LENGTH = 60;
const LINE_LENGTH = 200;

/** @param raw what holds the mark, which stands in `[start, end)` */
function aroundIn(raw: string, start: number, end: number): Around {
  const from = Math.max(raw.lastIndexOf("\n", start - 1) + 1, start - LINE_LENGTH, 0);
  return {
    before: raw.slice(Math.max(0, start - 1), start),
    after: raw.slice(end, end + AFTER_LENGTH),
    line: raw.slice(from, start),
  };
}

/** @param around what stands directly before and behind the token */
function plainOf(token: Token, found: Found, around: Around): string {
  switch (token.type) {
    case "code":
    case "codespan":
      return token.raw;
    case "table":
      return token.raw.replace(/^.*\|.*$/gm, (row) => inlineOf(Lexer.lexInline(row), found));
    case "heading":
      return childrenOf(token, found) + (/\n+$/.exec(token.raw)?.[0] ?? "");
    case "strong":
    case "em":
    case "del": {
      const mark = /^(?:\*\*?|__?|~~?)/.exec(token.raw)?.[0] ?? "";
      const words = childrenOf(token, found);
      if (!isMarkForSure(mark, token.raw.slice(mark.length, -mark.length), around)) return mark + words + mark;
      if (token.type === "del") found.struck.push(words);
      // Seen as two words where one is struck through.
      const isJoined = token.type === "del" && WORD_AT_START.test(around.after) && WORD_AT_END.test(words);
      return isJoined ? `${words} ` : words;
    }
    case "link":
      return isNote(token.raw) ? token.raw : linkOf(childrenOf(token, found), unescapeHtml(token.href));
    case "image":
      found.images.push({ source: token.href, alt: token.text });
      return isInWord(around) ? `${IMAGE} ` : IMAGE;
    case "escape":
      return isEscapeForSure(token.text, around) ? token.text : token.raw;
    case "br":
      return token.raw.startsWith("\\") && isInPath(around.line) ? token.raw : "\n";
    case "def":
      return isNote(token.raw) ? token.raw : "";
    case "html":
      return htmlOf(token.raw);
    case "text":
      return partsOf(token).length > 0 ? replaced(token, found) : unescapeHtml(token.raw);
    default:
      return replaced(token, found);
  }
}

const isInWord = ({ before, after }: Around): boolean => WORD_AT_END.test(before) && WORD_AT_START.test(after);

/** A mark of a note, `[^1]`, or the note itself: the parser takes one that is an address for a link by reference. */
const isNote = (raw: string): boolean => /^ {0,3}\[\^/.test(raw);

function childrenOf(token: Token, found: Found): string {
  return inlineOf(partsOf(token), found);
}

/** Tokens that stand directly behind one another. */
function inlineOf(tokens: readonly Token[], found: Found): string {
  const raw = tokens.map((token) => token.raw).join("");
  let end = 0;
  return tokens
    .map((token) => {
      const start = end;
      end += token.raw.length;
      return plainOf(token, found, aroundIn(raw, start, end));
    })
    .join("");
}

/** Words and address; the address alone where both are the same, the words alone where only the author's machine knows the place. */
function linkOf(words: string, href: string): string {
  if (!/^https?:\/\//i.test(href)) return words;
  const bare = (address: string) => address.replace(/^https?:\/\//i, "").replace(/\/$/, "");
  if (words.trim() === "" || bare(words) === bare(href)) return href;
  return `${words} ${href}`;
}

/** A comment is seen by nobody on a page, and marks of layout would be read here. */
function htmlOf(raw: string): string {
  const withoutComments = raw.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  return withoutComments
    .replace(
      /<br\s*\/?>|<\/(?:p|div|li|tr|h[1-6]|ul|ol|table|section|article|blockquote|dt|dd|details|summary)>|<hr\s*\/?>/gi,
      "\n",
    )
    .replace(/<\/t[dh]>/gi, " ")
    .replace(/<\/?code>/gi, "`")
    .replace(/<\/?([a-z][a-z\d-]*)([^<>]*)>/gi, (tag, name: string, attributes: string) =>
      isTag(name, attributes) ? "" : tag,
    );
}

/** What a block holds, in its own place: marks of lists and quotations stay. */
function replaced(token: Token, found: Found): string {
  const parts = partsOf(token);
  let plain = "";
  let from = 0;
  for (const part of parts) {
    const at = token.raw.indexOf(part.raw, from);
    // A quotation's later lines have marks that its parts lack.
    if (at < 0) continue;
    const end = at + part.raw.length;
    plain += token.raw.slice(from, at) + plainOf(part, found, aroundIn(token.raw, at, end));
    from = end;
  }
  const rest = token.raw.slice(from);
  return plain + (token.type === "blockquote" && from === 0 ? quotation(rest, found) : rest);
}

function partsOf(token: Token): Token[] {
  if ("items" in token && Array.isArray(token.items)) return token.items;
  return "tokens" in token && Array.isArray(token.tokens) ? token.tokens : [];
}

function quotation(raw: string, found: Found): string {
  return raw.replace(/^([ \t]*>[ \t]?)(.*)$/gm, (_, mark: string, line: string) => {
    return mark + inlineOf(Lexer.lexInline(line), found);
  });
}

function located(plain: string, images: Found["images"]): Omit<Stripped, "struck"> {
  const parts = plain.split(IMAGE);
  let text = parts[0] ?? "";
  const placed = images.slice(0, parts.length - 1).map((image, index) => {
    const offset = text.length;
    text += parts[index + 1] ?? "";
    return { ...image, offset };
  });
  return { text, images: placed };
}
