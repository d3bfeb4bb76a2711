/** What authors suffer from elsewhere, from the text to X, on a real hub and the sandbox over HTTP. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { composeThread } from "../../src/core/compose/compose.ts";
import { joinThread } from "../../src/core/compose/testing.ts";
import { approvalHash } from "../../src/core/post/content-hash.ts";
import { loadPost } from "../../src/core/posts/read.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { GIF, MP4, PNG, type Runner, runnerOf } from "./stage.ts";

let home: TestHome;
let psn: Runner;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
  await file("one.png", PNG);
  await file("two.png", Buffer.concat([PNG, Buffer.from("2")]));
  await file("moving.gif", GIF);
  await file("film.mp4", MP4);
  // A Word document under the name of an image.
  await file("fake.png", "PK\u0003\u0004 not an image at all");
});
afterAll(() => home.close());

const file = (name: string, content: string | Buffer) => writeFile(join(home.folder, name), content);
const onX = (handle = "sandbox_author") => home.sandbox.sandbox.report().accounts[handle]?.posts ?? [];
const count = async () => (await home.hub.pool.query("select count(*)::int as n from psn.posts")).rows[0].n as number;

/** Sentences in many languages, each with a link of its own. */
const SENTENCES = [
  "The tide comes in twice a day and nobody thanks it",
  "Die Flut kommt zweimal am Tag, z. B. um 6.30 Uhr, und niemand dankt ihr",
  "La marée monte deux fois par jour ; personne ne la remercie",
  "¿Quién da las gracias a la marea? Nadie, ¡nunca!",
  "潮は一日に二度満ちる。誰も礼を言わない。",
  "潮水每天涨两次，没有人感谢它。",
  "밀물은 하루에 두 번 들어오지만 아무도 고마워하지 않는다",
  "يأتي المد مرتين في اليوم ولا يشكره أحد",
  "הגאות באה פעמיים ביום ואיש אינו מודה לה",
  "ज्वार दिन में दो बार आता है और कोई उसे धन्यवाद नहीं देता।",
  "น้ำขึ้นวันละสองครั้งและไม่มีใครขอบคุณมัน",
  "Прилив приходит дважды в день, и никто его не благодарит",
  "Η παλίρροια έρχεται δύο φορές την ημέρα και κανείς δεν την ευχαριστεί",
  "Thủy triều lên hai lần một ngày và không ai cảm ơn nó",
  "Gelgit günde iki kez gelir ve kimse ona teşekkür etmez",
  "Przypływ przychodzi dwa razy dziennie i nikt mu nie dziękuje 👩‍👩‍👧‍👦🏳️‍🌈",
];

function longText(tweets: number): string {
  const paragraphs: string[] = [];
  for (let index = 0; index < tweets; index++) {
    const some = [0, 1, 2, 3].map((offset) => SENTENCES[(index * 5 + offset) % SENTENCES.length] ?? "");
    paragraphs.push(`${some.join(" ")} https://example.com/${index}?q=${encodeURIComponent("täg")}&x=1`);
  }
  return paragraphs.join("\n\n");
}

test("scenario 11, 26: a thread of 60 tweets in many languages is on X as it was written, in order, links whole", async () => {
  const text = longText(72);
  await file("long.md", `${text}\n`);
  const before = onX().length;
  const { post } = await psn.post("create", "--file", "long.md", "--now");
  expect(post.status).toBe("published");
  expect(post.tweets.length).toBeGreaterThanOrEqual(60);
  const sent = onX().slice(before);
  expect(sent.map((tweet) => tweet.id)).toEqual(post.tweets.map((tweet) => tweet.externalPostId ?? ""));
  expect(sent.map((tweet) => tweet.replyToId)).toEqual([null, ...sent.slice(0, -1).map((tweet) => tweet.id)]);
  // What X has, joined by what stood between, is the source to the byte.
  const composed = composeThread(text);
  const tweets = composed.tweets.map((tweet, index) => ({ ...tweet, body: sent[index]?.text ?? "" }));
  expect(joinThread({ leading: composed.leading, tweets })).toBe(text.normalize("NFC"));
});

