/** What an author may do with a post, by its status, on a real hub with the sandbox behind it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { embeddedEngine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { PsnError } from "../errors.ts";
import { publishLeased } from "../publish/publish.ts";
import { POST_STATUSES, type PostStatus } from "../types/index.ts";
import { isApproved } from "./approve.ts";
import { historyOf, loadPost } from "./read.ts";
import * as write from "./write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const engine = embeddedEngine;
let count = 0;
const fresh = (words = "Words") => `${words} number ${++count}.`;
const tweet = (text: string) => ({ text, separatorAfter: "", media: [] });

async function draft(...texts: string[]): Promise<string> {
  const { postId } = await write.createPost(stage.hub, {
    accountId: stage.account.id,
    source: texts.join(" "),
    tweets: texts.map(tweet),
  });
  return postId;
}

async function approved(...texts: string[]): Promise<string> {
  const id = await draft(...texts);
  await write.approvePost(stage.hub, id);
  return id;
}

const soon = (ms = 3_600_000) => ({ at: new Date(stage.clock.now().getTime() + ms), timezone: "Europe/Berlin" });

async function scheduled(...texts: string[]): Promise<string> {
  const id = await approved(...texts);
  await write.schedulePost(stage.hub, engine, id, soon());
  return id;
}

/** A post in each status, come there in the way that posts come there. */
const POSTS: Record<PostStatus, () => Promise<string>> = {
  draft: () => draft(fresh()),
  scheduled: () => scheduled(fresh()),
  publishing: async () => {
    const id = await approved(fresh());
    await write.takeNow(stage.hub, engine, id, "a-worker");
    return id;
  },
  retry: async () => {
    const id = await scheduled(fresh());
    await stage.hub.pool.query("update psn.posts set status = 'retry', sub_status = 'rate_limited' where id = $1", [
      id,
    ]);
    return id;
  },
  published: async () => {
    const id = await approved(fresh());
    await publishLeased(stage.deps(), await write.takeNow(stage.hub, engine, id, "a-worker"));
    return id;
  },
  failed: async () => {
    const id = await scheduled(fresh());
    await stage.hub.pool.query("update psn.posts set status = 'failed', due_at = null where id = $1", [id]);
    return id;
  },
};

type Act = "approve" | "schedule" | "now" | "edit" | "undo" | "cancel" | "retry" | "delete";
const ACTS: Record<Act, (id: string) => Promise<unknown>> = {
  approve: (id) => write.approvePost(stage.hub, id),
  schedule: (id) => write.schedulePost(stage.hub, engine, id, soon()),
  now: (id) => write.takeNow(stage.hub, engine, id, "another-worker"),
  edit: (id) => write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(fresh())] }),
  undo: (id) => write.undoPost(stage.hub, engine, id),
  cancel: (id) => write.cancelPost(stage.hub, engine, id),
  retry: (id) => write.retryPost(stage.hub, engine, id),
  delete: (id) => write.deletePost(stage.hub, id),
};

/** What each act answers in each status: done, or the code of its refusal. */
const ANSWERS: Record<PostStatus, Record<Act, string>> = {
  draft: {
    approve: "done",
    schedule: "POST_NOT_APPROVED",
    now: "POST_NOT_APPROVED",
    edit: "done",
    undo: "UNDO_NOTHING",
    cancel: "POST_STATUS",
    retry: "POST_STATUS",
    delete: "done",
  },
  scheduled: {
    approve: "POST_STATUS",
    schedule: "done",
    now: "done",
    edit: "POST_NOT_APPROVED",
    undo: "UNDO_NOTHING",
    cancel: "done",
    retry: "POST_STATUS",
    delete: "POST_STATUS",
  },
  publishing: refusing("POST_PUBLISHING"),
  retry: {
    approve: "POST_STATUS",
    schedule: "done",
    now: "done",
    edit: "POST_NOT_APPROVED",
    undo: "UNDO_NOTHING",
    cancel: "done",
    retry: "done",
    delete: "POST_STATUS",
  },
  published: refusing("POST_PUBLISHED"),
  failed: {
    approve: "POST_STATUS",
    schedule: "done",
    now: "done",
    edit: "done",
    undo: "UNDO_NOTHING",
    cancel: "POST_STATUS",
    retry: "done",
    delete: "POST_STATUS",
  },
};

