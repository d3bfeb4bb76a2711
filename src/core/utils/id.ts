import { randomBytes } from "node:crypto";

// Crockford's alphabet: no i, l, o, u, so an id survives being read aloud.
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_CHARS = 12;

/**
 * A new random id of 12 characters (60 bits): short enough to type, and `psn` takes any unique beginning of 4 or more.
 */
export function newId(): string {
  let id = "";
  for (const byte of randomBytes(ID_CHARS)) id += ALPHABET[byte & 31];
  return id;
}
