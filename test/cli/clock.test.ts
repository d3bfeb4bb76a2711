/** A machine whose clock is five hours ahead of X's, as a person meets it: told, and nothing is doubled. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { openPage } from "../../src/testing/draft-page.ts";

const BEHIND_MS = 5 * 3_600_000;
const CREATE = { method: "POST", path: "/2/tweets" };

let home: TestHome;
beforeAll(async () => {
  home = await testHome({ sandbox: { clock: { now: () => new Date(Date.now() - BEHIND_MS) } } });
  await home.signIn();
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; status: string; tweets: { url: string | null }[] };
  error?: { code: string; hint?: string };
}

const post = async (args: string[]) => {
  const { code, json } = await home.psn(["post", ...args]);
  return { code, answer: json as Answer };
};

test("scenario 58: setup says how far the clock is off", async () => {
  const { stdout, code } = await home.psn(["setup"]);
  expect(stdout).toContain("The hub's clock is 5 h 0 min ahead of the clock of 127.0.0.1");
  expect(code).not.toBe(0);
});

test("scenario 58: the answer to a picture is lost: post now finds it, and it is on X once", async () => {
  const file = join(home.folder, "cover.png");
  await writeFile(file, tinyPng());
  home.sandbox.sandbox.addFault({ kind: "drop_after", match: CREATE });
  const { answer } = await post(["create", "", "--media", file, "--now"]);
  expect(answer.post.status).toBe("published");
  expect(home.sandbox.sandbox.report().accounts.sandbox_author?.posts.length).toBe(1);
}, 300_000);

test("scenario 71: psn post resolve takes one word of two, and refuses what is known already", async () => {
  const { answer } = await post(["create", "Resolved", "--now"]);
  const { id } = answer.post;
  for (const words of [[], ["--posted", "1", "--not-posted"]]) {
    const refused = await post(["resolve", id, "1", ...words]);
    expect(refused.answer.error?.code).toBe("USAGE");
    expect(refused.answer.error?.hint).toContain("--not-posted");
  }
  const settled = await post(["resolve", id, "1", "--not-posted"]);
  expect(settled.answer.error?.code).toBe("POST_SETTLED");
  expect(settled.code).not.toBe(0);
});

test("scenario 58: “in 2 hours” is in two hours by X's clock, by which the post goes out", async () => {
  const before = Date.now();
  const { json } = await home.psn(["post", "create", "In two hours", "--at", "in 2 hours"]);
  const { utc: at } = (json as { post: { scheduled: { utc: string } } }).post.scheduled;
  const offMs = Date.parse(at) - (before - BEHIND_MS + 2 * 3_600_000);
  expect(Math.abs(offMs)).toBeLessThan(5 * 60_000);
});

test("scenario 58: “in 2 hours” on the page is in two hours by X's clock, too", async () => {
  const before = Date.now();
  const { answer } = await post(["create", "In two hours, from the page"]);
  const page = await openPage(home, ["post", "show", answer.post.id, "--open", "--json"]);
  try {
    const nonce = page.nonceOf((await page.get("./")).text);
    const asked = await page.send("approve", { nonce, choice: "time", when: "in 2 hours" });
    await page.send("approve", { nonce: page.nonceOf(asked.text), choice: "yes" });
  } finally {
    await page.close();
  }
  const { json } = await home.psn(["post", "show", answer.post.id]);
  const { utc: at } = (json as { post: { scheduled: { utc: string } } }).post.scheduled;
  const offMs = Date.parse(at) - (before - BEHIND_MS + 2 * 3_600_000);
  expect(Math.abs(offMs)).toBeLessThan(5 * 60_000);
});
