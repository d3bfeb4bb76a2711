// Crockford's alphabet: no i, l, o, u, so an id survives being read aloud.
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_CHARS = 12;

/**
 * A new random id of 12 characters (60 bits): short enough to type, and `psn` takes any unique beginning of 4 or more.
 */
export function newId(): string {
  let id = "";
  // The global of the Web, so that the simulation can draw ids from its seed.
  for (const byte of crypto.getRandomValues(new Uint8Array(ID_CHARS))) id += ALPHABET[byte & 31];
  return id;
}
