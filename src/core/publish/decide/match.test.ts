import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sameText } from "../../../platforms/x/match.ts";
import { idTime } from "../../../platforms/x/snowflake.ts";
import { compareIds, type OwnPost } from "../../platform.ts";
import { LOOKS_AFTER_MS } from "./backoff.ts";
import { findSent, judgeLook, lookSince } from "./match.ts";

const NOW = new Date("2026-11-21T09:00:00Z");
const at = (ms: number) => new Date(NOW.getTime() + ms);

describe("confirming", () => {
  const post = (change: Partial<OwnPost> = {}): OwnPost => ({
    id: "1234567890123456789",
    text: "Hello",
    replyToId: null,
    mediaCount: 0,
    createdAt: at(500),
    ...change,
  });
  const sent = { text: "Hello", replyToId: null, mediaCount: 0, startedAt: NOW };
  const none = new Set<string>();

  test("text, parent, media and time must agree", () => {
    expect(findSent(sent, [post()], none, sameText)?.id).toBe("1234567890123456789");
    expect(findSent(sent, [post({ text: "Hello!" })], none, sameText)).toBeNull();
    expect(findSent(sent, [post({ replyToId: "7" })], none, sameText)).toBeNull();
    expect(findSent(sent, [post({ mediaCount: 1 })], none, sameText)).toBeNull();
    expect(findSent(sent, [post({ createdAt: at(-3 * 3_600_000) })], none, sameText)).toBeNull();
    expect(findSent(sent, [post()], new Set(["1234567890123456789"]), sameText)).toBeNull();
  });

  test("of two that agree the older one is taken", () => {
    expect(findSent(sent, [post({ id: "20" }), post({ id: "9" })], none, sameText)?.id).toBe("9");
  });

  for (const [written, shown] of [
    ["see Example.COM/Path", "see http://example.com/Path"],
    ["see example.com", "see https://example.com/"],
    ["(example.com/a/)", "(https://example.com/a)"],
    ["cafe\u0301", "café"],
    ["  spaces \r\n and lines ", "spaces\nand lines"],
    ["日本語example.jpです", "日本語http://example.jpです"],
    ["http://müller.de/ä", "https://xn--mller-kva.de/%C3%A4"],
  ] as const) {
    test(`X's way of showing is recognised: ${JSON.stringify(written)}`, () => {
      const found = findSent({ ...sent, text: written }, [post({ text: shown })], none, sameText);
      expect(found).not.toBeNull();
    });
  }

  test("a text is always recognised as itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(findSent({ ...sent, text }, [post({ text })], none, sameText)).not.toBeNull();
      }),
    );
  });

  test("looking begins at the newest post known, or shortly before the attempt", () => {
    const recent = "2059000000000000000";
    const startedAt = new Date(idTime(recent).getTime() + 60_000);
    expect(lookSince({ sinceId: recent, startedAt }, idTime)).toBe(recent);
    for (const sinceId of [null, "12345"]) {
      const floor = lookSince({ sinceId, startedAt }, idTime);
      const agoMs = startedAt.getTime() - idTime(floor).getTime();
      expect(agoMs).toBeGreaterThanOrEqual(2 * 3_600_000);
      expect(agoMs).toBeLessThan(2 * 3_600_000 + 10);
      expect(compareIds(floor, recent)).toBe(-1);
    }
  });

  /** Looks at the times the judge asks for, seen by a clock that may jump; says when "absent" came. */
  function absentAfter(firstMs: number, jumpsMs: readonly number[] = []): { realMs: number; looks: number } {
    let realMs = firstMs;
    let shiftMs = 0;
    let lookCount = 0;
    let lastMs: number | null = null;
    for (let looks = 1; looks < 200; looks++) {
      shiftMs += jumpsMs[looks - 1] ?? 0;
      const hubMs = realMs + shiftMs;
      const verdict = judgeLook(null, {
        elapsedMs: hubMs,
        lookCount,
        sinceLookMs: lastMs === null ? null : hubMs - lastMs,
      });
      if (verdict.kind === "absent") return { realMs, looks };
      if (verdict.kind === "found") break;
      if (verdict.counts) {
        lookCount++;
        lastMs = hubMs;
      }
      expect(verdict.afterMs).toBeGreaterThanOrEqual(1_000);
      realMs += verdict.afterMs;
    }
    throw new Error("never confirmed");
  }

  test("absence is certain after five minutes and four looks", () => {
    expect(absentAfter(5_000)).toEqual({ realMs: 300_000, looks: LOOKS_AFTER_MS.length });
  });

  test("an attempt that is hours old is still looked for four times over two minutes", () => {
    expect(absentAfter(7_200_000)).toEqual({ realMs: 7_200_000 + 140_000, looks: 4 });
  });

  test("one jump of the hub's clock, at whatever moment, leaves at least a minute of looking", () => {
    for (let moment = 0; moment < 4; moment++) {
      for (const jumpMs of [3_600_000, -3_600_000, 86_400_000]) {
        const jumps = Array.from({ length: moment + 1 }, (_, index) => (index === moment ? jumpMs : 0));
        expect(absentAfter(5_000, jumps).realMs).toBeGreaterThanOrEqual(80_000);
      }
    }
  });

  test("a look that finds it needs no second one", () => {
    expect(judgeLook(post(), { elapsedMs: 1, lookCount: 0, sinceLookMs: null })).toEqual({
      kind: "found",
      post: post(),
    });
  });
});
