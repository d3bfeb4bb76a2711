/** Each answer of X, and the step that follows it with every word that its author reads. */
import { expect, test } from "bun:test";
import { HELD_REASONS, REFUSED_REASONS } from "../../platform.ts";
import { duration } from "./duration.ts";
import { holdOf } from "./holds.ts";
import {
  afterDuplicate,
  afterMissingParent,
  nextStep,
  PERHAPS_ON_X,
  perhapsOnX,
  refusedBefore,
  retryOrStop,
  type Situation,
  type Step,
} from "./next-step.ts";
import { waitForReturn } from "./outage.ts";
import { CALM, NOW } from "./testing.ts";

const SITUATIONS: Record<string, Partial<Situation>> = {
  "may exist": { mayExist: true },
  "fresh token": { tokenIsFresh: true },
  "fresh media": { mediaIsFresh: true },
  "young parent": { parentAgeMs: 299_999 },
  "parent of five minutes": { parentAgeMs: 300_000 },
  "third wait": { waitCount: 2 },
  "away for an hour": { outageMs: 3_600_000 },
  "away too long": { outageMs: 21_600_000 },
};

/** A step as it can be compared: times as seconds from now. */
const shown = (step: object) =>
  JSON.stringify(step, (key, value) =>
    key === "until" && typeof value === "string" ? `+${(Date.parse(value) - NOW.getTime()) / 1_000} s` : value,
  );

const ANSWERS: Record<string, Parameters<typeof nextStep>[0]> = {
  unknown: { kind: "unknown", cause: "ECONNRESET" },
  "not sent": { kind: "not_sent", cause: "ENOTFOUND" },
  "limit with a reset": { kind: "wait", until: new Date(NOW.getTime() + 900_000), scope: "account", detail: "no" },
  "limit of the app, without": { kind: "wait", until: null, scope: "app", detail: "no" },
  "signed out": { kind: "signed_out", detail: "no" },
  locked: { kind: "held", scope: "account", reason: "locked", restMs: null, detail: "no" },
  "no credits": { kind: "out_of_credits", cap: "credits", detail: "no" },
  ...Object.fromEntries(
    REFUSED_REASONS.map((reason) => [
      `refused: ${reason}`,
      { kind: "refused", reason, detail: `X's ${reason}` } as const,
    ]),
  ),
};

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`${name}: what follows, in words`, () => {
    const of = (change: Partial<Situation>) => shown(nextStep(answer, { ...CALM, ...change }));
    const calm = of({});
    const others = Object.entries(SITUATIONS).map(([situation, change]) => [situation, of(change)] as const);
    const steps = [calm, ...others.filter(([, step]) => step !== calm).map((other) => other.join(": "))];
    expect(steps.join("\n")).toMatchSnapshot();
  });
}

test("what X refuses everything of is held, and for how long, in words", () => {
  const holds = HELD_REASONS.map((reason) =>
    holdOf({
      kind: "held",
      scope: reason.startsWith("app") ? "app" : "account",
      reason,
      restMs: 5,
      detail: "X's words",
    }),
  );
  const caps = (["credits", "spend_cap", "usage_cap"] as const).map((cap) =>
    holdOf({ kind: "out_of_credits", cap, detail: "no" }),
  );
  expect([...holds, ...caps].map(shown).join("\n")).toMatchSnapshot();
});

test("what a look at X settles, in words", () => {
  const parent = (["there", "absent", "not_known"] as const).flatMap((seen) =>
    [null, 0, 299_999, 300_000].map((parentAgeMs) =>
      shown(afterMissingParent(seen, "X says no", { ...CALM, parentAgeMs })),
    ),
  );
  const duplicate = nextStep({ kind: "refused", reason: "duplicate", detail: "dup" }, CALM);
  const own = (["absent", "not_known"] as const).map((seen) =>
    shown(afterDuplicate(seen, duplicate as Extract<Step, { do: "check_duplicate" }>, CALM)),
  );
  const spent = [2, 3].map((retryCount) => shown(afterMissingParent("there", "X says no", { ...CALM, retryCount })));
  const other = nextStep({ kind: "unknown", cause: "reset" }, CALM);
  expect(afterDuplicate("absent", other, CALM)).toBe(other);
  const before = REFUSED_REASONS.map((reason) => shown(refusedBefore(reason, `X's ${reason}`, null)));
  before.push(shown(refusedBefore("duplicate", "dup", "123")));
  before.push(PERHAPS_ON_X, perhapsOnX("17", { id: "abc", tweet: 2 }));
  expect([...parent, ...spent, ...own, ...before].join("\n")).toMatchSnapshot();
});

test("a failure of our own waits three times and stops, in words", () => {
  const steps = [0, 1, 2, 3, 4].map((retryCount) =>
    shown(retryOrStop({ ...CALM, retryCount }, "INTERNAL", "PSN itself failed")),
  );
  expect(steps.join("\n")).toMatchSnapshot();
});

test("what is away is waited for up to the grace and not a millisecond longer, in words", () => {
  const steps = [0, 60_000, 21_599_999, 21_600_000, 21_600_001].map((outageMs) =>
    shown(waitForReturn({ ...CALM, outageMs }, "X_UNREACHABLE", "X could not be reached")),
  );
  expect(steps.join("\n")).toMatchSnapshot();
});

test("a length of time is said as people say it", () => {
  const minutes = [0, 29_999, 30_000, 59_999, 60_000, 90_000, 3_600_000, 5_400_000, 7_170_000, 7_200_000];
  const said = [...minutes, 86_400_000, 171_000_000, 172_800_000, 200_000_000];
  expect(said.map((ms) => `${ms}: ${duration(ms)}`).join("\n")).toMatchSnapshot();
});
