/** What a report of StrykerJS amounts to. Pure. */

interface Mutant {
  status: string;
  mutatorName: string;
  replacement?: string;
  location: { start: { line: number; column: number }; end: { line: number; column: number } };
}
export interface Report {
  files: Record<string, { source: string; mutants: Mutant[] }>;
}

export interface Score {
  area: string;
  killed: number;
  all: number;
  /** `file:line mutator: the line, and what it was made`. */
  survivors: string[];
}

export function scored(area: string, { files }: Report): Score {
  const score: Score = { area, killed: 0, all: 0, survivors: [] };
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split("\n");
    for (const { status, mutatorName, replacement, location } of mutants) {
      if (status === "Ignored" || status === "CompileError") continue;
      score.all++;
      if (status === "Killed" || status === "Timeout" || status === "RuntimeError") score.killed++;
      else {
        const line = lines[location.start.line - 1]?.trim() ?? "";
        const made = (replacement ?? "").replace(/\s+/g, " ").slice(0, 100);
        score.survivors.push(`${file}:${location.start.line} ${mutatorName}: ${line}  =>  ${made}`);
      }
    }
  }
  return score;
}
