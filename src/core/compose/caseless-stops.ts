/** Full stops behind words in letters without case: no capital tells where a sentence begins there. */

/**
 * Scripts that end sentences with a mark of their own, so that a full stop is the mark of an abbreviation: "यह 5 किमी. दूर है।". Thai and Lao end
 * them with a space. First and last code unit, and the mark.
 */
const OWN_MARKS: readonly (readonly [first: number, last: number, mark: string])[] = [
  [0x0530, 0x058f, "։"],
  [0x0600, 0x06ff, "۔"],
  [0x0900, 0x0a7f, "।"],
  [0x0b00, 0x0b7f, "।"],
  [0x0e00, 0x0eff, ""],
  [0x1000, 0x109f, "။"],
  [0x1200, 0x139f, "።"],
  [0x1780, 0x17ff, "។"],
];
const AROUND = 200;
const FIRST = 0x0530;
const LAST = 0x17ff;

/** One syllable, or one letter of what is no script of syllables. */
const SYLLABLE =
  "[\\u0590-\\u05ff\\u0620-\\u06ff\\u0900-\\u0dff\\u10d0-\\u10ff\\u1200-\\u139f]\\p{M}*(?:(?<=[्্੍્୍்్್്])\\p{Lo}\\p{M}*)*";
/** "കെ. പി.", "डॉ.", "წ.": initials, titles, units. */
const ONE_SYLLABLE = new RegExp(`^${SYLLABLE}$`, "u");
/** "कि.ग्रा.", "క్రీ.శ." */
const DOTTED = new RegExp(`^(?:${SYLLABLE}){1,2}(?:\\.(?:${SYLLABLE}){1,2})+$`, "u");
/** Those with which sentences end: is, was, no, come. */
const WORDS = new Set(
  `है हैं हूँ हूं था थे थी थीं हो ना लो दो खा पी भी ही में से छ छु છે છું છો હો હા ના না কি হয় ਹੈ ਹਨ ਸੀ ਹਾਂ ਨਾ போ வா தா நீ రా పో వా പോ വാ ಬಾ ಹೋ`.split(
    " ",
  ),
);

/** Behind a year they begin a sentence: "1991 წ. შემდეგ". */
const STARTERS = /^(?:შემდეგ|ის|იგი|ეს|მაგრამ|ახლა|მერე|მაშინ|ისინი|აქ|იქ)(?!\p{L})/u;
const NEXT_MAX = 8;

/** Whether the full stop behind `word`, which begins at `at`, is that of an abbreviation by the script or by the form of the word. */
export function isCaselessAbbreviation(word: string, text: string, at: number, nextStart: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < FIRST || unit > LAST) return false;
  for (const [first, last, mark] of OWN_MARKS) {
    if (unit >= first && unit <= last && text.slice(Math.max(0, at - AROUND), at + AROUND).includes(mark)) return true;
  }
  if (STARTERS.test(text.slice(nextStart, nextStart + NEXT_MAX))) return false;
  return (ONE_SYLLABLE.test(word) && !WORDS.has(word)) || DOTTED.test(word);
}
