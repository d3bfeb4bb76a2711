/** What a command answers, whichever way it goes, is what `psn schema` says that it answers. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command, Io } from "../../src/cli/_command.ts";
import { effectOf } from "../../src/cli/_effects.ts";
import { describe } from "../../src/cli/_help.ts";
import { runCommand } from "../../src/cli/_outcome.ts";
import { DryStop, PsnError } from "../../src/core/errors.ts";
import { entries } from "../../src/psn.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { actsOnDraft } from "../../src/testing/draft-acts.ts";
import { ioOf, PNG } from "../compose/stage.ts";
import { misfits } from "./json-schema.ts";

let home: TestHome;
let printed: Map<string, { command: Command; answer: object }>;

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await writeFile(join(home.folder, "picture.png"), PNG);
  await mkdir(join(home.folder, "posts"));
  await writeFile(join(home.folder, "posts", "a.md"), "From a folder.\n");
  printed = new Map();
  for (const entry of entries) {
    const command = await entry.load();
    printed.set(entry.name, { command, answer: describe(entry, command).answer });
  }
});
afterAll(() => home?.close());

/** As a program reads it. */
const asRead = (body: object) => JSON.parse(JSON.stringify(body));

const ioFor = (dryRun: boolean): Io => ({
  ...ioOf(home),
  commands: entries,
  dryRun,
  willWrite: (what) => {
    if (dryRun) throw new DryStop(what);
  },
});

test("a refusal, a refused dry run and one that stopped fit the schema of every command", async () => {
  const refusal = new PsnError("POST_UNKNOWN", "There is none.", { hint: "Look.", details: { id: "x" } });
  for (const [name, { command, answer }] of printed) {
    for (const [dryRun, thrown] of [
      [false, refusal],
      [true, refusal],
      [true, new DryStop("write a file")],
      [false, new TypeError("a bug")],
      [false, Object.assign(new Error("EACCES"), { code: "EACCES", syscall: "mkdir", path: "/x" })],
    ] as const) {
      const run = async () => {
        throw thrown;
      };
      const { body } = await runCommand({ ...command, run }, ioFor(dryRun), {});
      expect(misfits(answer, asRead(body)), name).toEqual([]);
      expect(misfits(answer, { ...body, surprise: 1 }), name).not.toEqual([]);
    }
  }
});

/** Run for good; the others wait for a signal, need a hub of their own, or are run by tests of theirs. */
const NOT_HERE = ["mcp", "worker", "worker install", "sandbox", "sandbox fault", "demo", "backup", "restore"];

test("what a command answers for good fits its schema, and so does its dry run before", async () => {
  const seen = new Set<string>();
  const both = async (...words: string[]) => {
    const name = [2, 1].map((count) => words.slice(0, count).join(" ")).find((one) => printed.has(one)) ?? "";
    const { answer } = printed.get(name) ?? expect.unreachable(name);
    for (const dryRun of effectOf(name)?.effect === "read" ? [false] : [true, false]) {
      const { json } = await home.psn([...words, "--json", ...(dryRun ? ["--dry-run"] : [])]);
      const body = json as { post?: { id: string }; error?: { code: string } };
      expect(misfits(answer, body), words.join(" ")).toEqual([]);
      expect(body.error?.code, words.join(" ")).not.toBe("INTERNAL");
      seen.add(name);
      if (!dryRun) return body;
    }
    return {};
  };
  const made = async (...words: string[]) => (await both("post", "create", ...words)).post?.id ?? "";
  await both("setup");
  const draft = await made("A draft. It has two sentences.\n---\nAnd a second tweet.", "--media", "picture.png");
  const scheduled = await made("It waits.", "--at", "in 3 hours");
  const out = await made("It is out.", "--now");
  await made("It is out.", "--now");
  const lines = [
    ["approval"],
    ["approval", "agent"],
    ["limits", "set", "--day", "50", "--day-posts", "90"],
    ["limits", "show"],
    ["limits", "clear"],
    ["spend"],
    ["spend", "--check"],
    ["agent", "install", "claude"],
    ["doctor"],
    ["status"],
    ["context"],
    ["update"],
    ["completion", "bash"],
    ["config", "get"],
    ["schema"],
    ["schema", "--all"],
    ["schema", "--errors"],
    ["schema", "post", "create"],
    ["when", "tomorrow 9am"],
    ["preview", "Some words."],
    ["trigger", "init", "jobs"],
    ["media", "list"],
    ["media", "verify"],
    ["media", "gc"],
    ["post", "sync", "posts", "--apply"],
    ["post", "reply", out, "More."],
    ["post", "copy", out],
    ["post", "preview", draft],
    ...actsOnDraft(draft),
    ["post", "detach", draft, "1"],
    ["post", "undo", draft],
    ["post", "redo", draft],
    ["post", "approve", draft],
    ["post", "check", draft],
    ["post", "schedule", draft, "--at", "in 5 hours"],
    ["post", "edit", draft, "--text", "Edited."],
    ["post", "cancel", scheduled],
    ["post", "show", out],
    ["post", "list"],
    ["post", "failures"],
    ["post", "now", draft],
    ["post", "now", draft],
    ["post", "retry", draft],
    ["post", "resolve", draft, "1", "--not-posted"],
    ["post", "resume"],
    ["post", "unpublish", out, "--yes"],
    ["post", "delete", scheduled],
    ["account", "list"],
    ["account", "default", "@sandbox_author"],
    ["worker", "status"],
    ["worker", "uninstall"],
    ["hub", "status"],
    ["hub", "start"],
    ["hub", "stop"],
    ["hub", "claim"],
    ["hub", "move", "--to", "embedded"],
    ["keys", "rotate"],
    ["keys", "reset", "--yes"],
    ["account", "remove", "@sandbox_author", "--yes"],
    ["uninstall"],
  ];
  for (const words of lines) await both(...words);
  expect([...printed.keys()].filter((name) => !seen.has(name))).toEqual(NOT_HERE);
}, 120_000);
