/**
 * The file that stored bytes came from, as the hub keeps it: sealed with the key that the database never sees. A row is no way to have
 * a file of this machine read.
 */
import type { Env } from "../config/env-file.ts";
import { decrypt, encrypt, keyFromHex } from "../utils/crypto.ts";

/** The place that the envelope is bound to: another blob's origin does not open. */
export const originPlace = (sha256: string) => `media_blobs/${sha256}/origin`;

export interface Origins {
  /** Null without a key: then nothing is restored from the file. */
  seal(sha256: string, file: string): string | null;
  /** Null for what was sealed elsewhere, by an earlier key, or not at all. */
  open(sha256: string, sealed: string | null): string | null;
}

/** @param settings with ENCRYPTION_KEY, and during a rotation ENCRYPTION_KEY_OLD */
export function originsWith(settings: Env): Origins {
  const { ENCRYPTION_KEY, ENCRYPTION_KEY_OLD } = settings;
  const ring = [ENCRYPTION_KEY, ENCRYPTION_KEY_OLD].flatMap((hex) => (hex ? [keyFromHex(hex)] : []));
  const [key] = ring;
  return {
    seal: (sha256, file) => (key ? encrypt(file, key, originPlace(sha256)) : null),
    open(sha256, sealed) {
      if (sealed === null) return null;
      try {
        return decrypt(sealed, ring, originPlace(sha256));
      } catch {
        return null;
      }
    },
  };
}
