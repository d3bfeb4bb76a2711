/** Publishing on a real hub, with the sandbox over real HTTP: threads, lost answers, crashes, refusals. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { gatherNotices } from "../posts/notices.ts";
import { cancelPost, editPost, retryPost, takeNow } from "../posts/write.ts";
import { publishLeased } from "./publish.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.x.sandbox.clearFaults();
  stage.x.sandbox.reset({ keepAccounts: true });
});

const CREATE = { method: "POST", path: "/2/tweets" };

/** The texts that X makes the hardest to recognise. */
const HARD = [
  "1 < 2 && 3 > 2 &amp; &lt;so&gt;",
  "Read https://example.com/a?b=1&c=2#d today",
  "Read Example.com today (or example.org/Path/)",
  "Family 👨‍👩‍👧‍👦 and flags 🇩🇪, cafe\u0301",
  "日本語のツイートexample.jpと、한국어 텍스트",
  "  spaces around, and\na new line  ",
];

function expectChain(texts: readonly string[]) {
  const onX = stage.onX();
  expect(onX.map(({ text }) => text)).toEqual([...texts]);
  expect(onX.map(({ replyToId }) => replyToId)).toEqual(onX.map((_, index) => onX[index - 1]?.id ?? null));
  return onX.map(({ id }) => id);
}

test("scenario 11: a thread goes out in order, each a reply to the one before", async () => {
  const texts = Array.from({ length: 12 }, (_, index) => `Part ${index + 1}: https://example.com/${index}`);
  const postId = await stage.due(texts);
  const result = await stage.run(postId);
  const ids = expectChain(texts);
  expect(result).toEqual({ kind: "published", postId, platformPostIds: ids });
  const { root, tweets } = await stage.post(postId);
  expect(root).toMatchObject({ status: "published", subStatus: null, leaseOwner: null, dueAt: null });
  expect(root.platformPostIds).toEqual(ids);
  expect(tweets.map((tweet) => tweet.externalPostId)).toEqual(ids);
  const { kinds } = await stage.life(postId);
  expect(kinds.filter((kind) => kind === "tweet_posted")).toHaveLength(12);
  expect(kinds.slice(-1)).toEqual(["published"]);
});

const LOST = [
  ["the connection is reset after X acted", { kind: "drop_after" }],
  ["half an answer", { kind: "cut_answer" }],
  ["503 after X acted", { kind: "status", status: 503, acted: true }],
  ["an HTML page after X acted", { kind: "html", status: 502, acted: true }],
  ["201 without an id", { kind: "no_id" }],
] as const;

for (const [name, fault] of LOST) {
  test(`scenario 2: ${name}: the tweet is adopted, without a second POST`, async () => {
    const postId = await stage.due([`A lost answer (${name}) & example.com`]);
    stage.x.sandbox.addFault({ ...fault, match: CREATE });
    expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
    const { root } = await stage.untilDone(postId);
    const [only, ...more] = stage.onX();
    expect(more).toEqual([]);
    expect(root).toMatchObject({ status: "published", platformPostIds: [only?.id ?? ""] });
    expect(stage.sends()).toBe(1);
    expect((await stage.life(postId)).outcomes).toEqual(["adopted"]);
  });
}

for (const text of HARD) {
  test(`scenario 2: X's rendering is recognised: ${JSON.stringify(text)}`, async () => {
    const postId = await stage.due([text]);
    stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
    await stage.run(postId);
    const { root } = await stage.untilDone(postId);
    expect(root.status).toBe("published");
    expect(stage.sends()).toBe(1);
  });
}

test("scenario 2: the first post ever of an account that wrote 300 posts elsewhere is recognised all the same", async () => {
  const busy = await stage.signIn("busy_author");
  const token = stage.x.sandbox.signIn("busy_author").access_token;
  for (let index = 0; index < 130; index++) {
    await fetch(`${stage.x.url}/2/tweets`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ text: `By hand ${index}` }),
    });
    if (index === 99) await stage.pass(16 * 60_000);
  }
  await stage.pass(3 * 60 * 60_000);
  const postId = await stage.due(["Through PSN at last"], { account: busy });
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "posted"]);
});

test("scenario 3: a lost answer in the middle of a thread: the next tweet replies to the recovered one", async () => {
  const texts = ["First & foremost", "Second: example.com", "Third 👋"];
  const postId = await stage.due(texts);
  stage.x.sandbox.addFault({ kind: "drop_after", match: { ...CREATE, bodyIncludes: "Second" } });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  const { root } = await stage.untilDone(postId);
  const ids = expectChain(texts);
  expect(root).toMatchObject({ status: "published", platformPostIds: ids });
  expect(stage.sends()).toBe(3);
});

test("a request that X never saw is sent again only after five minutes of looking", async () => {
  const postId = await stage.due(["Never arrived"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  const before = stage.clock.now().getTime();
  await stage.run(postId);
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
  expect(stage.onX()).toHaveLength(1);
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "posted"]);
  expect(stage.clock.now().getTime() - before).toBeGreaterThanOrEqual(300_000);
  expect(stage.x.sandbox.report().counts["GET /2/users/:id/tweets"]?.received).toBe(4);
});

test("a slow timeline: the tweet shows after two minutes and is adopted", async () => {
  const postId = await stage.due(["Slow to show"]);
  stage.x.sandbox.configure({ timelineLagMs: 110_000 });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  const { root } = await stage.untilDone(postId);
  stage.x.sandbox.configure({ timelineLagMs: 0 });
  expect(root.status).toBe("published");
  expect(stage.sends()).toBe(1);
});

