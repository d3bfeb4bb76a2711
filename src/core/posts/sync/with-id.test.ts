import { describe, expect, test } from "bun:test";
import { withId } from "./with-id.ts";

const ID = "7k3m0000abcd";
const bytes = (text: string) => new TextEncoder().encode(text);
const after = (text: string) => {
  const made = withId(bytes(text), ID);
  return made && new TextDecoder("utf-8", { ignoreBOM: true }).decode(made);
};

const KEPT: Record<string, string> = {
  "Obsidian's": "---\ntags:\n  - one # kept\naliases: ['A', \"B\"]\n---\nText.\n",
  "Hugo's": '---\ntitle: "A: b"\ndate: 2026-11-28T09:00:00+01:00\ndraft: true\n---\n\nText.',
  "Jekyll's": "---\nlayout: post\npermalink:   /x/:y/\n---\nText.\n",
  "Windows'": "---\r\ntitle: x\r\n---\r\nText.\r\n",
  "one with a mark of UTF-8": "\uFEFF---\ntitle: x\n---\nText.\n",
  "one with trailing blanks": "---  \ntitle: x  \n---\t\nText.\n",
};

describe("a line with the id, and no other byte", () => {
  for (const [whose, text] of Object.entries(KEPT)) {
    test(`in ${whose} front matter`, () => {
      const made = after(text) ?? "";
      const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
      expect(made.replace(`id: ${ID}${lineEnd}`, "")).toBe(text);
      expect(made.indexOf(`id: ${ID}`)).toBeLessThan(made.indexOf("Text."));
    });
  }

  test("an id that is there is replaced in its place", () => {
    expect(after("---\ntitle: x\nid: old # mine\n---\nText.")).toBe(`---\ntitle: x\nid: ${ID}\n---\nText.`);
  });

  test("a file without front matter gets a block, also where it begins with a break or an empty block", () => {
    expect(after("Text.\r\nMore.")).toBe(`---\r\nid: ${ID}\r\n---\r\nText.\r\nMore.`);
    expect(after("---\nWords between breaks.\n---\nMore.")).toBe(
      `---\nid: ${ID}\n---\n---\nWords between breaks.\n---\nMore.`,
    );
    expect(after("---\n---\nText.")).toBe(`---\nid: ${ID}\n---\n---\n---\nText.`);
  });
});

test("where it cannot be written without a change: another encoding, Hugo's other front matter", () => {
  expect(withId(new Uint8Array([0xff, 0xfe, 0x41, 0x00]), ID)).toBeNull();
  expect(after('+++\ntitle = "x"\n+++\nText.')).toBeNull();
});
