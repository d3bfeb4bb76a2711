/** Writes the report of a proof, in Markdown, from what its parts left as data. Pure. */
import type { Summary } from "../../sim/summary.ts";
import { inYears } from "../../sim/summary.ts";
import type { PartData } from "./kept.ts";
import type { FoundBug, Gap } from "./notes.ts";

export interface ProofData {
  isShort: boolean;
  parts: readonly PartData[];
  bugs: readonly FoundBug[];
  gaps: readonly Gap[];
  explained: readonly { file: string; line: string; made: string; why: string }[];
}

export function reportOf(data: ProofData): string {
  const sections = [
    head(data),
    partsOf(data),
    simulationsOf(data),
    faultsOf(data),
    statesOf(data),
    scoresOf(data),
    mutantsOf(data),
    bugsOf(data),
    gapsOf(data),
  ];
  return `${sections.join("\n\n")}\n`;
}

// --- internal ---

function head({ parts, isShort }: ProofData): string {
  if (parts.every(({ kept }) => kept === null)) return "# Proof\n\nNothing was run: it is no proof.";
  const form = isShort ? "the short form, `npm run proof -- --short`" : "`npm run proof`";
  const commits = [...new Set(parts.flatMap(({ kept }) => kept?.commit ?? []))];
  const days = parts.flatMap(({ kept }) => kept?.day ?? []).sort();
  const whole = commits.length === 1 ? `of ${commits[0]}` : `of ${commits.length} commits: each part names its own`;
  const missing = parts.filter(({ kept }) => kept === null).length;
  const lacks = missing === 0 ? "" : ` **${missing} of its ${parts.length} parts were not run**: it is no whole proof.`;
  return `# Proof\n\nWritten by ${form}, ${whole}, ${[...new Set([days[0], days.at(-1)])].join(" to ")}.${lacks} What is simulated, and how, is in \`docs/decisions/simulation.md\`.`;
}

function partsOf({ parts }: ProofData): string {
  return `## Parts\n\n${table(
    ["part", "result", "seconds", "commit", "day"],
    parts.map(({ name, kept }) =>
      kept
        ? [name, kept.isOk ? "holds" : "**fails**", String(kept.seconds), kept.commit, kept.day]
        : [name, "not run", "", "", ""],
    ),
  )}`;
}

function simulationsOf({ parts }: ProofData): string {
  const ran = parts.flatMap(({ name, simulation }) => (simulation ? [{ name, ...simulation }] : []));
  const rows = ran.map(({ name, seeds, livedMs, steps, published, failed }) => [
    name.replace(/^sim: /, ""),
    count(seeds),
    inYears(livedMs),
    count(steps),
    count(published),
    failed.length === 0 ? "0" : failed.map(({ seed, breach }) => `seed ${seed}: ${breach}`).join("; "),
  ]);
  return `## Simulated time\n\n${table(["world", "seeds", "publishing", "steps", "posts published", "breaches"], rows)}`;
}

function faultsOf(data: ProofData): string {
  const rows = [...sums(data, ({ faults }) => faults)].map(([name, times]) => [name, count(times)]);
  return `## Faults that struck\n\n${table(["fault", "times"], rows)}`;
}

function statesOf(data: ProofData): string {
  const reached = sums(data, ({ reached }) => reached);
  const never = [...reached].filter(([, seeds]) => seeds === 0).map(([name]) => name);
  const words = `${reached.size} rare states have names; ${never.length === 0 ? "each was reached" : `never reached: ${never.join("; ")}`}.`;
  const rows = [...reached].map(([name, seeds]) => [name, count(seeds)]);
  return `## Rare states\n\n${words}\n\n${table(["state", "seeds that reached it"], rows)}`;
}

function scoresOf({ parts, explained }: ProofData): string {
  const scores = parts.flatMap((part) => part.scores);
  const rows = scores.map(({ area, killed, all, survivors }) => [
    area,
    count(all),
    count(killed),
    all === 0 ? "–" : `${((100 * killed) / all).toFixed(1)} %`,
    count(survivors.length),
  ]);
  const survivors = scores.flatMap((score) => score.survivors);
  const lists = [
    table(["rules", "mutants", "killed", "score", "survivors"], rows),
    explained.length === 0
      ? ""
      : table(
          ["survivor", "made", "why no test can notice"],
          explained.map((one) => [`\`${one.line}\``, `\`${one.made}\``, one.why]),
        ),
    survivors.length === 0
      ? ""
      : `Survivors:\n\n${survivors.map((line) => `- \`${line.replaceAll("`", "'")}\``).join("\n")}`,
  ];
  return `## Mutation score\n\n${lists.filter(Boolean).join("\n\n")}`;
}

function mutantsOf({ parts }: ProofData): string {
  const mutants = parts.flatMap((part) => part.mutants);
  return `## Named mutants of the rooms with SQL\n\n\`\`\`\n${mutants.join("\n") || "not run"}\n\`\`\``;
}

function bugsOf({ bugs }: ProofData): string {
  return `## Bugs that it found\n\n${table(
    ["bug", "seen in"],
    bugs.map(({ what, seed }) => [what, seed]),
  )}`;
}

function gapsOf({ gaps }: ProofData): string {
  return `## Open gaps\n\n${table(
    ["fault", "state"],
    gaps.map(({ fault, state }) => [fault, state]),
  )}`;
}

function sums({ parts }: ProofData, of: (summary: Summary) => Record<string, number>): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { simulation } of parts) {
    for (const [name, times] of Object.entries(simulation ? of(simulation) : {}))
      totals.set(name, (totals.get(name) ?? 0) + times);
  }
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
