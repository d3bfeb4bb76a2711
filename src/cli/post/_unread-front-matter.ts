/** What looks like front matter and is not read as such, so that it would be the words of a tweet. Pure. */
import { type Warning, warn } from "../../core/compose/warnings.ts";

/** Of line ends in a text that may end its JSON, and of the text that is searched for them. */
const JSON_ENDS_MAX = 64;
const JSON_CHARS_MAX = 64 * 1024;

const FORMS: readonly (readonly [string, RegExp])[] = [
  [
    "a line of --- without a second one that ends it",
    /^---[ \t]*\n(?:[ \t]*\n|#[^\n]*\n)*[A-Za-z_"'][\w"'. -]{0,60}:(?:[ \t]|\n|$)/,
  ],
  [
    "nothing but comments between two lines of ---",
    /^---[ \t]*\n(?:[ \t]*\n|#[^\n]*\n){0,50}#[ \t]*[A-Za-z_]\w*:[^\n]*\n(?:[ \t]*\n|#[^\n]*\n){0,50}---[ \t]*(?:\n|$)/,
  ],
  ["a line of --- with the name of a format", /^---[ \t]*(?:yaml|yml|json|toml)[ \t]*\n/i],
  ["a directive of YAML", /^%(?:YAML|TAG)[ \t]/],
  ["TOML without a second line of +++ that ends it", /^\+\+\+[ \t]*\n\s*[\w.-]+[ \t]*=/],
  ["JSON between lines of ;;;", /^;;;[ \t]*\n/],
];

/** @param text what is left of a file when its front matter is read */
export function unreadFrontMatter(text: string): Warning | null {
  const [form] = FORMS.find(([, pattern]) => pattern.test(text)) ?? (beginsWithJson(text) ? ["JSON"] : []);
  if (form === undefined) return null;
  const message = `The text begins with what looks like front matter (${form}), which is not read: it would be seen on X. Front matter is YAML between two lines of ---.`;
  return warn("front_matter_unread", message);
}

// --- internal ---

/** An object with keys, ended by the end of a line, and words below it. */
function beginsWithJson(text: string): boolean {
  if (!/^\{\s*"/.test(text)) return false;
  let count = 0;
  for (const { index } of text.slice(0, JSON_CHARS_MAX).matchAll(/\}(?=[ \t]*\n\s*\S)/g)) {
    if (++count > JSON_ENDS_MAX) return false;
    try {
      JSON.parse(text.slice(0, index + 1));
      return true;
    } catch {
      // A brace further down may end it.
    }
  }
  return false;
}
