/** `psn post reply`: a follow-up to a tweet of one's own, as a person or an agent writes it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SANDBOX_HANDLE } from "../../src/sandbox/types.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await home.signIn("sandbox_premium");
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; status: string; account: string; tweets: { externalPostId: string; url: string }[] };
  error: { code: string; message: string; hint: string };
  changes: { kind: string; message: string }[];
}
async function psn(...args: string[]): Promise<Answer & { code: number }> {
  const { json, code } = await home.psn(["post", ...args]);
  return { ...(json as Answer), code };
}
const posts = () => home.sandbox.sandbox.report().accounts[SANDBOX_HANDLE]?.posts ?? [];

test("a reply goes under the last tweet of a thread, named by its post or by the tweet's address", async () => {
  const { post: thread } = await psn("create", "One.\n---\nTwo.", "--now");
  const last = thread.tweets[1];
  const byPost = await psn("reply", thread.id, "The next day.", "--now");
  expect(byPost.post.status).toBe("published");
  expect(posts().at(-1)).toMatchObject({ text: "The next day.", replyToId: last?.externalPostId });
  await psn("reply", last?.url ?? "", "And by its address.", "--now");
  expect(posts().at(-1)).toMatchObject({ text: "And by its address.", replyToId: last?.externalPostId });
});

test("reply_to in front matter is the same, and at a time", async () => {
  const { post: parent } = await psn("create", "A parent.", "--now");
  await writeFile(join(home.folder, "next.md"), `---\nreply_to: ${parent.id}\nat: in 2 hours\n---\nAfter it.\n`);
  const { post } = await psn("create", "--file", "next.md", "--approve");
  expect(post).toMatchObject({ status: "scheduled", labels: { replyToId: parent.tweets[0]?.externalPostId } });
});

test("another account's tweet is refused with X's rule, before anything is written", async () => {
  const { post: other } = await psn("create", "Of the other account.", "--now", "--account", "@sandbox_premium");
  const id = other.tweets[0]?.externalPostId ?? "";
  const own = ["--account", `@${SANDBOX_HANDLE}`];
  // What the address says is judged in a dry run, too; a number alone is X's to judge.
  for (const [named, ...dry] of [
    [`https://x.com/sandbox_premium/status/${id}`],
    [`https://x.com/sandbox_premium/status/${id}`, "--dry-run"],
    [id],
  ] as const) {
    const refused = await psn("reply", named ?? "", "Hi!", ...own, ...dry);
    expect(refused.error).toMatchObject({ code: "REPLY_NOT_ALLOWED" });
    expect(refused.error.hint).toContain("February 2026");
    expect(refused.code).toBe(3);
  }
});

test("a parent that is gone, or not published yet, is told when it is named and before the approval", async () => {
  const gone = await psn("reply", "1234567890123456789", "To nothing.");
  expect(gone.error).toMatchObject({ code: "PARENT_GONE", hint: expect.not.stringContaining("psn post edit") });
  const { post: draft } = await psn("create", "Not yet.");
  expect((await psn("reply", draft.id, "Too early.")).error.code).toBe("POST_NOT_PUBLISHED");
  const { post: parent } = await psn("create", "Here for a moment.", "--now");
  const { post } = await psn("reply", parent.id, "A reply that waits.");
  const id = parent.tweets[0]?.externalPostId ?? "";
  const { access_token: accessToken } = home.sandbox.sandbox.signIn(SANDBOX_HANDLE);
  await fetch(`${home.sandbox.url}/2/tweets/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect((await psn("approve", post.id)).error).toMatchObject({
    code: "PARENT_GONE",
    hint: expect.stringContaining(`psn post edit ${post.id} --reply-to none`),
  });
  expect((await psn("edit", post.id, "--text", "Other words.", "--approve")).error).toMatchObject({
    code: "PARENT_GONE",
  });
  const edited = await psn("edit", post.id, "--reply-to", "none", "--approve");
  expect(edited.post).toMatchObject({ approved: true, labels: {} } as object);
});

test("a thread of which something was taken down: the last tweet that is there is replied to, and none of what is gone", async () => {
  const { post: thread } = await psn("create", "Stays here.\n---\nTaken down later.", "--now");
  await psn("unpublish", thread.id, "2", "--yes");
  expect((await psn("copy", thread.id)).changes).toContainEqual({
    kind: "taken_down",
    message: "It has tweet 2 again, which you took down.",
  });
  const { post: reply } = await psn("reply", thread.id, "After what stays.", "--at", "in 2 hours", "--approve");
  expect(reply).toMatchObject({ status: "scheduled", labels: { replyToId: thread.tweets[0]?.externalPostId } });
  // Its parent is asked about with the words that go, and with what hangs on them.
  const asked = await psn("unpublish", thread.id);
  expect(asked.error.message).toContain("tweet 1 of post");
  expect(asked.error.message).toContain(`Post ${reply.id}, which waits for its time, replies to it`);
  await psn("unpublish", thread.id, "--yes");
  expect((await psn("reply", thread.id, "Under nothing.")).error.code).toBe("PARENT_GONE");
  const parent = (await psn("copy", reply.id)).changes.find(({ kind }) => kind === "same_parent");
  expect(parent?.message).toContain("was taken down");
});

test("a copy, and what refuses the same words again, tell every time on the author's clock", async () => {
  const { post } = await psn("create", "Said once.", "--now");
  await psn("create", "Meant for later.", "--at", "2027-03-15 09:00", "--timezone", "America/New_York");
  const again = await psn("create", "Meant for later.");
  const copied = await psn("copy", post.id);
  expect(copied.changes.map(({ kind }) => kind)).toEqual(["said_before", "same_as_other"]);
  for (const said of [again.error.message, ...copied.changes.map(({ message }) => message)]) {
    expect(said).toMatch(/ \w{3} \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? Europe\/Berlin \(\+0\d:00\)/);
    expect(said).not.toMatch(/UTC|\dZ|New_York/);
  }
  expect(again.error.message).toContain("Mon 2027-03-15 14:00 Europe/Berlin");
});
