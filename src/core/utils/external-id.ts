/** Ids that a platform gave to its posts: decimal numbers that grow with time. They pass 2^53, so they stay strings. */

const NUMERIC_ID = /^[0-9]{1,19}$/;

/**
 * Orders two ids by age, older first, for `Array.prototype.sort`. Text order would put "9" after "10".
 * @throws TypeError when either is not an id.
 */
export function compareIds(left: string, right: string): number {
  if (!NUMERIC_ID.test(left) || !NUMERIC_ID.test(right)) throw new TypeError("not an id: 1 to 19 digits expected");
  const difference = BigInt(left) - BigInt(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
