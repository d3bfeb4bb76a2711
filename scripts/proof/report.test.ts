/** The report of a proof shows what its parts left, failures and gaps first of all. */
import { expect, test } from "bun:test";
import type { Summary } from "../../sim/summary.ts";
import { scored } from "../mutation/score.ts";
import { BUGS, GAPS } from "./notes.ts";
import { type ProofData, reportOf } from "./report.ts";

const SUMMARY: Summary = {
  seeds: 2_000,
  steps: 5,
  published: 9,
  livedMs: 2 * 365.25 * 86_400_000,
  reached: { "crash: a tweet on its way to X": 3, "post: confirming": 0 },
  faults: { crash: 1_234 },
  failed: [{ seed: 77, breach: "p0.t0 is on X twice" }],
};
const DATA: ProofData = {
  day: "2026-11-27",
  commit: "abc1234",
  isShort: false,
  parts: [{ name: "sim: mutants", isOk: false, seconds: 12 }],
  simulations: { "mixed-mixed": SUMMARY, "mixed-swarm": SUMMARY },
  scores: [{ area: "decide", killed: 19, all: 20, survivors: ["a.ts:3 X: a | b  =>  false"] }],
  mutants: ["attempt seed 1"],
  bugs: BUGS,
  gaps: GAPS,
  explained: [],
};

test("seeds, years, faults, states, score, bugs and gaps are shown, sums over all worlds", () => {
  const report = reportOf(DATA);
  for (const words of ["2,000", "2.0 years", "seed 77: p0.t0 is on X twice", "| crash | 2,468 |", "95.0 %"])
    expect(report).toContain(words);
  expect(report).toContain("never reached: post: confirming");
  expect(report).toContain("| sim: mutants | **fails** | 12 |");
  for (const { fault } of GAPS) expect(report).toContain(fault);
  for (const { what } of BUGS) expect(report).toContain(what);
});

test("a mutant that ends in an error or a timeout is killed, and one that lives is named by its line", () => {
  const at = (line: number) => ({ start: { line, column: 1 }, end: { line, column: 2 } });
  const mutants = ["Killed", "Timeout", "RuntimeError", "Survived", "CompileError"].map((status) => ({
    status,
    mutatorName: "BooleanLiteral",
    replacement: "false",
    location: at(2),
  }));
  const score = scored("decide", { files: { "src/a.ts": { source: "one\n  two\n", mutants } } });
  expect(score).toMatchObject({ killed: 3, all: 4 });
  expect(score.survivors).toEqual(["src/a.ts:2 BooleanLiteral: two  =>  false"]);
});
