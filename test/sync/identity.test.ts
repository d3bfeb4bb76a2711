/** Which file is which post, whatever an author or another program does with the files. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "../compose/stage.ts";
import { type SyncHome, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

const sync = (dir: string, ...flags: string[]) => home.sync(dir, "--apply", ...flags);
const textOf = async (id: string | null | undefined) => (await home.post(id)).tweets[0]?.text;

test("a short word that begins a post's id by chance is another program's, and the post keeps its words", async () => {
  const { json } = await home.psn(["post", "create", "Words that stay.", "--at", "in 3 hours", "--approve"]);
  const { id } = (json as { post: { id: string } }).post;
  for (const [index, word] of [id.slice(0, 1), id.slice(0, 11), id.toUpperCase()].entries()) {
    const dir = await home.newFolder();
    await writeFile(join(dir, "a.md"), `---\nid: "${word}"\n---\nA chapter ${index}.`);
    expect((await sync(dir)).of("a.md")).toMatchObject({ kind: "problem", code: "POST_UNKNOWN" });
    const made = (await sync(dir, "--no-touch")).of("a.md");
    expect(made).toMatchObject({ kind: "new" });
    expect(made?.postId).not.toBe(id);
  }
  const after = await home.post(id);
  expect([after.status, after.tweets[0]?.text]).toEqual(["scheduled", "Words that stay."]);
});

test("a new file where one lay that was moved is a post of its own, and the moved one stays what it was", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "a.md"), `Old words ${home.count}.`);
  const postId = (await sync(dir)).of("a.md")?.postId;
  await rename(join(dir, "a.md"), join(dir, "b.md"));
  await writeFile(join(dir, "a.md"), `Fresh words ${home.count}.`);
  const second = await sync(dir);
  expect(second.of("b.md")).toMatchObject({ kind: "renamed", postId });
  expect(second.of("a.md")).toMatchObject({ kind: "new", code: null });
  expect(await textOf(postId)).toBe(`Old words ${home.count}.`);
  expect(await textOf(second.of("a.md")?.postId)).toBe(`Fresh words ${home.count}.`);
  expect((await sync(dir)).kinds).toEqual({ "a.md": "unchanged", "b.md": "unchanged" });
  // A command that takes the file knows its last place, too.
  const { json } = await home.psn(["post", "create", "--file", join(dir, "b.md")]);
  expect(json).toMatchObject({ error: { code: "POST_DUPLICATE", details: { postId } } });
});

test("two files that change places stay what they are", async () => {
  const dir = await home.newFolder();
  for (const name of ["a", "b"]) await writeFile(join(dir, `${name}.md`), `Words of ${name} ${home.count}.`);
  const { of } = await sync(dir);
  await rename(join(dir, "a.md"), join(dir, "t"));
  await rename(join(dir, "b.md"), join(dir, "a.md"));
  await rename(join(dir, "t"), join(dir, "b.md"));
  const swapped = await sync(dir);
  expect(swapped.of("a.md")).toMatchObject({ kind: "renamed", postId: of("b.md")?.postId });
  expect(swapped.of("b.md")).toMatchObject({ kind: "renamed", postId: of("a.md")?.postId });
  expect(await textOf(of("a.md")?.postId)).toBe(`Words of a ${home.count}.`);
});

test("a folder that is moved with a copy in it: the file that lies as it lay is the post, and the other file is named", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "a.md"), `Words ${home.count}.`);
  await sync(dir);
  await cp(join(dir, "a.md"), join(dir, "b.md"));
  await rename(dir, `${dir}-moved`);
  const { kinds, of } = await sync(`${dir}-moved`);
  expect(kinds).toEqual({ "a.md": "renamed", "b.md": "two_files" });
  expect(of("b.md")?.note).toStartWith("a.md is post");
});

test("a new file where one lay that was moved and copied is a post of its own, whichever of the two is the first", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "a.md"), `Old words ${home.count}.`);
  await sync(dir);
  await cp(join(dir, "a.md"), join(dir, "b.md"));
  await rename(join(dir, "a.md"), join(dir, "c.md"));
  await writeFile(join(dir, "a.md"), `Fresh words ${home.count}.`);
  expect((await sync(dir)).kinds).toEqual({ "a.md": "new", "b.md": "two_files", "c.md": "two_files" });
});

test("a copy in another folder does not take the post from its file, which is there", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "a.md"), `Words ${home.count}.`);
  const postId = (await sync(dir)).of("a.md")?.postId;
  const other = await home.newFolder();
  await cp(join(dir, "a.md"), join(other, "copy.md"));
  const { of } = await sync(other);
  expect(of("copy.md")).toMatchObject({ kind: "two_files", postId });
  expect(of("copy.md")?.note).toContain(`${dir}/a.md`);
  expect((await sync(dir)).kinds).toEqual({ "a.md": "unchanged" });
});

test("a file that cannot be read is a problem, and is not called gone", async () => {
  const dir = await home.newFolder();
  for (const name of ["a", "b"]) await writeFile(join(dir, `${name}.md`), `Words of ${name} ${home.count}.`);
  await sync(dir);
  const text = await readFile(join(dir, "a.md"), "utf8");
  await writeFile(join(dir, "a.md"), text.replace("---\n", "---\nat: [x\n"));
  await writeFile(join(dir, "b.md"), Buffer.concat([await readFile(join(dir, "b.md")), Buffer.from([0xe9])]));
  const { items } = await sync(dir);
  expect(items.map(({ path, kind }) => [path, kind])).toEqual([
    ["a.md", "problem"],
    ["b.md", "problem"],
  ]);
});

test("two syncs at once make one post of each file, and none advises to make another", async () => {
  const dir = await home.newFolder();
  for (let index = 0; index < 12; index++) await writeFile(join(dir, `${index}.md`), `At once ${home.count} ${index}.`);
  const both = await Promise.all([sync(dir), sync(dir)]);
  for (const { items } of both) {
    for (const { code, note } of items)
      expect({ code, hasForce: note?.includes("--force") ?? false }).toEqual({ code: null, hasForce: false });
  }
  const { items } = await sync(dir);
  const ids = new Set(items.map(({ postId }) => postId));
  expect(ids.size).toBe(12);
  for (const { items: told } of both) for (const { postId } of told) if (postId) expect(ids).toContain(postId);
});

test("what another post says already is told without an option that a sync has not", async () => {
  const dir = await home.newFolder();
  for (const name of ["a", "b"])
    await writeFile(join(dir, `${name}.md`), `---\napprove: true\n---\nTwice ${home.count}.`);
  const { of } = await sync(dir);
  expect(of("b.md")).toMatchObject({ kind: "problem", code: "POST_DUPLICATE" });
  expect(of("b.md")?.note).not.toContain("--force");
});

test("a file of media without words can be changed", async () => {
  const dir = await home.newFolder();
  await writeFile(join(dir, "a.png"), PNG);
  await writeFile(join(dir, "m.md"), "---\nmedia: a.png\n---\n");
  await sync(dir);
  const text = await readFile(join(dir, "m.md"), "utf8");
  await writeFile(join(dir, "m.md"), text.replace("a.png", "{ file: a.png, alt: A point }"));
  expect((await sync(dir)).kinds).toEqual({ "m.md": "changed" });
  expect((await sync(dir)).kinds).toEqual({ "m.md": "unchanged" });
});

test("the plan tells what carrying it out would refuse", async () => {
  const dir = await home.newFolder();
  const refused = {
    "empty.md": ["", "TEXT_EMPTY"],
    "account.md": ['---\naccount: "@nobody"\n---\nWords.', "ACCOUNT_UNKNOWN"],
    "media.md": ["---\nmedia: gone.png\n---\nWords.", "MEDIA_UNREADABLE"],
    "tweet.md": ["---\nmedia: { file: tweet.md, tweet: 9 }\n---\nWords.", "USAGE"],
    "long.md": ["Words.\n---\n".repeat(501), "POST_TOO_MANY_TWEETS"],
  } as const;
  for (const [name, [text]] of Object.entries(refused)) await writeFile(join(dir, name), text);
  const codes = (await home.sync(dir)).items.map(({ path, kind, code }) => [path, `${kind} ${code}`]);
  expect(Object.fromEntries(codes)).toEqual(
    Object.fromEntries(Object.entries(refused).map(([name, [, code]]) => [name, `problem ${code}`])),
  );
});

test("an id without a value, however YAML writes it, is none: the file is a new post, and its id is written in that place", async () => {
  const dir = await home.newFolder();
  const values = [
    "",
    "null",
    "Null",
    "NULL",
    "~",
    '""',
    "''",
    '"  "',
    "null # of the template",
    "# none yet",
    '"null"',
  ];
  for (const [index, value] of values.entries()) {
    const id = value === "" ? "id:" : `id: ${value}`;
    await writeFile(join(dir, `${index}.md`), `---\ntitle: A\n${id}\ntags: [x]\n---\nEmpty id ${index}.\n`);
  }
  const { items, exit } = await home.sync(dir, "--apply");
  expect([exit, items.map(({ kind }) => kind)]).toEqual([0, values.map(() => "new")]);
  for (const { path, postId } of items) {
    expect(await readFile(join(dir, path), "utf8")).toContain(`title: A\nid: ${postId}\ntags: [x]\n`);
  }
  expect(new Set(Object.values((await home.sync(dir, "--apply")).kinds))).toEqual(new Set(["unchanged"]));
  await writeFile(join(dir, "other.md"), "---\nid: ~\n---\nGiven to create.\n");
  expect((await home.psn(["post", "create", "--file", join(dir, "other.md")])).code).toBe(0);
});
