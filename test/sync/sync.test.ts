/** `psn post sync`: a folder of Markdown as an author or an agent meets it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPsn } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";
import { change, type SyncHome, soleOf, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

test("a plan first, which changes nothing; --apply makes drafts and writes the ids; again there is nothing to do", async () => {
  const dir = await home.newFolder();
  const note = "---\ntags: [a]\ntitle: Mine\n---\nAn Obsidian note.\n";
  await writeFile(join(dir, "note.md"), note);
  await writeFile(join(dir, "plain.md"), "Plain words.\n");
  const plan = await home.sync(dir);
  expect(plan).toMatchObject({
    exit: 0,
    applied: false,
    items: [{ kind: "new", foreign: ["tags", "title"] }, { kind: "new" }],
  });
  expect(await readFile(join(dir, "note.md"), "utf8")).toBe(note);
  expect(await home.sync(dir, "--apply", "--dry-run")).toMatchObject({ exit: 0, applied: false });
  expect(await readFile(join(dir, "note.md"), "utf8")).toBe(note);
  const done = await home.sync(dir, "--apply");
  expect(done.applied).toBe(true);
  const [first, second] = done.items;
  expect(await readFile(join(dir, "note.md"), "utf8")).toBe(note.replace("---\n", `---\nid: ${first?.postId}\n`));
  expect(await readFile(join(dir, "plain.md"), "utf8")).toBe(`---\nid: ${second?.postId}\n---\nPlain words.\n`);
  expect(await home.post(first?.postId)).toMatchObject({ status: "draft", approved: false });
  expect((await home.sync(dir, "--apply")).kinds).toEqual({ "note.md": "unchanged", "plain.md": "unchanged" });
});

test("scenario 40: a mended file is the same post, and of a scheduled one the change waits for approval", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "essay.md"), "---\nat: in 2 hours\napprove: true\n---\nFirst words.\n");
  const { postId } = soleOf(await home.sync(dir, "--apply"));
  expect(await home.post(postId)).toMatchObject({ status: "scheduled", approved: true });
  const written = await readFile(join(dir, "essay.md"), "utf8");
  await writeFile(join(dir, "essay.md"), written.replace("First", "Better").replace("approve: true\n", ""));
  expect((await home.sync(dir, "--apply")).kinds).toEqual({ "essay.md": "changed" });
  const after = await home.post(postId);
  expect(after).toMatchObject({ status: "draft", approved: false, tweets: [{ text: "Better words." }] });
  // Its time is still its plan.
  expect(after).toHaveProperty("planned.utc");
});

test("a file that names no time any more leaves its post scheduled, and each sync says so", async () => {
  const dir = await home.newFolder();
  const path = join(dir, "timed.md");
  await writeFile(path, `---\nat: in 2 hours\napprove: true\n---\nTimed ${home.count}.\n`);
  const { postId } = soleOf(await home.sync(dir, "--apply"));
  await change(path, "at: in 2 hours\n", "");
  for (const kind of ["changed", "unchanged"]) {
    const [item] = (await home.sync(dir, "--apply")).items;
    expect(item).toMatchObject({ kind, next: [{ command: `psn post cancel ${postId}` }] });
    expect(item?.note).toContain("still to go out");
  }
  expect((await home.post(postId)).status).toBe("scheduled");
});

test("renamed, copied and removed files are told; nothing is deleted", async () => {
  const dir = await home.newFolder();
  for (const name of ["one", "two", "three"])
    await writeFile(join(dir, `${name}.md`), `Words of ${name} ${home.count}.`);
  const { items } = await home.sync(dir, "--apply");
  await mkdir(join(dir, "sub"));
  await rename(join(dir, "one.md"), join(dir, "sub/moved.md"));
  await writeFile(join(dir, "two copy.md"), await readFile(join(dir, "two.md")));
  await rm(join(dir, "three.md"));
  const told = await home.sync(dir, "--apply");
  expect(told.kinds).toEqual({
    "sub/moved.md": "renamed",
    "two copy.md": "two_files",
    "two.md": "unchanged",
    "three.md": "gone",
  });
  expect(told.of("sub/moved.md")?.renamedFrom).toBe("one.md");
  for (const { postId } of items) expect((await home.post(postId)).status).toBe("draft");
});

test("a file whose post is on X, or was edited elsewhere, is not taken for the other; --overwrite takes the file", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "sent.md"), "Goes out.");
  await writeFile(join(dir, "edited.md"), "Edited elsewhere.");
  const { of } = await home.sync(dir, "--apply");
  const idOf = (path: string) => of(path)?.postId ?? "";
  await home.psn(["post", "now", idOf("sent.md"), "--approve"]);
  await home.psn(["post", "edit", idOf("edited.md"), "--text", "By hand."]);
  await change(join(dir, "sent.md"), "Goes out", "Changed");
  expect((await home.sync(dir, "--apply")).kinds).toEqual({ "edited.md": "differs", "sent.md": "published_meanwhile" });
  expect((await home.post(idOf("edited.md"))).tweets[0]?.text).toBe("By hand.");
  await home.sync(dir, "--apply", "--overwrite");
  expect((await home.post(idOf("edited.md"))).tweets[0]?.text).toBe("Edited elsewhere.");
  expect(home.onX().filter((text) => text === "Goes out." || text === "Changed.")).toEqual(["Goes out."]);
});

test("a time that has passed, and a file that cannot be read, are told beside those that are synced", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "late.md"), "---\nat: 2020-01-01T09:00:00Z\n---\nToo late.");
  await writeFile(join(dir, "broken.md"), "---\nat: [\n---\nBroken.");
  await writeFile(join(dir, "good.md"), `Good ${home.count}.`);
  const { exit, error, kinds } = await home.sync(dir, "--apply");
  expect(kinds).toEqual({ "broken.md": "problem", "good.md": "new", "late.md": "past" });
  expect({ exit, error: error?.code }).toEqual({ exit: 3, error: "SYNC_PROBLEMS" });
});

test("--no-touch leaves every byte, and another program's id; a file moved with its words is known again", async () => {
  const dir = await home.newFolder();
  const zettel = "---\nid: 202611280900\n---\nA Zettel.\n";
  await writeFile(join(dir, "zettel.md"), zettel);
  expect((await home.sync(dir, "--apply")).kinds).toEqual({ "zettel.md": "problem" });
  const [item] = (await home.sync(dir, "--apply", "--no-touch")).items;
  expect(await readFile(join(dir, "zettel.md"), "utf8")).toBe(zettel);
  expect(JSON.parse(await readFile(join(dir, ".psn-sync.json"), "utf8"))).toEqual({
    version: 1,
    files: { "zettel.md": item?.postId },
  });
  await rename(join(dir, "zettel.md"), join(dir, "z2.md"));
  // Its own id hides it from what the hub noted; the words tell.
  const again = await home.sync(dir, "--apply", "--no-touch");
  expect(again.of("z2.md")).toMatchObject({ kind: "renamed", postId: item?.postId });
});

test("--watch takes a file when its editor is done with it", async () => {
  const dir = await home.newFolder();
  const watching = startPsn(["post", "sync", dir, "--apply", "--watch"], { env: home.env, cwd: home.folder });
  try {
    await until(() => watching.log().includes("Watching"));
    await writeFile(join(dir, "fresh.md"), "Fresh words.");
    await until(async () => (await readFile(join(dir, "fresh.md"), "utf8")).startsWith("---\nid: "));
  } finally {
    await watching.stop();
  }
});