function refusing(code: string): Record<Act, string> {
  const acts = ["approve", "schedule", "now", "edit", "undo", "cancel", "retry", "delete"] as const;
  return Object.fromEntries(acts.map((act) => [act, code])) as Record<Act, string>;
}

async function answerOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "done";
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    expect(error.hint ?? "", error.code).not.toBe("");
    return error.code;
  }
}

for (const status of POST_STATUSES) {
  test(`what can be done with a post that is ${status}, and how the rest is refused`, async () => {
    const answers: Record<string, string> = {};
    for (const [name, act] of Object.entries(ACTS)) {
      const id = await POSTS[status]();
      const before = await loadPost(stage.hub.db, id);
      expect(before.root.status).toBe(status);
      answers[name] = await answerOf(act(id));
      if (answers[name] === "done") continue;
      const { updatedAt: _, ...after } = (await loadPost(stage.hub.db, id)).root;
      const { updatedAt: __, ...root } = before.root;
      expect(after, `${name} was refused and changed something`).toEqual(root);
    }
    expect(answers).toEqual(ANSWERS[status]);
  });
}

test("two edits of one version: one wins, the other is refused", async () => {
  const id = await draft(fresh());
  const edit = (text: string) =>
    answerOf(write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(text)] }, { contentVersion: 1 }));
  const answers = await Promise.all([edit("By the one."), edit("By the other.")]);
  expect(answers.sort()).toEqual(["POST_CHANGED", "done"]);
  expect((await loadPost(stage.hub.db, id)).root.contentVersion).toBe(2);
});

test("cancel and now at the same moment: one wins, the other is refused", async () => {
  for (let round = 0; round < 5; round++) {
    const id = await scheduled(fresh());
    const answers = await Promise.all([
      answerOf(write.cancelPost(stage.hub, engine, id)),
      answerOf(write.takeNow(stage.hub, engine, id, "a-worker")),
    ]);
    const { root } = await loadPost(stage.hub.db, id);
    // A cancelled post is still approved, so "now" may come after; then the lease holds and nothing is a draft.
    expect(["publishing", "draft"]).toContain(root.status);
    if (root.status === "draft") expect(answers).toEqual(["done", "POST_STATUS"]);
    else expect(answers[1]).toBe("done");
  }
});

test("two times now: one gets the lease, the other is refused", async () => {
  const id = await approved(fresh());
  const now = (owner: string) => answerOf(write.takeNow(stage.hub, engine, id, owner));
  expect((await Promise.all([now("one"), now("two"), now("three")])).sort()).toEqual([
    "POST_PUBLISHING",
    "POST_PUBLISHING",
    "done",
  ]);
});

test("scenario 7: an edit of a scheduled post with its approval keeps the time, and the old run does nothing", async () => {
  const id = await scheduled(fresh("Old"));
  const before = (await loadPost(stage.hub.db, id)).root;
  const text = fresh("New");
  await write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(text)] }, { approve: true });
  const after = (await loadPost(stage.hub.db, id)).root;
  expect(after.status).toBe("scheduled");
  expect(after.approvedHash).not.toBe(before.approvedHash);
  expect(after.scheduledAt).toEqual(before.scheduledAt);
  expect(after.scheduleVersion).toBeGreaterThan(before.scheduleVersion);
});

