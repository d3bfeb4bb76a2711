/** Holds the import graph against the rules. */
import type { Graph } from "./graph.ts";
import { COMPUTED, type House, type Limit, type PackageRule, TESTING, TESTING_WHY } from "./rules.ts";

export interface Rules {
  houses: readonly House[];
  limits: readonly Limit[];
  packages: readonly PackageRule[];
}

export interface Finding {
  /** "from -> to", or the files of a circle: the same as long as the arrow is there. */
  arrow: string;
  line: number | null;
  why: string;
}

export const isTesting = (path: string) => TESTING.some((pattern) => pattern.test(path));

/** @returns everything that breaks a rule, by file */
export function check(graph: Graph, rules: Rules): Finding[] {
  const found: Finding[] = [];
  for (const file of graph.files) {
    if (isTesting(file)) continue;
    for (const house of rules.houses) {
      if (file.startsWith(house.folder) && floorOf(house, file) === null) {
        found.push({ arrow: file, line: null, why: `It stands on no floor of ${house.folder}; give it one.` });
      }
    }
  }
  for (const { from, to, line, isPackage } of graph.imports) {
    if (isTesting(from)) continue;
    if (to === null && COMPUTED.includes(from)) continue;
    const why =
      to === null
        ? "An import whose name is computed cannot be checked; write it out."
        : isPackage
          ? whyNotPackage(rules, from, to)
          : whyNotFile(rules, from, to);
    if (why) found.push({ arrow: `${from} -> ${to}`, line, why });
  }
  for (const circle of circlesOf(graph)) {
    const why = "Files that import each other in a circle, if only their types, can be read in no order.";
    found.push({ arrow: circle.join(" -> "), line: null, why });
  }
  return found;
}

/** The shortest circle of each group of files that reach each other, from its first file in the alphabet. */
export function circlesOf(graph: Graph): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, isPackage } of graph.imports) {
    if (to !== null && !isPackage) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const circles: string[][] = [];
  const done = new Set<string>();
  for (const file of graph.files) {
    if (done.has(file)) continue;
    const circle = wayBack(file, next);
    if (!circle) continue;
    for (const member of circle) done.add(member);
    circles.push(circle);
  }
  return circles;
}

// --- internal ---

function whyNotFile(rules: Rules, from: string, to: string): string | null {
  if (!to.startsWith("src/"))
    return /\.(json|txt)$/.test(to) ? null : "src/ is complete in itself; only data comes from outside.";
  if (isTesting(to)) return TESTING_WHY;
  for (const house of rules.houses) {
    const above = floorOf(house, from);
    const below = floorOf(house, to);
    if (!above || !below || above.room === below.room) continue;
    if (below.index < above.index) return house.floors[below.index]?.why ?? null;
    if (below.index === above.index) return house.floors[above.index]?.why ?? null;
  }
  return whyNotLimit(rules, from, to);
}

function whyNotPackage(rules: Rules, from: string, to: string): string | null {
  const rule = rules.packages.find(({ name }) => name === to);
  if (rule && !rule.only.some((prefix) => from.startsWith(prefix))) return rule.why;
  return whyNotLimit(rules, from, to);
}

function whyNotLimit(rules: Rules, from: string, to: string): string | null {
  const limit = rules.limits.find(({ folder }) => from.startsWith(folder));
  return limit && !limit.only.some((prefix) => to.startsWith(prefix)) ? limit.why : null;
}

function floorOf(house: House, file: string): { room: string; index: number } | null {
  if (!file.startsWith(house.folder)) return null;
  const path = file.slice(house.folder.length);
  for (const [index, { rooms }] of house.floors.entries()) {
    const room = rooms.find((name) => (name.endsWith("/") ? path.startsWith(name) : path === name));
    if (room) return { room, index };
  }
  return null;
}

/** The shortest way from a file back to itself, both ends included; null when there is none. */
function wayBack(start: string, next: Map<string, string[]>): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const to of next.get(at) ?? []) {
      if (to === start) {
        const way = [start];
        for (let step: string | undefined = at; step !== undefined; step = cameFrom.get(step)) way.unshift(step);
        return way;
      }
      if (to !== start && !cameFrom.has(to)) {
        cameFrom.set(to, at);
        queue.push(to);
      }
    }
  }
  return null;
}
