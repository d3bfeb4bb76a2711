/**
 * Makes `src/core/compose/month-names.ts` (`npm run generate`): how months are written beside a day in the languages that Unicode's CLDR has, as
 * the `Intl` of Bun knows them. Read while composing they would take a third of a second.
 */
import { lines } from "./cldr.ts";

const LANGUAGES =
  `af az be bg bn bs ca cs cy da de el en es et eu fi fil fo fr ga gl gu he hi hr hu hy id is it ka kk kn ky lb lt lv mk ml mr ms
  mt nb nl pa pl pt ro ru sk sl sq sr sr-Latn sv sw ta te tk tr uk uz zu`.split(/\s+/);
const LETTERS = /^[\p{L}\p{M}]{2,}$/u;

/** The text of `src/core/compose/month-names.ts`. */
export function monthsSource(): string {
  const names = distinct(LANGUAGES.flatMap((language) => monthsOf(language, "long")));
  const abbreviations = distinct(LANGUAGES.flatMap((language) => monthsOf(language, "short")));
  const others = abbreviations.filter((one) => !names.some((name) => name.startsWith(one)));
  return `/**
 * Names of the months as they are written beside a day, in lower case: those of Unicode CLDR by \`Intl\`, in ${LANGUAGES.length} languages. Unicode License
 * v3, © Unicode, Inc. Written by \`scripts/months.ts\`.
 */
export const MONTH_NAMES = \`
${lines(names).join("\n")}
\`;

/** Abbreviations that are not the beginning of a name, without their full stop. */
export const MONTH_ABBREVIATIONS = \`
${lines(others).join("\n")}
\`;
`;
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort();

/** The months of a language in the case that follows a day. */
function monthsOf(language: string, month: "long" | "short"): string[] {
  const format = new Intl.DateTimeFormat(language, { month, day: "numeric", calendar: "gregory", timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, index) => format.formatToParts(new Date(Date.UTC(2001, index, 15))))
    .flatMap((parts) => parts.filter(({ type }) => type === "month"))
    .map(({ value }) =>
      value
        .toLowerCase()
        .replace(/^(?:de |d[’'])/, "")
        .replace(/[.]$/, ""),
    )
    .filter((name) => LETTERS.test(name));
}
