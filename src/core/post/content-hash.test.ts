import { describe, expect, test } from "bun:test";
import { approvalHash, approvalsAlike, contentHash, isApprovalOf } from "./content-hash.ts";

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
    expect(isApprovalOf(approvalHash("a", [tweet], required), "a", [tweet], required)).toBeTrue();
    expect(isApprovalOf(approvalHash("a", [tweet], required), "a", [tweet], free)).toBeFalse();
    expect(isApprovalOf(approvalHash("a", [tweet], free), "a", [tweet], required)).toBeTrue();
    expect(isApprovalOf(null, "a", [tweet], free)).toBeFalse();
    // As is one from before they named the account, which is for that account alone.
    expect(isApprovalOf(contentHash([tweet], free), "a", [tweet], free)).toBeTrue();
    expect(isApprovalOf(approvalHash("a", [tweet], free), "b", [tweet], free)).toBeFalse();
    // What readers see alike is a duplicate either way.
    expect(approvalsAlike("a", [tweet], free)).toEqual(approvalsAlike("a", [tweet], required));
    expect(approvalsAlike("a", [tweet], free)).toContain(approvalHash("a", [tweet], required));
  });
});
