/** What X counts for one code point. Nearly every file that weighs needs it, and it needs nothing. */

/**
 * Config v3: 1 for Latin to Georgian, Arabic, Thai and some spaces, dashes and quotation marks; 2 for everything else.
 */
export function codePointWeight(codePoint: number): 1 | 2 {
  if (codePoint <= 0x10ff) return 1;
  if (codePoint < 0x2000 || codePoint > 0x2037) return 2;
  return codePoint <= 0x200d || (codePoint >= 0x2010 && codePoint <= 0x201f) || codePoint >= 0x2032 ? 1 : 2;
}
