/** The map of src/ holds, and the tool that says so sees every kind of import: it is tried on planted ones. */
import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { check, circlesOf, type Finding } from "../../scripts/map/check.ts";
import { readGraph } from "../../scripts/map/graph.ts";
import { HOUSES, KNOWN, LIMITS, PACKAGES } from "../../scripts/map/rules.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";

const RULES = { houses: HOUSES, limits: LIMITS, packages: PACKAGES };

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A project of a few files; @returns what the tool says of it. */
async function planted(files: Record<string, string>): Promise<{ found: Finding[]; problems: string[] }> {
  const root = await mkdtemp(join(tmpdir(), "psn-map-"));
  folders.push(root);
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), source);
  }
  const graph = await readGraph(root);
  return { found: check(graph, RULES), problems: graph.problems };
}

const arrows = ({ found }: { found: Finding[] }) => found.map(({ arrow }) => arrow);

test("every import of src follows the map, and what is known to break it still does", async () => {
  const found = check(await readGraph(PROJECT_DIR), RULES);
  expect(found.filter(({ arrow }) => !KNOWN.includes(arrow))).toEqual([]);
  expect(KNOWN.filter((arrow) => !arrows({ found }).includes(arrow))).toEqual([]);
});

test("every file of src is seen: the list is the one git has, and nothing in it was unreadable", async () => {
  const graph = await readGraph(PROJECT_DIR);
  expect(graph.problems).toEqual([]);
  const git = Bun.spawnSync(["git", "ls-files", "--deduplicate", "--cached", "--others", "--exclude-standard", "src"], {
    cwd: PROJECT_DIR,
  });
  const listed = git.stdout.toString().trim().split("\n");
  const there = [];
  for (const path of listed) if (await Bun.file(join(PROJECT_DIR, path)).exists()) there.push(path);
  expect(graph.files).toEqual(there.filter((path) => !/\.(json|sql|md|txt|snap|bash|zsh|fish|ps1)$/.test(path)).sort());
  // A parser that skipped what it does not know would find no imports.
  const importing = new Set(graph.imports.map(({ from }) => from));
  expect(importing.size).toBeGreaterThan(graph.files.length / 2);
});

test("the auditor of the simulation imports nothing but itself: neither the product nor what helps the simulation", async () => {
  const graph = await readGraph(PROJECT_DIR, "sim/audit");
  expect(graph.problems).toEqual([]);
  expect(graph.files).toContain("sim/audit/audit.ts");
  const foreign = graph.imports.filter(({ to }) => to === null || !/^(sim\/audit\/|bun:test$)/.test(to));
  expect(foreign).toEqual([]);
});

const UPWARD: Record<string, string> = {
  "of a value": `import { a } from "../cli/a.ts";\nexport const b = a;`,
  "for its effect": `import "../cli/a.ts";`,
  "of a type": `import type { A } from "../cli/a.ts";\nexport type B = A;`,
  "of a type, inline": `import { type A } from "../cli/a.ts";\nexport type B = A;`,
  "that is exported again": `export * from "../cli/a.ts";`,
  "of a type that is exported again": `export type { A } from "../cli/a.ts";`,
  "that is dynamic": `export const b = async () => (await import("../cli/a.ts")).a;`,
  "inside a type": `export type B = import("../cli/a.ts").A;`,
  "inside typeof": `export type B = typeof import("../cli/a.ts");`,
  "by require": `export const b = require("../cli/a.ts");`,
  "by import =": `import a = require("../cli/a.ts");\nexport const b = a;`,
};
for (const [kind, source] of Object.entries(UPWARD)) {
  test(`an upward import ${kind} is found`, async () => {
    const { found } = await planted({
      "src/cli/a.ts": "export const a = 1;\nexport type A = string;",
      "src/engines/b.ts": source,
    });
    expect(arrows({ found })).toEqual(["src/engines/b.ts -> src/cli/a.ts"]);
    expect(found[0]?.why).toContain("Only cli/ prints");
  });
}

test("an import with a computed name is refused: it could be anything", async () => {
  const result = await planted({ "src/engines/b.ts": "export const b = (name: string) => import(name);" });
  expect(arrows(result)).toEqual(["src/engines/b.ts -> null"]);
});

