import { expect, test } from "bun:test";
import { makePaint } from "../_paint.ts";
import type { SummaryAnswer } from "../_summary.ts";
import { columnsOf } from "../_wrap.ts";
import { renderSummaries } from "./_table.ts";

const post = (more: Partial<SummaryAnswer>): SummaryAnswer => ({
  id: "7k3m9x2p4q1r",
  account: "a_handle_of_15ch",
  status: "retry",
  subStatus: "awaiting_auth",
  beginning: "日本語 and a text that is far longer than what any screen of forty columns holds",
  tweetCount: 14,
  postedCount: 3,
  scheduled: null,
  approved: true,
  at: {
    utc: "2026-11-28T08:00:00Z",
    local: "Sat 2026-11-28 09:00:12 Europe/Berlin (+01:00)",
    timezone: "Europe/Berlin",
  },
  failCode: null,
  failReason: null,
  ...more,
});

test("the list fits every screen from 40 columns up, and columns stand under their heading", () => {
  const posts = [post({}), post({ status: "draft", subStatus: null, at: null, postedCount: 0, account: "other" })];
  for (const isColoured of [false, true]) {
    for (let width = 40; width <= 160; width++) {
      const lines = renderSummaries(posts, makePaint(isColoured), width);
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      expect(lines.join("\n")).toContain("Sat 2026-11-28 09:00");
    }
  }
  const [head = "", first = "", second = ""] = renderSummaries(posts, makePaint(false), 120);
  expect(head).toMatch(/^ID +STATUS +WHEN +ON X +ACCOUNT +TEXT$/);
  expect(first.indexOf("Sat")).toBe(head.indexOf("WHEN"));
  expect(second.indexOf("approved")).toBe(head.indexOf("STATUS"));
});
