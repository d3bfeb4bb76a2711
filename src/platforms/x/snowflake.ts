/**
 * X's ids: decimal strings of up to 19 digits whose upper bits are the millisecond of their making. They pass 2^53,
 * so they are never numbers here; only BigInt looks inside.
 */
import { isNumericId } from "../../core/platform.ts";

/** 2010-11-04T01:42:54.657Z, the instant from which X counts the milliseconds in an id. */
const X_EPOCH_MS = 1_288_834_974_657n;
const TIME_SHIFT_BITS = 22n;

/** Snowflakes passed this in November 2010, three days after their epoch. A simulator that counts its posts is below. */
const SNOWFLAKE_MIN = 1_000_000_000_000_000n;

/**
 * The instant at which X made an id, to the millisecond and by X's clock; null for an id that is no snowflake.
 * @throws TypeError when the text is not an id; that is a bug of the caller, since every id is validated when it
 *   enters.
 */
export function idTime(id: string): Date | null {
  if (!isNumericId(id)) throw new TypeError("not an id of X: 1 to 19 digits expected");
  if (BigInt(id) < SNOWFLAKE_MIN) return null;
  return new Date(Number((BigInt(id) >> TIME_SHIFT_BITS) + X_EPOCH_MS));
}
