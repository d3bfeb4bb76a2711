/**
 * Makes the lists of top-level domains: `src/core/compose/tlds.ts` and `src/sandbox/tlds.ts`, from the lists inside
 * twitter-text 3.1.0 and from IANA's root zone as the package `tlds` has it. `npm run generate` after an update of `tlds` writes them.
 */
import tlds from "tlds";
import countryTlds from "twitter-text/dist/regexp/validCCTLD";
import genericTlds from "twitter-text/dist/regexp/validGTLD";

/** Expected in the root zone: counted both ways from the beginning. */
const EXPECTED = ["web"];
const LINE_LENGTH_MAX = 116;

const isAscii = (tld: string) => /^[\0-\x7f]+$/.test(tld);
const listIn = (pattern: RegExp) => /^\(\?:\(\?:(.*?)\)/.exec(pattern.source)?.[1]?.split("|") ?? [];

/**
 * The endings of twitter-text, and those of today that it does not know. The longest first among those that are not
 * ASCII.
 */
export function tldLists(): { ascii2020: string[]; other2020: string[]; since: string[] } {
  const known = [...new Set([...listIn(genericTlds), ...listIn(countryTlds)])].sort();
  const since = [...new Set([...tlds, ...EXPECTED])].filter((tld) => !known.includes(tld)).sort();
  const longestFirst = (list: string[]) => list.sort((left, right) => right.length - left.length);
  return {
    ascii2020: known.filter(isAscii),
    other2020: longestFirst(known.filter((tld) => !isAscii(tld))),
    since: [...since.filter(isAscii), ...longestFirst(since.filter((tld) => !isAscii(tld)))],
  };
}

/** A template literal with as many words on a line as fit. */
function literal(words: readonly string[]): string {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    if (line.length + 1 + word.length > LINE_LENGTH_MAX) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return `words(\`\n${lines.map((line) => `  ${line}`).join("\n")}\n\`)`;
}

const WORDS = "const words = (list: string): string[] => list.trim().split(/\\s+/);";

/** The text of `src/core/compose/tlds.ts`. */
export function composeSource(): string {
  const { ascii2020, other2020, since } = tldLists();
  return `/**
 * Top-level domains, as facts. X links a bare \`name.tld\` only when it knows the ending, so the list decides what
 * counts 23.
 *
 * twitter-text 3.1.0 froze its list in 2020; IANA's root zone has gone on since. What X's servers hold today is
 * unpublished, so both are kept apart and whatever they judge differently is counted both ways. \`scripts/tlds.ts\`
 * writes this file, and \`generated.test.ts\` compares it with its sources.
 */
${WORDS}

/** ASCII endings that twitter-text 3.1.0 knows. */
export const ASCII_TLDS_2020 = ${literal(ascii2020)};

/**
 * Endings in other scripts that twitter-text 3.1.0 knows, longest first: more letters may follow them, so the first
 * match wins.
 */
export const OTHER_TLDS_2020 = ${literal(other2020)};

/** In the root zone since, and \`web\`, which is expected there: counted both ways until X is seen to take a side. */
export const TLDS_SINCE = ${literal(since)};

const SINCE = new RegExp(\`\\\\.(?:\${TLDS_SINCE.join("|")})\`, "iy");

/** Where this is false, the two lists judge a text alike. Only full stops are looked at. */
export function mayHoldNewerTld(text: string): boolean {
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", dot + 1)) {
    if (text.charCodeAt(dot + 1) <= 0x20) continue;
    SINCE.lastIndex = dot;
    if (SINCE.test(text)) return true;
  }
  return false;
}
`;
}

/**
 * The text of `src/sandbox/tlds.ts`: what twitter-text knows and what the root zone holds, without what is only
 * expected.
 */
export function sandboxSource(): string {
  const { ascii2020, other2020, since } = tldLists();
  const all = [...ascii2020, ...other2020, ...since.filter((tld) => !EXPECTED.includes(tld))].sort();
  return `/** Top-level domains that make a word with dots a link. \`scripts/tlds.ts\` writes this file. */
${WORDS}

export const TLDS = new Set(
  ${literal(all)},
);
`;
}
