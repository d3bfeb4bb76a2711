/** `psn post sync`: a file that is wrong for one sync and put right by the next leaves its post as it was; what waits for a person is named. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setApprovalMode } from "../../src/core/post/approval-mode.ts";
import { ahead, change, type SyncHome, soleOf, syncedFile, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

const synced = (front: string) => syncedFile(home, front);

/** Of one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** How `psn post failures` and `psn status` name posts. */
async function named() {
  const { json: failures } = await home.psn(["post", "failures"]);
  const { json: status } = await home.psn(["status"]);
  const { posts } = failures as { posts: { postId: string; kind: string }[] };
  return {
    kinds: new Map(posts.map(({ postId, kind }) => [postId, kind])),
    needPerson: (status as { stuck: { needPerson: number } }).stuck.needPerson,
  };
}

/** The file for one sync. What cannot be read leaves the post alone; what says something else, and is refused, holds it back. */
const WRONG: Record<string, [change: (file: string) => string, after: "scheduled" | "draft"]> = {
  "it is empty": [() => "", "scheduled"],
  "it is blanks": [() => " \n\u200b\n", "scheduled"],
  "its words are gone": [(file) => file.slice(0, file.lastIndexOf("First")), "scheduled"],
  "it ends in its front matter": [(file) => file.slice(0, 20), "scheduled"],
  "it is no YAML": [(file) => file.replace(/at: .*/, "at: ["), "scheduled"],
  "its time is no word": [(file) => file.replace(/at: .*/, "at: tomorow"), "draft"],
  "its time has two readings": [(file) => file.replace(/at: .*/, "at: tomorrow at 5"), "draft"],
  "its zone is none": [(file) => file.replace("at:", "timezone: Mars/Base\nat:"), "draft"],
  "its account is not there": [(file) => file.replace("at:", "account: nobody\nat:"), "draft"],
  "its picture is not there": [(file) => file.replace("at:", "media: nowhere.png\nat:"), "draft"],
};

test("a file that is wrong for one sync and put right by the next leaves its post as it was", async () => {
  const dir = await home.newFolder();
  const files = Object.entries(WRONG).map(([why, [change, after]], index) => {
    return { why, change, after, name: `${index}.md`, path: join(dir, `${index}.md`), original: "", postId: "" };
  });
  for (const { path, why } of files) {
    await writeFile(path, `---\nat: ${ahead(2)}\napprove: true\n---\nFirst words, and then ${why}.\n`);
  }
  const made = await home.sync(dir, "--apply");
  for (const one of files) {
    one.original = await readFile(one.path, "utf8");
    one.postId = made.of(one.name)?.postId ?? "";
  }
  const posts = async () => {
    const { rows } = await home.hub.pool.query(
      `select id, status, approved_hash, scheduled_at, content_version from psn.posts where id = any($1) order by id`,
      [files.map(({ postId }) => postId)],
    );
    return rows as { id: string; status: string }[];
  };
  const before = await posts();
  for (const { path, change, original } of files) await writeFile(path, change(original));
  // However often it is synced so.
  for (let round = 0; round < 2; round++) {
    const { of } = await home.sync(dir, "--apply");
    for (const { why, name } of files) expect(of(name)?.kind, why).toBe("problem");
  }
  const during = await posts();
  for (const { why, postId, after } of files) {
    expect(during.find(({ id }) => id === postId)?.status, why).toBe(after);
  }
  const { kinds, needPerson } = await named();
  for (const { why, postId, after } of files) {
    expect(kinds.get(postId) === "unapproved", why).toBe(after === "draft");
  }
  expect(needPerson).toBe(files.filter(({ after }) => after === "draft").length);
  for (const { path, original } of files) await writeFile(path, original);
  const plan = await home.sync(dir);
  const done = await home.sync(dir, "--apply");
  for (const { why, name, after } of files) {
    expect(done.of(name), why).toMatchObject({ code: null, does: plan.of(name)?.does });
    expect(done.of(name)?.kind, why).toBe(after === "draft" ? "changed" : "unchanged");
  }
  expect(await posts()).toEqual(before);
  expect(new Set(Object.values((await home.sync(dir, "--apply")).kinds))).toEqual(new Set(["unchanged"]));
  await home.hub.pool.query("delete from psn.posts");
});

