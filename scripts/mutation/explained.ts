/** Survivors that no test can notice, each with the reason. */

interface Explained {
  file: string;
  /** Part of the line, so that a number of lines may change above it. */
  line: string;
  /** What the line was made, in part. */
  made: string;
  why: string;
}

export const EXPLAINED: readonly Explained[] = [];

/** @param survivor as `run.ts` prints it */
export function isExplained(survivor: string): boolean {
  const [before = "", made = ""] = survivor.split("  =>  ");
  return EXPLAINED.some(
    (one) => before.startsWith(`${one.file}:`) && before.includes(one.line) && made.includes(one.made),
  );
}
