/** The acts on a draft, undo, and what a preview says of a stored post. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { embeddedEngine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { composeThread } from "../compose/compose.ts";
import { PsnError } from "../errors.ts";
import type { PostMetadata } from "../types/index.ts";
import { previewPost } from "./preview.ts";
import { loadPost } from "./read.ts";
import { actOnPost, approvePost, createPost, type DraftAct, editPost, schedulePost, undoPost } from "./write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const TEXT = [
  "The first tweet has two sentences. This is the second of them.",
  "Now the second tweet, with a link: https://example.com/a.",
  "And the third.",
].join("\n---\n");

async function draft(text = TEXT, metadata: PostMetadata = {}): Promise<string> {
  const options = metadata as { numbering?: { place: "start" | "end"; form: "1/n" } };
  const { tweets } = composeThread(text, options.numbering ? { numbering: options.numbering } : {});
  const { postId } = await createPost(stage.hub, {
    accountId: stage.account.id,
    source: text,
    tweets: tweets.map(({ text: words, separatorAfter }) => ({ text: words, separatorAfter, media: [] })),
    metadata,
  });
  return postId;
}

const act = (id: string, what: DraftAct, contentVersion?: number) =>
  actOnPost(stage.hub, embeddedEngine, id, what, contentVersion === undefined ? {} : { contentVersion });
const texts = async (id: string) => (await loadPost(stage.hub.db, id)).tweets.map((row) => row.content);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof PsnError ? error.code : String(error)),
  );

const image = (name: string, mime = "image/png") => ({
  sha256: Bun.hash(name).toString(16).padStart(64, "0"),
  mime,
  byteLength: 3,
  fileName: name,
  width: 1,
  height: 1,
  altText: `about ${name}`,
});

test("scenario 26: moved, split, joined and reordered back, the thread is what it was to the byte", async () => {
  const id = await draft();
  const before = await texts(id);
  await act(id, { do: "move", position: 0, by: -1, unit: "sentence" });
  expect((await texts(id))[0]).toBe("The first tweet has two sentences.");
  await act(id, { do: "move", position: 0, by: 1, unit: "paragraph" }).catch(() => {});
  await act(id, { do: "split", position: 1, at: "with a link" });
  expect(await texts(id)).toHaveLength(4);
  await act(id, { do: "join", position: 1 });
  await act(id, { do: "reorder", from: 2, to: 0 });
  expect((await texts(id))[0]).toBe("And the third.");
  for (let undone = 0; undone < 5; undone++) {
    if ((await codeOf(undoPost(stage.hub, embeddedEngine, id))) === "UNDO_NOTHING") break;
  }
  expect(await texts(id)).toEqual(before);
  expect(await codeOf(undoPost(stage.hub, embeddedEngine, id))).toBe("UNDO_NOTHING");
});

test("every act makes a new version, and one on an old version is refused", async () => {
  const id = await draft();
  await act(id, { do: "text", position: 2, text: "Other words." }, 1);
  expect((await loadPost(stage.hub.db, id)).root.contentVersion).toBe(2);
  expect(await codeOf(act(id, { do: "join", position: 0 }, 1))).toBe("POST_CHANGED");
  const both = [codeOf(act(id, { do: "join", position: 0 }, 2)), codeOf(act(id, { do: "join", position: 1 }, 2))];
  expect((await Promise.all(both)).sort()).toEqual(["POST_CHANGED", "done"]);
});

test("numbers are taken off before an act and put on anew after it", async () => {
  const id = await draft(TEXT, { numbering: { place: "end", form: "1/n" } });
  expect((await texts(id))[2]).toBe("And the third. 3/3");
  await act(id, { do: "join", position: 0 });
  const joined = await texts(id);
  expect(joined.map((text) => text.slice(-3))).toEqual(["1/2", "2/2"]);
  expect(joined[0]).not.toContain("1/3");
  await act(id, { do: "split", position: 0, at: joined[0]?.indexOf("This is") ?? 0 });
  expect((await texts(id))[0]).toBe("The first tweet has two sentences. 1/3");
  await act(id, { do: "text", position: 1, text: "Short." });
  expect((await texts(id))[1]).toBe("Short. 2/3");
  // As it comes from an editor that was given what is shown.
  await act(id, { do: "text", position: 1, text: "Shorter. 2/3" });
  expect((await texts(id))[1]).toBe("Shorter. 2/3");
  await act(id, { do: "join", position: 0 });
  await act(id, { do: "join", position: 0 });
  expect((await texts(id))[0]).not.toMatch(/\d\/\d$/);
});

test("an offset is counted in what is shown, a number in front included", async () => {
  const id = await draft(TEXT, { numbering: { place: "start", form: "1/n" } });
  const shown = (await texts(id))[0] ?? "";
  expect(shown.startsWith("1/3 ")).toBe(true);
  await act(id, { do: "split", position: 0, at: shown.indexOf("This is") });
  expect((await texts(id)).slice(0, 2)).toEqual([
    "1/4 The first tweet has two sentences.",
    "2/4 This is the second of them.",
  ]);
});

test("scenario 22: media goes with its tweet, and a mix that X refuses is refused at once", async () => {
  const id = await draft();
  const media = async () => (await loadPost(stage.hub.db, id)).tweets.map((row) => row.media.map((m) => m.fileName));
  await act(id, { do: "attach", position: 0, media: [image("a.png"), image("b.png")] });
  await act(id, { do: "attach", position: 1, media: [image("c.png"), image("d.png")] });
  await act(id, { do: "reorder", from: 1, to: 2 });
  expect(await media()).toEqual([["a.png", "b.png"], [], ["c.png", "d.png"]]);
  expect(await codeOf(act(id, { do: "attach", position: 0, media: [image("e.gif", "image/gif")] }))).toBe("MEDIA_MIX");
  await act(id, { do: "attach", position: 1, media: [image("e.gif", "image/gif")] });
  expect(await codeOf(act(id, { do: "join", position: 0 }))).toBe("MEDIA_MIX");
  await act(id, { do: "detach", position: 0, item: 0 });
  expect((await media())[0]).toEqual(["b.png"]);
  expect(await codeOf(act(id, { do: "detach", position: 0, item: 1 }))).toBe("MEDIA_NOT_FOUND");
  const poll = { options: ["Yes", "No"], durationMinutes: 60 };
  const edit = editPost(stage.hub, embeddedEngine, id, { metadata: { poll } });
  expect(await codeOf(edit)).toBe("POLL_AND_MEDIA");
});

test("a tweet with media is removed only where that was said, and the whole reworded keeps media with its words", async () => {
  const id = await draft();
  const media = async () => (await loadPost(stage.hub.db, id)).tweets.map((row) => row.media.map((m) => m.fileName));
  await act(id, { do: "attach", position: 1, media: [image("second.png")] });
  expect(await codeOf(act(id, { do: "remove", position: 1, withMedia: false }))).toBe("MEDIA_WOULD_BE_LOST");
  const [first = "", second = "", third = ""] = await texts(id);
  await act(id, { do: "reword", text: [second, "New.", first, third].join("\n---\n") });
  expect(await texts(id)).toEqual([second, "New.", first, third]);
  expect(await media()).toEqual([["second.png"], [], [], []]);
  await act(id, { do: "reword", text: ["Other words.", "New.", first, third].join("\n---\n") });
  expect(await media()).toEqual([["second.png"], [], [], []]);
  expect(await codeOf(act(id, { do: "reword", text: "One.\n---\nTwo." }))).toBe("MEDIA_WOULD_MOVE");
  await act(id, { do: "remove", position: 0, withMedia: true });
  expect(await texts(id)).toEqual(["New.", first, third]);
  expect(await codeOf(act(id, { do: "reword", text: " \n" }))).toBe("TEXT_EMPTY");
});

test("numbers follow when a tweet is put in, taken out, or all are edited at once", async () => {
  const id = await draft(TEXT, { numbering: { place: "end", form: "1/n" } });
  await act(id, { do: "insert", position: 1, text: "New." });
  expect((await texts(id)).map((text) => text.slice(-3))).toEqual(["1/4", "2/4", "3/4", "4/4"]);
  const shown = await texts(id);
  await act(id, { do: "reword", text: [shown[1], shown[0], "Last."].join("\n---\n") });
  expect(await texts(id)).toEqual([
    "New. 1/3",
    "The first tweet has two sentences. This is the second of them. 2/3",
    "Last. 3/3",
  ]);
  await act(id, { do: "remove", position: 0, withMedia: false });
  expect((await texts(id))[1]).toBe("Last. 2/2");
});

test("scenario 70: undo whose picture is gone goes back in words, says which one, and goes on beyond it", async () => {
  const id = await draft();
  const texts = async () => (await loadPost(stage.hub.db, id)).tweets.map((row) => row.content);
  const before = await texts();
  await act(id, { do: "text", position: 0, text: "Second words." });
  await act(id, { do: "attach", position: 0, media: [image("gone.png")] });
  await act(id, { do: "text", position: 0, text: "Third words." });
  expect(await undoPost(stage.hub, embeddedEngine, id)).toMatchObject({ lost: ["gone.png"] });
  expect((await texts())[0]).toBe("Second words.");
  expect((await loadPost(stage.hub.db, id)).tweets[0]?.media).toEqual([]);
  expect(await undoPost(stage.hub, embeddedEngine, id)).toMatchObject({ lost: [] });
  expect(await undoPost(stage.hub, embeddedEngine, id)).toMatchObject({ lost: [] });
  expect(await texts()).toEqual(before);
});

test("scenario 70: a post that waits for its time does not lose its picture by undo behind its author's back", async () => {
  const id = await draft();
  await act(id, { do: "attach", position: 0, media: [image("lost.png")] });
  await act(id, { do: "detach", position: 0, item: null });
  await approvePost(stage.hub, id, { force: true });
  const at = new Date(stage.clock.now().getTime() + 3_600_000);
  await schedulePost(stage.hub, embeddedEngine, id, { at, timezone: "UTC" });
  expect(await codeOf(undoPost(stage.hub, embeddedEngine, id))).toBe("MEDIA_GONE");
});

test("undo brings media back only while its bytes are kept", async () => {
  const id = await draft();
  await act(id, { do: "attach", position: 0, media: [image("kept.png")] });
  await act(id, { do: "detach", position: 0, item: null });
  await stage.hub.pool.query("insert into psn.media_blobs values ($1, 3, psn.now())", [image("kept.png").sha256]);
  const { note } = await undoPost(stage.hub, embeddedEngine, id);
  expect(note).toBe("Media was taken from tweet 1");
  expect((await loadPost(stage.hub.db, id)).tweets[0]?.media[0]?.altText).toBe("about kept.png");
});

test("an act takes an approval back; on a scheduled post it needs one, and the time stays", async () => {
  const id = await draft(TEXT.replace("first", "premier"));
  await approvePost(stage.hub, id);
  await act(id, { do: "join", position: 0 });
  expect((await loadPost(stage.hub.db, id)).root.approvedHash).toBeNull();
  const { approvedHash } = await approvePost(stage.hub, id);
  const at = new Date(stage.clock.now().getTime() + 3_600_000);
  await schedulePost(stage.hub, embeddedEngine, id, { at, timezone: "UTC" });
  const joined = (approve: boolean) =>
    actOnPost(stage.hub, embeddedEngine, id, { do: "join", position: 0 }, { approve });
  expect(await codeOf(joined(false))).toBe("POST_NOT_APPROVED");
  await joined(true);
  const { root } = await loadPost(stage.hub.db, id);
  expect(root.status).toBe("scheduled");
  expect(root.scheduledAt).toEqual(at);
  expect(root.approvedHash).not.toBe(approvedHash);
  // What X would refuse is not approved by the way, and leaves all as it was.
  const long = { do: "text", position: 0, text: "x".repeat(281) } as const;
  const tooLong = actOnPost(stage.hub, embeddedEngine, id, long, { approve: true });
  expect(await codeOf(tooLong)).toBe("POST_REFUSABLE");
  expect((await loadPost(stage.hub.db, id)).root.contentVersion).toBe(root.contentVersion);
});

test("what is on X is not touched, and what went out meanwhile is not undone", async () => {
  const id = await draft(TEXT.replace("first", "erste"));
  await act(id, { do: "text", position: 2, text: "Third, again." });
  await stage.hub.pool.query("update psn.posts set external_post_id = '1234', published_at = now() where id = $1", [
    id,
  ]);
  for (const what of [
    { do: "text", position: 0, text: "x" },
    { do: "join", position: 0 },
    { do: "move", position: 0, by: 1, unit: "word" },
    { do: "reorder", from: 2, to: 0 },
    { do: "split", position: 0, at: 10 },
    { do: "detach", position: 0, item: null },
  ] satisfies DraftAct[]) {
    expect(await codeOf(act(id, what))).toBe("TWEET_ON_X");
  }
  expect(await codeOf(undoPost(stage.hub, embeddedEngine, id))).toBe("UNDO_TOO_LATE");
  await act(id, { do: "join", position: 1 });
  expect(await texts(id)).toHaveLength(2);
});

test("acts that cannot be are refused with a reason", async () => {
  const id = await draft();
  const code = (what: DraftAct) => codeOf(act(id, what));
  expect(await code({ do: "join", position: 2 })).toBe("TWEET_NOT_FOUND");
  expect(await code({ do: "text", position: 9, text: "x" })).toBe("TWEET_NOT_FOUND");
  expect(await code({ do: "text", position: 0, text: "  " })).toBe("TEXT_EMPTY");
  expect(await code({ do: "split", position: 0, at: "nowhere to be found" })).toBe("WORDS_NOT_FOUND");
  expect(await code({ do: "split", position: 0, at: "se" })).toBe("WORDS_AMBIGUOUS");
  expect(await code({ do: "split", position: 1, at: "//example" })).toBe("SPLIT_NOT_THERE");
  expect(await code({ do: "split", position: 0, at: 0 })).toBe("SPLIT_NOT_THERE");
  expect(await code({ do: "move", position: 0, by: 500, unit: "word" })).toBe("SPLIT_NOT_THERE");
  expect(await code({ do: "attach", position: 5, media: [image("x.png")] })).toBe("TWEET_NOT_FOUND");
  expect((await loadPost(stage.hub.db, id)).root.contentVersion).toBe(1);
});

test("no more than fifty versions are kept", async () => {
  const id = await draft();
  for (let index = 0; index < 55; index++) await act(id, { do: "text", position: 2, text: `Take ${index}` });
  const { rows } = await stage.hub.pool.query(
    "select count(*)::int as n, min(content_version) as oldest from psn.draft_versions where post_id = $1",
    [id],
  );
  expect(rows[0]).toEqual({ n: 50, oldest: 6 });
});

test("a preview of a stored post says why each tweet ends, whose own cut it is, and what was said before", async () => {
  const posted = await draft("Said before, word for word.");
  await stage.hub.pool.query("update psn.posts set external_post_id = '99', published_at = psn.now() where id = $1", [
    posted,
  ]);
  const id = await draft(`${TEXT}\n---\nSaid before, word for word.`);
  await act(id, { do: "move", position: 0, by: -1, unit: "word" });
  const preview = await previewPost(stage.hub.db, await loadPost(stage.hub.db, id));
  expect(preview.tweets.map((tweet) => tweet.break.kind)).toEqual(["edited", "author", "author", "end"]);
  expect(preview.tweets[3]?.warnings.map((warning) => warning.code)).toEqual(["posted_recently"]);
  expect(preview.costUsd).toBeCloseTo(0.245, 6);
});