test("a post that waited for its next try goes on when its file, which was refused for one sync, is put right", async () => {
  const { path, postId, sync, post, original } = await synced("approve: true");
  await home.psn(["post", "schedule", postId ?? "", "--at", ahead(1)]);
  await home.hub.pool.query("update psn.posts set status = 'retry', scheduled_at = null where id = $1", [postId]);
  const before = await post();
  await writeFile(path, original.replace("approve", "account: nobody\napprove"));
  expect((await sync("--apply")).does).toContain("back to a draft");
  await writeFile(path, original);
  const plan = await sync();
  expect(plan.does).toBe(`puts post ${postId} back as it was approved: it goes on`);
  expect(await sync("--apply")).toMatchObject({ exit: 0, does: plan.does });
  expect(await post()).toMatchObject({ status: "scheduled", approvedHash: before.approvedHash });
  expect((await sync("--apply")).kind).toBe("unchanged");
  await home.psn(["post", "cancel", postId ?? ""]);
});

test.skipIf(process.getuid?.() === 0)("a file that nobody may read for one sync leaves its post alone", async () => {
  const { path, sync, post } = await synced(`at: ${ahead(2)}\napprove: true`);
  const before = await post();
  await chmod(path, 0);
  expect(await sync("--apply")).toMatchObject({ kind: "problem", code: "TEXT_UNREADABLE" });
  await chmod(path, 0o644);
  expect((await sync("--apply")).kind).toBe("unchanged");
  expect(await post()).toEqual(before);
});

test("what a person approved for a time is that again, also in the mode person; an act in between is its author's newest word", async () => {
  const at = ahead(3);
  const { path, postId, sync, post, original } = await synced(`at: ${ahead(2)}`);
  await home.psn(["post", "schedule", postId, "--at", at, "--approve"]);
  const before = await post();
  expect(before).toMatchObject({ status: "scheduled", scheduledAt: new Date(at) });
  await setApprovalMode(home.hub, "person");
  await writeFile(path, original.replace(/at: .*/, "at: tomorow"));
  await sync("--apply");
  expect((await post()).approvedHash).toBeNull();
  await writeFile(path, original);
  expect((await sync("--apply")).does).toContain("back as it was approved");
  expect(await post()).toEqual(before);
  // Held back once more, and taken in hand meanwhile.
  await writeFile(path, original.replace(/at: .*/, "at: tomorow"));
  await sync("--apply");
  await home.psn(["post", "text", postId, "1", "Other words."]);
  await home.psn(["post", "undo", postId]);
  await writeFile(path, original);
  await sync("--apply");
  expect(await post()).toMatchObject({ status: "draft", approvedHash: null });
  await setApprovalMode(home.hub, "agent");
});

test("nobody takes the place of a file that cannot be read: neither a copy of it nor a new one with its words", async () => {
  const { dir, path, postId, post, original } = await synced(`at: ${ahead(2)}\napprove: true`);
  const before = await post();
  await copyFile(path, join(dir, "copy.md"));
  await writeFile(join(dir, "draft.md"), original.replace(/id: .*\n/, "").replace("approve: true\n", ""));
  await writeFile(path, "---\n[\n---\n");
  const { of } = await home.sync(dir, "--apply");
  expect([of("post.md")?.postId, of("copy.md")?.kind, of("draft.md")?.kind]).toEqual([postId, "two_files", "problem"]);
  await rm(join(dir, "copy.md"));
  await rm(join(dir, "draft.md"));
  await writeFile(path, original);
  expect((await home.sync(dir, "--apply")).kinds).toEqual({ "post.md": "unchanged" });
  expect(await post()).toEqual(before);
});

test("approve: true after the time has passed says so at once, approves nothing, and is named by status", async () => {
  const { path, postId, sync, post, original } = await synced(`at: ${ahead(2)}`);
  await home.hub.pool.query(
    `update psn.posts set metadata = jsonb_set(metadata, '{planned,at}', '"2020-01-01T09:00:00.000Z"') where id = $1`,
    [postId],
  );
  await writeFile(path, original.replace("---\n", "---\napprove: true\n"));
  const plan = await sync();
  expect(plan).toMatchObject({ kind: "past", code: "TIME_IN_PAST" });
  expect(plan.does).not.toContain("approves");
  expect(plan.note).toContain("Wed 2020-01-01 10:00 Europe/Berlin");
  expect(await sync("--apply")).toMatchObject({ kind: "past", does: plan.does });
  expect(await post()).toMatchObject({ status: "draft", approvedHash: null });
  const { kinds, needPerson } = await named();
  expect(kinds.get(postId)).toBe("time_passed");
  expect(needPerson).toBe([...kinds.values()].filter((kind) => kind === "time_passed" || kind === "unapproved").length);
  expect(await sync("--apply")).toMatchObject({ kind: "past", does: null });
  // With a later time it goes out, and is named no more.
  await writeFile(path, (await readFile(path, "utf8")).replace(/at: .*/, `at: ${ahead(4)}`));
  expect((await sync("--apply")).does).toContain(`approves post ${postId} and schedules it`);
  expect((await named()).kinds.get(postId)).not.toBe("time_passed");
});

