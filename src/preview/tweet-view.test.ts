import { expect, test } from "bun:test";
import { weightedLength } from "../core/compose/weighted-length.ts";
import { pollView, timeView, tweetView } from "./tweet-view.ts";

const AUTHOR = { name: "Ann", handle: "ann", platformUserId: "1", subscription: "Premium" };
const view = (text: string) => tweetView("tweet-1", text, { author: AUTHOR, media: [] });

test("links, names and tags are found where X finds them, and only the last link has a card", () => {
  const text = "See example.com/a and https://www.x.org, @bob #words $TSLA";
  const { entities, card, person } = view(text);
  expect(entities.map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
    ["url", "example.com/a"],
    ["url", "https://www.x.org"],
    ["mention", "@bob"],
    ["hashtag", "#words"],
    ["cashtag", "$TSLA"],
  ]);
  expect(card).toEqual({ domain: "x.org", url: "https://www.x.org" });
  expect(person.isVerified).toBe(true);
});

test("a link to a post is shown as a quote, as X does", () => {
  const { quote, card } = view("Look: https://x.com/bob/status/123");
  expect([quote?.handle, card]).toEqual(["bob", null]);
});

test("a long post is folded where X folds it, never inside a character or a link; a short one is not", () => {
  expect(view("短い。".repeat(46)).foldAt).toBeNull();
  for (const text of [
    "word ".repeat(100),
    "🏳️‍🌈".repeat(200),
    "漢字".repeat(200),
    `${"a".repeat(270)} https://example.com/${"b".repeat(90)} more`,
  ]) {
    const { foldAt } = view(text);
    expect(foldAt).not.toBeNull();
    const shown = text.slice(0, foldAt ?? 0);
    expect(weightedLength(shown)).toBeLessThanOrEqual(276);
    expect([...new Intl.Segmenter().segment(text)].some(({ index }) => index === shown.length)).toBe(true);
    expect(shown.includes("https://")).toBe(false);
  }
});

test("times are the author's, and a poll says how long it is open", () => {
  expect(timeView(new Date("2026-11-28T08:00:00Z"), "Europe/Berlin").full).toBe(
    "9:00 AM · Nov 28, 2026 · Europe/Berlin",
  );
  expect(pollView({ options: ["a", "b"], durationMinutes: 1440 }).timeLeft).toBe("1 day left");
  expect(pollView({ options: ["a", "b"], durationMinutes: 90 }).timeLeft).toBe("2 hours left");
});
