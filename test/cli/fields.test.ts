/** A command that takes an option and does not use it makes a promise that it does not keep. None does. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Command, defineCommand, type Entry, flag } from "../../src/cli/_command.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { entries } from "../../src/psn.ts";

/** Refused by their schema whatever they hold, so that people and programs read why. */
const REFUSED = new Set(["quote"]);

const SRC = join(PROJECT_DIR, "src");

/**
 * The fields that a handler leaves alone. It names a field itself (the compiler then refuses one that it does not read), or hands
 * all that it was given, or the rest of it, to code that names it: in its own file, or in the shared file that declares it.
 */
function unusedFields(command: Command, own: string, shared: readonly string[]): string[] {
  const run = command.run.toString();
  const head = run.slice(0, run.search(/\)\s*(=>|\{)/));
  const isHandedOn = /\.\.\.\w+|,\s*\w+$/.test(head);
  return Object.keys(command.input.shape).filter((field) => {
    if (REFUSED.has(field)) return false;
    const name = new RegExp(`\\b${field}\\b`, "g");
    if (name.test(run)) return false;
    return !(isHandedOn && [own, ...shared].some((source) => withoutDeclarations(source).match(name)));
  });
}

/** A source without comments, texts, and the lines that declare fields. */
function withoutDeclarations(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .replace(/"[^"\n]*"|'[^'\n]*'|`[^`]*`/g, '""')
    .replace(/^\s*\w+:\s*(z$|z\.|flag\().*$/gm, "");
}

/** The file of a command, as it is registered, and the files of the command line that it stands on. */
async function sourcesOf({ name }: Entry): Promise<{ own: string; shared: string[] }> {
  for (const list of ["psn.ts", "cli/post/entries.ts"]) {
    const text = await readFile(join(SRC, list), "utf8");
    const file = new RegExp(`name: "${name}",[\\s\\S]*?import\\("([^"]+)"\\)`).exec(text)?.[1];
    if (file === undefined) continue;
    const path = join(SRC, list, "..", file);
    const sources = new Map<string, string>();
    const read = async (one: string) => {
      if (sources.has(one) || !/\/src\/(cli|demo)\//.test(one)) return;
      sources.set(one, await readFile(one, "utf8"));
      for (const [, to = ""] of (sources.get(one) ?? "").matchAll(/from "(\.[^"]+)"/g)) await read(join(one, "..", to));
    };
    await read(path);
    const [own = "", ...shared] = sources.values();
    return { own, shared };
  }
  throw new Error(`${name} is not registered`);
}

test("every field of every command is used by its handler", async () => {
  const unused: string[] = [];
  let seen = 0;
  for (const entry of entries) {
    const command = await entry.load();
    if (!("input" in command)) continue;
    const { own, shared } = await sourcesOf(entry);
    seen += Object.keys(command.input.shape).length;
    unused.push(...unusedFields(command, own, shared).map((field) => `psn ${entry.name}: ${field}`));
  }
  expect(unused).toEqual([]);
  expect(seen).toBeGreaterThan(100);
});

test("one that is left alone is found, whether the rest is handed on or not", () => {
  const answer = z.looseObject({});
  const input = z.object({ id: z.string(), version: z.int().optional(), force: flag("Force") });
  const render = () => "";
  const named = defineCommand({ input, answer, run: async (_io, { id }) => ({ id }), render });
  const source = '  version: z.int(),\n  force: flag("Force"),\n// version and force are ignored\n';
  expect(unusedFields(named, source, [])).toEqual(["version", "force"]);
  // What is named elsewhere does not count where nothing is handed on.
  expect(unusedFields(named, `${source} const { version } = given;`, [])).toEqual(["version", "force"]);
  const handing = defineCommand({ input, answer, run: async (_io, { id, ...rest }) => ({ id, rest }), render });
  expect(unusedFields(handing, source, ["export const read = ({ version }: Given) => version;"])).toEqual(["force"]);
  const whole = defineCommand({ input, answer, run: async (_io, given) => given, render });
  expect(unusedFields(whole, source, [])).toEqual(["id", "version", "force"]);
});

test("names and positions of fields do not clash, and every field says what it is", async () => {
  for (const entry of entries) {
    const command = await entry.load();
    if (!("input" in command)) continue;
    const metas = Object.values(command.input.shape).map((field) => (field as z.ZodType).meta() ?? {});
    const positions = metas.flatMap(({ position }) => (position === undefined ? [] : [position]));
    expect([entry.name, positions.toSorted()]).toEqual([entry.name, positions.map((_, index) => index)]);
    const aliases = metas.flatMap(({ aliases: names = [] }) => names);
    expect(new Set([...aliases, "h"]).size).toBe(aliases.length + 1);
    for (const { description } of metas) expect([entry.name, description ?? ""]).not.toEqual([entry.name, ""]);
  }
});
