/** `psn/compose` as plain JavaScript meets it, which knows no types. */
import { expect, test } from "bun:test";
import { previewThread, splitIntoThread, weightedLength } from "./compose.ts";

const plain = { previewThread, splitIntoThread, weightedLength } as unknown as Record<
  string,
  (...given: unknown[]) => unknown
>;

test("what is no text and no options is refused with a code, and says what is wanted", () => {
  const wrong: [string, unknown[], RegExp][] = [
    ["splitIntoThread", [3], /text is of type number/],
    ["splitIntoThread", [], /text is undefined/],
    ["splitIntoThread", ["A text.", 3], /options are of type number/],
    ["splitIntoThread", ["A text.", null], /options are null/],
    ["splitIntoThread", ["A text.", { limit: "280" }], /limit is of type string/],
    ["previewThread", [null], /text is null/],
    ["previewThread", ["A text.", { cut: "shortest" }], /cut must be whole or fewest/],
    ["weightedLength", [["A text."]], /text is a list/],
  ];
  for (const [name, given, message] of wrong) {
    let thrown: unknown;
    try {
      plain[name]?.(...given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "USAGE", message: expect.stringMatching(message) });
  }
});

test("what is right is taken, with and without options", () => {
  expect(splitIntoThread("One. Two.")).toEqual(["One. Two."]);
  expect(splitIntoThread("One sentence. Another one.", { limit: 15 })).toEqual(["One sentence.", "Another one."]);
  expect(splitIntoThread("One.", { limit: undefined, cut: undefined } as object)).toEqual(["One."]);
  expect(previewThread("One.", { cut: "fewest" }).tweetCount).toBe(1);
  expect(weightedLength("https://example.com")).toBe(23);
});
