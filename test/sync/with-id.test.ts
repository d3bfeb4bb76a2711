import { describe, expect, test } from "bun:test";
import { readFront } from "../../src/cli/post/_post-file.ts";
import { withId } from "../../src/core/posts/sync/with-id.ts";

const ID = "7k3m0000abcd";
const bytes = (text: string) => new TextEncoder().encode(text);
const written = (before: Uint8Array) => withId(before, ID, (read) => readFront(read, "/posts/file.md"));
const after = (text: string) => {
  const made = written(bytes(text));
  return made && new TextDecoder("utf-8", { ignoreBOM: true }).decode(made);
};

const KEPT: Record<string, string> = {
  "Obsidian's": "---\ntags:\n  - one # kept\naliases: ['A', \"B\"]\n---\nText.\n",
  "Hugo's": '---\ntitle: "A: b"\ndate: 2026-11-28T09:00:00+01:00\ndraft: true\n---\n\nText.',
  "Jekyll's": "---\nlayout: post\npermalink:   /x/:y/\n---\nText.\n",
  "Windows'": "---\r\ntitle: x\r\n---\r\nText.\r\n",
  "one with a mark of UTF-8": "\uFEFF---\ntitle: x\n---\nText.\n",
  "one ended as YAML's documents are": "---\ntitle: x\n...\nText.\n",
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
  expect(written(new Uint8Array([0xff, 0xfe, 0x41, 0x00]))).toBeNull();
  expect(after('+++\ntitle = "x"\n+++\nText.')).toBeNull();
});

describe("where a line more would change what the file says", () => {
  const OTHERS: Record<string, string> = {
    "a flow map": "---\n{at: 2027-03-15 09:00, approve: true}\n---\nText.\n",
    "a flow map of several lines": "---\n{\n  at: tomorrow 9am,\n  approve: true\n}\n---\nText.\n",
    "a map with an indent": "---\n  at: tomorrow 9am\n  approve: true\n---\nText.\n",
    "line ends of old Macs": "---\rat: tomorrow 9am\rapprove: true\r---\rText.\r",
    "a map behind a mark of YAML's documents": "---\n!!map\nat: tomorrow 9am\n---\nText.\n",
    "an id of its own further in": "---\nmedia:\n- file: x.png\n  alt: |\n    a\nid :\n  7k3m\n---\nText.\n",
  };
  for (const [what, text] of Object.entries(OTHERS)) {
    test(`${what}: either it says the same and the id, or nothing is written`, () => {
      const made = written(bytes(text));
      if (made === null) return;
      const before = readFront(bytes(text), "/posts/file.md");
      const { front, text: words } = readFront(made, "/posts/file.md");
      expect({ front, words }).toEqual({ front: { ...before.front, id: ID }, words: before.text });
    });
  }

  test("a flow map, an indent and old line ends take no line", () => {
    for (const what of ["a flow map", "a map with an indent", "line ends of old Macs"]) {
      expect(written(bytes(OTHERS[what] ?? ""))).toBeNull();
    }
  });
});

test("empty lines above the words are none of them, with and without the id", () => {
  expect(after("\n\nText.\n")).toBe(`---\nid: ${ID}\n---\n\n\nText.\n`);
});