describe("an approval is of exactly what was approved", () => {
  const poll = { options: ["Tea", "Coffee"], durationMinutes: 60 };
  const never = "f".repeat(64);
  const picture = {
    sha256: never,
    mime: "image/png",
    byteLength: 3,
    fileName: "never.png",
    width: 1,
    height: 1,
    durationMs: null,
    notes: [],
    altText: null,
    captions: [],
  };
  /** A draft whose first words nobody approved; its second ones are approved and have a time. */
  async function corrected(): Promise<string> {
    const { postId } = await write.createPost(stage.hub, {
      accountId: stage.account.id,
      source: "Never",
      tweets: [tweet(fresh("Never"))],
    });
    await write.editPost(stage.hub, engine, postId, { unsentTweets: [tweet(fresh("Meant"))] });
    await write.approvePost(stage.hub, postId);
    await write.schedulePost(stage.hub, engine, postId, soon());
    return postId;
  }
  const words = async (id: string) => (await loadPost(stage.hub.db, id)).tweets.map(({ content }) => content);
  const WAYS: Record<string, (id: string, sending?: write.Sending) => Promise<unknown>> = {
    "an undo": (id, sending) => write.undoPost(stage.hub, engine, id, sending),
    "an edit of the text": (id, sending) =>
      write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(fresh("Other"))] }, sending),
    "a picture": (id, sending) =>
      write.editPost(stage.hub, engine, id, { unsentTweets: [{ ...tweet("x"), media: [picture] }] }, sending),
    "a poll": (id, sending) => write.editPost(stage.hub, engine, id, { metadata: { poll } }, sending),
    "another parent": (id, sending) =>
      write.editPost(stage.hub, engine, id, { metadata: { replyToId: "1989000000000000001" } }, sending),
    "who may reply": (id, sending) =>
      write.editPost(stage.hub, engine, id, { metadata: { replySettings: "following" } }, sending),
    "that alt texts are required": (id, sending) =>
      write.editPost(stage.hub, engine, id, { metadata: { altRequired: true } }, sending),
    "one tweet's words": (id, sending) =>
      write.actOnPost(stage.hub, engine, id, { do: "text", position: 0, text: fresh("One") }, sending),
    "one more tweet": (id, sending) =>
      write.actOnPost(stage.hub, engine, id, { do: "insert", position: 1, text: fresh("More") }, sending),
    "other words with another time": (id, sending) =>
      write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(fresh("Both"))], schedule: soon() }, sending),
  };

  for (const [name, way] of Object.entries(WAYS)) {
    test(`${name}: what waits for its time stays as it was approved, and never goes out otherwise`, async () => {
      const id = await corrected();
      const before = await words(id);
      expect(await answerOf(way(id))).toBe("POST_NOT_APPROVED");
      expect(await words(id)).toEqual(before);
      await write.cancelPost(stage.hub, engine, id);
      await way(id).catch((error: PsnError) => expect(error.code).toBe("POST_NOT_APPROVED"));
      if (name !== "other words with another time") {
        expect((await loadPost(stage.hub.db, id)).root.approvedHash).toBeNull();
        expect(await answerOf(write.takeNow(stage.hub, engine, id, "a-worker"))).toBe("POST_NOT_APPROVED");
      }
    });
  }

  test("undo and redo with an approval keep the time, and history names each approval", async () => {
    const id = await corrected();
    const meant = await words(id);
    await write.undoPost(stage.hub, engine, id, { approve: true });
    const undone = await loadPost(stage.hub.db, id);
    expect(undone.root.status).toBe("scheduled");
    expect(isApproved(undone)).toBeTrue();
    expect(await answerOf(write.redoPost(stage.hub, engine, id))).toBe("POST_NOT_APPROVED");
    await write.redoPost(stage.hub, engine, id, { approve: true });
    expect(await words(id)).toEqual(meant);
    const { events } = await historyOf(stage.hub.db, id);
    expect(events.filter(({ note }) => note === "Approved by its author.")).toHaveLength(3);
  });

  test("an edit with its approval says so in history, of a draft with a time as well", async () => {
    const { postId } = await write.createPost(stage.hub, {
      accountId: stage.account.id,
      source: "Draft",
      tweets: [tweet(fresh("Draft"))],
    });
    await write.editPost(stage.hub, engine, postId, { schedule: soon() }, { approve: true });
    const { events } = await historyOf(stage.hub.db, postId);
    expect(events.map(({ note }) => note)).toContain("Approved by its author.");
    // Another time says nothing new.
    await write.editPost(stage.hub, engine, postId, { schedule: soon() }, { approve: true });
    const later = (await historyOf(stage.hub.db, postId)).events;
    expect(later.filter(({ note }) => note === "Approved by its author.")).toHaveLength(1);
  });

  test("words that came into the hub by any other way are not approved", async () => {
    const id = await approved(fresh("Approved"));
    await stage.hub.pool.query("update psn.posts set content = 'Changed by hand' where id = $1", [id]);
    expect(isApproved(await loadPost(stage.hub.db, id))).toBeFalse();
    expect(await answerOf(write.takeNow(stage.hub, engine, id, "a-worker"))).toBe("POST_NOT_APPROVED");
    expect(await answerOf(write.schedulePost(stage.hub, engine, id, soon()))).toBe("POST_NOT_APPROVED");
  });
});

