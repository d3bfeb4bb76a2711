/** The decisions of publishing, without clock, hub or X. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sameText } from "../../platforms/x/match.ts";
import { idTime } from "../../platforms/x/snowflake.ts";
import { testHub } from "../../testing/hub.ts";
import { compareIds, type Outcome, type OwnPost, REFUSED_REASONS } from "../platform.ts";
import { contentHash } from "../post/content-hash.ts";
import { allTransitions, isLegalTransition } from "../post/transitions.ts";
import { POST_STATUSES } from "../types/index.ts";
import {
  LOOKS_AFTER_MS,
  parentDelayMs,
  RETRIES_MAX,
  rateLimitWaitUntil,
  retryDelayMs,
  unavailableLookDelayMs,
} from "./decide/backoff.ts";
import { findSent, judgeLook, lookSince } from "./decide/match.ts";
import { afterMissingParent, nextStep, retryOrStop, type Situation } from "./decide/next-step.ts";

const NOW = new Date("2026-11-21T09:00:00Z");
const at = (ms: number) => new Date(NOW.getTime() + ms);

const CALM: Situation = {
  now: NOW,
  random: 0.5,
  retryCount: 0,
  waitCount: 0,
  mayExist: false,
  tokenIsFresh: false,
  mediaIsFresh: false,
  parentAgeMs: null,
};

describe("next step", () => {
  const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
    fc.constant<Outcome>({ kind: "posted", externalPostId: "1" }),
    fc.constantFrom(...REFUSED_REASONS).map<Outcome>((reason) => ({ kind: "refused", reason, detail: "no" })),
    fc.option(fc.integer({ min: -100, max: 90_000 })).map<Outcome>((seconds) => ({
      kind: "wait",
      until: seconds === null ? null : at(seconds * 1000),
      scope: "account",
      detail: "",
    })),
    fc.constant<Outcome>({ kind: "signed_out", detail: "" }),
    fc.constant<Outcome>({ kind: "out_of_credits", cap: "credits", detail: "" }),
    fc.constant<Outcome>({ kind: "not_sent", cause: "ECONNREFUSED" }),
    fc.constant<Outcome>({ kind: "unknown", cause: "timeout" }),
  );
  const situations: fc.Arbitrary<Situation> = fc.record({
    now: fc.constant(NOW),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    retryCount: fc.integer({ min: 0, max: 5 }),
    waitCount: fc.integer({ min: 0, max: 50 }),
    mayExist: fc.boolean(),
    tokenIsFresh: fc.boolean(),
    mediaIsFresh: fc.boolean(),
    parentAgeMs: fc.option(fc.integer({ min: -1000, max: 1_000_000 })),
  });

  test("no answer never leads to anything but a look, whatever the situation", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        expect(nextStep({ kind: "unknown", cause: "reset" }, situation).do).toBe("look");
      }),
    );
  });

  test("every step leaves an outcome that says nothing was posted, or none", () => {
    fc.assert(
      fc.property(outcomes, situations, (outcome, situation) => {
        const step = nextStep(outcome, situation);
        if (outcome.kind === "posted") expect(step).toEqual({ do: "posted", externalPostId: "1" });
        else if (step.do === "look") expect(["unknown", "refused"]).toContain(outcome.kind);
        else expect(step.do).not.toBe("posted");
      }),
    );
  });

  test("every wait lies in the future, and only failures that posted nothing spend a try", () => {
    fc.assert(
      fc.property(outcomes, situations, (outcome, situation) => {
        const step = nextStep(outcome, situation);
        if (step.do !== "wait") return;
        expect(step.until.getTime()).toBeGreaterThan(NOW.getTime());
        expect(step.spendsRetry).toBe(outcome.kind === "not_sent");
      }),
    );
  });

  test("tries are bounded", () => {
    for (const retryCount of [0, 1, 2]) {
      const step = retryOrStop("not_sent", { ...CALM, retryCount }, "X", "It failed");
      expect(step).toMatchObject({ do: "wait", subStatus: `retry_${retryCount + 1}` });
    }
    expect(retryOrStop("not_sent", { ...CALM, retryCount: RETRIES_MAX }, "X", "It failed").do).toBe("stop");
  });

  test("a duplicate is an answer, unless an earlier request may have made the tweet", () => {
    const duplicate: Outcome = { kind: "refused", reason: "duplicate", detail: "dup" };
    expect(nextStep(duplicate, CALM)).toMatchObject({ do: "stop", code: "X_DUPLICATE" });
    expect(nextStep(duplicate, { ...CALM, mayExist: true }).do).toBe("look");
    // A 403 whose body was cut says no more than that.
    const vague: Outcome = { kind: "refused", reason: "not_permitted", detail: "" };
    expect(nextStep(vague, CALM).do).toBe("stop");
    expect(nextStep(vague, { ...CALM, mayExist: true }).do).toBe("look");
  });

  test("401 asks for a new token once; a fresh one that is refused means that X is ill", () => {
    expect(nextStep({ kind: "signed_out", detail: "" }, CALM).do).toBe("refresh");
    expect(nextStep({ kind: "signed_out", detail: "" }, { ...CALM, tokenIsFresh: true })).toMatchObject({
      do: "wait",
      subStatus: "awaiting_auth",
    });
  });

  test("a missing parent is looked for only where there is one", () => {
    const missing: Outcome = { kind: "refused", reason: "parent_missing", detail: "" };
    expect(nextStep(missing, CALM).do).toBe("stop");
    expect(nextStep(missing, { ...CALM, parentAgeMs: 1_000 }).do).toBe("check_parent");
  });

  test("a parent that is young or visible deserves patience; an old one that is gone does not", () => {
    const young = { ...CALM, parentAgeMs: 10_000 };
    const old = { ...CALM, parentAgeMs: 1_000_000 };
    expect(afterMissingParent("absent", "gone", young)).toMatchObject({ do: "wait", subStatus: "retry_1" });
    expect(afterMissingParent("there", "gone", old).do).toBe("wait");
    expect(afterMissingParent("not_known", "gone", old).do).toBe("wait");
    expect(afterMissingParent("absent", "gone", old)).toMatchObject({ do: "stop", code: "X_PARENT_MISSING" });
    expect(afterMissingParent("there", "gone", { ...young, retryCount: RETRIES_MAX }).do).toBe("stop");
  });
});

describe("retry timing", () => {
  test("retries: exponential ceilings, full jitter, never at once", () => {
    expect([1, 2, 3].map((retry) => retryDelayMs(retry, 0.999999))).toEqual([4_000, 8_000, 16_000]);
    expect([1, 2, 3].map((retry) => retryDelayMs(retry, 0))).toEqual([500, 500, 500]);
  });

  test("a rate limit waits one to three seconds past the reset that X named", () => {
    for (const random of [0, 0.5, 0.999]) {
      const waitMs = rateLimitWaitUntil(at(900_000), NOW, 7, random).getTime() - at(900_000).getTime();
      expect(waitMs).toBeGreaterThanOrEqual(1_000);
      expect(waitMs).toBeLessThan(3_000);
    }
  });

  test("a rate limit without a reset, or with one long past, waits longer each time, to 15 minutes", () => {
    const waits = [0, 1, 2, 3, 4, 5, 40].map(
      (count) => rateLimitWaitUntil(null, NOW, count, 0).getTime() - NOW.getTime(),
    );
    expect(waits).toEqual([61_000, 121_000, 241_000, 481_000, 901_000, 901_000, 901_000]);
    expect(rateLimitWaitUntil(at(-120_000), NOW, 0, 0)).toEqual(at(61_000));
  });

  test("a timeline that is down is asked again ever less often, at least every 15 minutes", () => {
    expect(unavailableLookDelayMs(0, 0.5)).toBe(10_000);
    expect(unavailableLookDelayMs(100_000, 0.5)).toBe(50_000);
    expect(unavailableLookDelayMs(1e9, 0.999)).toBeLessThanOrEqual(15 * 60_000);
  });

  test("a reply waits for a slow replica about three minutes in all", () => {
    const sumMs = [1, 2, 3].reduce((sum, retry) => sum + parentDelayMs(retry, 0.5), 0);
    expect(sumMs).toBe(210_000);
  });
});

describe("settling", () => {
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

describe("the content hash", () => {
  const tweet = { text: "a", media: [{ sha256: "f", altText: null }] };
  test("changes with text, order, media, alt text and labels, and with nothing else", () => {
    const base = contentHash([tweet, { text: "b", media: [] }], {});
    const others = [
      contentHash([{ text: "b", media: [] }, tweet], {}),
      contentHash(
        [
          { ...tweet, text: "a " },
          { text: "b", media: [] },
        ],
        {},
      ),
      contentHash(
        [
          { ...tweet, media: [{ sha256: "f", altText: "x" }] },
          { text: "b", media: [] },
        ],
        {},
      ),
      contentHash([tweet, { text: "b", media: [] }], { madeWithAi: true }),
      contentHash([tweet, { text: "b", media: [] }], { poll: { options: ["a", "b"], durationMinutes: 5 } }),
    ];
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
    expect(contentHash([tweet, { text: "b", media: [] }], { sourceFile: "x.md", madeWithAi: false })).toBe(base);
  });
});

describe("transitions", () => {
  let hub: Awaited<ReturnType<typeof testHub>>;
  beforeAll(async () => {
    hub = await testHub({ max: 2 });
  });
  afterAll(() => hub.drop());

  test("the database holds the same table", async () => {
    const { rows } = await hub.hub.pool.query(
      "select f.s as from_status, t.s as to_status, psn.transition_is_legal(f.s, t.s) as legal from unnest($1::text[]) as f(s), unnest($1::text[]) as t(s)",
      [[...POST_STATUSES]],
    );
    const key = (row: { from: string; to: string; legal: boolean }) => `${row.from}>${row.to}:${row.legal}`;
    const inSql = rows.map((row) => key({ from: row.from_status, to: row.to_status, legal: row.legal }));
    expect(inSql.toSorted()).toEqual(allTransitions().map(key).toSorted());
  });

  test("nothing leads out of published, and only publishing leads into it", () => {
    for (const status of POST_STATUSES) {
      expect(isLegalTransition("published", status)).toBe(status === "published");
      expect(isLegalTransition(status, "published")).toBe(["published", "publishing"].includes(status));
    }
  });
});
