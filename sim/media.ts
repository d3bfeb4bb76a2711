/** Images for some tweets, and the store that keeps them: in memory, and now and then out of order. */
import { createHash } from "node:crypto";
import { PsnError } from "../src/core/errors.ts";
import type { MediaStore } from "../src/core/media/store.ts";
import type { NewMedia } from "../src/core/posts/tweets.ts";
import { TINY_GIF, tinyPng } from "../src/sandbox/testing.ts";
import type { Prng } from "./prng.ts";
import type { Process, Scheduler } from "./scheduler.ts";

const PNGS = Array.from({ length: 6 }, (_, index) => tinyPng(4 + index, 4, [40 * index, 90, 200]));
const STORE = new Map([...PNGS, TINY_GIF].map((bytes) => [createHash("sha256").update(bytes).digest("hex"), bytes]));
const HASHES = [...STORE.keys()];
const GIF_HASH = HASHES.at(-1) ?? "";

/** Up to four images, or one GIF: it goes in chunks and X works on it for a while. */
export function drawMedia(prng: Prng): NewMedia[] {
  if (prng.is(0.2)) return [media(GIF_HASH, "image/gif", null)];
  return Array.from({ length: prng.is(0.7) ? 1 : prng.int(2, 4) }, () =>
    media(HASHES[prng.int(0, PNGS.length - 1)] ?? "", "image/png", prng.is(0.3) ? "What it shows" : null),
  );
}

/** The store as one process reads it; each read is a step. */
export function simMedia(scheduler: Scheduler, process: Process, isBroken: () => boolean): MediaStore {
  return {
    add: () => Promise.reject(new Error("nothing is attached in the simulation")),
    source: async ({ sha256, mime, byteLength }) => {
      const bytes = STORE.get(sha256);
      if (!bytes) throw new PsnError("MEDIA_GONE", "The simulation has no such bytes.");
      const read = (start: number, end: number) =>
        scheduler.gate(process, "read media", () => {
          if (isBroken()) throw new Error("the media store does not answer");
          return bytes.subarray(start, end);
        });
      return { mime, byteLength, read };
    },
  };
}

// --- internal ---

function media(sha256: string, mime: string, altText: string | null): NewMedia {
  const byteLength = STORE.get(sha256)?.length ?? 0;
  return { sha256, mime, byteLength, fileName: `${sha256.slice(0, 8)}`, width: 4, height: 4, altText };
}
