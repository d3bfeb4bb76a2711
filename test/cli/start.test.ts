/** What a command loads before it does anything: whoever calls it waits for that. */
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

test("a list of posts loads the hub, and none of the rooms that it does not look into", async () => {
  const seen = new Set<string>();
  for (const file of ["../psn.ts", "_outcome.ts", "_parse.ts", "post/list.ts"])
    await loadedBy(join(PROJECT_DIR, "src/cli", file), seen);
  const all = [...seen].map((one) => (one.startsWith("/") ? relative(PROJECT_DIR, one) : one));
  expect(all).toContain("src/core/db/connection.ts");
  const rooms = [
    "compose/",
    "core/publish/",
    "core/times/",
    "media/probe/",
    "mcp/",
    "preview/",
    "page/",
    "doctor/",
    "wiring.ts",
  ];
  // What measures a screen's columns, the pure words of a time, and a setting's name: a few lines each.
  const light = ["core/compose/unicode-segments.ts", "core/times/readings.ts", "core/publish/worker-liveness.ts"];
  expect(
    all.filter((one) => rooms.some((room) => one.includes(room)) && !light.some((few) => one.endsWith(few))),
  ).toEqual([]);
  // What only a start of the hub, a migration, S3 or Trigger.dev needs.
  for (const seldom of [
    "embedded/server.ts",
    "embedded/binaries.ts",
    "apply-migrations.ts",
    "s3-backend.ts",
    "trigger.ts",
  ])
    expect(all.filter((one) => one.endsWith(seldom))).toEqual([]);
  expect(all.filter((one) => !one.includes(".")).toSorted()).toEqual([
    "drizzle-orm",
    "drizzle-orm/node-postgres",
    "drizzle-orm/pg-core",
    "fast-string-width",
    "fast-wrap-ansi",
    "pg",
    "zod",
  ]);
});

test("the package opens few files for a list of posts, and what others call is not among them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "psn-chunks-"));
  try {
    await buildPrograms(folder);
    const opened = new Map<string, string>();
    const open = async (file: string) => {
      if (opened.has(file)) return;
      const code = await readFile(join(folder, file), "utf8");
      opened.set(file, code);
      for (const { path, kind } of new Bun.Transpiler({ loader: "js" }).scanImports(code))
        if (path.startsWith("./") && kind !== "dynamic-import") await open(path.slice(2));
    };
    await open("main.js");
    const named = [...opened.values()].map(
      (code) => /import\("\.\/([\w-]+\.js)"\)[^;]{0,40}\.listCommand/.exec(code)?.[1],
    );
    await open(named.find((file) => file !== undefined) ?? "no file has the list");
    expect(opened.size).toBeLessThan(20);
    const code = [...opened.values()].join("\n");
    expect(code).toContain("class BoundedClient");
    for (const others of ["composeThread", "Temporal", "AwsClient", "createTarDecoder", "fileTypeFromBuffer"])
      expect({ others, isThere: code.includes(others) }).toEqual({ others, isThere: false });
  } finally {
    await rm(folder, { recursive: true });
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
