/** What `psn --help` loads: not the hub, not X, no schema. Whatever it loads, every command waits for. */
import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildPrograms } from "../../scripts/package/build.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";

/** The files and packages that a file loads at once, with all that they load. */
async function loadedBy(file: string, seen: Set<string>): Promise<void> {
  if (seen.has(file)) return;
  seen.add(file);
  if (!file.endsWith(".ts")) return;
  const source = await readFile(file, "utf8");
  // Types leave nothing to load, whether the clause or each name says so.
  for (const [, clause = "", from = ""] of source.matchAll(/^(?:import|export) ([^;]*?)from "([^"]+)";/gms)) {
    const names = clause
      .replace(/[{}\s]+/g, " ")
      .split(",")
      .filter((name) => name.trim() !== "");
    if (/^type /.test(clause) || (names.length > 0 && names.every((name) => /^ *type /.test(name)))) continue;
    if (from.startsWith(".")) await loadedBy(join(file, "..", from), seen);
    else if (!from.startsWith("node:")) seen.add(from);
  }
}

test("the list of commands loads a few small files and no package but those that measure text", async () => {
  const seen = new Set<string>();
  await loadedBy(join(PROJECT_DIR, "src/psn.ts"), seen);
  const all = [...seen].map((one) => (one.startsWith("/") ? relative(PROJECT_DIR, one) : one)).toSorted();
  expect(all).toContain("src/cli/post/entries.ts");
  expect(all.filter((one) => !one.endsWith(".ts") && !one.endsWith(".json"))).toEqual([
    "fast-string-width",
    "fast-wrap-ansi",
  ]);
  expect(all.length).toBeLessThan(15);
});

test("a preview without an account, and the help of any command, load no hub", async () => {
  const seen = new Set<string>();
  for (const file of ["_help.ts", "_parse.ts", "post/preview.ts"]) {
    await loadedBy(join(PROJECT_DIR, "src/cli", file), seen);
  }
  for (const heavy of ["drizzle-orm", "pg", "graphile-worker", "@trigger.dev/sdk", "arctic"]) {
    expect([...seen]).not.toContain(heavy);
  }
});

test("the package's list of commands is one file, and says what all of PSN says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "psn-list-"));
  try {
    await buildPrograms(folder);
    const list = await readFile(join(folder, "list.js"), "utf8");
    expect(
      new Bun.Transpiler({ loader: "js" }).scanImports(list).filter(({ kind }) => kind !== "dynamic-import"),
    ).toEqual([]);
    for (const words of [[], ["--help"], ["help"], ["--version"]]) {
      const said = (file: string) => Bun.spawnSync([process.execPath, join(folder, file), ...words]).stdout.toString();
      expect(said("list.js")).toBe(said("main.js"));
      expect(said("list.js").length).toBeGreaterThan(4);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
