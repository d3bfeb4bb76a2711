/**
 * What is Markdown for sure. A parser takes `2*3*4` for emphasis and `Array<string>` for a tag, and a person means neither: a character is
 * taken out only where it can be nothing else.
 */

/** What stands before and behind a mark, on its line. */
export interface Around {
  /** The character directly before it. */
  before: string;
  /** Some characters directly behind it. */
  after: string;
  /** What its line holds before it, or the end of that. */
  line: string;
}

/** "C:\\", "\\\\server\\share", "%APPDATA%", "..\\", and a word with a backslash before a letter: no backslash behind it is Markdown. */
const PATH_BEFORE =
  /(?:^|[\s"'(])(?:[a-z]:(?:$|\\.*\S$)|\\\\[\w.-]+\\.*\S$|(?:%\w+%|\.{1,2})(?:$|\\\S*$)|\S*\\[\p{L}\p{N}]\S*$)/iu;
const SHARE_AFTER = /^[\w.-]+\\\w/;

/** Whether a backslash that follows `line` is one of a Windows path. */
export function isInPath(line: string): boolean {
  return PATH_BEFORE.test(line);
}

/** A letter or digit of a script with spaces between words; in the others emphasis always touches letters. */
const WORD_AT_END =
  /(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}|ー)[\p{L}\p{N}\p{M}_]$/u;
const WORD_AT_START = new RegExp(`^${WORD_AT_END.source.slice(0, -1)}`, "u");
const NUMBER = /\p{N}/u;
/** Signs of formulas, paths and patterns: `/*x*\/`, `a=*p*`, `src/*\/x`. */
const OPERATOR_BEFORE = /[/\\=^.)\]}$&|+]$/;
const OPERATOR_AFTER = /^(?:[/\\=^([{$&|+]|\.[\p{L}\p{N}])/u;
const OPERATOR_FIRST = { one: /^[/\\.,;:=+<>|&%^)\]}-]/, two: /^[/\\]/ };
const OPERATOR_LAST = { one: /[/\\=+<>|&^([{-]$/, two: /[/\\]$/ };

/** Names between two underscores that languages of programming have; `__so__` may be emphasis as well. */
const DUNDER =
  /^(?:init|new|del|main|name|file|all|doc|dict|class|bases|module|slots|call|repr|str|bytes|format|hash|bool|len|iter|next|getitem|setitem|delitem|contains|enter|exit|aenter|aexit|await|aiter|anext|eq|ne|lt|le|gt|ge|add|sub|mul|truediv|floordiv|mod|pow|and|or|xor|not|neg|pos|abs|invert|int|float|complex|index|round|radd|rsub|rmul|iadd|isub|imul|get|set|delete|getattr|setattr|delattr|getattribute|dir|import|builtins|version|author|future|path|package|spec|loader|annotations|qualname|mro|subclasses|copy|deepcopy|reduce|getstate|setstate|proto|typename|schema|type|func|function|method|line|date|time|trait|namespace|counter|dev|pycache|tests|mocks|snapshots|fixtures|dirname|filename|construct|destruct|invoke|tostring|sleep|wakeup|clone|isset|unset|debug)$/i;
const IDENTIFIER = /^\w*[_\d]\w*$/;

/** Whether `mark` around `inner` is emphasis. @param mark `*`, `**`, `_`, `__`, `~` or `~~` */
export function isMarkForSure(mark: string, inner: string, { before, after }: Omit<Around, "line">): boolean {
  if (OPERATOR_BEFORE.test(before) || OPERATOR_AFTER.test(after)) return false;
  const length = mark.length === 1 ? "one" : "two";
  if (OPERATOR_FIRST[length].test(inner) || OPERATOR_LAST[length].test(inner)) return false;
  if (mark.startsWith("_") && (IDENTIFIER.test(inner) || (mark === "__" && DUNDER.test(inner)))) return false;
  const isBehindWord = WORD_AT_END.test(before);
  const isBeforeWord = WORD_AT_START.test(after);
  // `*3*` is rarely a number that somebody stresses.
  if (length === "one") return !isBehindWord && !isBeforeWord && !/^[\p{N}\p{P}\p{S}\s]+$/u.test(inner);
  if (isBehindWord && isBeforeWord) return false;
  const touching =
    (isBehindWord ? before + inner.charAt(0) : "") + (isBeforeWord ? inner.slice(-1) + after.charAt(0) : "");
  return !NUMBER.test(touching);
}

/** Whether a backslash before `mark` says only that the mark is none. TeX has its own, `\(x\)` and `\[ x \]`, and so has ¯\_(ツ)_/¯. */
export function isEscapeForSure(mark: string, { before, after, line }: Around): boolean {
  if (mark === "\\") return !(/^\s?$/.test(before) && SHARE_AFTER.test(after));
  if (isInPath(line)) return false;
  switch (mark) {
    case "(":
      return before === "]";
    case ")":
      return false;
    case "[":
      return !/^\s|^$/.test(after);
    case "]":
      return !/^\s?$/.test(before);
    case "_":
      return before !== "¯";
    default:
      return true;
  }
}

const TAGS = new Set(
  `a abbr article aside audio b blockquote body br center cite code col colgroup dd del details dfn div dl dt em figcaption figure font
  footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd li main mark nav ol p picture pre q rp rt ruby s samp script section
  small source span strike strong style sub summary sup svg table tbody td tfoot th thead tr tt u ul video wbr`.split(
    /\s+/,
  ),
);

/** Attributes have a value, nearly all; `a <b and c> d` is a comparison. */
const ATTRIBUTES = /=|^\s*(?:open|controls|hidden|autoplay|loop|muted|allowfullscreen|reversed)?\s*\/?$/i;

/** Whether HTML has an element of this name that people put into Markdown: `<T>`, `<string>` and `<your-name>` are text. */
export function isTag(name: string, attributes: string): boolean {
  return TAGS.has(name.toLowerCase()) && ATTRIBUTES.test(attributes);
}