test("scenario 12: an edit of a half-posted thread keeps what is on X, and the rest goes out under it", async () => {
  const texts = [fresh("First"), fresh("Second"), fresh("Third"), fresh("Fourth")];
  const id = await stage.due(texts);
  const detail = "You are not permitted to perform this action.";
  stage.x.sandbox.addFault({
    kind: "status",
    status: 403,
    body: { title: "Forbidden", detail, type: "about:blank", status: 403 },
    match: { path: "/2/tweets", bodyIncludes: texts[2] ?? "" },
  });
  await stage.run(id);
  const stopped = await loadPost(stage.hub.db, id);
  expect(stopped.root.status, stopped.root.failReason ?? "").toBe("failed");
  expect(stopped.root.platformPostIds.length).toBe(2);

  expect(await answerOf(write.editPost(stage.hub, engine, id, { unsentTweets: [] }))).toBe("POST_EMPTY");
  const better = fresh("A better third");
  await write.editPost(stage.hub, engine, id, { unsentTweets: [tweet(better)] });
  const edited = await loadPost(stage.hub.db, id);
  expect(edited.root.status).toBe("draft");
  expect(edited.tweets.map((row) => row.content)).toEqual([texts[0] ?? "", texts[1] ?? "", better]);
  expect(await answerOf(write.deletePost(stage.hub, id))).toBe("POST_PARTLY_SENT");
  expect(await answerOf(write.takeNow(stage.hub, engine, id, "w"))).toBe("POST_NOT_APPROVED");

  await write.approvePost(stage.hub, id);
  await publishLeased(stage.deps(), await write.takeNow(stage.hub, engine, id, "w"));
  const posted = (await loadPost(stage.hub.db, id)).tweets.map((row) => row.externalPostId);
  const onX = stage.onX().filter((post) => posted.includes(post.id));
  expect(onX.map((post) => post.text)).toEqual([texts[0] ?? "", texts[1] ?? "", better]);
  expect(onX.map((post) => post.replyToId)).toEqual([null, onX[0]?.id ?? "", onX[1]?.id ?? ""]);
});

test("what X would refuse for certain is not approved", async () => {
  const refused = async (text: string) => await answerOf(write.approvePost(stage.hub, await draft(fresh(), text)));
  expect(await refused("x".repeat(281))).toBe("POST_REFUSABLE");
  expect(await refused("$GOOG and $AAPL")).toBe("POST_REFUSABLE");
  expect(await refused("x".repeat(280))).toBe("done");
});

