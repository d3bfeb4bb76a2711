/** Ids from the seed: `newId` draws from the Web's `crypto`, which is replaced in the simulation's own process. */
import type { Prng } from "./prng.ts";

const real = crypto.getRandomValues;

/** From here on all ids of this process are drawn from `prng`. */
export function seedIds(prng: Prng): void {
  replace((target: Uint8Array) => {
    prng.bytes(target);
    return target;
  });
}

export function unseedIds(): void {
  replace(real);
}

// --- internal ---

function replace(value: unknown): void {
  Object.defineProperty(crypto, "getRandomValues", { value, configurable: true, writable: true });
}