test("circles are found, of types and through dynamic imports too", async () => {
  const result = await planted({
    "src/core/db/a.ts": `import type { B } from "./b.ts";\nexport type A = B;`,
    "src/core/db/b.ts": `export type B = typeof import("./c.ts");`,
    "src/core/db/c.ts": `export const c = () => import("./a.ts");`,
    "src/core/db/d.ts": `import "./a.ts";`,
    "src/core/db/self.ts": `import "./self.ts";`,
  });
  expect(arrows(result)).toEqual([
    "src/core/db/a.ts -> src/core/db/b.ts -> src/core/db/c.ts -> src/core/db/a.ts",
    "src/core/db/self.ts -> src/core/db/self.ts",
  ]);
});

test("tests may be in no circle either, and import what they like", async () => {
  const root = {
    files: ["src/testing/a.ts", "src/cli/b.ts"],
    imports: [
      { from: "src/testing/a.ts", to: "src/cli/b.ts", line: 1, isPackage: false },
      { from: "src/cli/b.ts", to: "src/testing/a.ts", line: 1, isPackage: false },
    ],
    problems: [],
  };
  expect(circlesOf(root)).toHaveLength(1);
  expect(check(root, RULES)[0]).toEqual({
    arrow: "src/cli/b.ts -> src/testing/a.ts",
    line: 1,
    why: "Code for tests stays out of the product.",
  });
});

test("neighbours on one floor, and an inner room's upper floors, are closed", async () => {
  const empty = "export {};";
  const result = await planted({
    "src/core/posts/a.ts": `import "../publish/publish.ts";`,
    "src/core/publish/publish.ts": `import "./send/run.ts";\nimport "./decide/next-step.ts";`,
    "src/core/publish/send/run.ts": `import "../missed/take-slot.ts";\nimport "../lease/take.ts";`,
    "src/core/publish/missed/take-slot.ts": empty,
    "src/core/publish/lease/take.ts": `import "../finish.ts";`,
    "src/core/publish/finish.ts": `import "../posts/b.ts";`,
    "src/core/posts/b.ts": empty,
    "src/core/publish/decide/next-step.ts": `import "../../clock.ts";\nimport "../../platform.ts";\nimport "pg";`,
    "src/core/clock.ts": empty,
    "src/core/platform.ts": empty,
  });
  expect(arrows(result)).toEqual([
    "src/core/posts/a.ts -> src/core/publish/publish.ts",
    "src/core/publish/decide/next-step.ts -> src/core/clock.ts",
    "src/core/publish/decide/next-step.ts -> pg",
    "src/core/publish/finish.ts -> src/core/posts/b.ts",
    "src/core/publish/lease/take.ts -> src/core/publish/finish.ts",
    "src/core/publish/send/run.ts -> src/core/publish/missed/take-slot.ts",
  ]);
});

test("a package is refused outside its files, by its name and by a path into it", async () => {
  const result = await planted({
    "src/cli/a.ts": `import { sql } from "drizzle-orm/pg-core";\nimport type pg from "pg";\nimport "@clack/prompts";\nexport { sql, type pg };`,
    "src/platforms/x/oauth.ts": `import "arctic";`,
    "src/platforms/x/client.ts": `export const a = () => import("arctic");`,
  });
  expect(arrows(result)).toEqual([
    "src/cli/a.ts -> drizzle-orm",
    "src/cli/a.ts -> pg",
    "src/platforms/x/client.ts -> arctic",
  ]);
});

test("a new room, code from outside src and a file that is not there are said", async () => {
  const result = await planted({
    "src/attic/a.tsx": "export const A = 1;",
    "src/cli/b.ts": `import "../../sim/run.ts";\nimport data from "../../package.json";\nimport "./gone.ts";\nexport { data };`,
    "src/cli/broken.ts": "export const = ;",
  });
  expect(arrows(result)).toEqual(["src/attic/a.tsx", "src/cli/b.ts -> sim/run.ts"]);
  expect(result.problems.join("\n")).toMatch(/b\.ts:3: \.\/gone\.ts is not there[\s\S]*broken\.ts: /);
});
