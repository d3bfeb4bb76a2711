/** What an edit may not do without a word: approve, move a time, lose an image. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG, type Runner, runnerOf } from "../compose/stage.ts";

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

test("a time does not approve a draft: that is said by approve, or by --approve", async () => {
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

test("a file's time that did not change moves nothing, also when it has passed or is told from now", async () => {
  const file = async (text: string, at: string) => {
    await writeFile(join(home.folder, "plan.md"), `---\nat: ${at}\n---\n${text}\n`);
    return ["--file", "plan.md"];
  };
  const { post } = await psn.post("create", ...(await file(fresh(), "in 2 hours")), "--approve");
  const edited = await psn.post("edit", post.id, ...(await file(fresh(), "in 2 hours")));
  expect(edited.post.scheduled).toEqual(post.scheduled);
  const moved = await psn.post("edit", post.id, ...(await file(fresh(), "in 3 hours")));
  expect(moved.post.scheduled?.utc).not.toBe(post.scheduled?.utc);
  // Moved by hand: the file's old words do not move it back.
  const byHand = await psn.post("schedule", post.id, "--at", "in 5 hours");
  const again = await psn.post("edit", post.id, ...(await file(fresh(), "in 3 hours")));
  expect(again.post.scheduled).toEqual(byHand.post.scheduled);
  await home.hub.pool.query(
    `update psn.posts set metadata = jsonb_set(metadata, '{planned,said}', '"2020-01-01 09:00"') where id = $1`,
    [post.id],
  );
  expect(await psn.code("edit", post.id, ...(await file(fresh(), "2020-01-01 09:00")))).toBe("done");
  expect(await psn.code("edit", post.id, ...(await file(fresh(), "2020-01-02 09:00")))).toBe("TIME_IN_PAST");
});

test("an image goes neither under other words nor away without a word", async () => {
  const three = `${fresh()}\n---\nTwo.\n---\nThree ${count}.`;
  const { post } = await psn.post("create", three, "--media", "3:one.png");
  const refused = await psn.error("edit", post.id, "--text", fresh());
  expect(refused.code).toBe("MEDIA_WOULD_MOVE");
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

test("a post is found by any beginning of its id that is its alone, and next leads to what can be done", async () => {
  const { post } = await psn.post("create", fresh());
  const { rows } = await home.hub.pool.query("select id from psn.posts where parent_post_id is null");
  const length = [1, 2, 3, 4, 5].find(
    (chars) => rows.filter(({ id }) => id.startsWith(post.id.slice(0, chars))).length === 1,
  );
  expect((await psn.post("show", post.id.slice(0, length))).post.id).toBe(post.id);
  expect(await psn.code("show", "")).toBe("POST_UNKNOWN");
  const blocked = await psn.post("create", `Both $GOOG and $AAPL, ${fresh()}`);
  expect(blocked.next).toBe(`psn post text ${blocked.post.id} 1 "…"`);
});
