/** Which tweet on X is which: the author's own, the post's, and another post's that looks the same. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { tinyPng } from "../../../sandbox/testing.ts";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { AccountRow } from "../../accounts/choose.ts";
import type { Platform } from "../../platform.ts";
import { stuckPosts } from "../../posts/stuck.ts";
import { cancelPost, editPost, retryPost } from "../../posts/write.ts";
import { resolveTweet } from "./resolve.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.x.sandbox.clearFaults();
  stage.x.sandbox.configure({ duplicateWindowMs: 0, timelineLagMs: 0 });
});

const MINUTE_MS = 60_000;
const CREATE = { method: "POST", path: "/2/tweets" };
const png = tinyPng();

/** What the author does with the phone. @returns the tweet's id */
async function byHand({ handle }: AccountRow, text: string, withPicture: boolean): Promise<string> {
  const { access_token: accessToken } = stage.x.sandbox.signIn(handle);
  const credentials = { accessToken, platformUserId: stage.x.sandbox.report().accounts[handle]?.id ?? "" };
  const platform = stage.platform();
  const source = {
    mime: "image/png",
    byteLength: png.byteLength,
    read: async (a: number, b: number) => png.slice(a, b),
  };
  const { answer } = await platform.uploadMedia(credentials, source);
  const mediaIds = withPicture && answer.kind === "ready" ? [answer.mediaId] : [];
  const { outcome } = await platform.createPost(credentials, { text, replyToId: null, mediaIds });
  if (outcome.kind !== "posted") throw new Error(outcome.kind);
  return outcome.externalPostId;
}

/** A timeline that does not name the media of its posts. */
function withoutKeys(mediaKeys: (string | null)[]): Platform {
  const real = stage.platform();
  return {
    ...real,
    async ownPosts(...asked) {
      const { answer, meta } = await real.ownPosts(...asked);
      if (answer.kind !== "posts") return { answer, meta };
      const posts = answer.posts.map((post) => ({ ...post, mediaKeys, mediaCount: mediaKeys.length }));
      return { answer: { ...answer, posts }, meta };
    },
  };
}

