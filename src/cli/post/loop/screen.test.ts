/** Keys in, lines out: the parts of the loop that need no terminal. */
import { expect, test } from "bun:test";
import { printable, wrap } from "../_wrap.ts";
import { decodeKeys } from "./keys.ts";
import { middleOf, placesToSplit } from "./split-places.ts";

test("keys are known by name, pasted text comes as its characters, what is not known is left out", () => {
  expect(decodeKeys("\x1b[A\x1b[1;2Bq")).toEqual(["up", "shift-down", "q"]);
  expect(decodeKeys("\x1b")).toEqual(["escape"]);
  expect(decodeKeys("é👍\r")).toEqual(["é", "👍", "enter"]);
  expect(decodeKeys("\x1b[200~x\x00\x1b[201~")).toEqual(["x"]);
});

test("a text cannot drive the terminal that shows it", () => {
  const shown = printable("a\x1b[2Jb\u009bc\u202ed\re\tf");
  expect(shown).toBe("a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\ne    f");
});

test("no line is wider than the screen, whatever the script, and no character is lost", () => {
  const texts = [
    "Plain words that go on and on.",
    "潮は一日に二度満ちる。誰も礼を言わない。",
    "x".repeat(50),
    "👩‍👩‍👧‍👦".repeat(9),
    "",
  ];
  for (const text of texts) {
    for (const width of [2, 7, 20, 80]) {
      const lines = wrap(text, width);
      for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }
  }
});

test("a tweet is split before a word, first offered where a sentence begins near its middle", () => {
  const text = "One. Two three four. Five six seven eight nine ten.";
  const places = placesToSplit(text);
  expect(places.every((place) => /\s/.test(text[place - 1] ?? ""))).toBe(true);
  expect(text.slice(places[middleOf(text, places)])).toStartWith("Five");
  expect(placesToSplit("潮は一日に二度満ちる").length).toBeGreaterThan(1);
  expect(placesToSplit("word")).toEqual([]);
});
