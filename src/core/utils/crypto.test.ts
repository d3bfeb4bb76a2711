import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { PsnError } from "../errors.ts";
import { decrypt, encrypt, keyFromHex, newKeyHex } from "./crypto.ts";

const key = keyFromHex(newKeyHex());
const PLACE = "oauth_tokens/row1/access_token";

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PsnError) return error.code;
    throw error;
  }
  return "no error";
}

/** Changes one character of a part into another of the alphabet. */
function tampered(envelope: string, at: number): string {
  const now = envelope[at];
  return `${envelope.slice(0, at)}${now === "A" ? "B" : "A"}${envelope.slice(at + 1)}`;
}

describe("sealing", () => {
  test("any text comes back as it went in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(decrypt(encrypt(text, key, PLACE), key, PLACE)).toBe(text);
      }),
    );
  });

  test("the same secret twice gives two envelopes, and neither shows it", () => {
    const [one, two] = [encrypt("secret", key, PLACE), encrypt("secret", key, PLACE)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(one.split(".")[3] ?? "", "base64url").toString("latin1")).not.toContain("secret");
    expect(one.split(".")[1]).toBe(key.id);
  });

  test("a key shows itself neither to JSON nor to an inspector", () => {
    const hex = newKeyHex();
    const shown = JSON.stringify(keyFromHex(hex)) + inspect(keyFromHex(hex), { depth: 9, showHidden: true });
    expect(shown.toLowerCase()).not.toContain(hex);
    expect(shown).not.toContain(Buffer.from(hex, "hex").toString("base64"));
  });
});

describe("an envelope that was touched is refused", () => {
  const envelope = encrypt("the refresh token", key, PLACE);

  test("wherever one character is changed", () => {
    for (let at = 0; at < envelope.length; at++) {
      expect(codeOf(() => decrypt(tampered(envelope, at), key, PLACE))).toMatch(/^SECRET_(DAMAGED|KEY_WRONG)$/);
    }
  });

  test("wherever it is cut off, and when something is added", () => {
    for (let length = 0; length < envelope.length; length++) {
      expect(codeOf(() => decrypt(envelope.slice(0, length), key, PLACE))).toMatch(/^SECRET_(DAMAGED|KEY_WRONG)$/);
    }
    for (const added of ["A", "=", "\n", " ", ".", "!"]) {
      expect(codeOf(() => decrypt(envelope + added, key, PLACE))).toBe("SECRET_DAMAGED");
    }
  });

  test("when it stands in another row or another column", () => {
    expect(codeOf(() => decrypt(envelope, key, "oauth_tokens/row2/access_token"))).toBe("SECRET_DAMAGED");
    expect(codeOf(() => decrypt(envelope, key, "oauth_tokens/row1/refresh_token"))).toBe("SECRET_DAMAGED");
  });

  test("when it claims another version or another key", () => {
    const other = keyFromHex(newKeyHex());
    expect(codeOf(() => decrypt(envelope.replace("v1", "v2"), key, PLACE))).toBe("SECRET_DAMAGED");
    expect(codeOf(() => decrypt(envelope.replace(key.id, other.id), [key, other], PLACE))).toBe("SECRET_DAMAGED");
  });

  test("when it is far too long, without reading it", () => {
    expect(codeOf(() => decrypt(`${envelope}${"A".repeat(100_000)}`, key, PLACE))).toBe("SECRET_DAMAGED");
  });
});

describe("keys", () => {
  test("a wrong key is named as a wrong key, naming both ids", () => {
    const other = keyFromHex(newKeyHex());
    const envelope = encrypt("x", key, PLACE);
    expect(codeOf(() => decrypt(envelope, other, PLACE))).toBe("SECRET_KEY_WRONG");
    expect(() => decrypt(envelope, other, PLACE)).toThrow(key.id);
    expect(codeOf(() => decrypt(envelope, [], PLACE))).toBe("SECRET_KEY_WRONG");
  });

  test("an old key in the ring still opens", () => {
    const fresh = keyFromHex(newKeyHex());
    expect(decrypt(encrypt("x", key, PLACE), [fresh, key], PLACE)).toBe("x");
  });

  test("what is no key is refused without being repeated", () => {
    for (const text of ["", "abc", "g".repeat(64), "a".repeat(63), "a".repeat(65), ` ${"a".repeat(64)}`]) {
      expect(codeOf(() => keyFromHex(text))).toBe("KEY_INVALID");
    }
    const almost = `${"7".repeat(62)}zz`;
    expect(() => keyFromHex(almost)).not.toThrow(almost);
  });
});
