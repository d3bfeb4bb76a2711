/** Ids and randomness of the sandbox: real snowflakes, and one seeded generator so that a seed replays a run. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { SandboxState, World } from "./state.ts";

/** The instant from which X counts its ids, in milliseconds since 1970. */
export const SNOWFLAKE_EPOCH_MS = 1288834974657;
const SEQUENCE_MAX = 4095;
/** X's ids carry ten bits of machine number here; the sandbox is always machine 1. */
const MACHINE = 1n << 12n;

export const SnowflakeMakerSchema = z.object({ lastMs: z.number().int(), sequence: z.number().int() });

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

type Prng = SandboxState["prng"];

/** A generator's state from any text. */
export function prngFrom(seed: string): Prng {
  const digest = createHash("sha256").update(seed).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

/** sfc32: small, fast, and its whole state is four numbers that fit a snapshot. Changes `state`. */
export function nextRandom(state: Prng): number {
  let [a, b, c, d] = state;
  const t = (((a + b) | 0) + d) | 0;
  d = (d + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = (c << 21) | (c >>> 11);
  c = (c + t) | 0;
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
  return (t >>> 0) / 4294967296;
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
