/** A file that is a post already is that post: given again it makes no second one without a word. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLocalTimes } from "../../src/core/utils/zone-clock.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { type Runner, runnerOf } from "../compose/stage.ts";

let home: TestHome;
let psn: Runner;
let count = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn("sandbox_premium");
  await home.signIn();
  psn = runnerOf(home);
  await mkdir(join(home.folder, "notes"));
});
afterAll(() => home.close());

const path = (name: string) => join(home.folder, name);
const fresh = () => `Filed ${++count}.`;
const posts = async () =>
  (await home.hub.pool.query("select count(*)::int as n from psn.posts where parent_post_id is null")).rows[0].n;
const at = ["--date", "2027-03-15", "--time", "09:00"];

/** A file of its own with these words; `front` is its front matter. */
async function file(words = fresh(), front = "", name = `notes/${++count}.md`): Promise<string> {
  await writeFile(path(name), front === "" ? words : `---\n${front}\n---\n${words}\n`);
  return name;
}

test("scenario 40: a mended file given again is the post that it is: the answer names it and the command, and nothing is made", async () => {
  const name = await file("Now heer.");
  const { post } = await psn.post("create", "--file", name, ...at);
  const before = await posts();
  await file("Now here.", "", name);
  const refused = await psn.error("create", "--file", name, ...at);
  expect(refused).toMatchObject({ code: "FILE_IS_POST", details: { postId: post.id, status: "scheduled" } });
  expect(refused.message).toContain(post.id);
  expect(withLocalTimes(refused.message, "Europe/Berlin")).toContain(
    "is scheduled for Mon 2027-03-15 09:00 Europe/Berlin",
  );
  expect(refused.hint).toContain(`once its author approves that: psn post edit ${post.id} --file ${name} --approve`);
  expect(refused.hint).toContain("--new");
  for (const more of [[], ["--now"], ["--approve"], ["--at", "in 2 hours"]]) {
    expect(await psn.code("create", "--file", name, ...more)).toBe("FILE_IS_POST");
  }
  expect(await posts()).toBe(before);
  // The command that it names does what is meant.
  const mended = await psn.post("edit", post.id, "--file", name, "--approve");
  expect(mended.post.tweets.map(({ text }) => text)).toEqual(["Now here."]);
  expect(mended.post.scheduled).toEqual(post.scheduled);
  expect(await psn.code("create", "--file", name, ...at)).toBe("POST_DUPLICATE");
});

test("scenario 40: it is the file that is known, by whatever path, and drafts count as well", async () => {
  const name = await file();
  const { post } = await psn.post("create", "--file", name);
  await symlink(path(name), path("link.md"));
  await symlink(path("notes"), path("folder"));
  const names = [name, path(name), `notes/../${name}`, "link.md", name.replace("notes/", "folder/")];
  for (const other of names) {
    const same = await psn.error("create", "--file", other);
    expect([other, same.code, same.details?.postId]).toEqual([other, "POST_DUPLICATE", post.id]);
    expect(same.hint).toContain(`psn post approve ${post.id}`);
  }
  await file(fresh(), "", name);
  for (const other of names)
    expect([other, await psn.code("create", "--file", other)]).toEqual([other, "FILE_IS_POST"]);
  // Earlier versions kept the path as it was given.
  await home.hub.pool.query(
    "update psn.posts set metadata = metadata || jsonb_build_object('sourceFile', $2::text) where id = $1",
    [post.id, path("link.md")],
  );
  expect(await psn.code("create", "--file", "link.md")).toBe("FILE_IS_POST");
});

test("scenario 40: the quotes of a name fit the shell, and another account, another file and stdin are posts of their own", async () => {
  const name = await file(fresh(), "", "notes/it's a draft.md");
  await psn.post("create", "--file", name);
  await file(fresh(), "", name);
  expect((await psn.error("create", "--file", name)).hint).toContain(`--file 'notes/it'\\''s a draft.md'`);
  expect(await psn.code("create", "--file", name, "--account", "@sandbox_author")).toBe("done");
  expect(await psn.code("create", "--file", await file())).toBe("done");
  const stdin = await home.psn(["post", "create", "-"], { stdin: fresh() });
  const again = await home.psn(["post", "create", "--file", "-"], { stdin: fresh() });
  expect([stdin.code, again.code]).toEqual([0, 0]);
});

