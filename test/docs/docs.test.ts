/**
 * The docs' command blocks: each is shell that parses, each psn in it is a command that there is with options that it has, and what can
 * run here does. A block marked `sh skip` needs a network, an install or a service, and is read for its syntax alone.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Glob } from "bun";
import { flagsOf, GLOBAL_FIELDS } from "../../src/cli/_flags.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { entries } from "../../src/psn.ts";
import { PSN, type TestHome, testHome } from "../../src/testing/cli.ts";

interface Block {
  file: string;
  /** What stands behind the fence: `sh`, `sh skip`. */
  info: string;
  lines: string[];
}

let home: TestHome;
const files: string[] = [];
const blocks: Block[] = [];
beforeAll(async () => {
  const found = ["*.md", "docs/*.md", "docs/guides/*.md"].flatMap((glob) => [...new Glob(glob).scanSync(PROJECT_DIR)]);
  for (const file of found.toSorted()) {
    files.push(file);
    const text = await readFile(join(PROJECT_DIR, file), "utf8");
    for (const [, , info = "", body = ""] of text.matchAll(/^( *)```(sh[a-z ]*)\n([\s\S]*?)^ *```$/gm)) {
      blocks.push({ file, info, lines: body.split("\n").map((line) => line.trim()) });
    }
  }
  home = await testHome();
  await home.signIn();
  await copyFile(join(PROJECT_DIR, "examples/essay.txt"), join(home.folder, "essay.md"));
  await mkdir(join(home.folder, "posts"));
  await writeFile(join(home.folder, "posts/essay.md"), "A post from a folder.\n");
});
afterAll(() => home.close());

test("every block is shell that can be read", () => {
  expect(blocks.length).toBeGreaterThan(8);
  for (const { file, lines } of blocks) {
    const script = lines.join("\n");
    const { status, stderr } = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
    expect({ file, script, status, stderr }).toMatchObject({ status: 0 });
  }
});

/** The psn calls of a line: two stand side by side where space is dear. */
function callsOf(line: string): string[][] {
  const words = line.replace(/\s#.*$/, "").match(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g) ?? [];
  const calls: string[][] = [];
  for (const word of words) {
    if (/(^|\/)psn$/.test(word)) calls.push([]);
    else if (/^(&&|\|\||\||;)$/.test(word)) calls.push(["--"]);
    else calls.at(-1)?.push(word.replace(/^["']|["']$/g, ""));
  }
  return calls.filter(([first]) => first !== "--");
}

test("each psn of the docs is a command that there is, with options that it has", async () => {
  let seen = 0;
  for (const { file, lines } of blocks) {
    for (const call of lines.flatMap(callsOf)) {
      const name = [2, 1]
        .map((count) => call.slice(0, count).join(" "))
        .find((words) => entries.some((entry) => entry.name === words));
      if (call.length === 0 || call[0]?.startsWith("-")) continue;
      expect({ file, call, isThere: name !== undefined }).toMatchObject({ isThere: true });
      const command = await entries.find((entry) => entry.name === name)?.load();
      if (!command) continue;
      const known = [...flagsOf(command.input), ...flagsOf(GLOBAL_FIELDS)].map((flag) => `--${flag.name}`);
      for (const word of call.filter((one) => /^--[a-z]/.test(one))) {
        expect([...known, "--help"], `${file}: psn ${call.join(" ")}`).toContain(word.split("=")[0] ?? "");
      }
      seen += 1;
    }
  }
  expect(seen).toBeGreaterThan(60);
});

/** Of these every word is given, and nothing waits for a person, a browser or a clock. */
const RUNNABLE =
  /^psn (preview|post (create "|list|failures)|status|when|account list|config get|update|hub status|doctor|worker status)/;
const WAITS = /--open|--png|--file posts|--watch|@acme|ID/;

test("what can run here runs: previews, posts to the sandbox, lists", async () => {
  // Of several that differ in their words alone one is enough.
  const lines = new Map(
    blocks
      .filter(({ info }) => info === "sh")
      .flatMap(({ lines }) => lines)
      .map((line) => line.replace(/\s#.*$/, "").trim())
      .filter((line) => RUNNABLE.test(line) && !WAITS.test(line) && callsOf(line).length === 1)
      .filter((line) => !/--media|--at/.test(line))
      .map((line) => [line.replace(/"[^"]*"/g, '""'), line]),
  );
  expect(lines.size).toBeGreaterThan(8);
  const bin = dirname(PSN);
  for (const line of lines.values()) {
    const env = { ...home.env, PATH: `${bin}:${home.env.PATH}` } as Record<string, string>;
    const child = Bun.spawn(["sh", "-c", line], { cwd: home.folder, env, stdout: "pipe", stderr: "pipe" });
    const [said, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    // What doctor finds is no fault of the docs: no file of a configuration is here.
    if (!line.startsWith("psn doctor")) expect({ line, code, said }).toMatchObject({ code: 0 });
  }
  expect(home.onX().length).toBeGreaterThan(0);
});

test("every link between the docs leads somewhere", async () => {
  for (const file of files) {
    const text = await readFile(join(PROJECT_DIR, file), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      expect({ file, target, isThere: existsSync(resolve(PROJECT_DIR, dirname(file), target)) }).toMatchObject({
        isThere: true,
      });
    }
  }
});
