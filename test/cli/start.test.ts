/** What `psn --help` loads: not the hub, not X, no schema. Whatever it loads, every command waits for. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";

/** The files and packages that a file loads at once, with all that they load. */
async function loadedBy(file: string, seen: Set<string>): Promise<void> {
  if (seen.has(file)) return;
  seen.add(file);
  if (!file.endsWith(".ts")) return;
  const source = await readFile(file, "utf8");
  for (const [, clause = "", from = ""] of source.matchAll(/^(?:import|export) ([^;]*?)from "([^"]+)";/gms)) {
    if (/^type /.test(clause)) continue;
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

test("a command that only composes loads no hub", async () => {
  const seen = new Set<string>();
  await loadedBy(join(PROJECT_DIR, "src/cli/_help.ts"), seen);
  await loadedBy(join(PROJECT_DIR, "src/cli/_parse.ts"), seen);
  for (const heavy of ["drizzle-orm", "pg", "graphile-worker", "@trigger.dev/sdk"]) {
    expect([...seen]).not.toContain(heavy);
  }
});
