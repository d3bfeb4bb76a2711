/** Each command as a process of its own, once: most tests run it in theirs, which finds all but what a process alone has. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodeOf } from "../../src/cli/_errors.ts";
import { entries } from "../../src/psn.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { actsOnDraft } from "../../src/testing/draft-acts.ts";
import { PNG } from "../compose/stage.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await writeFile(join(home.folder, "picture.png"), PNG);
  await mkdir(join(home.folder, "posts"));
  await writeFile(join(home.folder, "posts", "a.md"), "From a folder.\n");
});
afterAll(() => home?.close());

/** Where the processes of the others are. */
const ELSEWHERE: Record<string, string[]> = {
  "test/walk/agent.test.ts": [
    "setup",
    "post create",
    "post approve",
    "when",
    "post schedule",
    "post edit",
    "post cancel",
    "sandbox fault",
    "post now",
    "post show",
    "post failures",
    "post retry",
  ],
  "test/doctor": ["doctor", "config get", "update", "uninstall", "agent install", "hub start"],
  "test/cli/completion.test.ts": ["completion"],
  "test/cli/bad-input.test.ts": ["post list", "sandbox"],
  "test/cli/stuck.test.ts": ["worker"],
  "test/engines": ["worker install", "worker uninstall", "worker status", "trigger init", "hub stop"],
  "test/agents/mcp.test.ts": ["mcp"],
  "test/demo": ["demo"],
  "test/hub": ["hub claim", "backup", "restore"],
  "test/security": ["status", "preview", "hub move", "keys rotate"],
};

/** What these are answered here. */
const REFUSED: Record<string, string> = {
  "hub status": "HUB_NOT_EMBEDDED",
  "keys reset": "KEY_FROM_ENVIRONMENT",
  "post check": "POST_STATUS",
  "post resolve": "POST_SETTLED",
};

test("each command that no other test starts answers in a process of its own, and ends as it answers", async () => {
  const made = async (...args: string[]) =>
    ((await home.psn(["post", "create", ...args])).json as { post: { id: string } }).post.id;
  const draft = await made("A draft. It has two sentences.\n---\nAnd a second tweet.");
  const out = await made("It is out.", "--now");
  const lines = [
    ["schema", "post create"],
    ["context", "--json"],
    ["approval"],
    ["spend"],
    ["limits", "set", "--day-posts", "90"],
    ["limits", "show"],
    ["limits", "clear"],
    ["hub", "status"],
    ["account", "list"],
    ["account", "default", "@sandbox_author"],
    ["keys", "reset", "--dry-run"],
    ["post", "sync", "posts"],
    ["post", "preview", draft],
    ...actsOnDraft(draft),
    ["media", "list"],
    ["media", "verify"],
    ["media", "gc"],
    ["post", "detach", draft, "1"],
    ["post", "undo", draft],
    ["post", "redo", draft],
    ["post", "check", out],
    ["post", "reply", out, "More."],
    ["post", "copy", out],
    ["post", "resolve", out, "1", "--not-posted"],
    ["post", "unpublish", out, "--yes"],
    ["post", "resume"],
    ["post", "delete", draft, "--yes"],
    ["account", "remove", "@sandbox_author", "--yes"],
  ];
  for (const line of lines) {
    const { code, json, stderr } = await home.psnProcess(line);
    const { error } = json as { error?: { code: string } };
    expect({ line, stderr, error: error?.code ?? "none" }).toEqual({
      line,
      stderr: "",
      error: REFUSED[line.slice(0, 2).join(" ")] ?? "none",
    });
    expect(code, line.join(" ")).toBe(error ? exitCodeOf(error.code) : 0);
  }
  const started = [...lines.map((line) => line.join(" ")), ...Object.values(ELSEWHERE).flat()];
  const isStarted = (name: string) => started.some((line) => line === name || line.startsWith(`${name} `));
  expect(entries.map(({ name }) => name).filter((name) => !isStarted(name))).toEqual([]);
});
