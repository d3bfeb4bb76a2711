/**
 * Makes `src/core/compose/cldr-suppressions.ts` (`npm run generate`): the abbreviations after whose full stop no sentence ends, as Unicode's CLDR has them
 * for seven languages (`cldr-segments-full`). Run it after an update of that package.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FUNCTION_WORDS } from "../src/core/compose/languages.ts";
import { PROJECT_DIR } from "../src/core/config/folders.ts";

const LANGUAGES = ["de", "en", "es", "fr", "it", "pt", "ru"] as const;
const LINE_LENGTH_MAX = 116;
/** Entries that are words, too, which end sentences more often than they are short for something. */
const WORDS: Record<string, string> = {
  de: "PIN Port Test Temp Best Int",
  en: "Act Hat Job Joe Link Long OK Ok PC Pro AA AB AD DC All Card Jam",
  es: "Bien Kit Rol Sol mar col bol CA SA",
  fr: "jeu mer dim mar ven sam cam quart",
  it: "all ver on",
  pt: "mar set out cat pol cel mov port rementente res",
  ru: "",
};

interface Suppressions {
  segments: { segmentations: { SentenceBreak: { standard: { suppression: string }[] } } };
}

/** The text of `src/core/compose/cldr-suppressions.ts`. */
export function cldrSource(): string {
  const lists = LANGUAGES.map((language) => `  ${language}: \`\n${lines(wordsOf(language)).join("\n")}\n\`,`);
  return `/**
 * Abbreviations of Unicode CLDR 46.1 (cldr-segments-full), without their last full stop. Unicode License v3, © Unicode, Inc. Left out are
 * single letters, which \`sentences.ts\` knows by a rule, and entries that are common words as well. Written by \`scripts/cldr.ts\`.
 */
export const CLDR_SUPPRESSIONS: Record<string, string> = {
${lists.join("\n")}
};
`;
}

function wordsOf(language: string): string[] {
  const file = join(PROJECT_DIR, `node_modules/cldr-segments-full/segments/${language}/suppressions.json`);
  const { segments } = JSON.parse(readFileSync(file, "utf8")) as Suppressions;
  const left = new Set([...(WORDS[language]?.split(" ") ?? []), ...(FUNCTION_WORDS[language]?.split(" ") ?? [])]);
  const last = segments.segmentations.SentenceBreak.standard
    // Of several words only the last one is asked about; a lone letter is known by a rule.
    .map(({ suppression }) => suppression.split(" ").at(-1)?.replace(/\.$/, "") ?? "")
    .filter((word) => word.length > 1 && !left.has(word) && !left.has(word.toLowerCase()));
  return [...new Set(last)].sort();
}

/** Words in lines of a generated file. */
export function lines(words: readonly string[]): string[] {
  const found = [""];
  for (const word of words) {
    const line = found.at(-1) ?? "";
    if (line.length + 1 + word.length > LINE_LENGTH_MAX) found.push(word);
    else found[found.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return found.map((line) => `  ${line}`);
}
