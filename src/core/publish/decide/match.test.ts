import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sameText } from "../../../platforms/x/match.ts";
import { idTime } from "../../../platforms/x/snowflake.ts";
import { compareIds, type OwnPost } from "../../platform.ts";
import { LOOKS_AFTER_MS } from "./backoff.ts";
import { type Finding, findSent, judgeLook, lookSince, type SentTweet } from "./match.ts";

const NOW = new Date("2026-11-21T09:00:00Z");
const at = (ms: number) => new Date(NOW.getTime() + ms);

describe("confirming", () => {
  const post = (change: Partial<OwnPost> = {}): OwnPost => ({
    id: "1234567890123456789",
    text: "Hello",
    replyToId: null,
    mediaCount: change.mediaKeys?.length ?? 0,
    mediaKeys: [],
    createdAt: at(500),
    ...change,
  });
  const sent: SentTweet = { text: "Hello", replyToId: null, mediaKeys: [], startedAt: NOW };
  const TWO_HOURS_MS = 2 * 3_600_000;
  const idOf = (finding: Finding) => (finding.kind === "found" ? finding.post.id : finding.kind);
  const look = (given: SentTweet, posts: OwnPost[], others: SentTweet[] = [], taken: string[] = []) =>
    idOf(findSent(given, others, posts, { taken: new Set(taken), earlierMsMax: TWO_HOURS_MS, sameText }));

  test("text, parent, media and time must agree", () => {
    expect(look(sent, [post()])).toBe("1234567890123456789");
    expect(look(sent, [post({ text: "Hello!" })])).toBe("none");
    expect(look(sent, [post({ replyToId: "7" })])).toBe("none");
    expect(look(sent, [post({ mediaKeys: ["3_1"] })])).toBe("none");
    expect(look(sent, [post({ createdAt: at(-3 * 3_600_000) })])).toBe("none");
    expect(look(sent, [post()], [], ["1234567890123456789"])).toBe("none");
  });

  test("a reply to a tweet of ours, and a post whose time X does not say, are not judged by clocks", () => {
    expect(look({ ...sent, replyToId: "7" }, [post({ replyToId: "7", createdAt: at(-86_400_000) })])).not.toBe("none");
    expect(look(sent, [post({ id: "431", createdAt: null })])).toBe("431");
  });

  test("of two that agree the older one is taken", () => {
    expect(look(sent, [post({ id: "20" }), post({ id: "9" })])).toBe("9");
  });

  test("scenario 60: a picture is known by the id of its upload, and never by how many there are", () => {
    const picture: SentTweet = { ...sent, text: "", mediaKeys: ["_55"] };
    const shows = (mediaKeys: (string | null)[], more: Partial<OwnPost> = {}) =>
      look(picture, [post({ text: "", mediaKeys, ...more })]);
    expect(shows(["3_55"])).toBe("1234567890123456789");
    expect(shows(["3_54", "3_55"])).toBe("1234567890123456789");
    expect(shows(["3_55"], { text: "X changed the words", createdAt: at(-86_400_000) })).toBe("1234567890123456789");
    expect(shows(["3_56"])).toBe("none");
    expect(shows(["3_155"])).toBe("none");
    for (const unreadable of [[null], [], ["3_56", null]]) expect(shows(unreadable)).toBe("unclear");
    expect(shows([null], { text: "other words" })).toBe("none");
    expect(look({ ...picture, mediaKeys: null }, [post({ text: "", mediaKeys: ["3_55"] })])).toBe("unclear");
    expect(look({ ...picture, mediaKeys: ["_55", "7_9"] }, [post({ text: "", mediaKeys: ["7_9"] })])).not.toBe("none");
  });

  test("scenario 60: two open attempts with the same words each get their own, whichever is looked for first", () => {
    const first = { ...sent, startedAt: at(0) };
    const second = { ...sent, startedAt: at(60_000) };
    const [ofFirst, ofSecond] = [post({ id: "100", createdAt: at(900) }), post({ id: "200", createdAt: at(61_000) })];
    for (const [posts, expected] of [
      [
        [ofFirst, ofSecond],
        ["100", "200"],
      ],
      [[ofFirst], ["100", "none"]],
      [[ofSecond], ["none", "200"]],
      [[], ["none", "none"]],
    ] as const) {
      expect([look(first, [...posts], [second]), look(second, [...posts], [first])]).toEqual([...expected]);
    }
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
      expect(look({ ...sent, text: written }, [post({ text: shown })])).not.toBe("none");
    });
  }

  test("a text is always recognised as itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(look({ ...sent, text }, [post({ text })])).not.toBe("none");
      }),
    );
  });

  test("looking begins at the newest post known, or at what X made before a time", () => {
    const recent = "2059000000000000000";
    const timeOf = (id: string) => idTime(id)?.getTime() ?? 0;
    const floorAt = new Date(timeOf(recent) - 7_000_000);
    expect(lookSince({ sinceId: recent, floorAt }, idTime)).toEqual({ sinceId: recent, isByClock: false });
    for (const known of [null, "1290000000000000000"]) {
      const { sinceId, isByClock } = lookSince({ sinceId: known, floorAt }, idTime);
      expect(isByClock).toBe(true);
      expect(floorAt.getTime() - timeOf(sinceId)).toBeGreaterThanOrEqual(0);
      expect(floorAt.getTime() - timeOf(sinceId)).toBeLessThan(10);
      expect(compareIds(sinceId, recent)).toBe(-1);
    }
  });

  test("scenario 58: where ids are counted and hold no time, no clock makes one", () => {
    expect(lookSince({ sinceId: "430", floorAt: NOW }, idTime)).toEqual({ sinceId: "430", isByClock: false });
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

  test("each look, at each moment: what it says, and when the next one comes", () => {
    const moments = [0, 4_999, 5_000, 29_999, 119_999, 299_999, 300_000, 7_200_000, -3_600_000];
    const lines = moments.flatMap((elapsedMs) =>
      [0, 1, 2, 3, 4, 9].flatMap((lookCount) =>
        [null, 0, 19_999, 20_000, 59_400, 59_999, 60_000, -3_600_000].map((sinceLookMs) => {
          const verdict = judgeLook(null, { elapsedMs, lookCount, sinceLookMs });
          return `${elapsedMs} ${lookCount} ${sinceLookMs}: ${JSON.stringify(verdict)}`;
        }),
      ),
    );
    expect(lines.join("\n")).toMatchSnapshot();
  });

  test("the age of a post counts to the millisecond, and words alone decide nothing about media", () => {
    expect(look(sent, [post({ createdAt: at(-TWO_HOURS_MS) })])).not.toBe("none");
    expect(look(sent, [post({ createdAt: at(-TWO_HOURS_MS - 1) })])).toBe("none");
    const unknown = { taken: new Set<string>(), earlierMsMax: null, sameText };
    expect(findSent(sent, [], [post({ createdAt: at(-86_400_000) })], unknown).kind).toBe("found");
    // Keys of other forms than X's own are compared as they stand.
    expect(look({ ...sent, text: "", mediaKeys: ["55"] }, [post({ text: "", mediaKeys: ["55"] })])).not.toBe("none");
    expect(look({ ...sent, text: "", mediaKeys: ["_55"] }, [post({ text: "", mediaKeys: [null, "3_55"] })])).not.toBe(
      "none",
    );
  });

  test("scenario 60: a post that another request resembles, and this one does not, is nobody's here", () => {
    const other = { ...sent, text: "Another" };
    expect(look(sent, [post({ id: "1", text: "Another" })], [other])).toBe("none");
    expect(look(sent, [post({ id: "1", text: "Another" }), post({ id: "2" })], [other])).toBe("2");
    expect(look(sent, [post({ id: "1" }), post({ id: "2", text: "Another" })], [other])).toBe("1");
    // Other words that began at the same moment do not compete for it.
    const earlier = { ...other, startedAt: at(-1_000) };
    expect(look(sent, [post({ id: "1" })], [earlier])).toBe("1");
  });

  test("where looking begins is the last id before a time, and no earlier one", () => {
    const inMs = (id: string) => new Date(Number(id) * 10);
    for (const [ms, since] of [
      [1_000, "99"],
      [1_001, "100"],
      [10, "0"],
      [1, "0"],
    ] as const)
      expect(lookSince({ sinceId: null, floorAt: new Date(ms) }, inMs)).toEqual({ sinceId: since, isByClock: true });
    // The newest that is known is that very one: what it says comes of no clock.
    expect(lookSince({ sinceId: "100", floorAt: new Date(1_001) }, inMs)).toEqual({ sinceId: "100", isByClock: true });
    expect(lookSince({ sinceId: "101", floorAt: new Date(1_001) }, inMs)).toEqual({ sinceId: "101", isByClock: false });
    // Small ids hold no time, and lie before all that do.
    const late = (id: string) => (BigInt(id) < 1_000n ? null : new Date(Number(id)));
    expect(lookSince({ sinceId: null, floorAt: new Date(1_500) }, late).sinceId).toBe("1499");
  });

  test("a look that finds it needs no second one", () => {
    expect(judgeLook(post(), { elapsedMs: 1, lookCount: 0, sinceLookMs: null })).toEqual({
      kind: "found",
      post: post(),
    });
  });
});
