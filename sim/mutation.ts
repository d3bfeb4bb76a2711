/**
 * A change of source text that does not depend on layout: `from` is looked for as a row of tokens, so line breaks, spaces,
 * comments and trailing commas may differ. Inside strings and templates (SQL) the same holds.
 */

export interface Edit {
  /** Under `src/`. */
  file: string;
  /** Must be in the file exactly once. */
  from: string;
  to: string;
}

interface Token {
  text: string;
  /** Its place in the source, `end` excluded. */
  start: number;
  end: number;
}

/** @throws Error when `from` is not in the source, or more than once: a mutant that does not fit would prove nothing */
export function applyEdit(source: string, { file, from, to }: Edit): string {
  const all = tokensOf(source);
  const wanted = tokensOf(from).map(({ text }) => text);
  if (wanted.length === 0) throw new Error(`an edit of ${file} looks for nothing`);
  const starts = all.flatMap((_, start) => (wanted.every((text, i) => all[start + i]?.text === text) ? start : []));
  const [start] = starts;
  if (start === undefined) throw new Error(`an edit does not fit ${file} any more: ${from}`);
  if (starts.length > 1) throw new Error(`an edit fits ${file} ${starts.length} times: ${from}`);
  const first = all[start] as Token;
  const last = all[start + wanted.length - 1] as Token;
  return `${source.slice(0, first.start)}${to}${source.slice(last.end)}`;
}

/** The tokens of TypeScript, without comments and trailing commas. Quotes, and words inside them, are tokens of their own. */
export function tokensOf(source: string): Token[] {
  const tokens = new Lexer(source).run();
  return tokens.filter(({ text }, index) => text !== "," || !/^[)\]}]$/.test(tokens[index + 1]?.text ?? ""));
}

// --- internal ---

const BLANK = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const SPACE = /\s+/y;
const WORD = /[\p{L}\p{N}_$]+|\\?./suy;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /^(?:[(,=:[!&|?{};>]|return)$/;

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#code();
    return this.#tokens;
  }

  /** Up to the end, or to the brace that ends a placeholder of a template. */
  #code(): void {
    let depth = 0;
    while (this.#at < this.#source.length) {
      if (this.#skip(BLANK)) continue;
      if (BEFORE_REGEX.test(this.#tokens.at(-1)?.text ?? "(") && this.#take(REGEX)) continue;
      const text = this.#next();
      if (text === '"' || text === "'" || text === "`") this.#quoted(text);
      else if (text === "{") depth++;
      else if (text === "}" && --depth < 0) return;
    }
  }

  /** The rest of a string or template. */
  #quoted(quote: string): void {
    while (this.#at < this.#source.length) {
      if (this.#skip(SPACE)) continue;
      if (quote === "`" && this.#source.startsWith("${", this.#at)) {
        this.#push(1);
        this.#push(1);
        this.#code();
      } else if (this.#next() === quote) return;
    }
  }

  #next(): string {
    this.#take(WORD);
    return this.#tokens.at(-1)?.text ?? "";
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found) this.#push(found[0].length);
    return found !== null;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    this.#at += found?.[0].length ?? 0;
    return found !== null;
  }

  #push(length: number): void {
    const end = this.#at + length;
    this.#tokens.push({ text: this.#source.slice(this.#at, end), start: this.#at, end });
    this.#at = end;
  }
}