test("an approval binds to what was shown: what X gets equals it to the byte, and its hash is the approved one", async () => {
  const { post, preview } = await psn.post(
    "create",
    "Shown words.\n---\nAnd   some more —  “so”.",
    "--media",
    "1:one.png",
  );
  const edited = await psn.post("text", post.id, "2", "Other words, shown again.", "--version", "1");
  expect(await psn.code("approve", post.id, "--version", String(post.contentVersion))).toBe("POST_CHANGED");
  expect(preview?.tweets.map((tweet) => tweet.text)).toEqual(["Shown words.", "And   some more —  “so”."]);
  await psn.post("approve", post.id, "--version", String(edited.post.contentVersion));
  const { root, tweets } = await loadPost(home.hub.db, post.id);
  const shown = edited.preview?.tweets.map((tweet, index) => ({ text: tweet.text, media: tweets[index]?.media ?? [] }));
  expect(root.approvedHash).toBe(approvalHash(root.accountId, shown ?? [], root.metadata));
  const before = onX().length;
  await psn.post("now", post.id);
  const sent = onX().slice(before);
  expect(sent.map((tweet) => tweet.text)).toEqual((edited.preview?.tweets ?? []).map((tweet) => tweet.text));
});

test("scenario 5: the same text again is a warning, the very same post needs --force, and it is said what and when", async () => {
  const first = await psn.post("create", "Said on Monday.", "--now");
  const preview = await psn.preview("Said on Monday.", "--account", "@sandbox_author");
  expect(preview.tweets[0]?.warnings.map((warning) => warning.code)).toEqual(["posted_recently"]);
  const before = await count();
  const refused = await psn.error("create", "Said on Monday.");
  expect(refused.code).toBe("POST_DUPLICATE");
  expect(refused.message).toContain(first.post.id);
  expect(refused.message).toContain(new Date().toISOString().slice(0, 10));
  expect(refused.hint).toContain("--force");
  expect(await count()).toBe(before);

  const forced = await psn.post("create", "Said on Monday.", "--force");
  expect(forced.preview?.tweets[0]?.warnings.map((warning) => warning.code)).toEqual(["posted_recently"]);
  expect(await psn.code("approve", forced.post.id)).toBe("POST_DUPLICATE");
  expect(await psn.code("approve", forced.post.id, "--force")).toBe("done");
  // One that waits counts, too; other words around the same ones do not.
  await psn.post("create", "Said for later.", "--at", "in 2 hours");
  expect((await psn.error("create", "Said for later.")).message).toContain("is scheduled for");
  expect(await psn.code("create", "Said for later, in other words.")).toBe("done");
});

