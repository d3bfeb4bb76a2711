/** The cuts inside one block: at spaces, after dashes, and between the words of scripts that write none. */
import { type Atom, AtomCursor } from "./atoms.ts";
import type { Block } from "./blocks.ts";
import { isHeldTogether } from "./held-together.ts";
import type { ParagraphMarks } from "./paragraph-marks.ts";
import { isGlueSpace, isSpace } from "./spaces.ts";

export interface InnerCut {
  /** Where the left tweet ends and the right one begins; between them is the separator. */
  end: number;
  start: number;
  kind: "line" | "sentence" | "clause" | "word";
  isBracketed: boolean;
  /** The two sides belong together: a number and its unit, code, a Markdown link. */
  isTogether: boolean;
}

const WORDS = new Intl.Segmenter("und", { granularity: "word" });

const CLAUSE_END = /[,;:—–―،؛、，；：﹐﹔！？!?…‥)\]}）】」』》〉»›”"’፣፤፥။၊។៖།॥]["'”’»)\]}」』]*$/u;
const UNSPACED =
  /[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3000-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\ud840-\ud888]/;
/** Thai, Lao, Tibetan, Burmese and Khmer put a space where others put a comma or a full stop. */
const SPACE_IS_PAUSE = /[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]/;
const NEVER_FIRST =
  /[\p{Close_Punctuation}\p{Final_Punctuation}\p{Mn}\p{Mc}、。，．！？；：・…‥‧ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ％‰℃°,.!?;:%~〜～”’"']|\u200d|\u2060/u;
const NEVER_LAST = /[\p{Open_Punctuation}\p{Initial_Punctuation}“‘"'#＃@＠$￥＄£€¥第№]|\u200d|\u2060/u;
const DIGIT = /\p{Nd}/u;
const TAG = /[#＃][\p{L}\p{M}\p{Nd}_]+|[@＠][A-Za-z0-9_]+|\$[A-Za-z]+/gu;
const DASHES = /[—―]+/g;
const TAIL_MAX = 8;

/** In ascending order. `atoms` are those of the whole text. */
export function* innerCuts(
  text: string,
  block: Block,
  marks: ParagraphMarks,
  atoms: readonly Atom[],
): Generator<InnerCut> {
  let chunkStart = block.start;
  for (let index = block.start; index < block.end; ) {
    if (!isSpace(text.charCodeAt(index))) {
      index++;
      continue;
    }
    const end = index;
    let isBreakable = false;
    let hasLineBreak = false;
    for (; isSpace(text.charCodeAt(index)); index++) {
      const unit = text.charCodeAt(index);
      isBreakable ||= !isGlueSpace(unit);
      hasLineBreak ||= (unit >= 0x0a && unit <= 0x0d) || unit === 0x2028 || unit === 0x2029;
    }
    yield* chunkCuts(text, chunkStart, end, marks, atoms);
    const cut = spaceCut(text, block, end, index, hasLineBreak && !marks.isWrapped, marks);
    if (!isBreakable) cut.isTogether = true;
    yield cut;
    chunkStart = index;
  }
  yield* chunkCuts(text, chunkStart, block.end, marks, atoms);
}

function spaceCut(
  text: string,
  block: Block,
  end: number,
  start: number,
  isLine: boolean,
  marks: ParagraphMarks,
): InnerCut {
  const before = text.slice(Math.max(block.start, end - TAIL_MAX), end);
  let kind: InnerCut["kind"] = "word";
  if (isLine) kind = "line";
  else if (marks.sentenceBegins(end, start)) kind = "sentence";
  else if (CLAUSE_END.test(before)) kind = "clause";
  else if (SPACE_IS_PAUSE.test(text.charAt(end - 1)) && SPACE_IS_PAUSE.test(text.charAt(start))) kind = "clause";
  const isTogether = marks.isTogether(end, start) || (!isLine && isHeldTogether(text, block, end, start));
  return { end, start, kind, isBracketed: marks.isBracketed(end, start), isTogether };
}

/** Cuts without a separator, inside what has no space: after a dash, and between the words of unspaced scripts. */
function* chunkCuts(
  text: string,
  from: number,
  to: number,
  marks: ParagraphMarks,
  atoms: readonly Atom[],
): Generator<InnerCut> {
  const first = firstBeyondAscii(text, from, to);
  if (first < 0) return;
  const chunk = text.slice(from, to);
  const isUnspaced = UNSPACED.test(chunk);
  if (!isUnspaced && !chunk.includes("—") && !chunk.includes("―")) return;

  const cursor = new AtomCursor(atoms, from);
  const tags = /[#＃@＠$]/.test(chunk) ? [...chunk.matchAll(TAG)] : [];
  let nextTag = 0;
  for (const at of isUnspaced ? wordEnds(chunk) : dashEnds(chunk)) {
    const offset = from + at;
    if (cursor.isInside(offset)) continue;
    while (nextTag < tags.length && (tags[nextTag]?.index ?? 0) + (tags[nextTag]?.[0].length ?? 0) <= at) nextTag++;
    if ((tags[nextTag]?.index ?? Number.POSITIVE_INFINITY) < at) continue;
    let kind: InnerCut["kind"] = "word";
    if (marks.sentenceBegins(offset - 1, offset)) kind = "sentence";
    else if (CLAUSE_END.test(chunk.slice(Math.max(0, at - TAIL_MAX), at))) kind = "clause";
    yield {
      end: offset,
      start: offset,
      kind,
      isBracketed: marks.isBracketed(offset, offset),
      isTogether: marks.isTogether(offset, offset),
    };
  }
}

function firstBeyondAscii(text: string, from: number, to: number): number {
  for (let index = from; index < to; index++) if (text.charCodeAt(index) > 0x7f) return index;
  return -1;
}

/** Ends of words by ICU's dictionaries, where typesetters of these scripts would end a line as well. */
function* wordEnds(chunk: string): Generator<number> {
  for (const { index } of WORDS.segment(chunk)) {
    if (index === 0) continue;
    const before = chunk.charAt(index - 1);
    const after = chunk.charAt(index);
    if (!UNSPACED.test(before) && !UNSPACED.test(after)) {
      if ((before === "—" || before === "―") && after !== before) yield index;
      continue;
    }
    if (NEVER_FIRST.test(after) || NEVER_LAST.test(before)) continue;
    // A number stays with its counter: 3個, １００円.
    if (DIGIT.test(before) && !CLAUSE_END.test(before)) continue;
    if (before === after && (after === "—" || after === "―")) continue;
    yield index;
  }
}

function* dashEnds(chunk: string): Generator<number> {
  for (const match of chunk.matchAll(DASHES)) {
    const end = match.index + match[0].length;
    if (match.index > 0 && end < chunk.length && !NEVER_FIRST.test(chunk.charAt(end))) yield end;
  }
}
