/**
 * What begins a sentence without a capital: code, options, paths, variables, addresses, amounts, tags, and names written small at
 * their beginning. ICU lets the sentence before go on with each of them.
 */

const CODE = "`+[^`\\n]";
const OPTION = "--?\\p{L}[\\p{L}\\p{N}-]*(?![\\p{L}\\p{N}])";
const PATH = "(?:~|\\.{1,2})?/[\\p{L}\\p{N}_.-]|\\.\\p{L}[\\p{L}\\p{N}_-]+|\\p{Lu}:\\\\";
const VARIABLE = "[@#$][\\p{L}\\p{N}_]|\\$[{(]|%\\p{Lu}+%";
const SHORTCODE = ":[a-z][a-z0-9_+-]{1,30}:";
const AMOUNT = "[+−-]?\\p{Sc}\\s?\\p{Nd}|[+−-]\\p{Nd}|№\\s?\\p{Nd}";
const MARKUP = "</?[a-z][a-z0-9-]*[\\s/>]|\\[[^\\]\\n]{1,80}\\]\\(";
/** "iPhone", "macOS", "eBay"; "v2.1"; "package.json", "foo_bar", "b@c.org"; an address. */
const NAME =
  "\\p{Ll}{1,5}\\p{Lu}|v\\p{Nd}|https?://|www\\.\\p{L}|[\\p{L}\\p{N}][\\p{L}\\p{N}_-]+\\.\\p{Ll}[\\p{L}\\p{N}]{1,9}(?![\\p{L}.])|\\p{Ll}+_\\p{L}|\\p{Ll}+\\(\\)|[\\p{L}\\p{N}.+-]+@[\\p{L}\\p{N}-]+\\.\\p{L}";
/** The Dutch "'s Avonds". */
const DUTCH = "['’][snt] \\p{Lu}";
const TECHNICAL = new RegExp(
  `^(?:${[CODE, OPTION, PATH, VARIABLE, SHORTCODE, AMOUNT, MARKUP, NAME, DUTCH].join("|")})`,
  "u",
);
const LENGTH_MAX = 90;

/** Whether something of that kind stands at `start`, where a word begins. */
export function isTechnicalStart(text: string, start: number): boolean {
  return TECHNICAL.test(text.slice(start, start + LENGTH_MAX));
}
