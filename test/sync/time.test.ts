/** `psn post sync`: a post that waits for its time, and a file that says another time, other words, or what its author undid by hand. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ahead, type SyncHome, syncedFile, syncHome } from "./stage.ts";

let home: SyncHome;
beforeAll(async () => {
  home = await syncHome();
});
afterAll(() => home.close());

const synced = (front: string) => syncedFile(home, front);

/** As if its time had come some seconds ago. */
async function passTime(postId: string, status: string) {
  await home.hub.pool.query(
    `update psn.posts
     set status = $2,
       due_at = psn.now() + interval '10 minutes',
       scheduled_at = case when $2 = 'scheduled' then psn.now() - interval '40 seconds' end,
       metadata = jsonb_set(metadata, '{planned,at}', to_jsonb(to_char((psn.now() - interval '40 seconds') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
     where id = $1`,
    [postId, status],
  );
}

test("scenario 40: words mended while the post waits past its time are taken, and the old ones are approved no more", async () => {
  for (const status of ["retry", "scheduled"]) {
    const { postId, sync, change, post } = await synced(`at: ${ahead(2)}\napprove: true`);
    await passTime(postId, status);
    await change("First", "Mended");
    const plan = await sync();
    expect(plan).toMatchObject({ kind: "changed", code: null, exit: 0 });
    const done = await sync("--apply");
    expect(done).toMatchObject({ kind: "changed", code: null, exit: 0, does: plan.does });
    expect(done.does).toContain("approves it");
    expect(await post()).toMatchObject({ status, approved: true, content: `Mended words ${home.count}.` });
    expect((await sync("--apply")).kind).toBe("unchanged");
    await home.psn(["post", "cancel", postId]);
  }
});

test("a file whose time moves into the past takes its post back to a draft, with its words, and says so as past", async () => {
  for (const [from, words] of [
    ["scheduled", "First"],
    ["retry", "Other"],
  ] as const) {
    const { postId, sync, change, post } = await synced(`at: ${ahead(2)}\napprove: true`);
    if (from === "retry") await home.hub.pool.query("update psn.posts set status = 'retry' where id = $1", [postId]);
    await change(/at: .*/, "at: 2020-01-01T09:00:00Z");
    await change("First", words);
    const plan = await sync();
    expect(plan).toMatchObject({ kind: "past", code: "TIME_IN_PAST", exit: 0 });
    expect(plan.does).toContain("it is a draft again");
    expect((await post()).status).toBe(from);
    expect(await sync("--apply")).toMatchObject({ kind: "past", does: plan.does });
    const after = { status: "draft", approved: false, scheduledAt: null, content: `${words} words ${home.count}.` };
    expect(await post()).toMatchObject(after);
    expect(await sync("--apply")).toMatchObject({ kind: "past", does: null });
    if (from === "retry") continue;
    // With a later time it is what the file says.
    const later = ahead(3);
    await change(/at: .*/, `at: ${later}`);
    expect((await sync("--apply")).does).toContain(" and schedules it for");
    expect(await post()).toMatchObject({ status: "scheduled", approved: true, scheduledAt: new Date(later) });
  }
});

test("an edit that is refused keeps no old words going out: the post is a draft again, and is told with the reason", async () => {
  const { sync, change, post } = await synced(`at: ${ahead(2)}\napprove: true`);
  await change("First", `${"long".repeat(200)} First`);
  await change(/at: .*/, "at: tomorrow at 5");
  const plan = await sync();
  expect(plan).toMatchObject({ kind: "problem", code: "TIME_AMBIGUOUS", exit: 3 });
  expect(plan.does).toContain("back to a draft");
  expect((await post()).status).toBe("scheduled");
  expect(await sync("--apply")).toMatchObject({ kind: "problem", code: "TIME_AMBIGUOUS", does: plan.does });
  expect(await post()).toMatchObject({ status: "draft", approved: false });
  expect(await sync("--apply")).toMatchObject({ kind: "problem", does: null });
  await change(/at: .*/, `at: ${ahead(4)}`);
  expect((await sync("--apply")).does).toContain("schedules it for");
});

test("a file that cannot be read any more is no removed file, and its post is named with the command that keeps it back", async () => {
  const { postId, sync, change } = await synced(`at: ${ahead(2)}\napprove: true`);
  await change(/at: .*/, "at: [");
  const told = await sync("--apply");
  expect(told).toMatchObject({ kind: "problem", postId });
  expect(told.note).toContain("still to go out");
  expect(told.next).toMatchObject([{ command: `psn post cancel ${postId}` }]);
  await home.psn(["post", "cancel", postId]);
});

test("a post that was rescheduled by hand is told, keeps its time through an edit of words, and --overwrite takes the file's", async () => {
  const [mine, theirs] = [ahead(2), ahead(5)];
  const { postId, sync, change, post } = await synced(`at: ${mine}\napprove: true`);
  await home.psn(["post", "schedule", postId, "--at", theirs]);
  const told = await sync("--apply");
  expect(told).toMatchObject({ kind: "differs", does: null });
  expect(told.note).toContain("rescheduled by hand");
  expect(told.next.some(({ command }) => command.includes("--overwrite"))).toBe(true);
  await change("First", "Mended");
  const edited = await sync("--apply");
  expect(edited.does).toContain("stays scheduled for");
  expect(edited.note).toContain("rescheduled by hand");
  expect(await post()).toMatchObject({
    approved: true,
    scheduledAt: new Date(theirs),
    content: `Mended words ${home.count}.`,
  });
  expect((await sync("--overwrite")).does).toContain(`schedules post ${postId} for`);
  await sync("--apply", "--overwrite");
  expect((await post()).scheduledAt).toEqual(new Date(mine));
  expect(await sync("--apply", "--overwrite")).toMatchObject({ kind: "unchanged", note: null });
});

test("a post that was cancelled by hand is told, and is not scheduled again by an edit of its words", async () => {
  const at = ahead(2);
  const { postId, sync, change, post } = await synced(`at: ${at}\napprove: true`);
  await home.psn(["post", "cancel", postId]);
  const told = await sync("--apply");
  expect(told).toMatchObject({ kind: "differs", does: null });
  expect(told.note).toContain("cancelled by hand");
  await change("First", "Mended");
  const plan = await sync();
  expect(plan.does).not.toContain("schedules");
  expect(plan.note).toContain("cancelled by hand");
  await sync("--apply");
  expect(await post()).toMatchObject({ status: "draft", scheduledAt: null, content: `Mended words ${home.count}.` });
  // Another time in the file is its author's newest word.
  const later = ahead(3);
  await change(/at: .*/, `at: ${later}`);
  expect((await sync("--apply")).does).toContain(`schedules post ${postId} for`);
  expect(await post()).toMatchObject({ status: "scheduled", scheduledAt: new Date(later) });
  await home.psn(["post", "cancel", postId]);
  await sync("--apply", "--overwrite");
  expect(await post()).toMatchObject({ status: "scheduled", scheduledAt: new Date(later) });
});

test("that a post is still to go out without a time in its file is said only where it is so", async () => {
  const { sync, change, post } = await synced(`at: ${ahead(2)}\napprove: true`);
  await change(/at: .*\n/, "");
  await change("approve: true\n", "");
  await change("First", "Other");
  const plan = await sync();
  expect(plan).toMatchObject({ kind: "changed", note: null });
  expect(plan.does).toContain("it is a draft again");
  await sync("--apply");
  expect(await post()).toMatchObject({ status: "draft", approved: false });
});
