/** Words of X on their way into our history: short, on one line, and without anything secret that X may echo. */

/** Longest text of X that an outcome, an error or an event keeps. */
export const DETAIL_LENGTH_MAX = 300;

/** Shorter strings are no secrets of X, and replacing them would tear ordinary words apart. */
const SECRET_LENGTH_MIN = 8;

/**
 * Makes a text of X fit to be stored and shown: secrets are replaced, control characters and runs of blanks become one
 * blank, characters that turn the direction of a terminal's line go, and the end is cut at `DETAIL_LENGTH_MAX` UTF-16
 * units.
 * @param secrets the tokens, codes and client secret of the request that X answered.
 */
export function safeDetail(text: string, secrets: readonly string[] = []): string {
  // Secrets go first and from the whole text: a cut before would leave the half of one that no replacement knows.
  let safe = text;
  for (const form of secretForms(secrets)) safe = safe.replaceAll(form, "[secret]");
  safe = safe
    .slice(0, 16 * DETAIL_LENGTH_MAX)
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=%:-]{16,}/gi, "$1 [secret]")
    .replace(/[\u202a-\u202e\u2066-\u2069]/gu, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  safe = wellFormed(safe);
  return safe.length <= DETAIL_LENGTH_MAX ? safe : `${wellFormed(safe.slice(0, DETAIL_LENGTH_MAX - 1))}…`;
}

/** A secret as it stands, and as it looks inside a URL; the longest first, so that no part of one is left over. */
function secretForms(secrets: readonly string[]): string[] {
  return secrets
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .flatMap((secret) => [secret, encodeURIComponent(wellFormed(secret))])
    .sort((left, right) => right.length - left.length);
}

/**
 * Replaces halves of surrogate pairs, which no UTF-8 can hold (ES2024's `toWellFormed`, which our library types lack).
 */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}
