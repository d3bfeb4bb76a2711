/**
 * Secrets at rest: AES-256-GCM in a versioned envelope, `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url parts.
 *
 * The version, the key id and the place (table, row, column) are authenticated with the ciphertext, so an envelope that
 * is moved to another row or column does not open. The key id tells a wrong key from a damaged envelope, and lets an
 * old key stay readable while `psn keys rotate` runs. Nonces are 96 random bits (NIST SP 800-38D §8.2.2).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { PsnError } from "../errors.ts";

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENVELOPE_CHARS_MAX = 64 * 1024;

/** What helps when the configured key is not the one that sealed the hub's secrets. */
export const KEY_WRONG_HINT =
  "Put the earlier ENCRYPTION_KEY back into hub.env. If it is lost for good: psn keys reset, then sign in again.";

/** A 256-bit key with the short id that envelopes name it by. The id does not reveal the key. */
export interface EncryptionKey {
  readonly id: string;
  /** Opaque to logs and JSON. */
  readonly secret: KeyObject;
}

/**
 * Reads a key from 64 hexadecimal digits (32 bytes).
 * @throws PsnError KEY_INVALID when it has another length or other characters. The text is not repeated.
 */
export function keyFromHex(hex: string): EncryptionKey {
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
    const seen = /^[0-9a-fA-F]*$/.test(hex) ? `${hex.length} digits` : "other characters";
    throw new PsnError("KEY_INVALID", `The encryption key must be 64 hexadecimal digits; this one has ${seen}.`, {
      hint: "Put the key that `psn setup` made back into hub.env (ENCRYPTION_KEY), or restore it from your backup.",
    });
  }
  const bytes = Buffer.from(hex, "hex");
  const id = createHash("sha256").update("psn key id").update(bytes).digest("hex").slice(0, 8);
  return { id, secret: createSecretKey(bytes) };
}

/** A new random key as 64 hexadecimal digits. */
export function newKeyHex(): string {
  return randomBytes(32).toString("hex");
}

/**
 * Seals a text for one place. `place` names table, row and column, e.g. `oauth_tokens/<id>/access_token`;
 * the same place must be given to open it.
 */
export function encrypt(plaintext: string, key: EncryptionKey, place: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(key.id, place));
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, key.id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/**
 * Opens an envelope with whichever of the keys it names.
 * @throws PsnError SECRET_KEY_WRONG when none of the keys made it, SECRET_DAMAGED when it was changed, cut or moved.
 */
export function decrypt(envelope: string, keys: EncryptionKey | readonly EncryptionKey[], place: string): string {
  const parts = envelope.length <= ENVELOPE_CHARS_MAX ? envelope.split(".") : [];
  const [version, keyId, nonceText, sealedText] = parts;
  if (parts.length !== 4 || version !== VERSION || !keyId || !nonceText || !sealedText) {
    throw damaged(place, "it is not an envelope of this version");
  }
  const ring = Array.isArray(keys) ? (keys as readonly EncryptionKey[]) : [keys as EncryptionKey];
  const key = ring.find((candidate) => candidate.id === keyId);
  if (!key) {
    throw new PsnError(
      "SECRET_KEY_WRONG",
      `A stored secret was sealed with key ${keyId.slice(0, 8)}, and the configured key is ${ring.map((k) => k.id).join(", ") || "none"}.`,
      {
        hint: KEY_WRONG_HINT,
        details: { place },
      },
    );
  }
  const nonce = Buffer.from(nonceText, "base64url");
  const sealed = Buffer.from(sealedText, "base64url");
  // Buffer skips what is not base64url; one envelope has one spelling.
  if (nonce.toString("base64url") !== nonceText || sealed.toString("base64url") !== sealedText) {
    throw damaged(place, "it holds characters that no envelope has");
  }
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) throw damaged(place, "it is cut short");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.secret, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(key.id, place));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const opened = [decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString("utf8");
  } catch {
    throw damaged(place, "it was changed, or belongs to another row");
  }
}

// --- internal ---

function authenticated(keyId: string, place: string): Buffer {
  return Buffer.from(`psn\0${VERSION}\0${keyId}\0${place}`, "utf8");
}

function damaged(place: string, why: string): PsnError {
  return new PsnError("SECRET_DAMAGED", `The stored secret at ${place} does not open: ${why}.`, {
    hint: "Sign this account in again with `psn setup`; nothing else is affected.",
  });
}
