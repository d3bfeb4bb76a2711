/**
 * Words that a space parts and a tweet must not: a number and its unit, a sign and its number, French punctuation, a
 * list mark.
 */
import type { Block } from "./blocks.ts";
import { LIST_MARK, LIST_MARK_LENGTH_MAX } from "./list-marks.ts";
import { DIGIT, has, OPENER, SPACE, TEXT_CHARACTERS, TRAILING } from "./text-characters.ts";

const CONTEXT_MAX = 24;

const UNITS =
  `%|‰|°[CFcf]?|℃|℉|[€$£¥₹₽₩₺₴]|[kMGTcdmµμn]?m[²³]?|km/h|mph|m/s|[kmµμ]?g|lbs?|oz|[mcdh]?[lL]|[kMGT]?Hz|[kMGT]?Wh?|[mk]?V|mA|Ω|K|[kKMGTP]i?[Bb](?:/s|ps)?|
  bits?|bytes?|[mnµμ]?s|secs?|seconds?|mins?|minutes?|hrs?|h|hours?|days?|weeks?|months?|years?|yrs?|ft|feet|inch(?:es)?|yds?|yards?|miles?|
  metres?|meters?|kilometres?|kilometers?|grams?|kilos?|tons?|tonnes?|litres?|liters?|degrees?|percent|per cent|hundred|thousand|million|billion|trillion|
  dollars?|euros?|pounds?|yen|cents?|times|people|AM|PM|am|pm|[ap]\\.m\\.|px|pt|dpi|fps|bpm|BC|AD|BCE|CE|USD|EUR|GBP|JPY|CHF|
  Mio\\.|Mrd\\.|Uhr|Euro|Jahren?|Tagen?|Stunden?|Minuten?|Sekunden?|Prozent|ans?|heures?|jours?|mois|semaines?|millions|milliards?|
  años?|días?|horas?|minutos?|segundos?|millones|por ciento|km²|руб\\.?|рублей|млн|млрд|тыс\\.?|лет|года?|км|м|кг|г|см|мм|ч|мин|сек|
  साल|घंटे|मिनट|रुपये|करोड़|लाख|년|월|일|시|분|명|개|원`.replace(/\s*\n\s*/g, "");
const UNIT_AT_START = new RegExp(`^(?:${UNITS})(?![\\p{L}\\p{M}\\p{Nd}])`, "u");
const THOUSANDS_AT_START = /^\p{Nd}{3}(?!\p{Nd})/u;
const SIGN_AT_END =
  /(?:^|[^\p{L}\p{Nd}])(?:[$€£¥₹₽§№#~≈<>±=]|(?:US|CA|AU|HK|R)\$|No\.|Nos\.|Nr\.|n[°º]|p\.|pp\.|S\.|Fig\.|Eq\.|Sec\.|Ch\.|Vol\.|Art\.|Rs\.?|USD|EUR|GBP|CHF|ca\.|approx\.)$/u;
/** The mark of an item inside of a sentence, as Spanish and Portuguese write it: 1.º), 2º) */
const ORDINAL_MARK = /^\(?\p{Nd}{1,3}\.?[ºª°]\)$/u;
/** And the number of one in a sentence that counts: "; and (6) that all must wait". */
const COUNTED_MARK = /(?:[;,:]|(?<!\p{L})(?:and|or|und|oder|et|ou|y|o|e|и|или))\s\((?:\p{Nd}{1,3}|\p{Ll}{1,4})\)$/u;
/** What French sets apart with a space, and a lone dash, never begin a tweet. */
const ONLY_CLOSING = /^[!?;:»›%)\]}…–—-]+$/u;
const ONLY_OPENING = /^[«‹“„([{¿¡]+$/u;

/** Whether the words on both sides of the separator `[end, start)` must stay in one tweet. */
export function isHeldTogether(text: string, block: Block, end: number, start: number): boolean {
  // Each question is asked only where one character already says that the answer may be yes.
  const last = TEXT_CHARACTERS[text.charCodeAt(end - 1)] ?? 0;
  const first = TEXT_CHARACTERS[text.charCodeAt(start)] ?? 0;
  if ((first & TRAILING) !== 0 && ONLY_CLOSING.test(wordAfter(text, start, block.end))) return true;
  if ((last & OPENER) !== 0 && ONLY_OPENING.test(wordBefore(text, block.start, end))) return true;
  if (
    block.kind !== "text" &&
    end - block.start <= LIST_MARK_LENGTH_MAX &&
    LIST_MARK.test(text.slice(block.start, end))
  )
    return true;
  if (text.charAt(end - 1) === ")") {
    if (ORDINAL_MARK.test(wordBefore(text, block.start, end))) return true;
    if (COUNTED_MARK.test(text.slice(Math.max(block.start, end - CONTEXT_MAX), end))) return true;
  }
  if ((last & DIGIT) !== 0) {
    const after = wordAfter(text, start, block.end);
    return UNIT_AT_START.test(after) || THOUSANDS_AT_START.test(after);
  }
  const isNumberAfter = (first & DIGIT) !== 0 || (has(text, start + 1, DIGIT) && /[+−-]/.test(text.charAt(start)));
  return isNumberAfter && SIGN_AT_END.test(wordBefore(text, block.start, end));
}

function wordBefore(text: string, from: number, end: number): string {
  let start = end;
  while (start > from && end - start < CONTEXT_MAX && !has(text, start - 1, SPACE)) start--;
  return text.slice(start, end);
}

function wordAfter(text: string, start: number, to: number): string {
  let end = start;
  while (end < to && end - start < CONTEXT_MAX && !has(text, end, SPACE)) end++;
  return text.slice(start, end);
}
