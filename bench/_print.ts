/** How a measurement is told: a table for a person, one JSON object for a program. */

export interface Figure {
  name: string;
  value: number;
  goal?: number;
  better?: "higher" | "lower";
}

export interface BenchResult {
  bench: string;
  figures: Figure[];
}

export function isBenchFile(file: string): boolean {
  return file.endsWith(".ts") && !file.startsWith("_") && !file.endsWith(".test.ts") && file !== "run.ts";
}

export function printResult(result: BenchResult, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result));
}

// --- internal ---

function table({ bench, figures }: BenchResult): string {
  const rows = figures.map(({ name, value, goal, better }) => {
    const met = goal === undefined ? "" : (better === "lower" ? value <= goal : value >= goal) ? "  met" : "  NOT MET";
    const wanted = goal === undefined ? "" : `  goal ${better === "lower" ? "≤" : "≥"} ${goal}`;
    return `  ${name.padEnd(24)} ${String(Number(value.toPrecision(4))).padStart(10)}${wanted}${met}\n`;
  });
  return `${bench}\n${rows.join("")}`;
}