for (const [text, when] of [
  ["", "before"],
  ["", "after"],
  ["Good morning!", "before"],
  ["Good morning!", "after"],
] as const) {
  test(`scenario 60: the author's own picture from the phone, ${when} the request, with ${text === "" ? "no words" : "the same words"}: it is not taken for the post's`, async () => {
    const account = await stage.signIn(`phone_${when}_${text.length}`);
    let own = "";
    if (when === "before") {
      own = await byHand(account, text, true);
      await stage.pass(30 * MINUTE_MS);
    }
    const postId = await stage.due([{ text, media: [await stage.picture()] }], { account });
    stage.x.sandbox.addFault({ kind: "html", status: 502, acted: false, match: CREATE });
    await stage.run(postId);
    if (when === "after") own = await byHand(account, text, true);
    const { root } = await stage.untilDone(postId);
    expect(root.status).toBe("published");
    expect(root.externalPostId).not.toBe(own);
    expect(
      stage
        .onX(account.handle)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([own, root.externalPostId ?? ""].toSorted());
  });
}

for (const [first, second] of [
  [true, false],
  [false, true],
  [true, true],
  [false, false],
] as const) {
  for (const text of ["", "The same words"]) {
    for (const order of ["in order", "the second first"]) {
      const name = `the first ${first ? "came" : "did not come"}, the second ${second ? "came" : "did not"}`;
      test(`scenario 60: two posts a minute apart, ${text === "" ? "pictures" : "words"}, without answers (${name}), looked for ${order}: each once, each its own`, async () => {
        const account = await stage.signIn(`two_${Number(first)}${Number(second)}_${text.length}_${order.length}`);
        const due = async () =>
          await stage.due([text === "" ? { text, media: [await stage.picture()] } : text], { account });
        stage.x.sandbox.configure({ timelineLagMs: 3 * MINUTE_MS });
        const posts: string[] = [];
        for (const acted of [first, second]) {
          const postId = await due();
          stage.x.sandbox.addFault({ kind: acted ? "drop_after" : "drop_before", match: CREATE });
          await stage.run(postId);
          posts.push(postId);
          await stage.pass(MINUTE_MS);
        }
        const sentIds = stage.onX(account.handle).map(({ id }) => id);
        const turns = order === "in order" ? posts : posts.toReversed();
        for (let minute = 0; minute < 12; minute++) {
          for (const postId of turns) await stage.run(postId);
          await stage.pass(MINUTE_MS);
        }
        const [a, b] = await Promise.all(posts.map(async (postId) => (await stage.post(postId)).root));
        expect([a?.status, b?.status]).toEqual(["published", "published"]);
        expect(stage.onX(account.handle).length).toBe(2);
        if (first) expect(a?.externalPostId).toBe(sentIds[0] ?? "");
        if (second) expect(b?.externalPostId).toBe(sentIds.at(-1) ?? "");
      });
    }
  }
}

for (const keys of [[], [null]] as (string | null)[][]) {
  test(`scenario 60: X shows a post that may be the picture and ${keys.length === 0 ? "no keys" : "a key that cannot be read"}: nothing is sent and nothing adopted`, async () => {
    const account = await stage.signIn(`unknown_${keys.length}`);
    const postId = await stage.due([{ text: "A picture", media: [await stage.picture()] }], { account });
    stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
    const before = stage.sends();
    const blind = stage.deps({ platform: withoutKeys(keys) });
    await stage.run(postId, blind);
    for (let round = 0; round < 12; round++) {
      await stage.pass(10 * MINUTE_MS);
      await stage.run(postId, blind);
    }
    const { root } = await stage.post(postId);
    expect(root).toMatchObject({ status: "retry", subStatus: "confirming", externalPostId: null });
    expect(stage.sends() - before).toBe(1);
    // As soon as X shows them, the post is known.
    expect((await stage.untilDone(postId)).root.status).toBe("published");
    expect(stage.sends() - before).toBe(1);
  });
}

test("scenario 60: what nobody can tell is told its author after the grace, and is still taken up once X shows it", async () => {
  const account = await stage.signIn("told_late");
  const postId = await stage.due([{ text: "A picture", media: [await stage.picture()] }], { account });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  const before = stage.sends();
  const { root } = await stage.untilDone(postId, stage.deps({ platform: withoutKeys([]) }));
  expect([root.status, root.failCode]).toEqual(["failed", "PERHAPS_ON_X"]);
  expect(root.failReason).toContain(`psn post resolve ${postId} 1 --posted ${stage.onX(account.handle)[0]?.id}`);
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toMatchObject([
    { kind: "perhaps_on_x", needsPerson: true, reason: expect.stringContaining(root.failReason ?? "?") },
  ]);
  await stage.run(postId);
  expect((await stage.post(postId)).root.status).toBe("published");
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toEqual([]);
  expect(stage.sends() - before).toBe(1);
});

test("scenario 60: of a post that was cancelled meanwhile its author is told the same, once, and settles it", async () => {
  const account = await stage.signIn("told_cancelled");
  const postId = await stage.due([{ text: "A picture", media: [await stage.picture()] }], { account });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  const before = stage.sends();
  const blind = stage.deps({ platform: withoutKeys([]) });
  await stage.run(postId, blind);
  await cancelPost(stage.hub, blind.engine, postId);
  for (let round = 0; round < 3; round++) {
    await stage.pass(10 * MINUTE_MS);
    await stage.run(postId, blind);
  }
  const shown = stage.onX(account.handle)[0]?.id;
  const [stuck, ...others] = await stuckPosts(stage.hub.db, {}, { postId });
  expect(others).toEqual([]);
  expect(stuck).toMatchObject({ kind: "perhaps_on_x", status: "draft", needsPerson: true });
  expect(stuck?.reason).toContain(`psn post resolve ${postId} 1 --posted ${shown}`);
  expect((await stage.life(postId)).kinds.filter((kind) => kind === "perhaps_on_x")).toHaveLength(1);
  await resolveTweet(blind, postId, { tweet: 1, posted: shown ?? "", by: "the author" });
  expect((await stage.post(postId)).root.status).toBe("published");
  expect(await stuckPosts(stage.hub.db, {}, { postId })).toEqual([]);
  expect(stage.sends() - before).toBe(1);
});

/** A timeline that is slower than the looks, then six hours of a cap that is met by the second try. */
async function slowAndCapped(handle: string, text: string) {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS, timelineLagMs: 10 * MINUTE_MS });
  const account = await stage.signIn(handle);
  const postId = await stage.due([text], { account });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  stage.x.sandbox.addFault({ kind: "rate_limited", window: "user_24h", resetSecs: 6 * 3_600, match: CREATE });
  for (let round = 0; round < 10; round++) {
    const { root } = await stage.post(postId);
    if (root.subStatus === "rate_limited") break;
    await stage.pass(Math.max(0, (root.dueAt?.getTime() ?? 0) - stage.clock.now().getTime()) + 20);
    await stage.run(postId);
  }
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "wait"]);
  return { account, postId };
}

