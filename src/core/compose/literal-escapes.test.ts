/** Scenario 42: a backslash and an n that were meant for a line break are said. */
import { describe, expect, test } from "bun:test";
import { literalEscapes } from "./literal-escapes.ts";
import { buildPreview } from "./preview.ts";

describe("scenario 42: said", () => {
  test.each([
    ["First point.\\n\\nSecond point.", ["\\n"]],
    ["One\\nTwo", ["\\n"]],
    ["Line one.\\r\\nLine two.", ["\\r", "\\n"]],
    ['Tab\\tseparated and \\"quoted\\" and \\u2014', ["\\t", '\\"', "\\u2014"]],
    ["First.\\n---\\nSecond.", ["\\n"]],
    ["First.\\\\n\\\\nSecond.", ["\\\\n"]],
    ["a list:\\n- bread\\n- milk", ["\\n"]],
    ["It\\'s here", ["\\'"]],
    ["Smile \\u{1F600} \\U0001F600", ["\\u{1F600}", "\\U0001F600"]],
    ["See C:\\new\\notes.txt and go on.\\nThen stop.", ["\\n"]],
    ['Use `printf "a\\n"` so.\\n\\nThen', ["\\n"]],
    ["\\nabc is new. \\n\\nNot TeX.", ["\\n"]],
  ])("%s", (text, escapes) => {
    expect(literalEscapes(text)).toEqual(escapes);
  });
});

describe("scenario 42: silent", () => {
  test.each([
    ['Use `printf "a\\n"` for that'],
    ["``a\\n` b``"],
    ["C:\\new\\notes.txt"],
    ["See C:\\Program Files\\new\\tools for it"],
    ["(C:\\temp\\new)"],
    ["\\\\nas\\new\\tables"],
    [".\\new\\test.ps1"],
    ["src\\new\\test.ts"],
    ["%TEMP%\\new"],
    ["```\nprintf 'a\\n'\n```"],
    ["~~~\nx\\ty\n~~~\nDone."],
    ["$\\nabla f \\times \\theta$"],
    ["¯\\_(ツ)_/¯"],
    ["One\nTwo\tthree"],
    ["A \\ B and \\m"],
  ])("%s", (text) => {
    expect(literalEscapes(text)).toEqual([]);
  });
});

test("scenario 42: tweets, alt texts and polls are looked at, and nothing is refused for it", () => {
  const media = [{ fileName: "a.png", altText: "A chart.\\nTwo bars." }];
  const preview = buildPreview([{ text: "One.\\nTwo.", media }, { text: "fine" }], { poll: ["One\\nTwo", "Three"] });
  const said = [...preview.warnings, ...preview.tweets.flatMap((tweet) => tweet.warnings)].filter(
    ({ code }) => code === "literal_escapes",
  );
  expect(said.map(({ message }) => message.split(" holds")[0])).toEqual([
    "The poll",
    "The tweet",
    "The alt text of a.png",
  ]);
  expect(said.every(({ blocking }) => !blocking)).toBe(true);
  expect(said[1]?.message).toContain("--file");
});
