/** Words that a space parts and a tweet must not: a number and its unit, a sign and its number, French punctuation, a list mark. */
import type { Block } from "./blocks.ts";
import { isSpace } from "./spaces.ts";

const CONTEXT_MAX = 24;

const NUMBER_AT_END = /\p{Nd}[\p{Nd}.,’'/:×-]*$/u;
const NUMBER_AT_START = /^[+-−]?\p{Nd}/u;
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
/** What French sets apart with a space, and a lone dash, never begin a tweet. */
const ONLY_CLOSING = /^[!?;:»›%)\]}…–—-]+$/u;
const ONLY_OPENING = /^[«‹“„([{¿¡]+$/u;
const LIST_MARK = /^(?:[-*+•‣◦·▪▫●○■□➤➡→✓✔✗✘☐☑☒]\ufe0f?|\(?\d{1,3}[.)、．]|[a-zA-Z]\)|[0-9]\ufe0f?\u20e3|#{1,6})$/;

/** Whether the words on both sides of the separator `[end, start)` must stay in one tweet. */
export function isHeldTogether(text: string, block: Block, end: number, start: number): boolean {
  const last = text.charCodeAt(end - 1);
  const first = text.charCodeAt(start);
  // Two words of Latin letters, the commonest case by far, are decided here.
  if (isAsciiLetter(last) && isAsciiLetter(first)) return false;

  const before = wordBefore(text, block.start, end);
  const after = wordAfter(text, start, block.end);
  if (ONLY_CLOSING.test(after) || ONLY_OPENING.test(before)) return true;
  if (end - before.length === block.start && block.kind !== "text" && LIST_MARK.test(before)) return true;
  if (NUMBER_AT_END.test(before)) return UNIT_AT_START.test(after) || THOUSANDS_AT_START.test(after);
  return NUMBER_AT_START.test(after) && SIGN_AT_END.test(before);
}

const isAsciiLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;

function wordBefore(text: string, from: number, end: number): string {
  let start = end;
  while (start > from && end - start < CONTEXT_MAX && !isSpace(text.charCodeAt(start - 1))) start--;
  return text.slice(start, end);
}

function wordAfter(text: string, start: number, to: number): string {
  let end = start;
  while (end < to && end - start < CONTEXT_MAX && !isSpace(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}
