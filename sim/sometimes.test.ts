/** Rare states have names, and a run that never reaches one says so. */
import { expect, test } from "bun:test";
import { Process } from "./scheduler.ts";
import { countReached, SOMETIMES, Sometimes, whileAt } from "./sometimes.ts";
import { inYears } from "./summary.ts";
import { Underway } from "./underway.ts";

test("there are at least forty rare states, each with a name of its own", () => {
  expect(new Set(SOMETIMES).size).toBe(SOMETIMES.length);
  expect(SOMETIMES.length).toBeGreaterThanOrEqual(40);
});

test("a state that no seed reached is counted as zero", () => {
  const [first = "", second = ""] = SOMETIMES;
  const counts = countReached([{ reached: [first] }, { reached: [first] }]);
  expect(counts.get(first)).toBe(2);
  expect(counts.get(second)).toBe(0);
});

test("a crash is named by where the request was: on its way, carried out, answered and not recorded", () => {
  const cases = [
    ["leaving", () => {}],
    ["acted", (underway: Underway, request: ReturnType<Underway["begin"]>) => underway.acted(request, 0)],
    ["answered", (underway: Underway, request: ReturnType<Underway["begin"]>) => underway.answered(request)],
  ] as const;
  for (const [stage, before] of cases) {
    const sometimes = new Sometimes();
    const underway = new Underway(sometimes);
    const process = new Process("worker1");
    before(underway, underway.begin(process, "tweet", 0));
    underway.died(process, "sql commit", false);
    expect(sometimes.all()).toEqual([whileAt("crash", "tweet", stage)]);
  }
});

test("what is recorded is under way no more", () => {
  const sometimes = new Sometimes();
  const underway = new Underway(sometimes);
  const process = new Process("worker1");
  underway.answered(underway.begin(process, "tweet", 0));
  underway.step(process, "sql commit");
  underway.step(process, "sql select posts");
  underway.died(process, "sql select posts", false);
  expect(sometimes.all()).toEqual([]);
});

test("simulated time is said in years, or in days below one", () => {
  expect(inYears(2 * 365.25 * 86_400_000)).toBe("2.0 years");
  expect(inYears(36 * 3_600_000)).toBe("1.5 days");
});