test("scenario 58: a timeline slower than the looks, then a wait of hours: it is looked for once more, and not sent again", async () => {
  const { account, postId } = await slowAndCapped("slow_capped", "Slow to show");
  const { root } = await stage.untilDone(postId);
  const [only] = stage.onX(account.handle);
  expect([root.status, root.externalPostId]).toEqual(["published", only?.id ?? ""]);
  expect(stage.onX(account.handle)).toHaveLength(1);
});

test("scenario 71: after such a wait a timeline that X forbids leaves it to its author, whose word sends it", async () => {
  const { account, postId } = await slowAndCapped("slow_forbidden", "Not to be seen");
  stage.x.sandbox.addFault({ kind: "status", status: 403, match: { path: "/2/users/*/tweets" }, times: null });
  const { root } = await stage.untilDone(postId);
  expect([root.status, root.failCode]).toEqual(["failed", "RECORD_NOT_COMPARED"]);
  expect(stage.onX(account.handle)).toHaveLength(1);
  await retryPost(stage.hub, stage.deps().engine, postId);
  expect((await stage.run(postId)).kind).toBe("published");
});

test("scenario 60: an attempt that an earlier version wrote is known by the uploads of its tweet", async () => {
  const account = await stage.signIn("older");
  const postId = await stage.due([{ text: "", media: [await stage.picture()] }], { account });
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  await stage.run(postId);
  await stage.hub.pool.query("update psn.publish_attempts set media_keys = null where root_id = $1", [postId]);
  const before = stage.sends();
  expect((await stage.untilDone(postId)).root.status).toBe("published");
  expect(stage.sends()).toBe(before);
});

/** X's playground: ids are counted. */
function counting(): Platform {
  const real = stage.platform();
  const toSmall = new Map<string, string>();
  const small = (id: string) => {
    if (!toSmall.has(id)) toSmall.set(id, String(425 + toSmall.size));
    return toSmall.get(id) ?? "";
  };
  return {
    ...real,
    async createPost(...asked) {
      const { outcome, meta } = await real.createPost(...asked);
      return {
        outcome:
          outcome.kind === "posted" ? { kind: "posted", externalPostId: small(outcome.externalPostId) } : outcome,
        meta,
      };
    },
    async ownPosts(credentials, { sinceId, max }, signal) {
      const { answer, meta } = await real.ownPosts(credentials, { sinceId: null, max: 1000 }, signal);
      if (answer.kind !== "posts") return { answer, meta };
      const posts = answer.posts
        .toReversed()
        .map((post) => ({ ...post, id: small(post.id) }))
        .filter(({ id }) => sinceId === null || BigInt(id) > BigInt(sinceId))
        .toReversed()
        .slice(0, max);
      return { answer: { ...answer, posts }, meta };
    },
  };
}

for (const known of [true, false]) {
  test(`scenario 58: ids that are counted (${known ? "and known" : "and none known"}): an answer is lost, the tweet is found and not sent again`, async () => {
    const account = await stage.signIn(`counted_${known}`);
    const worker = stage.deps({ platform: counting() });
    if (known) await stage.run(await stage.due(["Known before"], { account }), worker);
    const postId = await stage.due(["No answer came"], { account });
    stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
    expect((await stage.untilDone(postId, worker)).root.status).toBe("published");
    expect(stage.onX(account.handle).length).toBe(known ? 2 : 1);
  });
}

