/** Ids and randomness of the sandbox: real snowflakes, and one seeded generator so that a seed replays a run. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";

/** The instant from which X counts its ids, in milliseconds since 1970. */
export const SNOWFLAKE_EPOCH_MS = 1288834974657;
const SEQUENCE_MAX = 4095;
/** X's ids carry ten bits of machine number here; the sandbox is always machine 1. */
const MACHINE = 1n << 12n;

export const SnowflakeMakerSchema = z.object({ lastMs: z.number().int(), sequence: z.number().int() });

/** What of the sandbox's world this file changes. */
interface World {
  now: Date;
  state: { ids: z.infer<typeof SnowflakeMakerSchema>; prng: Prng };
}

/**
 * The next id: unique, and greater than every earlier one even when the clock steps back.
 * Throws when the clock stands before X's epoch (2010-11-04), because no id can say such a time.
 */
export function newId(world: World): string {
  const ids = world.state.ids;
  const nowMs = world.now.getTime();
  if (!(nowMs > SNOWFLAKE_EPOCH_MS))
    throw new RangeError("the sandbox's clock stands before X's first id (2010-11-04)");
  if (nowMs > ids.lastMs) {
    ids.lastMs = nowMs;
    ids.sequence = 0;
  } else if (ids.sequence < SEQUENCE_MAX) {
    ids.sequence += 1;
  } else {
    ids.lastMs += 1;
    ids.sequence = 0;
  }
  return ((BigInt(ids.lastMs - SNOWFLAKE_EPOCH_MS) << 22n) | MACHINE | BigInt(ids.sequence)).toString();
}

/** A generator's whole state, as it stands in a snapshot. */
export const PrngSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type Prng = z.infer<typeof PrngSchema>;

/** A generator's state from any text. */
export function prngFrom(seed: string): Prng {
  const digest = createHash("sha256").update(seed).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}

/** The next number in [0, 1). Changes `state`. */
export function nextRandom(state: Prng): number {
  const prng = xoroshiro128plusFromState(state);
  const next = uniformFloat64(prng);
  state.splice(0, state.length, ...prng.getState());
  return next;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters and digits from the seeded generator: tokens, codes, t.co paths. */
export function randomText(world: World, length: number): string {
  let text = "";
  for (let i = 0; i < length; i += 1) text += LETTERS[Math.floor(nextRandom(world.state.prng) * LETTERS.length)] ?? "A";
  return text;
}

export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
