/**
 * In which language the words around a place are, by their function words. Asked only where it matters, at a word that some language
 * abbreviates; a text may go from one language to another.
 */

/** The commonest words of languages in Latin letters. */
export const FUNCTION_WORDS: Record<string, string> = {
  en: "the of and to in is that it for was with as he she his her on be at by this had not are but from or have an they which you were all so do",
  de: "der die das und ist nicht ein eine den mit von zu auf für sich dem des auch wir ich er sie es im am bei vom zum zur war wird sind so aus nach um",
  fr: "le la les des et est une un du que qui dans pour pas sur au aux avec ce il elle nous vous je ne se par son sa ses sont cette",
  es: "el la los las de que y en un una por con para es del se no su lo como al más este esta sus pero fue son le",
  pt: "o os as de que e do da dos das em um uma não para com se por no na ao mais como foi são ele ela mas é",
  it: "il la che di e un una per non è con del della dei sono le gli lo si nel al ha da anche come ma i",
  nl: "de het een en van is dat op te niet zijn met voor aan er maar ook ik hij zij wij in bij dit om naar",
  da: "og det at er en et til på som for af med den de ikke jeg har hvad var i han hun mit dit din",
  nb: "og det er en et til på som for av med den de ikke jeg har var i han hun hva",
  sv: "och att det som en ett är på för av med den till inte jag har var i han hon om",
  fi: "ja on ei se että oli mutta hän kun niin myös ovat en joka minä sinä",
  hu: "a az és hogy nem egy is ez volt de meg van csak alatt",
  pl: "i w na z się nie do jest to że o jak po co za od dla są ale był przy pan",
  cs: "a v se na je že to s z do o jako by ale pro tak si mám jsem pan",
  sk: "a v sa na je že to s z do o ako by ale pre tak si pán ktorí",
  ro: "și de la în nu cu o un este pe care că din mai e",
  tr: "ve bir bu da de için ile ne çok ama var",
  vi: "là của và có không được cho trong một những người này với các để đã ở đi anh cô ấy",
  id: "dan di yang ini itu dengan untuk dari ada tidak ke",
};

const NAMES = Object.keys(FUNCTION_WORDS);
const MASKS = new Map<string, number>();
for (const [index, words] of Object.values(FUNCTION_WORDS).entries()) {
  for (const word of words.split(" ")) MASKS.set(word, (MASKS.get(word) ?? 0) | (1 << index));
}

/** Letters that few languages have: a word with one tells as much as a function word. */
const OWN_LETTERS: Record<string, string> = {
  de: "äöüßÄÖÜ",
  fr: "éèêçàœùâîôûë",
  es: "ñáíóúé",
  pt: "ãõçáêóâíéú",
  it: "èàùòì",
  da: "æøåÆØÅ",
  nb: "æøåÆØÅ",
  sv: "åäöÅÄÖ",
  fi: "äöÄÖ",
  hu: "őűáéíóöúü",
  pl: "łżśźćńąęóŁŻŚŹ",
  cs: "řěůžšýčáíéŘŽŠČ",
  sk: "ľĺŕôžšýčťáíéŽŠČ",
  ro: "țșăâîȚȘ",
  tr: "ğışçöüİŞÇ",
  vi: "ơưđăậếộạảấầẩẫắằặẹẻẽềểễệỉịọỏốồổỗớờởỡợụủứừửữựỳỵỷỹĐ",
};

const NAMES_OF_LETTERS = new Map<number, number>();

/** A set of languages as bits. */
export type Languages = number;

export function languagesOf(...names: string[]): Languages {
  return names.reduce((mask, name) => mask | (1 << NAMES.indexOf(name)), 0);
}

for (const [language, letters] of Object.entries(OWN_LETTERS)) {
  for (const letter of letters) {
    const unit = letter.charCodeAt(0);
    NAMES_OF_LETTERS.set(unit, (NAMES_OF_LETTERS.get(unit) ?? 0) | languagesOf(language));
  }
}

const BEFORE = 160;
const AFTER = 100;
/** No function word is longer. */
const WORD_LENGTH_MAX = 6;
/** With fewer function words nobody can tell. */
const HITS_MIN = 2;
const NEARLY_AS_MANY = 0.75;

/**
 * The languages that the words around `index` may be in; 0 where that cannot be told.
 * @param hitsMin how many words must tell it
 */
export function languagesAround(text: string, index: number, hitsMin = HITS_MIN): Languages {
  const counts = NAMES.map(() => 0);
  const end = Math.min(text.length, index + AFTER);
  let from = -1;
  let own = 0;
  for (let at = Math.max(0, index - BEFORE); at <= end; at++) {
    const unit = at < end ? text.charCodeAt(at) : 0;
    const isLetter = isLatin(unit);
    if (unit >= 0xc0) own |= NAMES_OF_LETTERS.get(unit) ?? 0;
    if (isLetter && from < 0) from = at;
    if (isLetter || from < 0) continue;
    const words = at - from <= WORD_LENGTH_MAX ? masksOf(text.slice(from, at)) : 0;
    count(words === 0 ? own : words, counts);
    from = -1;
    own = 0;
  }
  let most = 0;
  for (let language = 0; language < NAMES.length; language++) most = Math.max(most, counts[language] ?? 0);
  if (most < hitsMin) return 0;
  let languages = 0;
  for (let language = 0; language < NAMES.length; language++) {
    if ((counts[language] ?? 0) >= most * NEARLY_AS_MANY) languages |= 1 << language;
  }
  return languages;
}

/** Whether some language has it among its commonest words. */
export function isFunctionWord(word: string): boolean {
  return MASKS.has(word);
}

// --- internal ---

const masksOf = (word: string): Languages => MASKS.get(word) ?? MASKS.get(word.toLowerCase()) ?? 0;

function count(languages: Languages, counts: number[]): void {
  for (let mask = languages; mask !== 0; mask &= mask - 1) {
    const language = 31 - Math.clz32(mask & -mask);
    counts[language] = (counts[language] ?? 0) + 1;
  }
}

/** A letter of the Latin alphabet with its marks. Faster than a regular expression, which every full stop would pay. */
function isLatin(unit: number): boolean {
  if (unit < 0x80) return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
  return (unit >= 0xc0 && unit < 0x250) || (unit >= 0x1e00 && unit < 0x1f00);
}
