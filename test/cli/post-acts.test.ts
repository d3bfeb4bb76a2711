/** The acts on a draft as an agent runs them: of two at once one wins, the other is told. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; contentVersion: number };
  preview: { tweets: { text: string }[] };
  error?: { code: string; message?: string; hint?: string; details?: { contentVersion?: number } };
}

const psn = async (args: string[], stdin?: string, run = home.psn) => {
  const ran = await run(["post", ...args], stdin === undefined ? {} : { stdin });
  return { ...ran, answer: ran.json as Answer };
};

test("two agents act on one version of a draft: one wins, the other is told the version that is there", async () => {
  const { answer } = await psn(["create", "One.\n---\nTwo.\n---\nThree."]);
  const { id, contentVersion } = answer.post;
  const version = ["--version", String(contentVersion)];
  const both = await Promise.all([
    psn(["join", id, "1", ...version], undefined, home.psnProcess),
    psn(["text", id, "3", "-", ...version], "Drei.", home.psnProcess),
  ]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 7]);
  const [lost] = both.filter(({ code }) => code === 7);
  const [won] = both.filter(({ code }) => code === 0);
  expect(lost?.answer.error).toMatchObject({ code: "POST_CHANGED", details: { contentVersion: contentVersion + 1 } });
  expect(won?.answer.post.contentVersion).toBe(contentVersion + 1);
  const undone = await psn(["undo", id]);
  expect(undone.answer.preview.tweets.map(({ text }) => text)).toEqual(["One.", "Two.", "Three."]);
});

test("the last tweet has none after it: move and join say so, and which command is meant", async () => {
  const { answer } = await psn(["create", "One.\n---\nTwo.\n---\nThree."]);
  for (const act of ["move", "join"]) {
    const ran = await psn([act, answer.post.id, "3"]);
    expect(ran.answer.error).toMatchObject({
      code: "TWEET_NOT_FOUND",
      message: "Tweet 3 is the last of 3; there is none after it.",
      hint: `Name the first of the two tweets: psn post ${act} ID 2`,
    });
  }
  const beyond = await psn(["move", answer.post.id, "4"]);
  expect(beyond.answer.error?.message).toBe("There is no tweet 4; the thread has 3.");
  const only = await psn(["create", "Alone."]);
  expect((await psn(["join", only.answer.post.id, "1"])).answer.error?.message).toContain("has one tweet");
});

test("without a terminal nothing is asked: edit with nothing to change is an error", async () => {
  const { answer } = await psn(["create", "Unchanged."]);
  const ran = await psn(["edit", answer.post.id]);
  expect(ran.code).toBe(2);
  expect(ran.answer.error?.code).toBe("USAGE");
});

test("a tweet is put in and taken out by commands; undone and done again, the thread is what it was", async () => {
  const { answer } = await psn(["create", "Eins.\n---\nZwei."]);
  const { id } = answer.post;
  const texts = (ran: { answer: Answer }) => ran.answer.preview.tweets.map(({ text }) => text);
  expect(texts(await psn(["insert", id, "2", "Between.\n---\nAnd more."]))).toEqual([
    "Eins.",
    "Between.",
    "And more.",
    "Zwei.",
  ]);
  expect(texts(await psn(["insert", id, "5", "-"], "Last.\n"))).toHaveLength(5);
  const removed = texts(await psn(["remove", id, "1"]));
  expect(removed).toEqual(["Between.", "And more.", "Zwei.", "Last."]);
  expect(texts(await psn(["undo", id]))).toHaveLength(5);
  expect(texts(await psn(["undo", id]))).toHaveLength(4);
  expect(texts(await psn(["redo", id]))).toHaveLength(5);
  expect(texts(await psn(["redo", id]))).toEqual(removed);
  expect((await psn(["redo", id])).answer.error?.code).toBe("REDO_NOTHING");
  await psn(["undo", id]);
  await psn(["text", id, "1", "Another way."]);
  expect((await psn(["redo", id])).answer.error?.code).toBe("REDO_NOTHING");
  expect((await psn(["insert", id, "9", "x"])).answer.error?.code).toBe("TWEET_NOT_FOUND");
  expect((await psn(["insert", id, "1"])).answer.error?.code).toBe("TEXT_MISSING");
}, 300_000);