test("scenario 5: what waits or went out is not approved again without force, and two alike cannot race through", async () => {
  const text = fresh("Said");
  const first = await scheduled(text);
  const [one, two] = [await draft(text), await draft(text)];
  const refused = await write.approvePost(stage.hub, one).catch((error: PsnError) => error);
  expect(refused).toBeInstanceOf(PsnError);
  expect((refused as PsnError).code).toBe("POST_DUPLICATE");
  expect((refused as PsnError).message).toContain(first);
  await publishLeased(stage.deps(), await write.takeNow(stage.hub, engine, first, "w"));
  expect(((await write.approvePost(stage.hub, one).catch((e: PsnError) => e)) as PsnError).message).toContain(
    "went out at 20",
  );
  expect(await answerOf(write.approvePost(stage.hub, two, { force: true }))).toBe("done");

  const other = fresh("Raced");
  const racers = await Promise.all([draft(other), draft(other), draft(other)]);
  const answers = await Promise.all(racers.map((id) => answerOf(write.approvePost(stage.hub, id))));
  expect(answers.sort()).toEqual(["POST_DUPLICATE", "POST_DUPLICATE", "done"]);
});

test("a copy plans nothing, and takes over no media that is not kept any more", async () => {
  const media = [
    { sha256: "0".repeat(64), mime: "image/png", byteLength: 9, fileName: "a.png", width: 1, height: 1, altText: null },
  ];
  const { postId } = await write.createPost(stage.hub, {
    accountId: stage.account.id,
    source: "",
    tweets: [{ ...tweet(fresh()), media }],
    metadata: { planned: { at: "2099-01-01T00:00:00Z", timezone: "UTC" }, madeWithAi: true },
  });
  expect(await answerOf(write.copyPost(stage.hub, postId))).toBe("MEDIA_GONE");
  await stage.hub.pool.query("insert into psn.media_blobs values ($1, 9, psn.now())", ["0".repeat(64)]);
  const copy = await loadPost(stage.hub.db, (await write.copyPost(stage.hub, postId)).postId);
  expect(copy.root.metadata).toEqual({ madeWithAi: true });
  expect(copy.tweets[0]?.media[0]?.sha256).toBe("0".repeat(64));

  // The hub believes that the bytes are there; the store has lost them. A copy would fail at its time.
  const count = async () => (await stage.hub.pool.query("select count(*)::int as posts from psn.posts")).rows[0].posts;
  const before = await count();
  const refused = (await write
    .copyPost(stage.hub, postId, { store: stage.media })
    .catch((e: PsnError) => e)) as PsnError;
  expect(refused.code).toBe("MEDIA_GONE");
  expect(refused.message).toContain("a.png is not kept any more");
  expect(await count()).toBe(before);
  const without = await write.copyPost(stage.hub, postId, { store: stage.media, withoutLost: true });
  expect(without.changes.map(({ kind }) => kind)).toEqual(["media_left_out", "no_time"]);
  expect((await loadPost(stage.hub.db, without.postId)).tweets[0]?.media).toEqual([]);
});

test("a copy says what X has of its words, and that another post says the same", async () => {
  const postId = await stage.due([fresh("Said once")]);
  await stage.untilDone(postId);
  const { changes } = await write.copyPost(stage.hub, postId);
  expect(changes.map(({ kind }) => kind)).toEqual(["said_before", "same_as_other", "no_time"]);
  expect(changes[0]?.message).toContain("change them");
});

test("a draft with an unanswered request keeps its record until that is known", async () => {
  const { postId } = await write.createPost(stage.hub, {
    accountId: stage.account.id,
    source: "Maybe sent.",
    tweets: [tweet("Maybe sent.")],
  });
  await stage.hub.pool.query(
    "insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at) values ($1, $1, 1, 1, 'f', psn.now())",
    [postId],
  );
  expect(await answerOf(write.deletePost(stage.hub, postId))).toBe("POST_UNSETTLED");
  await stage.hub.pool.query("update psn.publish_attempts set outcome = 'absent' where post_id = $1", [postId]);
  expect(await answerOf(write.deletePost(stage.hub, postId))).toBe("done");
});
