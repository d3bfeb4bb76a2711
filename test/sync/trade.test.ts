/** `psn post sync`: files that take each other's words; and what a plan says of a file, done as it says. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { schedulePost } from "../../src/core/posts/write.ts";
import { embeddedEngine } from "../../src/engines/embedded.ts";
import { ahead, change, type SyncHome, soleOf, syncedFile, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

/** A folder of files for a time, by name with what each says beside it. */
async function folderOf(fronts: Record<string, string>) {
  const dir = await home.newFolder();
  const at = ahead(3);
  const pathOf = (name: string) => join(dir, `${name}.md`);
  for (const [name, front] of Object.entries(fronts)) {
    await writeFile(pathOf(name), `---\nat: ${at}${front}\n---\n${dir}, words ${name}.\n`);
  }
  const { of } = await home.sync(dir, "--apply");
  const idOf = (name: string) => of(`${name}.md`)?.postId ?? "";
  return {
    dir,
    at,
    idOf,
    /** Each file gets the words of another one. */
    async take(takes: Record<string, string>) {
      for (const [name, from] of Object.entries(takes)) await change(pathOf(name), `words ${name}`, `words ${from}`);
    },
    async post(name: string) {
      const { rows } = await home.hub.pool.query(
        `select status, content, approved_hash is not null as approved, scheduled_at as at from psn.posts where id = $1`,
        [idOf(name)],
      );
      return rows[0];
    },
  };
}

const APPROVED = "\napprove: true";

test("two files that trade their words, a ring of three, and some that take what others leave: one plan, one sync", async () => {
  const takes = { a: "b", b: "a", c: "d", d: "e", e: "c", f: "g", g: "h", h: "new" };
  const { dir, at, take, post } = await folderOf(
    Object.fromEntries(Object.keys(takes).map((name) => [name, APPROVED])),
  );
  await take(takes);
  const plan = await home.sync(dir);
  expect(plan.items.map(({ code }) => code)).toEqual(plan.items.map(() => null));
  const done = await home.sync(dir, "--apply");
  expect(done.exit).toBe(0);
  expect(done.items.map(({ does }) => does)).toEqual(plan.items.map(({ does }) => does));
  for (const [name, from] of Object.entries(takes)) {
    const content = `${dir}, words ${from}.`;
    expect(await post(name)).toEqual({ status: "scheduled", content, approved: true, at: new Date(at) });
  }
  expect(new Set(Object.values((await home.sync(dir, "--apply")).kinds))).toEqual(new Set(["unchanged"]));
});

test("a ring of posts that all wait for their next try gets its words in one sync, and each goes on", async () => {
  const takes = { a: "b", b: "c", c: "a" };
  const { dir, take, idOf, post } = await folderOf({ a: APPROVED, b: APPROVED, c: APPROVED });
  const past = ahead(-1);
  // Their time has come, and X took none of them.
  await home.hub.pool.query(
    `update psn.posts
     set status = 'retry',
         sub_status = 'rate_limited',
         scheduled_at = $2,
         due_at = psn.now() + interval '10 minutes',
         metadata = jsonb_set(metadata, '{planned,at}', to_jsonb($3::text))
     where id = any($1)`,
    [Object.keys(takes).map(idOf), past, past],
  );
  await take(takes);
  const plan = await home.sync(dir);
  expect(plan.items.map(({ code }) => code)).toEqual([null, null, null]);
  const done = await home.sync(dir, "--apply");
  expect(done.exit).toBe(0);
  expect(done.items.map(({ does }) => does)).toEqual(plan.items.map(({ does }) => does));
  for (const { does } of done.items) expect(does).toMatch(/; it goes on( waiting for its next try)?$/);
  for (const [name, from] of Object.entries(takes)) {
    expect(await post(name)).toMatchObject({
      // The one that was set aside is due at once.
      status: name === "a" ? "scheduled" : "retry",
      content: `${dir}, words ${from}.`,
      approved: true,
    });
  }
  expect(new Set(Object.values((await home.sync(dir, "--apply")).kinds))).toEqual(new Set(["unchanged"]));
});

test("words that go from a post to another take no approval with them, and a time by hand stays", async () => {
  const { dir, idOf, take, post } = await folderOf({ a: "", b: "", c: APPROVED, d: APPROVED });
  const at = new Date(ahead(5));
  for (const name of ["a", "b", "c", "d"]) {
    await schedulePost(home.hub, embeddedEngine, idOf(name), { at, timezone: "UTC" }, { approve: true });
  }
  await take({ a: "b", b: "a", c: "d", d: "c" });
  expect((await home.sync(dir, "--apply")).exit).toBe(0);
  for (const [name, from] of [
    ["a", "b"],
    ["b", "a"],
  ] as const) {
    expect(await post(name)).toEqual({ status: "draft", content: `${dir}, words ${from}.`, approved: false, at: null });
  }
  for (const [name, from] of [
    ["c", "d"],
    ["d", "c"],
  ] as const) {
    expect(await post(name)).toEqual({ status: "scheduled", content: `${dir}, words ${from}.`, approved: true, at });
  }
});

test("taking approve: true out says so, and not that the text was replaced", async () => {
  const { postId, sync, change: changed } = await syncedFile(home, `at: ${ahead(2)}\napprove: true`);
  await changed("approve: true\n", "");
  const plan = await sync();
  expect(plan).toMatchObject({
    does: `takes post ${postId} back to a draft, which waits for approval`,
    note: "Its file does not approve it any more.",
  });
  expect(await sync("--apply")).toMatchObject({ does: plan.does, note: plan.note });
  const { rows } = await home.hub.pool.query(
    "select note from psn.post_events where post_id = $1 order by id desc limit 1",
    [postId],
  );
  expect(rows).toEqual([{ note: "Its file does not approve it any more; it waits for approval." }]);
  await changed("---\n", "---\napprove: true\n");
  expect((await sync("--apply")).does).toStartWith(`approves post ${postId} and schedules it for`);
});

test("of what is on X the file's other words become a post of their own as the note says", async () => {
  for (const flags of [[], ["--no-touch"]]) {
    const dir = await home.newFolder();
    await writeFile(join(dir, "sent.md"), `Sent ${flags}.\n`);
    const { postId } = soleOf(await home.sync(dir, "--apply", ...flags));
    await home.psn(["post", "now", postId, "--approve"]);
    const sent = await readFile(join(dir, "sent.md"), "utf8");
    const other = sent.replace("Sent", "Said, too,");
    await writeFile(join(dir, "sent.md"), other);
    const { kind, note } = soleOf(await home.sync(dir, "--apply", ...flags));
    expect(kind).toBe("published_meanwhile");
    expect(note).toContain("save it under another name without the line “id: …”");
    await writeFile(join(dir, "other.md"), other.replace(/id: .*\n/, ""));
    await writeFile(join(dir, "sent.md"), sent);
    const { of, kinds } = await home.sync(dir, "--apply", ...flags);
    expect(kinds).toEqual({ "other.md": "new", "sent.md": "unchanged" });
    expect(of("other.md")?.postId).not.toBe(postId);
  }
});
