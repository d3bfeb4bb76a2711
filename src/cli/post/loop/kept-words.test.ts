/** What an editor has open, told from what was left: by the process, not by its number alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Edit, keptEdits } from "./kept-words.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-kept-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function left(post: string, text: string): Promise<Edit> {
  const edit = await Edit.begin(folder, { post, what: "tweet 0", before: "Old." });
  await writeFile(edit.file, text);
  return edit;
}

test("words that another process has open are not offered; those of an ended one are, also where its pid is another's now", async () => {
  const edit = await left("a", "New.\n");
  const about = JSON.parse(await readFile(join(edit.folder, "about.json"), "utf8"));
  const offered = async (change: object) => {
    await writeFile(join(edit.folder, "about.json"), JSON.stringify({ ...about, ...change }));
    return (await keptEdits(folder, "a")).length;
  };
  expect(await offered({})).toBe(1);
  const other = spawn("sleep", ["600"]);
  const ended = new Promise((resolve) => other.once("exit", resolve));
  try {
    const probe = await left("b", "New.\n");
    // What the other process would have written, had it been PSN.
    const mark = Bun.spawnSync(["sh", "-c", `cat /proc/${other.pid}/stat 2>/dev/null`]).stdout.toString();
    const started =
      process.platform === "linux"
        ? mark.slice(mark.lastIndexOf(")") + 2).split(" ")[19]
        : Bun.spawnSync(["ps", "-o", "lstart=", "-p", String(other.pid)])
            .stdout.toString()
            .trim();
    expect(await offered({ pid: other.pid, mark: started })).toBe(0);
    expect(await offered({ pid: other.pid, mark: "another start" })).toBe(1);
    expect(probe.about.mark).not.toBeNull();
  } finally {
    other.kill("SIGKILL");
    await ended;
  }
  expect(await offered({ pid: other.pid })).toBe(1);
});

test("what holds no words goes, and so does the oldest of more than fifty; a folder that is not read stays", async () => {
  for (let index = 0; index < 52; index++) await left("c", `Number ${index}.\n`);
  await left("d", "Old.\n");
  await writeFile(join(folder, "edits", "note.txt"), "mine");
  expect(await keptEdits(folder, "d")).toEqual([]);
  const kept = await keptEdits(folder, "c");
  expect(await readdir(join(folder, "edits"))).toContain("note.txt");
  expect(kept.length).toBeLessThanOrEqual(50);
  const texts = await Promise.all(kept.map(({ file }) => readFile(file, "utf8")));
  expect(texts).toContain("Number 51.\n");
});
