/** The contract with programs: one table of errors, one of effects, one file of schemas; none can be forgotten. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import type { z } from "zod";
import { schemasText } from "../../scripts/schemas.ts";
import type { Command } from "../../src/cli/_command.ts";
import { effectOf, nextStep } from "../../src/cli/_effects.ts";
import { EXIT_MEANINGS, errorTable } from "../../src/cli/_errors.ts";
import { cutTo, pathsOf, requirePaths } from "../../src/cli/_fields-cut.ts";
import { parseInput, parseLine } from "../../src/cli/_parse.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { entries } from "../../src/psn.ts";

const read = (path: string) => readFile(join(PROJECT_DIR, path), "utf8");

/** Codes of X's simulated control interface, of the operating system and of Postgres: no command answers them. */
const NOT_ANSWERED =
  /^(E[A-Z]+|ERR_.*|UND_.*|CERT_.*|DEPTH_.*|HPE_.*|\d.*|PSN\d+|SANDBOX_(CROSS_SITE|METHOD|NOT_FOUND))$/;
/** Of a notice beside a post that is fine. */
const NOTICES = new Set(["ALT_TEXT_REFUSED", "CAPTIONS_REFUSED"]);

// One that is missing goes into CODES of src/cli/_errors.ts, under its exit code.
test("every code that PSN throws or stores stands in the table, with its exit code", async () => {
  const known = new Set(errorTable().map(({ code }) => code));
  const missing = new Set<string>();
  let seen = 0;
  for await (const file of new Glob("src/**/*.ts").scan(PROJECT_DIR)) {
    if (/\.test\.ts$|\/testing\/|\/fixtures\//.test(file)) continue;
    for (const [, code = ""] of (await read(file)).matchAll(
      /(?:PsnError\(\s*|\b(?:code|failCode): )"([A-Z0-9_]{4,})"/g,
    )) {
      seen += 1;
      if (!known.has(code) && !NOT_ANSWERED.test(code) && !NOTICES.has(code)) missing.add(code);
    }
  }
  expect([...missing]).toEqual([]);
  expect(seen).toBeGreaterThan(200);
});

// One that is missing goes into TABLE of src/cli/_effects.ts.
test("every command says what it does to the world; what helps is a command that there is", () => {
  const names = entries.map(({ name }) => name);
  expect(names.filter((name) => effectOf(name) === null)).toEqual([]);
  for (const { code, next } of errorTable()) {
    for (const { command } of next) {
      const words = command.split(" ").slice(1);
      expect(names, code).toContain(
        names.find((name) => name === words.slice(0, name.split(" ").length).join(" ")) ?? command,
      );
    }
  }
});

test("what sends, forces, approves or settles a doubt needs a person; a look needs none", () => {
  const of = (command: string) => [nextStep(command).effect, nextStep(command).needsPerson];
  expect(of("psn post show 7k3m")).toEqual(["read", false]);
  expect(of("psn post create --file x.md")).toEqual(["write", false]);
  expect(of("psn post create --file x.md --now")).toEqual(["sends", true]);
  expect(of('psn post edit 7k3m --at="tomorrow 9am"')).toEqual(["sends", true]);
  expect(of("psn post approve 7k3m")).toEqual(["write", true]);
  expect(of("psn post create x --force")).toEqual(["write", true]);
  expect(of("psn post now 7k3m --dry-run")).toEqual(["read", false]);
  for (const command of ["psn hub claim", "psn post resolve 7k3m 1", "psn post now 7k3m", "psn worker"])
    expect(of(command), command).toEqual(["sends", true]);
  // One that is not known is treated as the worst.
  expect(of("psn unheard of")).toEqual(["write", true]);
});

test("docs/agents.md has the exit codes and the errors of the table", async () => {
  const docs = await read("docs/agents.md");
  for (const [exit, meaning] of EXIT_MEANINGS) {
    expect(docs).toContain(`| ${exit} | ${meaning} |`);
  }
});

test("the file of schemas that is in the package is JSON, and has every command with what it takes and answers", async () => {
  const { commands, errors, exitCodes } = JSON.parse(await schemasText());
  expect(commands.map(({ name }: { name: string }) => name)).toEqual(entries.map(({ name }) => name));
  for (const { name, input, answer, effect } of commands) {
    expect([input.type, answer.type, typeof effect], name).toEqual(["object", "object", "string"]);
    expect(answer.required, name).toContain("outcome");
  }
  expect([errors.length > 180, exitCodes["6"]]).toEqual([true, expect.stringContaining("do not send it again")]);
});

test("--input is a command's input as JSON; other fields are typed beside it, none twice, and no field is made up", async () => {
  const create = await entries.find(({ name }) => name === "post create")?.load();
  if (!create) throw new Error("no post create");
  const line = (text: string, ...argv: string[]) =>
    parseLine(create, "post create", [...argv, "--input", "-"], {
      cwd: () => "/",
      readStdin: async () => text,
      signal: new AbortController().signal,
    });
  const { input, dryRun, fields } = await line(
    '{"text":"- bread","force":true}',
    "--poll-minutes",
    "90",
    "--dry-run",
    "--fields",
    "post.id",
  );
  expect(input).toMatchObject({ text: "- bread", force: true, pollMinutes: 90 });
  expect([dryRun, fields]).toEqual([true, [["post", "id"]]]);
  const refused = (text: string, ...argv: string[]) =>
    line(text, ...argv).then(
      () => "taken",
      (error) => `${error.message} ${error.hint}`,
    );
  expect(await refused('{"txt":"x"}')).toContain("Did you mean text");
  expect(await refused('{"text":"a"}', "b", "--now")).toContain("Give text either in --input or as the argument text");
  expect(await refused('{"text":"a","force":true}', "--force")).toContain("Give force either");
  expect(await refused('{"pollMinutes":60}', "--poll-minutes", "60")).toContain("as --poll-minutes, not both");
  expect(await refused('{"text":"a","text":"b"}')).toContain('--input names "text" twice');
  expect(await refused('["x"]')).toContain("one JSON object");
  expect(await refused('{"limit":"many"}')).toContain("--limit takes");
});

test("the commands whose answer is itself a text are named where the rule stands", async () => {
  const loaded = await Promise.all(entries.map(async ({ name, load }) => ({ name, command: await load() })));
  const texts = loaded.filter(({ command }) => command.textWhenPiped).map(({ name }) => name);
  expect(texts.toSorted()).toEqual(["completion", "context", "demo", "mcp"]);
  expect(await read("docs/agents.md")).toContain(
    "Of `completion`, `context`, `demo` and `mcp` the answer is itself a text",
  );
  expect(await read("src/cli/_main.ts")).toContain("completion, context, demo and mcp");
});

test("--fields keeps the paths that are named, and what tells how it went", () => {
  const body = { outcome: "ok", post: { id: "7", status: "draft", tweets: [{ text: "a", url: null }] }, next: [] };
  expect(cutTo(body, pathsOf("post.id,post.tweets.text"))).toEqual({
    outcome: "ok",
    post: { id: "7", tweets: [{ text: "a" }] },
  });
  expect(() => pathsOf("post id")).toThrow("names of the answer's fields");
});

test("a name that no answer of the command has is refused before it runs; what is there in some answers is none", async () => {
  const command = (await entries.find(({ name }) => name === "post create")?.load()) as Command;
  const line = (list: string) => parseInput(command, "post create", ["A text.", "--fields", list]);
  const known = "post.id,post.tweets.text,post.scheduled.utc,next.command,error.code,error.details.cap,wouldSucceed";
  expect(line(known).fields).toHaveLength(7);
  expect(() => line("psot.id")).toThrow('no field "psot"');
  expect(() => line("post.tweets.txt")).toThrow('no field "txt" under post.tweets');
  expect(() => line("post.id.more")).toThrow('no field "more" under post.id');
  for (const { name, load } of entries) {
    const one = await load();
    for (const field of Object.keys((one.answer as z.ZodObject).shape))
      requirePaths(one, name, [[field], ["error", "next", "tool"]]);
  }
});
