/** `psn post unpublish`: what a person does, and what an agent is told. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

interface Answer {
  post: {
    id: string;
    status: string;
    subStatus: string | null;
    tweets: { url: string | null; deleted: object | null }[];
  };
  stopped: { code: string; left: number[] } | null;
  seen: string;
  error: { code: string; message: string; hint: string };
}
async function psn(...args: string[]): Promise<Answer & { code: number }> {
  const { json, code } = await home.psn(["post", ...args]);
  return { ...(json as Answer), code };
}

test("an agent does not take anything down by itself; with the person's yes it goes, and says what readers keep", async () => {
  const { post } = await psn("create", "To be taken down.\n---\nAll of it.", "--now");
  const asked = await psn("unpublish", post.id);
  expect(asked.error.code).toBe("CONFIRMATION_NEEDED");
  expect(asked.error.message).toContain("cannot be brought back");
  // A dry run asks nobody, and says what follows the yes.
  const { json: dry, code } = await home.psn(["post", "unpublish", post.id, "--dry-run"]);
  expect(dry).toMatchObject({ outcome: "dry_run", wouldSucceed: true, would: "delete it on X" });
  expect(code).toBe(0);
  expect(home.onX()).toHaveLength(2);
  const gone = await psn("unpublish", post.id, "--yes");
  expect(gone).toMatchObject({ code: 0, stopped: null, post: { status: "published", subStatus: "unpublished" } });
  expect(gone.seen).toContain("readers saw");
  expect(gone.post.tweets.every(({ url, deleted }) => url === null && deleted !== null)).toBe(true);
  expect(home.onX()).toEqual([]);
  expect((await psn("delete", post.id)).error.code).toBe("POST_PUBLISHED");
});

test("a lost answer to a deletion, from psn sandbox fault: the tweet is gone, and is taken for gone", async () => {
  const { post } = await psn("create", "Deleted, and the answer is lost.", "--now");
  await home.psn(["sandbox", "fault", "drop_after", "--deletes"]);
  expect(await psn("unpublish", post.id, "--yes")).toMatchObject({ code: 0, post: { subStatus: "unpublished" } });
  const { json: list } = await home.psn(["sandbox", "fault", "list"]);
  // Struck once, as often as it was to.
  expect(list).toMatchObject({ faults: [] });
  for (const wrong of [["no_id"], ["drop_after", "--text", "Deleted"]]) {
    const { json, code } = await home.psn(["sandbox", "fault", ...wrong, "--deletes"]);
    expect([code, (json as Answer).error]).toMatchObject([2, { code: "USAGE" }]);
  }
});

test("half taken down it is named among the failures, with the command that goes on", async () => {
  const { post } = await psn("create", "Stays a while.\n---\nGoes first.", "--now");
  home.sandbox.sandbox.addFault({
    kind: "rate_limited",
    resetSecs: 900,
    match: { method: "DELETE", path: "/2/tweets/*" },
    skip: 1,
  });
  const stopped = await psn("unpublish", post.id, "--yes");
  expect(stopped).toMatchObject({ code: 5, stopped: { code: "X_RATE_LIMITED", left: [1] } });
  const { json } = await home.psn(["post", "failures"]);
  expect(json).toMatchObject({
    posts: [{ postId: post.id, kind: "half_unpublished", needsPerson: true }],
  });
  expect((await psn("reply", post.id, "Under what is going down.")).error.code).toBe("PARENT_GONE");
  const { json: status } = await home.psn(["status"]);
  expect(JSON.stringify(status)).toContain("needs you");
});

test("single tweets are named by their numbers", async () => {
  await home.hub.pool.query("delete from psn.rate_limits");
  const { post } = await psn("create", "Kept.\n---\nDropped.\n---\nDropped, too.", "--now");
  // Perhaps 13 was meant: nothing is deleted.
  expect((await home.psn(["post", "unpublish", post.id, "3", "3", "--yes"])).json).toMatchObject({
    error: { code: "USAGE", message: expect.stringContaining("named twice") },
  });
  expect((await psn("unpublish", post.id, "2", "3")).error.message).toContain("tweets 2, 3 of post");
  expect((await psn("unpublish", post.id, "3")).error.message).toContain("“Dropped, too.”");
  const { post: after } = await psn("unpublish", post.id, "2", "3", "--yes");
  expect(after.subStatus).toBe("partly_unpublished");
  expect(home.onX().filter((text) => /Kept|Dropped/.test(text))).toEqual(["Kept."]);
});

test("a post is taken down where it was published: another host would call it gone", async () => {
  const { post } = await psn("create", "Published elsewhere.", "--now");
  await home.hub.pool.query("update psn.publish_attempts set host = '127.0.0.1:9' where post_id = $1", [post.id]);
  const before = home.onX().length;
  expect(await psn("unpublish", post.id, "--yes")).toMatchObject({ error: { code: "ACCOUNT_ELSEWHERE" } });
  expect(home.onX()).toHaveLength(before);
});