test("scenario 40: what is published is said to be, and leads to a copy", async () => {
  const name = await file();
  const { post } = await psn.post("create", "--file", name, "--now");
  const same = await psn.error("create", "--file", name, "--now");
  expect(same.code).toBe("POST_DUPLICATE");
  await file(fresh(), "", name);
  const mended = await psn.error("create", "--file", name, "--now");
  expect(mended).toMatchObject({ code: "FILE_IS_POST", details: { postId: post.id, status: "published" } });
  expect(mended.message).toContain("went out at");
  expect(mended.hint).toContain(`psn post copy ${post.id}`);
  expect(mended.hint).not.toContain("post edit");
});

test("scenario 40: only the time is new: that is a schedule, not a second post", async () => {
  const words = fresh();
  const name = await file(words, "at: 2027-04-03 09:00");
  const { post } = await psn.post("create", "--file", name, "--approve");
  await file(words, "at: 2027-04-04 10:00\ntimezone: Asia/Tokyo", name);
  const refused = await psn.error("create", "--file", name, "--approve");
  expect(refused.code).toBe("POST_DUPLICATE");
  expect(refused.hint).toContain(`psn post schedule ${post.id} --at '2027-04-04 10:00' --timezone Asia/Tokyo`);
  const moved = await psn.post("edit", post.id, "--file", name);
  expect(moved).toMatchObject({ changed: ["time"], was: post.scheduled });
  expect(moved.post.scheduled?.local).toContain("2027-04-04 10:00 Asia/Tokyo");
});

test("scenario 40: an id in the front matter is the post, also of a file that was renamed and changed", async () => {
  const { post } = await psn.post("create", "--file", await file());
  for (const id of [post.id, post.id.slice(0, 9), post.id.toUpperCase()]) {
    const refused = await psn.error("create", "--file", await file(fresh(), `id: ${id}`));
    expect([id, refused.code, refused.details?.postId]).toEqual([id, "FILE_IS_POST", post.id]);
  }
  const name = await file(fresh(), `id: ${post.id}`);
  await rename(path(name), path("renamed.md"));
  const edited = await psn.post("edit", post.id, "--file", "renamed.md");
  expect(edited.changed).toEqual(["text"]);
  // From now on it is known by that path, without its id.
  await file(fresh(), "", "renamed.md");
  expect((await psn.error("create", "--file", "renamed.md")).details?.postId).toBe(post.id);

  const unknown = await psn.error("create", "--file", await file(fresh(), "id: zzzzzzzzzzzz"));
  expect(unknown.code).toBe("POST_UNKNOWN");
  expect(unknown.hint).toContain("id:");
  const other = await psn.post("create", fresh());
  const strange = await psn.error("edit", other.post.id, "--file", await file(fresh(), `id: ${post.id}`));
  expect(strange).toMatchObject({ code: "FILE_IS_POST", details: { postId: post.id } });
});

test("scenario 40: --new makes another post of a file, --force also of the same words, and a key still finds its post", async () => {
  const name = await file();
  const key = ["--idempotency-key", `key of ${name}`];
  const first = await psn.post("create", "--file", name, ...at, ...key);
  expect((await psn.post("create", "--file", name, ...at, ...key)).post.id).toBe(first.post.id);
  expect(await psn.code("create", "--file", name, ...at, "--new")).toBe("POST_DUPLICATE");
  expect(await psn.code("create", "--file", name, ...at, "--force")).toBe("done");
  await file(fresh(), "", name);
  expect(await psn.code("create", "--file", name, ...at)).toBe("FILE_IS_POST");
  expect(await psn.code("create", "--file", name, ...at, "--new")).toBe("done");
  // A draft that was removed is no post any more.
  const gone = await file();
  const { post } = await psn.post("create", "--file", gone);
  await psn.post("delete", post.id).catch(() => null);
  expect(await psn.code("create", "--file", gone)).toBe("done");
});

test("scenario 40: three processes with one file at the same moment make one post", async () => {
  const name = await file();
  const before = await posts();
  const runs = await Promise.all([1, 2, 3].map(() => home.psnProcess(["post", "create", "--file", name])));
  expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
  expect(await posts()).toBe(before + 1);
});
