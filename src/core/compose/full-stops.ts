/** Whether a full stop belongs to the word before it: abbreviations, initials, ordinals and list numbers, by rule before by list. */
import {
  ABBREVIATIONS,
  ABBREVIATIONS_BEFORE_NAMES,
  ABBREVIATIONS_BEFORE_NUMBERS,
  CAPITALISED_ONLY,
  FINITE_VERBS,
  SENTENCE_STARTERS,
} from "./abbreviations.ts";
import { abbreviatedIn } from "./abbreviations-by-language.ts";
import { isCaselessAbbreviation } from "./caseless-stops.ts";
import { isInDate, isMonth } from "./dates.ts";
import { isFunctionWord, type Languages, languagesAround, languagesOf } from "./languages.ts";
import { DIGIT, has } from "./text-characters.ts";

const WORD_AT_START = /^[\p{L}\p{M}\p{N}’'.]+/u;
const INITIAL = /^(?:\p{Lu}\.-?)*\p{Lu}$/u;
const DOTTED = /^\p{L}[\p{L}\p{M}]{0,2}(?:\.\p{L}[\p{L}\p{M}]{0,2})+$/u;
const ORDINAL = /^\p{Nd}{1,2}$/u;
const ROMAN = /^[IVXL]{1,6}$/;
const STARTS_WITH_NUMBER = /^(?:\p{Nd}|[IVXLC]+(?![\p{L}'’]))/u;
const STARTS_WITH_DIGIT = /^\p{Nd}/u;
const APOSTROPHE_AT_START = /^['’]/;
const ONE_LETTER = /^\p{L}$/u;
const ONE_SMALL_LETTER = /^\p{Ll}$/u;
/** "Dr.-Ing.", "Priv.-Doz.", "Ж.-д." */
const COMPOUND = /\.-\p{L}{1,6}$/u;
/** "h." after "d.", "Chr." after "n." */
const SHORT_NEXT = /^\p{L}(?:[bcdfghjklmnpqrstvwxz]{0,3})\./u;
/** No word of these alphabets is without a vowel: "Dhr.", "Skt.", "пгт." A small r or l between consonants may be the vowel of a Slavic word. */
const WITHOUT_VOWEL = /^[bcdfghjklmnpqrstvwxzßçčďłńňřśšťźžбвгджзйклмнпрстфхцчшщьъβγδζθκλμνξπρσςτφχψ]{2,6}$/iu;
const SYLLABIC = /[^aeiourl][rl][^aeiourl]|[^аеиоурл][рл][^аеиоурл]/iu;
const EXCLAMATION = /^(?:hm+|sh+|ps+t|br+|gr+|mm+|pf+t?|tsk|zz+|nth|pst)$/iu;
/** "5 kg", "5 mln zł". */
const MEASURED = /\p{Nd}\s*(?:(?:mln|mld|mill?|milj|mio|mrd|tys|tis|bn|млн|млрд|тыс|тис)\.?\s*)?$/iu;
/** Behind a number a sentence may end with them, and does before a capital: "5 km. Ana lo sabe." */
const UNITS = new Set("km kg cm mm ml dl kb mb gb zł kč ft lei грн руб коп хв км кг см мм лв ден дин".split(" "));
/** "2 lb. Granny Smith apples", "Add 3 oz. Parmesan": behind an amount that begins a line or a sentence goes what is weighed. */
const KITCHEN_UNITS = new Set("oz lb lbs pt qt gal c".split(" "));
const INGREDIENT =
  /(?:^|\n|[.!?]\s)[^\p{L}\p{Nd}\n]*(?:(?:Add|Use|Mix(?: in)?|Take|Stir in|Combine|Chop|Peel|Slice|Grate|Melt|Whisk(?: in)?|Fold in|Buy|With|Plus)\s)?[\p{Nd}½¼¾⅓⅔⅛][\p{Nd}½¼¾⅓⅔⅛ ./⁄–-]*$/u;
/** "Bahnhofstr.", "Kerkstr.": no word ends so. */
const STREET = /\p{L}str$/u;
/** What comes before an ordinal in German: "am 19. Jahrhundert", "die 3. Auflage". */
const GERMAN_BEFORE_ORDINAL =
  /(?<!\p{L})(?:am|im|vom|zum|zur|beim|ins|der|die|das|den|dem|des|jede[rsnm]?|diese[rsnm]?|(?:ein|kein|mein|dein|sein|ihr|unser|euer)(?:e[rsnm]?)?|und|bis|oder|ab|seit|nach|vor|in|auf|mit|als|wie) $|, $/iu;
/** "5 mln. Eur": an amount goes on with its currency. */
const SCALE = /^(?:mln|mld|mio|mrd|tys|tūkst|tis|bn|млн|млрд|тыс)$/iu;
const CURRENCY = /^(?:\p{Lu}{3}|Eur\p{Ll}{0,3}|Kč|Kčs|Lt|Ft|Kr|Rs|Dol\p{Ll}*)(?!\p{L})/u;
/** "в 1919 г.": where a clause begins so, who did something then follows; behind more words the year ends the sentence. */
const YEAR_IN_CYRILLIC = new Set(["г", "гг", "р", "рр"]);
/** The year of Kazakh and Armenian, the day of Lithuanian; verbs end their sentences: "1963 ж. Алматыда", "sausio 3 d. Vilniuje". */
const IN_DATE = new Set(["ж", "թ", "d"]);
/** "и др.", and not a doctor. */
const BEFORE_OTHERS = /(?:^|\s)(?:и|та|і|й) $/iu;
const FOUR_DIGITS = /\p{Nd}{4}\s*$/u;
const CLAUSE_OPENING =
  /(?:^|[,.;:!?…(«"“—–]\s*|\n\s*|(?<!\p{L})(?:что|а|и|но|когда|где|то|що|і|й|та|коли|де)\s)(?:[\p{L}\p{Nd}–—-]+\s+){0,4}$/iu;
/** "lata 90. Izrael", the nineties. */
const POLISH_BEFORE_DECADE = /(?<!\p{L})(?:lat|lata|latach|latami|latom) $/iu;
const GERMAN = languagesOf("de");
const POLISH = languagesOf("pl");
const ENGLISH = languagesOf("en");
/** Languages that write ordinals with a full stop. */
export const WITH_ORDINALS = languagesOf("de", "da", "nb", "fi", "hu", "pl", "cs", "sk", "tr");
const LIST_ENDS = new Set(
  "etc ecc enz itd itp atd apod osv m.fl dll v.v ș.a stb jne yms ym vb utt dsb κ.λπ κλπ κ.ά др пр т.д т.п".split(" "),
);
/** "l'on. Neri", "ad es. Mele" */
const BEFORE_ABBREVIATION = /['’]$|(?:^|\s)ad $/i;
const CAPITAL = /^\p{Lu}/u;
const HOUR_OF_WORDS = new Set(["am", "pm"]);
const HOUR = new Set(["a.m", "p.m"]);
/** "5 p.m. Monday", "5 p.m. Eastern", "5 p.m. GMT". */
const AFTER_HOUR =
  /^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Eastern|Central|Mountain|Pacific|Greenwich|\p{Lu}{2,5}\.?$|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))/u;
/** "the 5 p.m. United flight" */
const BEFORE_HOUR_OF_A_THING = /(?:^|\s)(?:the|an?|every|each|this|that|our|his|her|their|my) \p{Nd}[\p{Nd}:]* ?$/iu;
/** "At 5 a.m.", "On Monday shortly before 5 a.m.": a sentence that begins so goes on with who did something then. */
const TIME_AT_START =
  /(?:^|(?<![ap]\.m)[.!?…]["”’)]*\s+|\n\s*)(?:At|By|On|In|From|Since|Until|Till|Before|After|Around|About|Between|Every|Each|Last|Next|Today|Tomorrow|Yesterday|Shortly|Just|Only|\p{L}{3,6}day)\s(?:[^\s.!?…]+\s?){0,6}$/u;
/** With a capital they begin a sentence even behind "At 5 p.m."; names, titles and "I" may go on with it. */
const BEGINS_BEHIND_HOUR =
  /^(?:The|It|We|He|She|They|You|This|That|There|These|Those|Then|Our|My|Your|His|Her|Their|But|And)(?:['’]\p{Ll}+)?$/u;
/** Behind the name of a company a capital may go on with the sentence: "Acme Inc. President Ann Hill". */
const COMPANY = new Set("inc ltd corp llc plc co bros gmbh".split(" "));
/** "Müller & Co. KG" */
const LEGAL_FORM = /^(?:KGaA|KG|GmbH|OHG|AG|SE|mbH|UG|SA|BV|NV|Ltd|LLC|LP|Inc|Pte|Pty)(?![\p{L}\p{M}])/u;
const SECOND_WORD = /^[\p{L}’']+ (\p{Ll}+)(?!\p{L})/u;
/** "S:t Eriksg. 5", "Storgt. 5": a street of the north, and its number. */
const NORTHERN_STREET = /^\p{Lu}\p{Ll}{2,}(?:g|gt|v)$/u;
const NORTHERN = languagesOf("sv", "da", "nb");
const CYRILLIC = /^\p{Script=Cyrillic}/u;
/** Of Serbian alone among the languages in Cyrillic letters, and it writes ordinals with a full stop. */
const SERBIAN = /[ђћџљњј]/iu;
/** Not of an initial: "W. A. Mozart". */
const FULL_STOP_AT_END = /(?<=..)\.$/u;
/** Behind an initial a name goes on: "Carmine G. De Sapio", "J. M. Van der Berg". */
const NAME_PARTICLE =
  /^(?:D[aeiou]|D[ao]s|De[lnrs]|Della|L[aeo]|Les|L[ao]s|El|Al|V[ao]n|Te[nr]|San|Santa|Ben|Bin)\s(?:\p{Ll}+\s)?\p{Lu}/u;
const NAME_AT_END = /(?:\p{Lu}[\p{L}’']+|\p{Lu}\.) ?$/u;
/** A street behind its name, a saint before one: "1200 Larimer St. The house"; a father: "Ray Fortin Sr. The law". */
const ALSO_BEHIND_NAMES = new Set(["st", "dr", "sr"]);
/** The English answer, and not a number: "She said no. I left.", "No. I won't." */
const SENTENCE_STARTS = /(?:^|[.!?…:]["”’)]*\s+|\n\s*|["“‘(])$/u;
/** "ex-Gov. Knight" */
const PREFIXED = /^\p{L}+-(?=\p{Lu}\p{Ll})/u;
/** "Cad. No. 5" */
const NUMBERED = /^No[.:]\s?\p{Nd}/u;
/** "1200 Larimer Dr.": without a number it is a doctor's title, "Dato’ Sri Dr." */
const STREET_BEFORE = /\p{Nd}\p{L}{0,2} (?:[\p{Lu}\p{Nd}]\S* ?){1,3}$/u;
/** No letter of a name, no number and no full stop in it. */
const PLAIN = /^[\p{Ll}\p{Lo}\p{M}]{3,}$/u;
/** "Series A.", "Gen Z.", "plan B.", "World War I.": a letter that names one of several is no initial. */
const BEFORE_LETTER =
  /(?<!\p{L})(?:series|serie|gen|generation|génération|generación|geração|war|weltkrieg|type|typ|tipo|model|modell|grade|group|groupe|gruppe|grupo|hepatitis|plan|vitamin|vitamina|vitamine|class|klasse|phase|fase|section|appendix|exhibit|schedule|tier|level|option|variant|team|side|room|gate|platform|block|building|terminal|zone|part|teil|category|stage) $/iu;
/** X itself: "here on X." */
const BEFORE_X = /(?<!\p{L})(?:on|via|to|from|over|auf|über|sur|en|su|op|på|no|na) $/iu;
/** "500 K.", "20 C.": not behind a year, where somebody's name may follow. */
const MEASURES = /^[KCFWVA]$/;
const AMOUNT = /(?<![\p{Nd}.,])(?:\p{Nd}{1,3}|\p{Nd}{5,}) $/u;
/** "10 min. Add the rice": behind a number of minutes another sentence begins, where nouns have no capital. */
const MINUTES = new Set("min mins hr hrs sec secs".split(" "));
/** "tél. 021 555 00 00" */
const TELEPHONE = new Set("tel tél telf tlf telem cell cel móv mob kom fax".split(" "));
const TELEPHONE_NUMBER = /^\(?[+0-9][\p{Nd}()/ .–-]{5,}/u;
const KNOWN = new Set([
  ...TELEPHONE,
  ...ABBREVIATIONS,
  ...ABBREVIATIONS_BEFORE_NAMES,
  ...ABBREVIATIONS_BEFORE_NUMBERS,
  ...LIST_ENDS,
]);
/** "gem. § 546", "gem. Art. 5" */
const LAW_AT_START = /^(?:§|Art|Ziff|Abs|Nr|Anl)/u;
/** No letter of its own abbreviates: "ai, em cảm ơn ạ.", "quem ela é.", "en ö." */
const ACCENTED_LETTER = /^(?![a-z])(?=\p{Ll})\p{Script=Latin}$/u;
const CAPITAL_LETTER = /^\p{Lu}$/u;
const CAPITALS = /^(\p{Lu})(\p{Lu}+)(?= \p{Lu}{2,}(?:[ ,]|$))/u;
/** A title of two words: "Ing. arch. Novák", "Dipl. inž. Kos". */
const TITLE_BEFORE = /(?:^|\s)(?:Ing|Inž|Dipl|Mgr|Mag|Dr|Prof|Doc|Bc)\.\s$/u;
const SHORT_SMALL_WORD = /^\p{Ll}{2,5}$/u;
const CONTEXT_MAX = 60;
const BEFORE_MAX = 12;

/**
 * Whether the full stop after `word` belongs to the word and the sentence goes on with what stands at `nextStart`.
 * @param at where the word begins in `text`
 */
export function goesOnAfter(word: string, text: string, at: number, nextStart: number): boolean {
  if (isNumberOrHangul(text, nextStart) && isInDate(word, text, at, nextStart)) return true;
  if (isCaselessAbbreviation(word, text, at, nextStart)) return true;
  const languages = abbreviatedIn(word);
  if (languages === 0 && isPlain(word) && !KNOWN.has(word)) return false;
  const lower = word.replace(PREFIXED, "").toLowerCase().replace(APOSTROPHE_AT_START, "");
  const after = text.slice(nextStart, nextStart + CONTEXT_MAX);
  const [, first = "", rest = ""] = CAPITALS.exec(after) ?? [];
  // "AT 9 P.M. THE DOORS": the same words in a text of capitals.
  const next = rest === "" ? (WORD_AT_START.exec(after)?.[0] ?? "") : first + rest.toLowerCase();
  const before = text.slice(Math.max(0, at - BEFORE_MAX), at);
  if (TELEPHONE.has(lower) && TELEPHONE_NUMBER.test(after)) return true;
  if (lower === "gem" && LAW_AT_START.test(after)) return true;
  if (CAPITAL_LETTER.test(word) && isNamedByLetter(word, text, at)) return false;
  if (MINUTES.has(word) && CAPITAL.test(next) && isAmountOfTime(text, at, before)) return false;
  if (CAPITAL.test(next) && (ACCENTED_LETTER.test(word) || (word === "u" && isIn(ENGLISH, text, at))))
    return SHORT_NEXT.test(next);
  const isWord = CAPITALISED_ONLY.has(word) || (HOUR_OF_WORDS.has(word) && !MEASURED.test(before));
  const isStarter = startsSentence(next, after, lower) && !(INITIAL.test(word) && isNameGoingOn(before, after));
  if (ABBREVIATIONS_BEFORE_NAMES.has(lower) && !isWord) {
    return !(isStarter && ALSO_BEHIND_NAMES.has(lower) && isBehindName(lower, text, at));
  }
  if (HOUR.has(lower) && CAPITAL.test(next)) return goesOnAfterHour(text, at, next);
  if (NORTHERN_STREET.test(word) && STARTS_WITH_NUMBER.test(next) && isIn(NORTHERN, text, at)) return true;
  if (ABBREVIATIONS_BEFORE_NUMBERS.has(lower) && STARTS_WITH_NUMBER.test(next)) return !isAnswer(word, before, next);
  if (YEAR_IN_CYRILLIC.has(word) && CAPITAL.test(next) && FOUR_DIGITS.test(before)) {
    return !isStarter && CLAUSE_OPENING.test(text.slice(Math.max(0, at - CONTEXT_MAX), at));
  }
  if (COMPOUND.test(word)) return !isStarter;
  if (TITLE_BEFORE.test(before) && SHORT_SMALL_WORD.test(word)) return !isStarter;
  // A doctor in Cyrillic letters, and what stands behind "and" in a list: "Др. Петровић", "и др."
  if (lower === "др" && !BEFORE_OTHERS.test(before)) return true;
  if (LIST_ENDS.has(lower)) return !isStarter && !endsList(text, at, nextStart);
  if ((ABBREVIATIONS.has(lower) && !(isWord && !STARTS_WITH_NUMBER.test(next))) || STREET.test(word)) return !isStarter;
  if (SCALE.test(word) && CURRENCY.test(after)) return true;
  if (KITCHEN_UNITS.has(word) && INGREDIENT.test(text.slice(Math.max(0, at - CONTEXT_MAX), at))) return !isStarter;
  if (UNITS.has(lower) && CAPITAL.test(next) && MEASURED.test(before)) return false;
  // "z. B."
  if (ONE_LETTER.test(word) && SHORT_NEXT.test(next)) return true;
  if (isStarter) return ORDINAL.test(word) && isMonth(next);
  if (IN_DATE.has(word) && MEASURED.test(before)) return true;
  if (INITIAL.test(word) || DOTTED.test(word)) return true;
  // "d. h. Maria", but "5 m. Maria".
  if (ONE_SMALL_LETTER.test(word)) return !MEASURED.test(before) || (languages !== 0 && isIn(languages, text, at));
  if (WITHOUT_VOWEL.test(word) && isAbbreviationByForm(word, before)) return true;
  if (ORDINAL.test(word)) {
    if (POLISH_BEFORE_DECADE.test(before)) return isIn(POLISH, text, at);
    return isMonth(next) || (GERMAN_BEFORE_ORDINAL.test(before) && isIn(GERMAN, text, at));
  }
  if (ROMAN.test(word)) return CYRILLIC.test(next) ? SERBIAN.test(after) : isIn(WITH_ORDINALS, text, at, true);
  return isListed(word, languages, text, at);
}

// --- internal ---

/** Nearly every word that ends a sentence: three small letters or more, or such without case, and of a form that no rule takes for short. */
function isPlain(word: string): boolean {
  return PLAIN.test(word) && !WITHOUT_VOWEL.test(word) && !STREET.test(word) && !SCALE.test(word);
}

/** Whether what stands behind the abbreviation begins a sentence rather than going on with one. */
function startsSentence(next: string, after: string, abbreviation: string): boolean {
  // "u. Co.", which without its full stop is a word of Czech.
  if (NUMBERED.test(after) || next === "Co.") return false;
  if (COMPANY.has(abbreviation) && LEGAL_FORM.test(next)) return false;
  if (SENTENCE_STARTERS.has(next.replace(FULL_STOP_AT_END, ""))) return true;
  return COMPANY.has(abbreviation) && FINITE_VERBS.has(SECOND_WORD.exec(after)?.[1] ?? "");
}

function isNumberOrHangul(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return has(text, index, DIGIT) || (unit >= 0xac00 && unit <= 0xd7a3);
}

/** Whether "Sr." stands behind the name of a father, "St." or "Dr." behind that of a street. */
function isBehindName(abbreviation: string, text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - CONTEXT_MAX), at);
  return (abbreviation === "dr" ? STREET_BEFORE : NAME_AT_END).test(before);
}

function isNamedByLetter(word: string, text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - CONTEXT_MAX), at);
  if (word === "X" && BEFORE_X.test(before)) return true;
  return BEFORE_LETTER.test(before) || (MEASURES.test(word) && AMOUNT.test(before));
}

function isAmountOfTime(text: string, at: number, before: string): boolean {
  if (!MEASURED.test(before) || BEFORE_HOUR_OF_A_THING.test(text.slice(Math.max(0, at - CONTEXT_MAX), at)))
    return false;
  return (languagesAround(text, at, 1) & GERMAN) === 0;
}

function isAnswer(word: string, before: string, next: string): boolean {
  if (STARTS_WITH_DIGIT.test(next)) return false;
  return word === "no" || (word === "No" && SENTENCE_STARTS.test(before));
}

const isNameGoingOn = (before: string, after: string): boolean => NAME_PARTICLE.test(after) && NAME_AT_END.test(before);

/** Behind "etc." a capital begins a sentence, where nouns have none: in every language but German. */
function endsList(text: string, at: number, nextStart: number): boolean {
  if (!CAPITAL.test(text.slice(nextStart, nextStart + 2))) return false;
  return CYRILLIC.test(text.charAt(at)) || (languagesAround(text, at, 1) & GERMAN) === 0;
}

/** Whether the sentence goes on with the capital behind an hour, such as "5 p.m." */
function goesOnAfterHour(text: string, at: number, next: string): boolean {
  if (BEGINS_BEHIND_HOUR.test(next)) return false;
  const before = text.slice(Math.max(0, at - CONTEXT_MAX), at);
  return AFTER_HOUR.test(next) || BEFORE_HOUR_OF_A_THING.test(before) || TIME_AT_START.test(before);
}

/** Where the language cannot be told, every language's abbreviations are taken for some, but not what is a common word in another. */
function isListed(word: string, languages: Languages, text: string, at: number): boolean {
  if (languages === 0 || languages === -1) return languages === -1;
  const isPlainWord = isFunctionWord(word) && !BEFORE_ABBREVIATION.test(text.slice(Math.max(0, at - BEFORE_MAX), at));
  return isIn(languages, text, at, !isPlainWord);
}

/** @param orUnknown what is answered where the language cannot be told */
function isIn(languages: Languages, text: string, at: number, orUnknown = false): boolean {
  const around = languagesAround(text, at);
  return around === 0 ? orUnknown : (around & languages) !== 0;
}

function isAbbreviationByForm(word: string, before: string): boolean {
  const isCapitals = word === word.toUpperCase();
  return (
    !isCapitals && !SYLLABIC.test(word) && !EXCLAMATION.test(word) && (CAPITAL.test(word) || !MEASURED.test(before))
  );
}
