/** The report of a proof shows what its parts left, failures and gaps first of all. */
import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Summary } from "../../sim/summary.ts";
import { scored } from "../mutation/score.ts";
import { beginPart, type Kept, keepPart, type PartData, readParts } from "./kept.ts";
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
/** A part that was run. */
function part(name: string, data: Partial<PartData>, more: Partial<Kept> = {}): PartData {
  const kept = { name, isOk: true, seconds: 12, commit: "abc1234", day: "2026-11-27", ...more };
  return { name, kept, simulation: null, scores: [], mutants: [], ...data };
}
const DATA: ProofData = {
  isShort: false,
  parts: [
    part("sim: 10,000 seeds", { simulation: SUMMARY }),
    part("sim: 2,000 seeds in swarms", { simulation: SUMMARY }),
    part("sim: mutants", { mutants: ["attempt seed 1"] }, { isOk: false, commit: "def5678+" }),
    part("mutation score", {
      scores: [{ area: "decide", killed: 19, all: 20, survivors: ["a.ts:3 X: a | b  =>  false"] }],
    }),
    { ...part("chaos: 200 threads", {}), kept: null },
  ],
  bugs: BUGS,
  gaps: GAPS,
  explained: [],
};

test("seeds, years, faults, states, score, bugs and gaps are shown, sums over all worlds", () => {
  const report = reportOf(DATA);
  for (const words of ["2,000", "2.0 years", "seed 77: p0.t0 is on X twice", "| crash | 2,468 |", "95.0 %"])
    expect(report).toContain(words);
  expect(report).toContain("never reached: post: confirming");
  expect(report).toContain("| sim: mutants | **fails** | 12 | def5678+ | 2026-11-27 |");
  // Parts of different commits, and one that was not run, are no whole proof, and it says so.
  expect(report).toContain("of 2 commits: each part names its own");
  expect(report).toContain("1 of its 5 parts were not run");
  expect(report).toContain("| chaos: 200 threads | not run |");
  for (const { fault } of GAPS) expect(report).toContain(fault);
  for (const { what } of BUGS) expect(report).toContain(what);
});

test("where nothing was run the report says that it is no proof", () => {
  const parts = DATA.parts.map(({ name }) => ({ name, kept: null, simulation: null, scores: [], mutants: [] }));
  expect(reportOf({ ...DATA, parts })).toContain("Nothing was run: it is no proof.");
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

test("what a part leaves is read again, with the commit that it was made of; a part that was never run has nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "psn-kept-"));
  const out = await beginPart(folder, "sim: 10,000 seeds");
  await writeFile(join(out, "sim-mixed-mixed.json"), JSON.stringify(SUMMARY));
  await keepPart(import.meta.dirname, out, { name: "sim: 10,000 seeds", isOk: true, seconds: 3 });
  const [first, second] = await readParts(folder, ["sim: 10,000 seeds", "demo"]);
  expect(first).toMatchObject({ kept: { isOk: true, seconds: 3 }, simulation: SUMMARY });
  expect(first?.kept?.commit).toMatch(/^[0-9a-f]{7,}\+?$/);
  expect(second).toEqual({ name: "demo", kept: null, simulation: null, scores: [], mutants: [] });
  // Run again, nothing of before is left.
  await beginPart(folder, "sim: 10,000 seeds");
  expect((await readParts(folder, ["sim: 10,000 seeds"]))[0]?.kept).toBeNull();
  await rm(folder, { recursive: true });
});