test("scenario 6: an idempotency key makes one post, scheduled or not, and comes before the question of duplicates", async () => {
  const keyed = (...more: string[]) => psn.post("create", "Once and only once.", "--idempotency-key", "k-6", ...more);
  const first = await keyed("--at", "in 3 hours");
  const again = await keyed("--at", "in 3 hours");
  const later = await keyed("--at", "in 5 hours");
  expect([again.post.id, later.post.id]).toEqual([first.post.id, first.post.id]);
  expect(later.post.scheduled?.utc).toBe(first.post.scheduled?.utc);
  expect(await psn.code("create", "Something else.", "--idempotency-key", "k-6")).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("scenario 22: type and mix of media are checked from the bytes before anything is stored", async () => {
  const before = await count();
  const create = (...media: string[]) => psn.code("create", "With media.", ...media.flatMap((m) => ["--media", m]));
  expect(await create("one.png", "moving.gif")).toBe("MEDIA_MIX");
  expect(await create("film.mp4", "one.png")).toBe("MEDIA_MIX");
  expect(await create("one.png", "two.png", "one.png", "two.png", "one.png")).toBe("MEDIA_MIX");
  expect(await create("fake.png")).toBe("MEDIA_TYPE");
  expect(await psn.code("create", "A poll and media.", "--poll", "A|B", "--media", "one.png")).toBe("POLL_AND_MEDIA");
  expect(await count()).toBe(before);
  expect(await create("one.png", "two.png")).toBe("done");
  const wordless = await psn.post("create", "--media", "one.png", "--alt", "One dot", "--now");
  expect(wordless.post.status).toBe("published");
  expect(onX().at(-1)).toMatchObject({ text: "", media: [{ altText: "One dot" }] });
});

test("scenario 29: poll, reply settings and labels reach X; what cannot be is said before approval", async () => {
  const { post } = await psn.post(
    "create",
    "Tea or coffee?",
    "--poll",
    "Tea|Coffee | Neither",
    "--poll-minutes",
    "60",
    "--reply-settings",
    "mentionedUsers",
    "--made-with-ai",
    "--paid-partnership",
    "--now",
  );
  expect(post.labels.poll).toEqual({ options: ["Tea", "Coffee", "Neither"], durationMinutes: 60 });
  expect(onX().at(-1)).toMatchObject({
    text: "Tea or coffee?",
    poll: { options: ["Tea", "Coffee", "Neither"], durationMinutes: 60 },
    replySettings: "mentionedUsers",
    madeWithAi: true,
    paidPartnership: true,
  });
  expect(await psn.code("create", "x", "--poll", "Only one")).toBe("POLL_INVALID");
  expect(await psn.code("create", "x", "--poll", `Yes|${"n".repeat(26)}`)).toBe("POLL_INVALID");
  expect(await psn.code("create", "x", "--poll", "A|B", "--poll-minutes", "4")).toBe("POLL_INVALID");
  expect(await psn.code("create", "x", "--poll-minutes", "60")).toBe("USAGE");
  expect(await psn.code("create", "x", "--reply-settings", "everyone")).toBe("USAGE");
  expect((await psn.error("create", "x", "--quote", "123")).message).toContain("Enterprise");
  expect((await psn.error("create", "x".repeat(300), "--long")).code).toBe("LIMIT_NOT_ALLOWED");
  const blocked = await psn.post("create", "Both $GOOG and $AAPL.");
  expect(blocked.preview?.tweets[0]?.warnings[0]).toMatchObject({ code: "two_cashtags", blocking: true });
  expect(await psn.code("approve", blocked.post.id)).toBe("POST_REFUSABLE");
});

test("a Premium account may post long, when its author wants it", async () => {
  await home.signIn("sandbox_premium");
  const words = "Long and longer still. ".repeat(40).trim();
  const usual = await psn.preview(words, "--account", "@sandbox_premium");
  expect(usual.tweetCount).toBeGreaterThan(1);
  const { post, preview } = await psn.post("create", words, "--account", "@sandbox_premium", "--long");
  expect(preview).toMatchObject({ tweetCount: 1 });
  expect(preview?.tweets[0]).toMatchObject({ limit: 25_000, warnings: [] });
  const sent = await psn.post("now", post.id, "--approve");
  expect(sent.post.status).toBe("published");
  expect(onX("sandbox_premium").at(-1)?.text).toBe(words);
});

test("scenario 30: create, show, change by acts, undo, edit, copy by id, and every answer has preview and version", async () => {
  const { post } = await psn.post("create", "First one. Second one.\n---\nThird one.", "--numbering", "1/n");
  const texts = (answer: { preview?: { tweets: { text: string }[] } | undefined }) =>
    answer.preview?.tweets.map((tweet) => tweet.text);
  const act = async (...args: string[]) => {
    const answer = await psn.post(...args);
    version++;
    expect(answer.post.contentVersion).toBe(version);
    return texts(answer);
  };
  let version = post.contentVersion;
  expect(await act("split", post.id, "1", "--before", "Second")).toEqual([
    "First one. 1/3",
    "Second one. 2/3",
    "Third one. 3/3",
  ]);
  expect(await act("reorder", post.id, "3", "1")).toEqual(["Third one. 1/3", "First one. 2/3", "Second one. 3/3"]);
  expect(await act("text", post.id, "1", "Zeroth one.")).toContain("Zeroth one. 1/3");
  expect(await act("join", post.id, "2")).toHaveLength(2);
  expect(await act("move", post.id, "1", "--by", "1", "--unit", "sentence")).toEqual([
    "Zeroth one. First one. 1/2",
    "Second one. 2/2",
  ]);
  expect(await act("undo", post.id)).toEqual(["Zeroth one. 1/2", "First one.\n\nSecond one. 2/2"]);
  await act("attach", post.id, "2", "one.png", "--alt", "One dot");
  expect((await psn.post("show", post.id)).preview?.tweets[1]?.media).toEqual([
    { fileName: "one.png", altText: "One dot" },
  ]);
  await act("detach", post.id, "2");
  expect(await psn.code("text", post.id, "1", "Late.", "--version", "1")).toBe("POST_CHANGED");
  for (const bad of [
    ["split", post.id, "1"],
    ["split", post.id, "1", "--at", "x"],
    ["move", post.id, "1", "--unit", "mile"],
    ["move", post.id, "1", "--by", "0.5"],
    ["join", post.id, "0"],
    ["reorder", post.id, "1", "last"],
    ["text", post.id, "one", "x"],
  ]) {
    expect(await psn.code(...bad), bad.join(" ")).toBe("USAGE");
  }
  const copy = await psn.post("copy", post.id);
  expect(texts(copy)).toEqual(["Zeroth one. 1/2", "First one.\n\nSecond one. 2/2"]);
  expect((await psn.post("edit", copy.post.id, "--text", "All anew.", "--numbering", "off")).preview?.tweetCount).toBe(
    1,
  );
});

test("scenario 52: nothing that fits is torn unless the author says so; what else there is, and what is torn, is said", async () => {
  const sentence = (n: number) => `Number ${n} of them is a sentence of ${"some ".repeat(14)}words.`;
  const text = Array.from({ length: 7 }, (_, n) => sentence(n)).join(" ");
  const whole = await psn.preview(text);
  expect(whole.tweets.every((tweet) => tweet.break.tears === null)).toBe(true);
  const [less] = whole.alternatives;
  expect(less).toMatchObject({ tweetCount: whole.tweetCount - 1, cut: "fewest" });
  expect(less?.tears).toMatchObject([{ kind: "sentence" }]);

  const { post, preview } = await psn.post("create", text, "--cut", "fewest");
  expect(preview?.tweetCount).toBe(whole.tweetCount - 1);
  const torn = preview?.tweets.find((tweet) => tweet.break.tears === "sentence");
  expect(torn?.warnings.map(({ code }) => code)).toContain("unit_torn");
  expect(preview?.alternatives).toMatchObject([{ tweetCount: whole.tweetCount, tears: [], cut: "whole" }]);
  // The cut places are those of the text.
  expect(preview?.tweets.map(({ place }) => text.slice(place?.start, place?.end))).toEqual(
    preview?.tweets.map((tweet) => tweet.text) ?? [],
  );

  const again = await psn.post("edit", post.id, "--text", text, "--cut", "whole");
  expect(again.preview?.tweetCount).toBe(whole.tweetCount);
  // Moved into a sentence by hand: the screen shows what is torn, and an undo mends it.
  const moved = await psn.post("move", post.id, "1", "--by", "-1", "--unit", "word");
  expect(moved.preview?.tweets[0]?.break).toMatchObject({ kind: "edited", tears: "sentence" });
  expect(moved.preview?.tweets[0]?.warnings.map(({ code }) => code)).toEqual(["unit_torn"]);
  const undone = await psn.post("undo", post.id);
  expect(undone.preview?.tweets[0]).toMatchObject({ break: { tears: null }, warnings: [] });
  const redone = await psn.post("redo", post.id);
  expect(redone.preview?.tweets[0]?.warnings.map(({ code }) => code)).toEqual(["unit_torn"]);
  expect(await psn.code("edit", post.id, "--cut", "whole")).toBe("USAGE");
});

test("scenario 54: the author's own numbers part the tweets, and other numbers on top are refused", async () => {
  const text = "1/ First, a word.\n\n2/ Then another.\n\n3/ And the last.";
  expect((await psn.preview(text)).tweets.map((tweet) => tweet.text.slice(0, 2))).toEqual(["1/", "2/", "3/"]);
  expect(await psn.code("create", text, "--numbering", "1/n")).toBe("NUMBERED_TWICE");
  const long = await psn.post("create", `1/ ${"Many words. ".repeat(40)}\n\n2/ Few.`);
  expect(long.preview?.warnings.map(({ code }) => code)).toContain("own_number_long");
});

test("scenario 31: the cost is shown before approval, link by link and alt text by alt text", async () => {
  const { preview } = await psn.post(
    "create",
    "No link in this one.\n---\nA link: https://example.com/x\n---\nWith an image.",
    "--media",
    "3:one.png",
    "--alt",
    "One dot",
  );
  expect(preview?.tweets.map((tweet) => tweet.costUsd)).toEqual([0.015, 0.2, 0.02]);
  expect(preview?.costUsd).toBe(0.235);
});

test("scenario 32: previews, with all they are given, write nothing to the hub and nothing to X", async () => {
  await file("plan.md", '---\nat: in 2 hours\naccount: "@sandbox_author"\nmedia: one.png\n---\nA plan.\n');
  const writes = () => JSON.stringify(home.sandbox.sandbox.report().counts);
  const state = async () => {
    const { rows } = await home.hub.pool.query(`
      select (select count(*) from psn.posts) as posts, (select count(*) from psn.media_blobs) as blobs,
        (select max(updated_at) from psn.posts) as newest`);
    return JSON.stringify(rows);
  };
  const [before, sentBefore] = [await state(), writes()];
  const preview = await psn.preview("--file", "plan.md");
  expect(preview.tweets[0]?.media).toEqual([{ fileName: "one.png", altText: null }]);
  await psn.preview("Some words.", "--numbering", "(1/n)", "--limit", "100", "--account", "sandbox_author");
  expect(await state()).toBe(before);
  expect(writes()).toBe(sentBefore);
});