test("scenario 59: X calls a tweet a duplicate that the hub has no record of: it is looked for before the post fails", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const account = await stage.signIn("forgotten");
  const thread = ["One of it.", "Two of it."];
  const postId = await stage.due(thread, { account });
  const first = await byHand(account, "One of it.", false);
  await stage.pass(20 * MINUTE_MS);
  // A worker was here all the time: X is not compared with the record before the send.
  await stage.hub.pool.query(
    `insert into psn.hub_settings (key, value, updated_at) values ('awake', to_jsonb(psn.now() - interval '1 hour'), psn.now())
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`,
  );
  const before = stage.sends();
  expect((await stage.run(postId)).kind).toBe("published");
  expect((await stage.post(postId)).root.externalPostId).toBe(first);
  expect(stage.onX("forgotten").map(({ text }) => text)).toEqual(thread);
  expect(stage.sends() - before).toBe(2);
});

test("scenario 59: a page of X's lacks the tweet that X calls a duplicate: the next read shows it", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const account = await stage.signIn("left_out");
  const postId = await stage.due(["Not on this page"], { account });
  const own = await byHand(account, "Not on this page", false);
  stage.x.sandbox.addFault({ kind: "timeline_gap", times: null });
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", externalPostId: own });
  stage.x.sandbox.clearFaults();
});

test("scenario 59: what X has is another post's of this hub: the duplicate fails, at once", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const account = await stage.signIn("twice_said");
  expect((await stage.run(await stage.due(["Said once"], { account }))).kind).toBe("published");
  const second = await stage.due(["Said once"], { account });
  expect(await stage.run(second)).toMatchObject({ kind: "failed", code: "X_DUPLICATE" });
  expect(stage.onX("twice_said").length).toBe(1);
});

test("scenario 60: X refuses a picture's words, which the author posted by hand without one: it fails, and names that post", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const account = await stage.signIn("words_alone");
  const postId = await stage.due([{ text: "Words alone", media: [await stage.picture()] }], { account });
  const own = await byHand(account, "Words alone", false);
  const { root } = await stage.untilDone(postId);
  expect(root).toMatchObject({ status: "failed", failCode: "X_DUPLICATE", externalPostId: null });
  expect(root.failReason).toContain(`https://x.com/i/status/${own}`);
  expect(stage.onX("words_alone").length).toBe(1);
});

test("scenario 59: the account's posts cannot be read when X says duplicate: it waits, and is adopted later", async () => {
  stage.x.sandbox.configure({ duplicateWindowMs: 60 * MINUTE_MS });
  const account = await stage.signIn("unreadable");
  const postId = await stage.due(["Said already"], { account });
  const own = await byHand(account, "Said already", false);
  await stage.pass(20 * MINUTE_MS);
  stage.x.sandbox.addFault({ kind: "timeline_down" });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  expect((await stage.untilDone(postId)).root).toMatchObject({ status: "published", externalPostId: own });
});

test("scenario 60: a picture whose words were edited after a lost request has an upload of its own", async () => {
  const account = await stage.signIn("edited");
  const media = [await stage.picture()];
  const postId = await stage.due([{ text: "First words", media }], { account });
  stage.x.sandbox.addFault({ kind: "drop_before", match: CREATE });
  await stage.run(postId);
  stage.x.sandbox.addFault({ kind: "credits", match: CREATE });
  await stage.untilDone(postId);
  expect((await stage.life(postId)).outcomes).toEqual(["absent", "out_of_credits"]);
  const upload = async () => (await stage.post(postId)).tweets[0]?.media[0]?.platformMediaId;
  expect(await upload()).not.toBeNull();
  const edit = { unsentTweets: [{ text: "Other words", separatorAfter: "", media }] };
  await editPost(stage.hub, stage.deps().engine, postId, edit, { approve: true });
  expect(await upload()).toBeNull();
});
