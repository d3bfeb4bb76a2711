/** The marks of Markdown and HTML that X would show: those that `stripMarkdown` takes out. Code is shown as it is on purpose. */
import { findFences } from "./fences.ts";
import { unescapeHtml } from "./html-entities.ts";
import { isMarkForSure, isTag } from "./markdown-sure.ts";

const MARKDOWN: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/!\[[^[\]\n]*\]\((?:[^()\n]|\([^()\n]*\))+\)/, "![…](…)"],
  [/(?<!!)\[[^[\]\n]+\]\((?:[^()\n]|\([^()\n]*\))+\)/, "[…](…)"],
  [/^ {0,3}#{1,6}[ \t]+\S/m, "#"],
  [/\S[ \t]*\n {0,3}={2,}[ \t]*(?=\n|$)/, "===="],
  [/<!--/, "<!--"],
  [/<https?:\/\/[^<>\s]+>/, "<…>"],
];
const EMPHASIS =
  /(?<![*\w])(\*\*)([^*\s][^*\n]*)\*\*(?!\*)|(?<![_\w])(__)([^_\s][^_\n]*)__(?![_\w])|(?<!~)(~~)([^~\s][^~\n]*)~~(?!~)/g;
const STRESS = /(?<![*\w])(\*)([^*\s](?:[^*\n]*[^*\s])?)\*(?![*\w])|(?<![_\w])(_)([^_\s](?:[^_\n]*[^_\s])?)_(?![_\w])/g;
const TAG = /<\/?([a-z][a-z\d-]{0,19})([^<>]{0,300})>/gi;
const ESCAPED = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,9});/g;
/** Tags and escapes that are named, of each. */
const HTML_MAX = 3;

/** A block of lines that four spaces or a tab make code, behind a blank line. */
const INDENTED = /(?<=^|\n[ \t]*\n)(?:(?: {4}|\t)[^\n]*(?:\n|$))+/g;

/** Each mark once, such as `**`, `[…](…)` or `<b>`; none where the text has none. */
export function shownMarkdown(text: string): string[] {
  const prose = withoutFences(text)
    .replace(/`[^`\n]*`/g, "")
    .replace(INDENTED, "\n");
  const marks = MARKDOWN.filter(([pattern]) => pattern.test(prose)).map(([, mark]) => mark);
  return [...marks, ...emphasisIn(prose, EMPHASIS), ...emphasisIn(prose, STRESS), ...htmlIn(prose)];
}

// --- internal ---

/** The marks of what is stressed for sure, each once. */
function emphasisIn(prose: string, pattern: RegExp): string[] {
  const marks = new Set<string>();
  for (const match of prose.matchAll(pattern)) {
    const mark = match[1] ?? match[3] ?? match[5] ?? "";
    const end = match.index + match[0].length;
    const around = { before: prose.slice(Math.max(0, match.index - 1), match.index), after: prose.slice(end, end + 2) };
    if (isMarkForSure(mark, match[2] ?? match[4] ?? match[6] ?? "", around)) marks.add(mark);
  }
  return [...marks];
}

/** Tags such as <b> and escapes such as &amp;, each once, in the order in which they stand. */
function htmlIn(prose: string): string[] {
  const isRaw = (found: string) => found.startsWith("&") && unescapeHtml(found) !== found;
  const tags = prose.includes("<")
    ? [...prose.matchAll(TAG)].filter(([, name = "", attributes = ""]) => isTag(name, attributes))
    : [];
  const escapes = prose.includes("&") ? [...prose.matchAll(ESCAPED)].map(([found]) => found).filter(isRaw) : [];
  const names = new Set(tags.map(([found, name]) => (found.startsWith("</") ? `</${name}>` : `<${name}>`)));
  return [...[...names].slice(0, HTML_MAX), ...[...new Set(escapes)].slice(0, HTML_MAX)];
}

function withoutFences(text: string): string {
  let prose = "";
  let from = 0;
  for (const { start, end } of findFences(text)) {
    prose += text.slice(from, start);
    from = end;
  }
  return prose + text.slice(from);
}
