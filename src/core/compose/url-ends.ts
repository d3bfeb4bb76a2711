/** Where port, path and query of a URL end, as UTF-16 offsets. */
import { is, PATH, PATH_END, QUERY, QUERY_END } from "./url-characters.ts";

/** Behind the `:8080` at `domainEnd`, or `domainEnd`. */
export function portEnd(text: string, domainEnd: number): number {
  if (text.charCodeAt(domainEnd) !== 0x3a) return domainEnd;
  let end = domainEnd + 1;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++;
  return end > domainEnd + 1 ? end : domainEnd;
}

/** Behind the `?…` at `from`, or `from`. */
export function queryEnd(text: string, from: number): number {
  let end = from;
  if (text.charCodeAt(end) === 0x3f) {
    for (let index = end + 1; is(text, index, QUERY); index++) if (is(text, index, QUERY_END)) end = index + 1;
  }
  return end;
}

/**
 * A path goes on over path characters and balanced parentheses. It ends on a letter, a digit, one of `=_#/+-`, or a
 * parenthesis behind one.
 */
export function pathEnd(text: string, from: number): number {
  let end = from;
  for (let index = from; index < text.length; ) {
    if (is(text, index, PATH)) {
      if (is(text, index, PATH_END)) end = index + 1;
      index++;
    } else {
      const closed = parenthesisEnd(text, index);
      if (closed < 0) break;
      // A parenthesis ends the path only when what stands before it could have ended it.
      if (end === index) end = closed;
      index = closed;
    }
  }
  return end;
}

/** Where the balanced parenthesis at `index` ends, or -1. One nested pair is allowed, nothing empty. */
function parenthesisEnd(text: string, index: number): number {
  if (text.charCodeAt(index) !== 0x28) return -1;
  const skip = (from: number) => {
    let at = from;
    while (is(text, at, PATH)) at++;
    return at;
  };
  const first = skip(index + 1);
  if (text.charCodeAt(first) === 0x29) return first > index + 1 ? first + 1 : -1;
  if (text.charCodeAt(first) !== 0x28) return -1;
  const inner = skip(first + 1);
  if (inner === first + 1 || text.charCodeAt(inner) !== 0x29) return -1;
  const outer = skip(inner + 1);
  return text.charCodeAt(outer) === 0x29 ? outer + 1 : -1;
}
