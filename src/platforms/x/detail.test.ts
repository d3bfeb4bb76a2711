import { expect, test } from "bun:test";
import fc from "fast-check";
import { DETAIL_LENGTH_MAX, safeDetail } from "./detail.ts";

test("a secret that X echoes is not kept, plain or encoded for a URL, even far into a long text", () => {
  const secret = "abc/def+ghi=jkl";
  fc.assert(
    fc.property(fc.string(), fc.string({ maxLength: 6000 }), fc.boolean(), (before, after, encoded) => {
      const kept = safeDetail(before + (encoded ? encodeURIComponent(secret) : secret) + after, [secret]);
      return !kept.includes("abc/def") && !kept.includes("abc%2Fdef") && kept.length <= DETAIL_LENGTH_MAX;
    }),
  );
});

test("an authorization header is not kept, of any scheme", () => {
  expect(safeDetail("header Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAA was bad")).toBe("header Bearer [secret] was bad");
  expect(safeDetail("your Basic subscription ended")).toBe("your Basic subscription ended");
});

test("what remains is one line that a terminal can show", () => {
  expect(safeDetail(" a\n\tb\u001b[31m \u202ec \u2028d ")).toBe("a b [31m c d");
  expect(safeDetail("\ud800")).toBe("\ufffd");
  expect(safeDetail("😀".repeat(400))).not.toMatch(/\p{Cs}/u);
});

test("of a secret that begins with another nothing is left", () => {
  const secrets = ["abcdefgh", "abcdefgh-and-more", "abcdefgh-and"];
  for (const given of [secrets, secrets.toReversed()])
    expect(safeDetail("x abcdefgh-and-more y", given)).toBe("x [secret] y");
});