test("what has a time and will not go out at it is named with its next command, until it waits for it or its author takes it back", async () => {
  const at = ahead(2);
  const of = (id: string) => (posts: Named[]) => posts.find(({ postId }) => postId === id);
  const { postId: cancelled } = await synced(`at: ${at}\napprove: true`);
  await home.psn(["post", "cancel", cancelled]);
  const { postId, sync } = await synced(`at: ${at}`);
  let named = await posts();
  expect(of(cancelled)(named)).toBeUndefined();
  expect(of(postId)(named)).toMatchObject({ kind: "unapproved", reason: expect.stringContaining("It is meant for") });
  // As it says.
  await home.psn(["post", "approve", postId]);
  named = await posts();
  expect(of(postId)(named)?.kind).toBe("unscheduled");
  const { note, next } = await sync("--apply");
  expect(note).toContain("does not wait for its time");
  const command = of(postId)(named)?.next.at(-1)?.command ?? "";
  expect(next.map((one) => one.command)).toEqual([command]);
  expect((await home.psn(command.split(" ").slice(1))).code).toBe(0);
  expect(["no_worker", undefined]).toContain(of(postId)(await posts())?.kind);
  // A file that names no time any more, and what never was for a time.
  const untimed = await synced(`at: ${at}`);
  await untimed.change(/at: .*\n/, "");
  expect((await untimed.sync("--apply")).does).toBe(`gives post ${untimed.postId} the file's time`);
  expect(of(untimed.postId)(await posts())).toBeUndefined();
});

test("in the mode person what waits for a person's yes to a time is named, from a file or from a command", async () => {
  await setApprovalMode(home.hub, "person");
  const { postId } = await synced(`at: ${ahead(2)}\napprove: true`);
  const asked = await home.psn(["post", "create", "For a person.", "--at", "in 3 hours"]);
  expect(asked.json).toMatchObject({ error: { code: "APPROVAL_NEEDED" } });
  const { rows } = await home.hub.pool.query("select id from psn.posts where content = 'For a person.'");
  const named = (await posts()).filter((one) => one.postId === postId || one.postId === rows[0].id);
  expect(named.map(({ kind }) => kind)).toEqual(["unapproved", "unapproved"]);
  const commandOf = (id: string) => named.find((one) => one.postId === id)?.next.at(-1)?.command;
  expect(commandOf(postId)).toBe(`psn post approve ${postId}`);
  expect(commandOf(rows[0].id)).toMatch(new RegExp(`^psn post schedule ${rows[0].id} --at \\S+ --approve$`));
  await setApprovalMode(home.hub, "agent");
});

test("a picture that is not there for one sync leaves its post alone, whoever approved it", async () => {
  for (const front of ["", "\napprove: true"]) {
    const dir = await home.newFolder();
    const path = join(dir, "post.md");
    const picture = join(dir, "picture.png");
    await writeFile(picture, PNG);
    await writeFile(path, `---\nat: ${ahead(2)}${front}\nmedia: picture.png\n---\nWith a picture ${home.count}.\n`);
    const { postId } = soleOf(await home.sync(dir, "--apply"));
    if (front === "") await home.psn(["post", "schedule", postId ?? "", "--approve"]);
    const rows = async () => (await home.hub.pool.query("select * from psn.posts where id = $1", [postId])).rows;
    const before = await rows();
    for (const broken of [null, PNG.subarray(0, 40), PNG.subarray(0, 0)]) {
      await (broken === null ? rm(picture) : writeFile(picture, broken));
      const problem = soleOf(await home.sync(dir, "--apply"));
      expect(problem).toMatchObject({ kind: "problem", does: null, next: [{ command: `psn post cancel ${postId}` }] });
      expect(problem.note).toContain("still to go out as it was");
    }
    await writeFile(picture, PNG);
    expect(soleOf(await home.sync(dir, "--apply"))).toMatchObject({
      code: null,
      does: `notes that post ${postId} is as the file says`,
    });
    expect(await rows()).toEqual(before);
    // With other words it says something else, and nobody wants the old ones sent.
    await change(path, "With a", "Without the");
    await rm(picture);
    await home.sync(dir, "--apply");
    expect(await rows()).toMatchObject([{ status: "draft", approved_hash: null }]);
  }
});

interface Named {
  postId: string;
  kind: string;
  reason: string;
  next: { command: string }[];
}
const posts = async () => ((await home.psn(["post", "failures"])).json as { posts: Named[] }).posts;
