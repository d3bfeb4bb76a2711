/** What a person reads on a narrow terminal. */
import { expect, test } from "bun:test";
import { makePaint } from "../_paint.ts";
import { hung } from "../_wrap.ts";
import { renderNotices } from "./_attention.ts";

const NOTICE = {
  code: "X_DUPLICATE",
  message: "Post 7k3mxyz failed: The account posted the same text not long ago.",
  hint: "psn post show 7k3mxyz, then psn post retry 7k3mxyz",
};

for (const width of [24, 40, 61, 80]) {
  test(`on ${width} columns a notice is broken between words, and no word is lost`, () => {
    for (const paint of [makePaint(false), makePaint(true)]) {
      const lines = renderNotices([NOTICE], paint, width);
      for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      const words = Bun.stripANSI(lines.join(" ")).split(/\s+/).filter(Boolean);
      expect(words).toEqual(["!", ...`${NOTICE.message} ${NOTICE.hint}`.split(" ")]);
    }
  });
}

test("where there is room, or no terminal at all, a notice is one line", () => {
  expect(renderNotices([NOTICE], makePaint(false), 200)).toEqual([`! ${NOTICE.message}  ${NOTICE.hint}`]);
  expect(renderNotices([NOTICE], makePaint(false))).toHaveLength(1);
});

test("later lines stand under the first; a mark that takes half of the screen stands alone", () => {
  expect(hung("! ", "one two three", 9)).toEqual(["! one two", "  three"]);
  expect(hung("  2026-11-26T10:00:00.000Z  ", "Publishing began.", 30)).toEqual([
    "  2026-11-26T10:00:00.000Z",
    "    Publishing began.",
  ]);
});
