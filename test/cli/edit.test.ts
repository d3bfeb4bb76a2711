/** What an edit may not do without a word: approve, move a time, lose an image. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { GIF, PNG, type Runner, runnerOf } from "../compose/stage.ts";

let home: TestHome;
let psn: Runner;
let count = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
  await writeFile(join(home.folder, "one.png"), PNG);
});
afterAll(() => home.close());

const later = ["--at", "in 2 hours"];
const fresh = () => `Edited ${++count}.`;

test("scenario 37: a time does not approve a draft: that is said by approve, or by --approve", async () => {
  const { post } = await psn.post("create", fresh());
  const refused = await psn.error("edit", post.id, ...later);
  expect(refused.code).toBe("POST_NOT_APPROVED");
  expect(await psn.code("edit", post.id, "--text", fresh(), ...later)).toBe("POST_NOT_APPROVED");
  expect((await psn.post("show", post.id)).post).toMatchObject({ status: "draft", contentVersion: 1 });
  await psn.post("approve", post.id);
  expect((await psn.post("edit", post.id, ...later)).post.status).toBe("scheduled");

  const other = await psn.post("create", fresh());
  const text = fresh();
  const edited = await psn.post("edit", other.post.id, "--text", text, ...later, "--approve");
  expect(edited.post).toMatchObject({ status: "scheduled", approved: true, tweets: [{ text }] });
  const third = await psn.post("create", fresh());
  expect((await psn.post("edit", third.post.id, "--text", fresh(), "--approve")).post).toMatchObject({
    status: "draft",
    approved: true,
  });
});

test("scenario 37: a file's time that did not change moves nothing, also when it has passed or is told from now", async () => {
  const file = async (text: string, at: string) => {
    await writeFile(join(home.folder, "plan.md"), `---\nat: ${at}\n---\n${text}\n`);
    return ["--file", "plan.md"];
  };
  const { post } = await psn.post("create", ...(await file(fresh(), "in 2 hours")), "--approve");
  const edited = await psn.post("edit", post.id, ...(await file(fresh(), "in 2 hours")), "--approve");
  expect(edited.post.scheduled).toEqual(post.scheduled);
  const moved = await psn.post("edit", post.id, ...(await file(fresh(), "in 3 hours")), "--approve");
  expect(moved.post.scheduled?.utc).not.toBe(post.scheduled?.utc);
  // Moved by hand: the file's old words do not move it back.
  const byHand = await psn.post("schedule", post.id, "--at", "in 5 hours");
  const again = await psn.post("edit", post.id, ...(await file(fresh(), "in 3 hours")), "--approve");
  expect(again.post.scheduled).toEqual(byHand.post.scheduled);
  await home.hub.pool.query(
    `update psn.posts set metadata = jsonb_set(metadata, '{planned,said}', '"2020-01-01 09:00"') where id = $1`,
    [post.id],
  );
  expect(await psn.code("edit", post.id, ...(await file(fresh(), "2020-01-01 09:00")), "--approve")).toBe("done");
  expect(await psn.code("edit", post.id, ...(await file(fresh(), "2020-01-02 09:00")))).toBe("TIME_IN_PAST");
});

test("scenario 38: an image goes neither under other words nor away without a word", async () => {
  const three = `${fresh()}\n---\nTwo.\n---\nThree ${count}.`;
  const { post } = await psn.post("create", three, "--media", "3:one.png");
  const refused = await psn.error("edit", post.id, "--text", fresh());
  expect(refused.code).toBe("MEDIA_WOULD_BE_LOST");
  expect(refused.message).toContain("Tweet 3 has media (one.png)");
  expect((await psn.post("show", post.id)).post.tweets[2]?.media).toHaveLength(1);
  const kept = await psn.post("edit", post.id, "--text", `${fresh()}\n---\nZwei.\n---\nDrei.`);
  expect(kept.post.tweets.map(({ media }) => media.length)).toEqual([0, 0, 1]);
  const given = await psn.post("edit", post.id, "--text", `${fresh()}\n---\nEnd.`, "--media", "2:one.png");
  expect(given.post.tweets.map(({ media }) => media.length)).toEqual([0, 1]);
  const dropped = await psn.post("edit", post.id, "--text", fresh(), "--force");
  expect(dropped.post.tweets.map(({ media }) => media.length)).toEqual([0]);
  // The image of the first tweet has its place however long the thread becomes.
  const first = await psn.post("create", fresh(), "--media", "one.png");
  const longer = await psn.post("edit", first.post.id, "--text", `${fresh()}\n---\nMore.`);
  expect(longer.post.tweets.map(({ media }) => media.length)).toEqual([1, 0]);
});

test("scenario 37: a file's time that has passed keeps nobody from editing the text", async () => {
  const past = async () => {
    await writeFile(join(home.folder, "past.md"), `---\nat: 2020-01-01 09:00\n---\n${fresh()}\n`);
    return ["--file", "past.md"];
  };
  // Its time was never the file's: of a draft, of a scheduled post, and where a time is given beside the file.
  const draft = await psn.post("create", fresh());
  expect(await psn.post("edit", draft.post.id, ...(await past()))).toMatchObject({ changed: ["text"] });
  const waiting = await psn.post("create", fresh(), "--at", "in 2 hours");
  const edited = await psn.post("edit", waiting.post.id, ...(await past()), "--approve");
  expect(edited).toMatchObject({ changed: ["text"], post: { scheduled: waiting.post.scheduled, status: "scheduled" } });
  const moved = await psn.post("edit", waiting.post.id, ...(await past()), "--at", "2027-03-15 09:00", "--approve");
  expect(moved).toMatchObject({ changed: ["text", "time"], was: waiting.post.scheduled });
  const given = await psn.post("create", ...(await past()), "--new", "--at", "2027-03-15 09:00");
  expect(given.post.status).toBe("scheduled");
  expect(await psn.post("edit", given.post.id, ...(await past()), "--approve")).toMatchObject({ changed: ["text"] });
  // Nor does a relative one of a plan whose words were not kept.
  const old = await psn.post("create", fresh(), "--at", "in 2 hours");
  await home.hub.pool.query(
    `update psn.posts set metadata = metadata || '{"planned": {"at": "2027-01-01T00:00:00.000Z", "timezone": "UTC"}}' where id = $1`,
    [old.post.id],
  );
  await writeFile(join(home.folder, "old.md"), `---\nat: in 3 hours\n---\n${fresh()}\n`);
  const kept = await psn.post("edit", old.post.id, "--file", "old.md", "--approve");
  expect(kept.post.scheduled).toEqual(old.post.scheduled);
});

test("scenario 37: an edit of a scheduled post says what it changed, and one that changes nothing writes nothing", async () => {
  const text = fresh();
  const { post } = await psn.post("create", text, "--media", "one.png", "--date", "2027-03-15", "--time", "09:00");
  const changed = async (...args: string[]) => (await psn.post("edit", post.id, ...args, "--approve")).changed;
  const other = fresh();
  expect(await changed("--text", other)).toEqual(["text"]);
  expect(await changed("--media", "one.png", "--alt", "One pixel")).toEqual(["media"]);
  expect(await changed("--reply-settings", "following")).toEqual(["labels"]);
  const moved = await psn.post("edit", post.id, "--date", "2027-03-16", "--time", "09:00");
  expect(moved).toMatchObject({ changed: ["time"], was: post.scheduled, post: { status: "scheduled" } });
  const all = await psn.post(
    "edit",
    post.id,
    "--text",
    text,
    "--media",
    "one.png",
    "--at",
    "2027-03-17 09:00",
    "--approve",
  );
  expect(all).toMatchObject({ changed: ["text", "media", "time"], was: moved.post.scheduled });
  // The same again, after a crash for example, whatever version was shown.
  const version = String(all.post.contentVersion - 1);
  const again = await psn.post("edit", post.id, "--text", text, "--media", "one.png", "--version", version);
  expect(again).toMatchObject({ changed: [], was: null, post: all.post });
  const plain = await psn.post("edit", post.id, "--at", "2027-03-17 09:00");
  expect(plain).toMatchObject({ changed: [], post: { scheduleVersion: all.post.scheduleVersion } });
});

test("scenario 37: a person reads what was changed", async () => {
  const { editCommand } = await import("../../src/cli/post/edit.ts");
  const { makePaint } = await import("../../src/cli/_paint.ts");
  const { post } = await psn.post("create", fresh(), "--date", "2027-03-15", "--time", "09:00");
  const read = async (...args: string[]) =>
    editCommand.render?.(await psn.post("edit", post.id, ...args, "--approve"), makePaint(false)).replace(/\s+/g, " ");
  expect(await read("--text", fresh())).toContain("Changed: the text. It goes out as it is now.");
  expect(await read("--date", "2027-03-16", "--time", "09:00")).toContain(
    "Changed: the time (it was Mon 2027-03-15 09:00",
  );
  expect(await read("--date", "2027-03-16", "--time", "09:00")).toContain("Nothing changed");
});

test("scenario 38: media do not go under other words when the thread keeps its length, nor away beside new media", async () => {
  const n = ++count;
  const tweets = (...words: string[]) => words.map((word) => `${word} ${n}.`).join("\n---\n");
  const { post } = await psn.post(
    "create",
    tweets("A", "B", "C"),
    "--media",
    "1:one.png",
    "--media",
    "2:one.png",
    "--at",
    "in 2 hours",
  );
  const before = (await psn.post("show", post.id)).post;
  // Each shift: the first tweet is dropped, one is put before, two change places.
  for (const shifted of [
    ["B", "C", "D"],
    ["New", "A", "B", "C"],
    ["B", "A", "C"],
    ["A", "C", "B"],
    ["New", "A", "B"],
  ]) {
    const refused = await psn.error("edit", post.id, "--text", tweets(...shifted));
    expect([shifted, refused.code]).toEqual([shifted, "MEDIA_WOULD_MOVE"]);
    expect(refused.details?.tweets).toContainEqual(expect.objectContaining({ tweet: 2, files: ["one.png"] }));
  }
  const lost = await psn.error("edit", post.id, "--text", tweets("A"));
  expect(lost).toMatchObject({ code: "MEDIA_WOULD_BE_LOST", details: { tweets: [{ tweet: 2, files: ["one.png"] }] } });
  await writeFile(join(home.folder, "two.gif"), GIF);
  const partly = await psn.error("edit", post.id, "--media", "3:two.gif");
  expect(partly).toMatchObject({ code: "MEDIA_WOULD_BE_LOST", details: { tweets: [{ tweet: 1 }, { tweet: 2 }] } });
  expect((await psn.post("show", post.id)).post).toEqual(before);

  const media = async (...args: string[]) =>
    (await psn.post("edit", post.id, ...args, "--approve")).post.tweets.map((tweet) =>
      tweet.media.map(({ fileName }) => fileName),
    );
  expect(await media("--text", tweets("A", "B2", "C"))).toEqual([["one.png"], ["one.png"], []]);
  expect(await media("--media", "1:two.gif", "--media", "2:one.png")).toEqual([["two.gif"], ["one.png"], []]);
  expect(await media("--text", tweets("C", "A"), "--force")).toEqual([["two.gif"], ["one.png"]]);
});

test("scenario 38: the numbers of a thread do not hide that its tweets were moved", async () => {
  const n = ++count;
  const tweets = (...words: string[]) => words.map((word) => `${word} ${n}.`).join("\n---\n");
  const { post } = await psn.post("create", tweets("A", "B", "C"), "--numbering", "1/n", "--media", "2:one.png");
  expect(await psn.code("edit", post.id, "--text", tweets("B", "C", "D"))).toBe("MEDIA_WOULD_MOVE");
  expect(await psn.code("edit", post.id, "--text", tweets("X", "Y", "Z"), "--approve")).toBe("done");
});

test("a post is found by any beginning of its id that is its alone, and next leads to what can be done", async () => {
  const { post } = await psn.post("create", fresh());
  const { rows } = await home.hub.pool.query("select id from psn.posts where parent_post_id is null");
  const length = [1, 2, 3, 4, 5].find(
    (chars) => rows.filter(({ id }) => id.startsWith(post.id.slice(0, chars))).length === 1,
  );
  expect((await psn.post("show", post.id.slice(0, length))).post.id).toBe(post.id);
  expect(await psn.code("show", "")).toBe("POST_UNKNOWN");
  const blocked = await psn.post("create", `Both $GOOG and $AAPL, ${fresh()}`);
  expect(blocked.next).toEqual([
    { command: `psn post text ${blocked.post.id} 1 "…"`, effect: "write", needsPerson: false },
  ]);
});
