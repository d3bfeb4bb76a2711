/**
 * Finds the address of a sign-in in what a person pastes: with words around it, in Markdown or HTML, percent-encoded, or cut into
 * lines by a terminal or a mail client, or into words. Where it cannot tell a cut from words it finds nothing: a wrong code is spent
 * for good.
 * Pure.
 */

/** What ends a pasted address: blanks, and the brackets and quotes that people and programs put around it. */
const ENDS = "\\s<>\"'`“”‘’„«»()\\[\\]{}|\\\\";
/** A bracket or a quote behind the address: it ended there, so no line goes on with it. */
const CLOSED = /[>)\]}"'`”’»][.,;:!?…]*$/u;
const NAMED = "(?:code|state|error|error_description)=";
const ADDRESS = new RegExp(`[^${ENDS}]*(?:(?<=[?&#])|(?<![\\w-]))${NAMED}[^${ENDS}]*`, "giu");
const SCHEME = /(?=https?:\/\/)/i;
/** X's codes are base64 of `…:time in ms:1:1:ac:1`. */
const X_CODE = /:\d{13}:\d+:\d+:\w+:\d+$/;
/** A word of a language rather than the end of a code. */
const WORD = /^\p{Lu}?[\p{Ll}\p{Lo}]+[.,!?…]*$/u;
const CUT_LINE_MIN = 20;
/** PSN's own: 32 random bytes. */
const STATE = /^[\w-]{43}$/;
/** An address that was cut has so many pieces at most, and so many characters. */
const PIECES_MAX = 12;
const PIECES_LENGTH_MAX = 1_000;

export type Pasted =
  /** Parameters of one address; `hosts` are those it was found at, for a person. */
  | { kind: "address"; parameters: URLSearchParams }
  /** Text without an address, cleaned: perhaps a code alone. */
  | { kind: "text"; text: string }
  /** Several addresses that say different things. */
  | { kind: "several"; hosts: string[] }
  /** It goes on over a line break, or words follow: nobody can say which. */
  | { kind: "unsure" };

export function findAddress(pasted: string): Pasted {
  const text = decoded(
    pasted
      .replace(/[\u200b-\u200d\u2060\ufeff]/gu, "")
      .replace(/&(?:amp|#38|#x26);/gi, "&")
      .replace(/&amp;/gi, "&"),
  );
  const joined = joinedLines(text);
  const found = joined === null ? ({ kind: "unsure" } as const) : foundIn(joined);
  return isAllThere(found) ? found : (foundOverBlanks(text) ?? found);
}

/** True for what X itself gives as a code. */
export function isXCode(code: string): boolean {
  if (!/^[\w-]{40,}=*$/.test(code)) return false;
  return X_CODE.test(Buffer.from(code, "base64url").toString("latin1"));
}

// --- internal ---

function foundIn(joined: string): Pasted {
  const found = [...joined.matchAll(ADDRESS)].flatMap(([match]) => match.split(SCHEME)).map(withoutPunctuation);
  const addresses = found.filter((address) => new RegExp(NAMED, "i").test(address));
  const different = new Map(addresses.map((address) => [meaningOf(parametersOf(address)), address]));
  const [address] = different.values();
  if (different.size > 1) return { kind: "several", hosts: [...different.values()].map(hostOf) };
  if (address !== undefined) return { kind: "address", parameters: parametersOf(address) };
  return { kind: "text", text: joined.trim() };
}

/** Nothing of it is cut: the code is whole, and so is the state of an address. */
function isAllThere(found: Pasted): boolean {
  if (found.kind === "text") return isWhole(found.text);
  if (found.kind !== "address") return false;
  return isWhole(found.parameters.get("code") ?? "") && STATE.test(found.parameters.get("state") ?? "");
}

/** What becomes whole when blanks are taken out of it, wherever it was cut; null where nothing does, or another one is there. */
function foundOverBlanks(text: string): Pasted | null {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const whole = new Map<string, Pasted>();
  // The end of a code of X looks like a code, too: what was found begins no second time within itself.
  for (let start = 0, foundEnd = 0; start < words.length; start = Math.max(start + 1, foundEnd)) {
    for (let end = start + 1; end <= Math.min(words.length, start + PIECES_MAX); end++) {
      const joined = words.slice(start, end).join("");
      if (joined.length > PIECES_LENGTH_MAX) break;
      const found = foundIn(joined);
      if (!isAllThere(found)) continue;
      const others = [...words.slice(0, start), ...words.slice(end)];
      if (others.some((word) => new RegExp(NAMED, "i").test(word))) return null;
      whole.set(found.kind === "address" ? meaningOf(found.parameters) : joined, found);
      foundEnd = end;
    }
  }
  const [only, another] = whole.values();
  return another === undefined ? (only ?? null) : null;
}

/** A code of a kind that is known, whole: X's, or the sandbox's. */
function isWhole(code: string): boolean {
  return isXCode(code) || /^sbx_code_[\w-]{40}$/.test(code);
}

/** An address that was percent-encoded as a whole, once or twice. */
function decoded(text: string): string {
  let result = text;
  for (let round = 0; round < 2 && !new RegExp(NAMED, "i").test(result); round++) {
    if (!/(?:code|state|error)(?:%25)?%3D/i.test(result) && !/(?:code|state|error)%253D/i.test(result)) break;
    result = result.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return escaped;
      }
    });
  }
  return result;
}

