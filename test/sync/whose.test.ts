/** `psn post sync`: which file is which post, and whose word approves it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { change as changeFile, type SyncHome, soleOf, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

const AHEAD = new Date(Date.now() + 7_200_000).toISOString();

/** A folder of one file; the file is `post.md`. */
async function folderOf(content: string) {
  const dir = await home.newFolder();
  await writeFile(join(dir, "post.md"), content);
  return dir;
}
const sync = async (dir: string, flags: string[] = ["--apply"], env = {}) =>
  soleOf(await home.syncWith(env, dir, ...flags));
const change = (dir: string, from: string | RegExp, to: string) => changeFile(join(dir, "post.md"), from, to);

test("a copy of a synced folder is not its posts while the folder is there, and is when it is gone", async () => {
  const dir = await folderOf("The first.\n");
  const { postId } = await sync(dir);
  const copy = `${dir}-copy`;
  await cp(dir, copy, { recursive: true });
  await change(copy, "first", "copied");
  for (const flags of [[], ["--apply"]]) {
    const told = await sync(copy, flags);
    expect(told).toMatchObject({ kind: "two_files", postId, does: null });
    expect(told.note).toContain(join(dir, "post.md"));
  }
  expect((await home.post(postId)).tweets[0]?.text).toBe("The first.");
  expect((await sync(dir)).kind).toBe("unchanged");
  await rm(dir, { recursive: true });
  expect(await sync(copy)).toMatchObject({ kind: "changed", postId, renamedFrom: "post.md" });
  expect((await home.post(postId)).tweets[0]?.text).toBe("The copied.");
});

test("an id that names no post of the hub: the hint says what to do with the line", async () => {
  const dir = await folderOf("---\nid: 0123456789ab\n---\nOf another hub.\n");
  const { code, note } = await sync(dir);
  expect(code).toBe("POST_UNKNOWN");
  expect(note).toContain("take the line “id: …” out");
  expect(note).toContain("--no-touch");
});

test("a file that says something else than what was taken down at X is not told that it is there", async () => {
  const dir = await folderOf("---\napprove: true\n---\nUp and down.\n");
  const { postId } = await sync(dir);
  await home.psn(["post", "now", postId]);
  await home.psn(["post", "unpublish", postId, "--yes"]);
  expect((await sync(dir)).kind).toBe("unchanged");
  await change(dir, "Up", "Later up");
  const { kind, note } = await sync(dir);
  expect(kind).toBe("published_meanwhile");
  expect(note).toContain("was taken down");
  expect(note).not.toContain("is on X");
});

test("a file that takes its approval back, or names another time, takes its post back; also when it was edited before", async () => {
  const dir = await folderOf(`---\nat: ${AHEAD}\napprove: true\n---\nFirst ${home.count}.\n`);
  const { postId } = await sync(dir);
  await change(dir, "First", "Second");
  await sync(dir);
  expect(await home.post(postId)).toMatchObject({ status: "scheduled", approved: true });
  await change(dir, "approve: true\n", "");
  expect((await sync(dir, [])).does).toContain("back to a draft");
  expect((await sync(dir)).does).toContain("back to a draft");
  expect(await home.post(postId)).toMatchObject({ status: "draft", approved: false });
  // Approved by hand, it waits; another time in the file is a change that nobody has approved.
  await home.psn(["post", "schedule", postId, "--at", AHEAD, "--approve"]);
  expect(await sync(dir)).toMatchObject({ kind: "unchanged" });
  await change(dir, /at: .*/, `at: ${new Date(Date.parse(AHEAD) + 3_600_000).toISOString()}`);
  expect((await sync(dir)).does).toContain("draft again");
  expect(await home.post(postId)).toMatchObject({ status: "draft", approved: false });
});

test("media that were only touched take nothing back that was approved by hand", async () => {
  const dir = await folderOf("---\nmedia: picture.png\n---\nWith a picture.\n");
  const picture = join(dir, "picture.png");
  await cp(join(PROJECT_DIR, "docs/page.png"), picture);
  const { postId } = await sync(dir);
  await home.psn(["post", "schedule", postId, "--at", AHEAD, "--approve"]);
  expect(await home.post(postId)).toMatchObject({ status: "scheduled", approved: true });
  await utimes(picture, new Date(0), new Date(0));
  expect((await sync(dir)).does).not.toContain("draft");
  expect(await home.post(postId)).toMatchObject({ status: "scheduled", approved: true });
});

test("in the mode “person” each sync says what waits for the person, and nothing is approved when the mode is another again", async () => {
  const dir = await folderOf(`---\nat: ${AHEAD}\napprove: true\n---\nBy a person.\n`);
  const person = { PSN_APPROVAL: "person" };
  const { postId } = await sync(dir, ["--apply"], person);
  const waits = await sync(dir, ["--apply"], person);
  expect(waits).toMatchObject({ kind: "unchanged", does: null, note: "It waits for your approval." });
  expect(waits.next.map(({ command }) => command)).toContain(`psn post approve ${postId}`);
  await change(dir, "By", "Seen by");
  expect((await sync(dir, ["--apply"], person)).note).toBe("It waits for your approval.");
  const other = await sync(dir);
  expect(other).toMatchObject({ kind: "differs", does: null });
  expect(await home.post(postId)).toMatchObject({ status: "draft", approved: false });
  expect((await sync(dir, ["--apply", "--overwrite"])).does).toContain("schedules it for");
  expect(await home.post(postId)).toMatchObject({ status: "scheduled", approved: true });
});