test("the timeline is down: the post stays confirming, is never failed, and nothing is sent", async () => {
  const postId = await stage.due(["Dark timeline"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  const down = stage.x.sandbox.addFault({ kind: "timeline_down", times: null });
  await stage.run(postId);
  for (let round = 0; round < 12; round++) {
    const { root } = await stage.post(postId);
    expect(root).toMatchObject({ status: "retry", subStatus: "confirming" });
    await stage.pass((root.dueAt?.getTime() ?? 0) - stage.clock.now().getTime() + 20);
    await stage.run(postId);
  }
  expect(stage.sends()).toBe(1);
  stage.x.sandbox.clearFaults(down.id);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.onX()).toHaveLength(1);
});

test("pressing retry while PSN is looking does not shorten the looking", async () => {
  const postId = await stage.due(["Impatient"]);
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  await stage.pass(400_000);
  for (let round = 0; round < 6; round++) {
    await retryPost(stage.hub, stage.deps().engine, postId);
    expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  }
  expect(stage.sends()).toBe(1);
});

test("'duplicate' after an unknown outcome is a hint to look, and finds the tweet that came late", async () => {
  const postId = await stage.due(["Came late"]);
  stage.x.sandbox.configure({ timelineLagMs: 400_000 });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  const { root } = await stage.untilDone(postId);
  stage.x.sandbox.configure({ timelineLagMs: 0 });
  expect(root.status).toBe("published");
  expect(stage.onX()).toHaveLength(1);
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "adopted"]);
});

test("a duplicate of another post of the hub is refused with a reason, and at once", async () => {
  await stage.run(await stage.due(["Said before"]));
  const postId = await stage.due(["Said before"]);
  expect(await stage.run(postId)).toMatchObject({ kind: "failed", code: "X_DUPLICATE" });
  // To send the same words again is no advice.
  const notice = (await gatherNotices(stage.hub.db)).find((candidate) => candidate.postId === postId);
  expect(notice?.hint).toContain(`psn post edit ${postId} --text`);
  expect(notice?.hint).not.toContain("psn post retry");
});

test("scenario 12: a refusal in mid-thread stops with thread_partial; the rest is edited and resumed", async () => {
  const postId = await stage.due(["One", "Two", "Three"]);
  stage.x.sandbox.addFault({
    kind: "status",
    status: 403,
    body: {
      title: "Forbidden",
      detail: "You are not permitted to perform this action.",
      type: "about:blank",
      status: 403,
    },
    match: { ...CREATE, bodyIncludes: "Two" },
  });
  const result = await stage.run(postId);
  expect(result).toMatchObject({ kind: "failed", code: "X_NOT_PERMITTED" });
  const partial = (await stage.post(postId)).root;
  expect(partial).toMatchObject({ status: "failed", subStatus: "thread_partial" });
  expect(partial.failReason).toStartWith("Tweet 2/3: ");
  expect(partial.platformPostIds).toHaveLength(1);
  const { engine } = stage.deps();
  const edit = {
    unsentTweets: [
      { text: "Two, shorter", separatorAfter: "", media: [] },
      { text: "Three", separatorAfter: "", media: [] },
    ],
    schedule: { at: new Date(stage.clock.now().getTime() + 1_000), timezone: "UTC" },
  };
  await editPost(stage.hub, engine, postId, edit, { approve: true });
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
  expectChain(["One", "Two, shorter", "Three"]);
});

test("scenario 13: 'not visible' on a reply to one's own fresh tweet: backoff, look, then go on", async () => {
  const postId = await stage.due(["Fresh", "Reply"]);
  stage.x.sandbox.addFault({ kind: "not_visible", match: { ...CREATE, bodyIncludes: "Reply" } });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "retry_1" });
  // One look, in two reads: a page of X's may lack a post that the next shows.
  expect(stage.x.sandbox.report().counts["GET /2/users/:id/tweets"]?.received).toBe(2);
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expectChain(["Fresh", "Reply"]);
});

test("scenario 13: a parent that was deleted on X is recognised, and said", async () => {
  const postId = await stage.due(["Soon gone", "Reply to it"]);
  stage.x.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: { ...CREATE, bodyIncludes: "Reply" } });
  await stage.run(postId);
  const token = stage.x.sandbox.signIn("sandbox_author").access_token;
  await fetch(`${stage.x.url}/2/tweets/${stage.onX()[0]?.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  });
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", subStatus: "thread_partial", failCode: "X_PARENT_MISSING" });
  expect(root.failReason).toContain("no longer on X");
});

test("scenario 7: cancelled, rescheduled, edited: old runs do nothing", async () => {
  const postId = await stage.due(["Old plan"], { inMs: 60_000 });
  const old = (await stage.post(postId)).root.scheduleVersion;
  await cancelPost(stage.hub, stage.deps().engine, postId);
  await stage.pass(61_000);
  const { publishPost } = await import("./publish.ts");
  expect((await publishPost(stage.deps(), { postId, scheduleVersion: old })).kind).toBe("not_ours");
  expect(stage.sends()).toBe(0);
  expect((await stage.post(postId)).root.status).toBe("draft");
});

test("post now publishes in the caller's process under its own lease", async () => {
  const postId = await stage.due(["Not yet"], { inMs: 60_000 });
  const worker = stage.deps();
  const lease = await takeNow(stage.hub, worker.engine, postId, worker.workerId);
  expect((await publishLeased(worker, lease)).kind).toBe("published");
  expect(stage.sends()).toBe(1);
});