/** The text with the line breaks taken out of an address or a code that was cut; null when that cannot be told. */
function joinedLines(text: string): string | null {
  const lines = text
    .split(/[\r\n\u2028\u2029]+/)
    // A mail client marks what it quotes, tmux the borders of its panes.
    .map((line) =>
      line.replace(/^[\s>│|]+|[\s│|]+$/gu, "").replace(/=$/u, (end) => (/(?:code|state)=$/.test(line) ? "" : end)),
    )
    .filter((line) => line !== "");
  let joined = lines[0] ?? "";
  let width = joined.length;
  for (const line of lines.slice(1)) {
    const before = joined.split(/\s/).at(-1) ?? "";
    const [first = ""] = line.split(/\s/);
    const goesOn = continues(before, first, line, width);
    if (goesOn === null) return null;
    joined += goesOn ? line : ` ${line}`;
    width = line.length;
  }
  return joined;
}

function continues(before: string, first: string, line: string, width: number): boolean | null {
  const hasName = new RegExp(NAMED, "i").test(before);
  const isAddress = hasName || /^["'(<[]*https?:\/\//i.test(before);
  if (/^["'(<[]*https?:\/\//i.test(first) || CLOSED.test(before)) return false;
  if (isAddress && (/[?&=%#/]$/.test(before) || /^[?&=#%]/.test(first) || new RegExp(`^${NAMED}`, "i").test(first)))
    return true;
  const isCode = !isAddress && /^["'`(<]*[\w.~:+/=-]{20,}$/.test(before);
  if (!isAddress && !isCode) return false;
  const rest = withoutPunctuation(first);
  if (rest === "" || !/^[\w.~:+/=%&#-]+$/.test(rest)) return false;
  const code = /(?:^|[?&#])code=([^&#]*)$/i.exec(before)?.[1] ?? (isCode ? before.replace(/^["'`(<]+/, "") : null);
  if (code !== null) {
    if (isWhole(code)) return isWhole(code + rest) ? null : false;
    if (isWhole(code + rest) || isWhole(code + (rest.split("&")[0] ?? ""))) return true;
  }
  const isWord = WORD.test(first);
  // A state that is cut, or glued to a word, belongs to no sign-in and spends nothing.
  if (code === null) return first === line && !isWord;
  // A code of another kind: words that are plainly words end it; of all else only what fills its line was cut.
  if (first !== line) return line.split(/\s+/).every((word) => WORD.test(word)) ? false : null;
  return !isWord && before.length >= CUT_LINE_MIN && line.length <= width ? true : null;
}

/** A sentence goes on after the address. */
function withoutPunctuation(address: string): string {
  return address.replace(/[.,;!?…>)\]}"'`*_]+$/u, (end) => (/^_+$/.test(end) ? end : ""));
}

function parametersOf(address: string): URLSearchParams {
  const at = address.search(/[?#]/);
  const query = at < 0 ? address : address.slice(at + 1);
  // X's answer may stand behind the number sign, too; what is no parameter there says nothing.
  return new URLSearchParams(query.replace(/[?#]/g, "&"));
}

function meaningOf(parameters: URLSearchParams): string {
  const values = (name: string) => parameters.getAll(name).join(" ");
  return JSON.stringify(["code", "state", "error"].map(values));
}

function hostOf(address: string): string {
  const host = /^(?:https?:\/\/)?([^/?#]*)/i.exec(address)?.[1] ?? "";
  // What stands there without a dot may be a code.
  return /^(?:localhost|[\w-]{1,40}(?:\.[\w-]{1,40})+|\[[\da-f:]{2,39}\])(?::\d{1,5})?$/i.test(host) ? host : "no host";
}
