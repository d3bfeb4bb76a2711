/** A follow-up replies to a tweet of the account that is on X already; its parent is looked at right before the send. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { embeddedEngine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { approvePost, createPost, schedulePost } from "../posts/write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.clean());
afterAll(() => stage.close());

const CREATE = { method: "POST", path: "/2/tweets" };

async function published(text: string): Promise<string> {
  const postId = await stage.due([text]);
  const { root } = await stage.untilDone(postId);
  return root.externalPostId ?? "";
}

async function followUp(parentId: string, texts: readonly string[]): Promise<string> {
  const tweets = texts.map((text) => ({ text, separatorAfter: "", media: [] }));
  const metadata = { replyToId: parentId };
  const { postId } = await createPost(stage.hub, { accountId: stage.account.id, tweets, source: "", metadata });
  await approvePost(stage.hub, postId);
  await schedulePost(stage.hub, embeddedEngine, postId, {
    at: new Date(stage.clock.now().getTime() + 1_000),
    timezone: "UTC",
  });
  await stage.pass(1_010);
  return postId;
}

test("a follow-up's first tweet replies to the parent, the rest to each other", async () => {
  const parentId = await published("The thread of yesterday.");
  const { root } = await stage.untilDone(await followUp(parentId, ["One more thing.", "And another."]));
  expect(root.status).toBe("published");
  const [, first, second] = stage.onX();
  expect(first).toMatchObject({ text: "One more thing.", replyToId: parentId });
  expect(second).toMatchObject({ text: "And another.", replyToId: first?.id });
});

test("a lost answer of a follow-up is looked for under its parent, and nothing is sent twice", async () => {
  const parentId = await published("A parent.");
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  const { root } = await stage.untilDone(await followUp(parentId, ["Lost on the way back."]));
  expect(root.status).toBe("published");
  expect(stage.onX().filter(({ text }) => text === "Lost on the way back.")).toHaveLength(1);
});

test("a parent that was deleted after the approval is told, and nothing is sent", async () => {
  const parentId = await published("Gone soon.");
  const postId = await followUp(parentId, ["An answer to nothing."]);
  const { access_token: accessToken } = stage.x.sandbox.signIn(stage.account.handle);
  await stage.platform().deletePost({ accessToken, platformUserId: "" }, parentId);
  const sends = stage.sends();
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "PARENT_GONE" });
  expect(stage.sends()).toBe(sends);
});

test("where X does not answer about the parent, it is sent: X itself refuses a reply to what is gone", async () => {
  const parentId = await published("Still there.");
  stage.x.sandbox.addFault({ kind: "status", status: 503, match: { method: "GET", path: "/2/tweets" }, times: null });
  const { root } = await stage.untilDone(await followUp(parentId, ["Sent all the same."]));
  expect(root.status).toBe("published");
});

test("another parent is another content: what was approved does not cover it", async () => {
  const parentId = await published("First parent.");
  const postId = await followUp(parentId, ["Words under a tweet."]);
  await stage.hub.pool.query(`update psn.posts set metadata = metadata || '{"replyToId":"123"}' where id = $1`, [
    postId,
  ]);
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "CHANGED_SINCE_APPROVAL" });
});
