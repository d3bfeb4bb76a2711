/** `npm run map`: exits with 1 when an import breaks the map. */
import { join } from "node:path";
import { check } from "./check.ts";
import { readGraph } from "./graph.ts";
import { HOUSES, KNOWN, LIMITS, PACKAGES } from "./rules.ts";

const graph = await readGraph(join(import.meta.dirname, "../.."));
const findings = check(graph, { houses: HOUSES, limits: LIMITS, packages: PACKAGES });
const fresh = findings.filter(({ arrow }) => !KNOWN.includes(arrow));
const gone = KNOWN.filter((arrow) => !findings.some((finding) => finding.arrow === arrow));
const lines = [
  ...graph.problems,
  ...fresh.map(({ arrow, line, why }) => `${arrow}${line === null ? "" : ` (line ${line})`}\n  ${why}`),
  ...gone.map((arrow) => `${arrow}\n  It is repaired: take it off KNOWN in scripts/map/rules.ts.`),
  `${graph.files.length} files, ${graph.imports.length} imports: ${fresh.length} break the map, ${findings.length - fresh.length} are known to.`,
];
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode = graph.problems.length + fresh.length + gone.length > 0 ? 1 : 0;
