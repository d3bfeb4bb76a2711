/** `psn post sync`: what carrying a plan out would be refused for, the plan says; and each hint is one for a file. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Answer, change, type SyncHome, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

/** One that the plan and what carries it out read alike, however much time lies between them. */
const AT = new Date(Date.now() + 7_200_000).toISOString();

/** Files that no post can be made of, and the code of each. */
const REFUSED: Record<string, [code: string, content: string]> = {
  "account.md": ["ACCOUNT_UNKNOWN", "---\naccount: nobody_here\n---\nOf an account that is not there.\n"],
  "ambiguous.md": ["TIME_AMBIGUOUS", "---\nat: 2027-10-31 02:30\ntimezone: Europe/Berlin\n---\nTwice on the clock.\n"],
  "blank.md": ["TEXT_EMPTY", " \n\n"],
  "empty.md": ["TEXT_EMPTY", ""],
  "front.md": ["TEXT_EMPTY", "---\ntitle: Mine\n---\n"],
  "gap.md": ["TIME_IN_GAP", "---\nat: 2027-03-28 02:30\ntimezone: Europe/Berlin\n---\nNever on the clock.\n"],
  "media.md": ["MEDIA_UNREADABLE", "---\nmedia: nowhere.png\n---\nWith a picture that is not there.\n"],
  "reply.md": ["POST_UNKNOWN", "---\nreply_to: zzzzzzzzzzzz\n---\nAn answer to nothing.\n"],
  "twin-2.md": ["POST_DUPLICATE", `---\napprove: true\nat: ${AT}\n---\nThe same words.\n`],
};

test("a plan shows what would be refused, with the code that carrying it out has, and hints that a file can follow", async () => {
  const dir = await home.newFolder();
  for (const [name, [, content]] of Object.entries(REFUSED)) await writeFile(join(dir, name), content);
  await writeFile(join(dir, "twin-1.md"), `---\napprove: true\nat: ${AT}\n---\nThe same words.\n`);
  const codesOf = ({ items }: Answer) =>
    Object.fromEntries(items.flatMap(({ path, kind, code }) => (kind === "problem" ? [[path, code]] : [])));
  const wanted = Object.fromEntries(Object.entries(REFUSED).map(([path, [code]]) => [path, code]));
  const plan = await home.sync(dir);
  expect(codesOf(plan)).toEqual(wanted);
  expect(plan.exit).toBe(3);
  expect(await home.sync(dir, "--apply", "--dry-run")).toMatchObject({
    outcome: "dry_run",
    wouldSucceed: false,
    exit: 3,
  });
  const { rows } = await home.hub.pool.query("select from psn.posts");
  expect(rows).toHaveLength(0);
  const done = await home.sync(dir, "--apply");
  expect(codesOf(done)).toEqual(wanted);
  expect(done.items.map(({ path, does, note }) => [path, does, note])).toEqual(
    plan.items.map(({ path, does, note }) => [path, does, path === "twin-2.md" ? expect.anything() : note]),
  );
  for (const { kind, note } of done.items) if (kind === "problem") expect(note).not.toMatch(/(^|\s)--[a-z]/);
  const noteOf = (path: string) => done.of(path)?.note ?? "";
  expect(noteOf("ambiguous.md")).toContain("at: 2027-10-31T02:30:00+02:00 or at: 2027-10-31T02:30:00+01:00");
  expect(noteOf("gap.md")).toContain("at: 2027-03-28T03:30:00+02:00");
  // The hints hold.
  await writeFile(
    join(dir, "gap.md"),
    (REFUSED["gap.md"]?.[1] ?? "").replace(/at: .*/, "at: 2027-03-28T03:30:00+02:00"),
  );
  await change(join(dir, "twin-2.md"), "same", "other");
  const { of } = await home.sync(dir, "--apply");
  for (const path of ["gap.md", "twin-2.md"]) expect(of(path)?.kind).toBe("new");
});

test("a parent that is gone: the hint is a line of the file", async () => {
  const dir = await home.newFolder();
  await writeFile(
    join(dir, "child.md"),
    "---\nreply_to: https://x.com/sandbox_author/status/1234567890123456789\n---\nA child.\n",
  );
  const [item] = (await home.sync(dir, "--apply")).items;
  expect(item).toMatchObject({ kind: "problem", code: "PARENT_GONE" });
  expect(item?.note).toContain("Take reply_to out of the file");
});

test("a parent that was there and is gone: taking reply_to out of the file helps, and a post that failed for it is told until then", async () => {
  const dir = await home.newFolder();
  const path = join(dir, "child.md");
  const { json } = await home.psn(["post", "create", "A parent for a while.", "--now"]);
  const parent = (json as { post: { id: string } }).post.id;
  await writeFile(path, `---\napprove: true\nat: ${AT}\nreply_to: ${parent}\n---\nA child that waits.\n`);
  const [made] = (await home.sync(dir, "--apply")).items;
  const down = await home.psn(["post", "unpublish", parent, "--yes"]);
  expect(down.json).toMatchObject({ followUps: [{ id: made?.postId, status: "scheduled" }] });
  // At once, and not when its time comes.
  const { json: failures } = await home.psn(["post", "failures"]);
  const { posts } = failures as { posts: { postId: string; kind: string; next: { command: string }[] }[] };
  const child = posts.find(({ postId }) => postId === made?.postId);
  expect(child?.kind).toBe("parent_gone");
  expect(child?.next.at(-1)?.command).toBe(`psn post cancel ${made?.postId}`);
  await home.hub.pool.query(
    "update psn.posts set status = 'failed', fail_code = 'PARENT_GONE', due_at = null where id = $1",
    [made?.postId],
  );
  const [failed] = (await home.sync(dir, "--apply")).items;
  expect(failed).toMatchObject({ kind: "unchanged", does: null, note: "It has failed and does not go out." });
  await change(path, "waits", "is left");
  const [refused] = (await home.sync(dir, "--apply")).items;
  expect(refused).toMatchObject({ kind: "problem", code: "PARENT_GONE" });
  expect(refused?.note).toContain("Take reply_to out of the file");
  await change(path, /reply_to: .*\n/, "");
  expect((await home.sync(dir, "--apply")).items).toMatchObject([{ kind: "changed", code: null }]);
  const { rows } = await home.hub.pool.query(
    `select status, approved_hash is not null as approved, metadata ->> 'replyToId' as parent from psn.posts where id = $1`,
    [made?.postId],
  );
  expect(rows).toEqual([{ status: "scheduled", approved: true, parent: null }]);
});
