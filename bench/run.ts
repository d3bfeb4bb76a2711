/** `npm run bench -- NAME [--json]`: one measurement, as a table or as JSON. Never part of the tests. */
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchResult, isBenchFile, printResult } from "./_print.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const names = (await readdir(folder)).filter(isBenchFile).map((file) => file.replace(/\.ts$/, ""));
const [name, ...flags] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`error USAGE  npm run bench -- NAME [--json], where NAME is one of: ${names.join(", ")}\n`);
  process.exit(1);
}
const bench = (await import(`./${name}.ts`)) as { run(options: { json: boolean }): Promise<BenchResult> };
const json = flags.includes("--json");
printResult(await bench.run({ json }), json);
