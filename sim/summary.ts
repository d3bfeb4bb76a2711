/** What a run of many seeds amounts to, as data for the report of the proof. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SharedVerdict } from "./shares.ts";
import { countReached } from "./sometimes.ts";
import type { Kind } from "./world.ts";

const YEAR_MS = 365.25 * 24 * 60 * 60_000;

export interface Summary {
  seeds: number;
  steps: number;
  published: number;
  livedMs: number;
  /** How many seeds reached each rare state. */
  reached: Record<string, number>;
  /** How often each kind of fault struck. */
  faults: Record<string, number>;
  failed: { seed: number; breach: string }[];
}

export function summaryFor(verdicts: readonly SharedVerdict[]): Summary {
  const faults: Record<string, number> = {};
  for (const verdict of verdicts) {
    for (const [name, count] of Object.entries(verdict.faults)) faults[name] = (faults[name] ?? 0) + count;
  }
  const sum = (of: (verdict: SharedVerdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  return {
    seeds: verdicts.length,
    steps: sum(({ steps }) => steps),
    published: sum(({ published }) => published),
    livedMs: sum(({ livedMs }) => livedMs),
    reached: Object.fromEntries([...countReached(verdicts)].sort(([a], [b]) => (a < b ? -1 : 1))),
    faults: Object.fromEntries(Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1))),
    failed: verdicts.flatMap(({ seed, breach }) => (breach === null ? [] : [{ seed, breach }])),
  };
}

/** "2,000 seeds" lived so long: "3.1 years", or days below one. */
export function inYears(livedMs: number): string {
  const years = livedMs / YEAR_MS;
  return years < 1 ? `${(years * 365.25).toFixed(1)} days` : `${years.toFixed(1)} years`;
}

/** For the report of the proof: into the folder that PSN_PROOF_OUT names. */
export async function keepSummary(summary: Summary, { profile, mode, extras }: Kind): Promise<void> {
  const { PSN_PROOF_OUT } = process.env;
  if (PSN_PROOF_OUT)
    await writeFile(
      join(PSN_PROOF_OUT, `sim-${[profile, mode, ...(extras ?? [])].join("-")}.json`),
      `${JSON.stringify(summary, null, 2)}\n`,
    );
}

/** The table of named mutants, for the same report. */
export async function keepMutants(lines: readonly string[]): Promise<void> {
  const { PSN_PROOF_OUT } = process.env;
  if (PSN_PROOF_OUT) await writeFile(join(PSN_PROOF_OUT, "mutants.json"), `${JSON.stringify(lines, null, 2)}\n`);
}
