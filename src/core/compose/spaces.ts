/** White space as tweets are trimmed by it, and the part of it at which a line may break. */

/** Unicode's White_Space, and U+200B, with which Thai and Khmer writers mark where words end. */
export function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit > 0x3000) return false;
  return (
    (unit >= 0x2000 && unit <= 0x200b) ||
    unit === 0x3000 ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x1680
  );
}

/** Spaces that say "do not break here": U+00A0, U+2007, U+202F. */
export function isGlueSpace(unit: number): boolean {
  return unit === 0xa0 || unit === 0x2007 || unit === 0x202f;
}

/** `[start, end)` without the white space at both ends. */
export function trimRange(text: string, start: number, end: number): { start: number; end: number } {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return { start: from, end: to };
}
