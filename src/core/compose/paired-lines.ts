/** Blocks that a line opens and another one closes, but for fenced code (`fences.ts`). */
import type { Fence } from "./fences.ts";

/** Whole lines, in offsets of the text. */
export interface PairedLines {
  start: number;
  end: number;
}

/** A line of `text` without its line break. */
type Line = PairedLines;

/** Formulas of TeX are taken to the letter: `$$ … $$`, `\[ … \]`, `\begin{align} … \end{align}`. */
const FORMULA = /^[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(\$\$|\\\[|\\begin\{(\w{1,20}\*?)\})/;
/** `:::note`, `<details>`, `[quote]`, `{% hint %}`, `#+BEGIN_QUOTE`: what is inside is Markdown again. */
const OPENS =
  /^[ \t]*(?:(:{3,})[ \t]*[^\s:]|<([a-z][a-z\d-]{0,20})\b|\[([a-z]{2,12})(?:=[^\]\n]*)?\]|\{%-?[ \t]*([a-z]\w{0,20})|#\+(?:begin)_(\w{1,20}))/i;
const CLOSES =
  /^[ \t]*(?:(:{3,})$|<\/([a-z][a-z\d-]{0,20})>|\[\/([a-z]{2,12})\]|\{%-?[ \t]*end([a-z]\w{0,20})|#\+(?:end)_(\w{1,20}))|(?:<\/([a-z][a-z\d-]{0,20})>|\[\/([a-z]{2,12})\])$/i;
const LINE_MAX = 1000;

/** Formulas of more than one line, apart from one another. A blank line ends none: TeX allows no blank line in one. */
export function findFormulas(text: string, fences: readonly Fence[]): PairedLines[] {
  if (!/\$\$|\\\[|\\begin/.test(text)) return [];
  const formulas: PairedLines[] = [];
  let open: { start: number; close: string } | null = null;
  for (const { start, end } of linesOutside(text, fences)) {
    const line = text.slice(start, Math.min(end, start + LINE_MAX)).trimEnd();
    if (line === "") open = null;
    else if (open !== null) {
      if (!line.endsWith(open.close)) continue;
      formulas.push({ start: open.start, end });
      open = null;
    } else {
      const match = FORMULA.exec(line);
      if (match === null) continue;
      const close = match[1] === "$$" ? "$$" : match[1] === "\\[" ? "\\]" : `\\end{${match[2]}}`;
      if (!line.slice(match[0].length).includes(close)) open = { start, close };
    }
  }
  return formulas;
}

/** Containers, in the order in which they begin. They lie apart or inside one another. */
export function findContainers(text: string, verbatim: readonly Fence[]): PairedLines[] {
  if (!/:::|<\/|\[\/|\{%|#\+/.test(text)) return [];
  const found: PairedLines[] = [];
  const open: { start: number; name: string }[] = [];
  const counts = new Map<string, number>();
  for (const { start, end } of linesOutside(text, verbatim)) {
    const line = text.slice(start, Math.min(end, start + LINE_MAX)).trimEnd();
    const opens = nameOf(OPENS.exec(line));
    const closes = nameOf(CLOSES.exec(line));
    if (opens !== null && opens !== closes) {
      open.push({ start, name: opens });
      counts.set(opens, (counts.get(opens) ?? 0) + 1);
    }
    if (closes === null || opens === closes || !counts.get(closes)) continue;
    // What was opened since then, and never closed, is none.
    for (let last = open.pop(); last !== undefined; last = open.pop()) {
      counts.set(last.name, (counts.get(last.name) ?? 1) - 1);
      if (last.name !== closes) continue;
      if (last.start < start) found.push({ start: last.start, end });
      break;
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

// --- internal ---

/** What a line opens or closes: the kind of bracket, and the name in it. */
function nameOf(match: RegExpExecArray | null): string | null {
  if (match === null) return null;
  const [, colons, tag, code, template, org, tagAtEnd, codeAtEnd] = match;
  if (colons !== undefined) return colons;
  if (tag !== undefined || tagAtEnd !== undefined) return `<${(tag ?? tagAtEnd ?? "").toLowerCase()}`;
  if (code !== undefined || codeAtEnd !== undefined) return `[${(code ?? codeAtEnd ?? "").toLowerCase()}`;
  return template === undefined ? `#${(org ?? "").toLowerCase()}` : `%${template.toLowerCase()}`;
}

function* linesOutside(text: string, verbatim: readonly Fence[]): Generator<Line> {
  let next = 0;
  for (let start = 0; start < text.length; ) {
    while (next < verbatim.length && (verbatim[next]?.end ?? 0) < start) next++;
    const inside = verbatim[next];
    const at = text.indexOf("\n", start);
    const end = at < 0 ? text.length : at;
    if (inside === undefined || start < inside.start) yield { start, end };
    start = end + 1;
  }
}
