/**
 * A text without its Markdown: emphasis and heading marks go, a link becomes its words and its address, an image is left out and named.
 * Code stays as it is, and so do the author's breaks, lists and quotations, which read well as they are.
 */
import { Lexer, type Token } from "marked";
import { PsnError } from "../errors.ts";
import { findFences } from "./fences.ts";
import { type Around, isEscapeForSure, isMarkForSure, isTag } from "./markdown-sure.ts";
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
}

/** Of Unicode's private use: they stand for a break, an image and a formula while the text is taken apart. */
const BREAK = "\ue0f0";
const IMAGE = "\ue0f1";
const FORMULA = "\ue0f2";
const PRIVATE = /[\ue0f0-\ue0f2]/g;
const HIDDEN_FORMULA = /\ue0f2(\d+)\ue0f2/g;

/** More than 500 tweets of 280 characters; the parser takes four seconds for a paragraph of a megabyte. */
const UNITS_MAX = 200_000;
/** The parser takes the square of the length of `_a_a_a` or `?!?!`. An address is shorter. */
const WORD_MAX = 8_000;
const LONG_WORD = new RegExp(`(?<!\\S)\\S{${WORD_MAX + 1}}`);
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
  const images: Omit<StrippedImage, "offset">[] = [];
  const formulas: string[] = [];
  const plain = lexed(withFormulasHidden(withBreaksHidden(source), formulas))
    .map((token) => plainOf(token, images, ALONE))
    .join("")
    .replaceAll(`\n${BREAK}\n`, "---")
    // An image that was a paragraph stands behind the one before.
    .replace(PARAGRAPH_OF_IMAGES, "$1")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .replace(HIDDEN_FORMULA, (_, index: string) => formulas[Number(index)] ?? "");
  return located(plain, images);
}

// --- internal ---

function lexed(source: string): Token[] {
  try {
    return new Lexer({ gfm: true }).lex(source);
  } catch (error) {
    // The parser calls itself for each quotation in a quotation, until the stack is used up.
    if (error instanceof RangeError) throw tooLong("has quotations or lists in one another without an end");
    throw error;
  }
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

const ALONE: Around = { before: "", after: "" };
/** So much of what follows says what a mark is. */
const AFTER_LENGTH = 2;

/** @param around what stands directly before and behind the token */
function plainOf(token: Token, images: Omit<StrippedImage, "offset">[], around: Around): string {
  switch (token.type) {
    case "code":
    case "codespan":
    case "table":
      return token.raw;
    case "heading":
      return childrenOf(token, images) + (/\n+$/.exec(token.raw)?.[0] ?? "");
    case "strong":
    case "em":
    case "del": {
      const mark = /^(?:\*\*?|__?|~~?)/.exec(token.raw)?.[0] ?? "";
      const words = childrenOf(token, images);
      return isMarkForSure(mark, token.raw.slice(mark.length, -mark.length), around) ? words : mark + words + mark;
    }
    case "link":
      return isNote(token.raw) ? token.raw : linkOf(childrenOf(token, images), token.href);
    case "image":
      images.push({ source: token.href, alt: token.text });
      return IMAGE;
    case "escape":
      return isEscapeForSure(token.text, around) ? token.text : token.raw;
    case "br":
      return "\n";
    case "def":
      return isNote(token.raw) ? token.raw : "";
    case "html":
      return htmlOf(token.raw);
    default:
      return replaced(token, images);
  }
}

/** A mark of a note, `[^1]`, or the note itself: the parser takes one that is an address for a link by reference. */
const isNote = (raw: string): boolean => /^ {0,3}\[\^/.test(raw);

function childrenOf(token: Token, images: Omit<StrippedImage, "offset">[]): string {
  return inlineOf(partsOf(token), images);
}

/** Tokens that stand directly behind one another. */
function inlineOf(tokens: readonly Token[], images: Omit<StrippedImage, "offset">[]): string {
  return tokens
    .map((token, index) => {
      const before = tokens[index - 1]?.raw.slice(-1) ?? "";
      return plainOf(token, images, { before, after: tokens[index + 1]?.raw.slice(0, AFTER_LENGTH) ?? "" });
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
    .replace(/<br\s*\/?>/gi, "\n")
    .replace(/<\/?([a-z][a-z\d-]*)([^<>]*)>/gi, (tag, name: string, attributes: string) =>
      isTag(name, attributes) ? "" : tag,
    );
}

/** What a block holds, in its own place: marks of lists and quotations stay. */
function replaced(token: Token, images: Omit<StrippedImage, "offset">[]): string {
  const parts = partsOf(token);
  let plain = "";
  let from = 0;
  for (const part of parts) {
    const at = token.raw.indexOf(part.raw, from);
    // A quotation's later lines have marks that its parts lack.
    if (at < 0) continue;
    const end = at + part.raw.length;
    const around = {
      before: token.raw.slice(Math.max(0, at - 1), at),
      after: token.raw.slice(end, end + AFTER_LENGTH),
    };
    plain += token.raw.slice(from, at) + plainOf(part, images, around);
    from = end;
  }
  const rest = token.raw.slice(from);
  return plain + (token.type === "blockquote" && from === 0 ? quotation(rest, images) : rest);
}

function partsOf(token: Token): Token[] {
  if ("items" in token && Array.isArray(token.items)) return token.items;
  return "tokens" in token && Array.isArray(token.tokens) ? token.tokens : [];
}

function quotation(raw: string, images: Omit<StrippedImage, "offset">[]): string {
  return raw.replace(/^([ \t]*>[ \t]?)(.*)$/gm, (_, mark: string, line: string) => {
    return mark + inlineOf(Lexer.lexInline(line), images);
  });
}

function located(plain: string, images: readonly Omit<StrippedImage, "offset">[]): Stripped {
  const parts = plain.split(IMAGE);
  let text = parts[0] ?? "";
  const found = images.slice(0, parts.length - 1).map((image, index) => {
    const offset = text.length;
    text += parts[index + 1] ?? "";
    return { ...image, offset };
  });
  return { text, images: found };
}
