import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Outcome } from "../../platform.ts";
import { HELD_REASONS, REFUSED_REASONS } from "../../platform.ts";
import { RETRIES_MAX } from "./backoff.ts";
import { afterDuplicate, afterMissingParent, nextStep, retryOrStop, type Situation } from "./next-step.ts";
import { CALM, NOW } from "./testing.ts";

const at = (ms: number) => new Date(NOW.getTime() + ms);

/** Any answer that brought no id. */
type Unposted = Parameters<typeof nextStep>[0];

describe("next step", () => {
  const outcomes: fc.Arbitrary<Unposted> = fc.oneof(
    fc.constantFrom(...REFUSED_REASONS).map<Unposted>((reason) => ({ kind: "refused", reason, detail: "no" })),
    fc.option(fc.integer({ min: -100, max: 90_000 })).map<Unposted>((seconds) => ({
      kind: "wait",
      until: seconds === null ? null : at(seconds * 1000),
      scope: "account",
      detail: "",
    })),
    fc.constant<Unposted>({ kind: "signed_out", detail: "" }),
    fc.constant<Unposted>({ kind: "out_of_credits", cap: "credits", detail: "" }),
    fc.constantFrom(...HELD_REASONS).map<Unposted>((reason) => ({
      kind: "held",
      scope: "account",
      reason,
      restMs: null,
      detail: "",
    })),
    fc.constant<Unposted>({ kind: "not_sent", cause: "ECONNREFUSED" }),
    fc.constant<Unposted>({ kind: "unknown", cause: "timeout" }),
  );
  const situations: fc.Arbitrary<Situation> = fc.record({
    now: fc.constant(NOW),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    outageMs: fc.integer({ min: 0, max: 90_000_000 }),
    graceMs: fc.integer({ min: 60_000, max: 90_000_000 }),
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
        if (step.do === "look") expect(["unknown", "refused"]).toContain(outcome.kind);
        else expect(step.outcome as string).not.toBe("posted");
      }),
    );
  });

  test("every wait lies in the future, and none spends a try", () => {
    fc.assert(
      fc.property(outcomes, situations, (outcome, situation) => {
        const step = nextStep(outcome, situation);
        if (step.do !== "wait") return;
        expect(step.until.getTime()).toBeGreaterThan(NOW.getTime());
        expect(step.spendsRetry).toBe(false);
      }),
    );
  });

  test("scenario 64: what never left waits 10 s to 10 min, and no longer than the grace", () => {
    const away: Outcome = { kind: "not_sent", cause: "ENOTFOUND" };
    const gapOf = (outageMs: number) => {
      const step = nextStep(away, { ...CALM, outageMs });
      return step.do === "wait" ? step.until.getTime() - NOW.getTime() : step.do;
    };
    expect([0, 15_000, 60_000, 600_000, 3_600_000].map(gapOf)).toEqual([10_000, 10_000, 30_000, 300_000, 600_000]);
    expect(nextStep(away, { ...CALM, outageMs: CALM.graceMs })).toMatchObject({ do: "stop", code: "X_UNREACHABLE" });
  });

  test("tries are bounded", () => {
    for (const retryCount of [0, 1, 2]) {
      const step = retryOrStop({ ...CALM, retryCount }, "X", "It failed");
      expect(step).toMatchObject({ do: "wait", subStatus: `retry_${retryCount + 1}` });
    }
    expect(retryOrStop({ ...CALM, retryCount: RETRIES_MAX }, "X", "It failed").do).toBe("stop");
  });

  test("scenario 59: a duplicate is looked for once, or until it is known where an earlier request may have made the tweet", () => {
    const duplicate: Outcome = { kind: "refused", reason: "duplicate", detail: "dup" };
    const step = nextStep(duplicate, CALM);
    expect(step).toMatchObject({ do: "check_duplicate", code: "X_DUPLICATE" });
    expect(afterDuplicate("absent", step, CALM)).toMatchObject({ do: "stop", code: "X_DUPLICATE" });
    expect(afterDuplicate("not_known", step, CALM).do).toBe("look");
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
