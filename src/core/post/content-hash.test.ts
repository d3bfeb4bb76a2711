import { describe, expect, test } from "bun:test";
import { contentHash, hashesAlike, isHashOf } from "./content-hash.ts";

describe("the content hash", () => {
  const tweet = { text: "a", media: [{ sha256: "f", altText: null }] };
  test("changes with text, order, media, alt text and labels, and with nothing else", () => {
    const base = contentHash([tweet, { text: "b", media: [] }], {});
    const others = [
      contentHash([{ text: "b", media: [] }, tweet], {}),
      contentHash(
        [
          { ...tweet, text: "a " },
          { text: "b", media: [] },
        ],
        {},
      ),
      contentHash(
        [
          { ...tweet, media: [{ sha256: "f", altText: "x" }] },
          { text: "b", media: [] },
        ],
        {},
      ),
      contentHash([tweet, { text: "b", media: [] }], { madeWithAi: true }),
      contentHash([tweet, { text: "b", media: [] }], { altRequired: true }),
      contentHash([tweet, { text: "b", media: [] }], { poll: { options: ["a", "b"], durationMinutes: 5 } }),
    ];
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
    expect(contentHash([tweet, { text: "b", media: [] }], { sourceFile: "x.md", madeWithAi: false })).toBe(base);
  });

  test("that alt texts are required is approved with it; an approval from before hashes said so still counts", () => {
    const [free, required] = [{}, { altRequired: true }];
    expect(isHashOf(contentHash([tweet], required), [tweet], required)).toBeTrue();
    expect(isHashOf(contentHash([tweet], required), [tweet], free)).toBeFalse();
    expect(isHashOf(contentHash([tweet], free), [tweet], required)).toBeTrue();
    expect(isHashOf(null, [tweet], free)).toBeFalse();
    // What readers see alike is a duplicate either way.
    expect(hashesAlike([tweet], free)).toEqual(hashesAlike([tweet], required));
    expect(hashesAlike([tweet], free)).toContain(contentHash([tweet], required));
  });
});
