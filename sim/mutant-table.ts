/** Every mutant against the simulation: which seed is the first to catch it. */
import { MUTANT_NAMES, MUTANTS, type MutantName, mutantOf } from "./mutants.ts";
import { onProcessor } from "./processors.ts";
import { runShare, type SharedVerdict } from "./shares.ts";

/** What became of a mutant. */
interface Row {
  mutant: MutantName;
  /** The first that fails, if one does. */
  caught: SharedVerdict | undefined;
  seeds: number;
}

/**
 * Runs each mutant over up to `seeds` seeds from `start` on, in worlds of its profile, `processes` mutants at once.
 * @param onLine gets the table line by line, as the rows come
 * @returns whether all of them were caught
 */
export async function catchMutants(
  { start, seeds, processes }: { start: number; seeds: number; processes: number },
  onLine: (line: string) => void,
): Promise<boolean> {
  const left = [...MUTANT_NAMES];
  const rows: Row[] = [];
  const work = async (before: readonly string[]) => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const { profile } = MUTANTS[mutant];
      const extras = mutantOf(mutant).extras ?? [];
      const verdicts = await runShare({ start, seeds, profile, mode: "mixed", extras, mutant }, before);
      const row = { mutant, caught: verdicts.find(({ breach }) => breach !== null), seeds: verdicts.length };
      rows.push(row);
      onLine(lineOf(row));
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, index) => work(onProcessor(index, processes))));
  const survivors = rows.filter(({ caught }) => !caught);
  onLine(`${rows.length - survivors.length} of ${rows.length} mutants caught within ${seeds} seeds from ${start} on`);
  return survivors.length === 0;
}

// --- internal ---

function lineOf({ mutant, caught, seeds }: Row): string {
  const { profile, breaks } = MUTANTS[mutant];
  const verdict = caught ? `seed ${caught.seed}` : "SURVIVES";
  // A process that died before its last seed has proven nothing.
  const found = caught ? `found: ${caught.breach}` : `after ${seeds} seeds`;
  return `${mutant.padEnd(10)} ${profile.padEnd(8)} ${verdict.padEnd(10)} ${breaks}\n${" ".repeat(31)}${found}`;
}
