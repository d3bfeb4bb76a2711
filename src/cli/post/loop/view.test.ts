/** The loop's screen: what is asked is read whole, whatever the size. */
import { expect, test } from "bun:test";
import { buildPreview } from "../../../core/compose/preview.ts";
import { makePaint } from "../../_paint.ts";
import { columnsOf } from "../../_wrap.ts";
import type { Shown } from "../_status.ts";
import { renderView, type View } from "./view.ts";

const NOTHING_SAID = {
  quoteTweetId: null,
  poll: null,
  replySettings: null,
  madeWithAi: false,
  paidPartnership: false,
  replyToId: null,
};
const POST = {
  id: "7k3mabcdefgh",
  account: "sandbox_author",
  status: "scheduled",
  approved: true,
  scheduled: { utc: "2027-03-01T08:00:00Z", timezone: "Europe/Berlin", local: "Mon 1 Mar 2027, 09:00 Europe/Berlin" },
  planned: null,
  labels: NOTHING_SAID,
  tweets: [],
} as unknown as Shown["post"];
const TWEETS = ["One sentence. Another one.", "潮は一日に二度満ちる。", "words ".repeat(40)];

const asked = (more: Partial<View>): View => ({
  status: { post: POST, preview: buildPreview(TWEETS.map((text) => ({ text }))) },
  now: new Date("2027-02-01T00:00:00Z"),
  chosen: 0,
  splitAt: null,
  message: null,
  question: "To publish all 14 tweets as @sandbox_author now, type publish and press Enter.",
  typed: null,
  keys: [
    ["p", "publish now…"],
    ["F", "yes, for Mon 1 Mar 2027, 09:00 Europe/Berlin"],
    ["Esc", "back"],
  ],
  scrolled: 0,
  page: 0,
  ...more,
});

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

test("a message, a question and its keys are read whole on every size, and no line is wider or lower than the screen", () => {
  const message = {
    text: `The time lies in the past: it is ${POST.scheduled?.local} now. Say a later one.`,
    isError: true,
  };
  for (const said of [null, message]) {
    for (const [columns, rows] of [
      [20, 6],
      [40, 10],
      [12, 2],
      [30, 3],
      [80, 24],
      [300, 100],
    ] as const) {
      const read: string[] = [];
      let pages = 0;
      for (let goesOn = true; goesOn && pages < 100; pages++) {
        const view = asked({ message: said, page: pages, typed: "publish" });
        const frame = renderView(view, { columns, rows }, makePaint(false));
        expect(frame.lines.length).toBeLessThanOrEqual(rows);
        for (const line of frame.lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        read.push(...frame.lines);
        goesOn = frame.goesOn;
      }
      expect(pages).toBeLessThan(100);
      const view = asked({});
      const shown = words(read.join(" ")).join("").replaceAll("Space:more", "");
      const wanted = [said?.text ?? "", view.question ?? ""];
      for (const text of wanted) expect(shown).toContain(words(text).join(""));
      for (const [key, does] of view.keys) expect(shown).toContain(words(key + does).join(""));
    }
  }
});

test("without a question the chosen tweet has the room, and a narrow screen still says when a post goes out", () => {
  const view = asked({ question: null, keys: [["q", "leave"]] });
  const small = renderView(view, { columns: 20, rows: 6 }, makePaint(false)).lines;
  expect(small).toHaveLength(6);
  expect(small.join("\n")).toContain("▌ One sentence.");
  const narrow = renderView(view, { columns: 40, rows: 12 }, makePaint(false)).lines;
  expect(narrow.join("\n")).toContain("goes out Mon 1 Mar 2027, 09:00");
});
