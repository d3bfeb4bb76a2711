import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestSandbox, testSandbox } from "./testing.ts";

const DELETED = ">deleted</span>";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

const step = async (query: string) => await (await fetch(`${x.url}/sandbox/replay${query}`)).text();
/** What is in the page's own script is no post. */
const posts = (page: string) => page.replace(/<script.*?<\/script>/gs, "").match(/<article/g)?.length ?? 0;

test("an empty record says so, and a step that is none is the beginning or the end", async () => {
  expect(await step("")).toContain("Nothing was asked of the sandbox yet.");
  expect(await step("?step=99999")).toContain("Step 0 of 0");
  expect(await step("?step=x'")).toContain("Step 0 of 0");
});

test("without a script each step shows the timeline as it stood, with faults and deletions, in a list of what happened", async () => {
  const root = await x.post("The first.");
  x.clock.ms += 1_500;
  await x.post("Its answer.", { reply: { in_reply_to_tweet_id: root } });
  x.sandbox.addFault({ kind: "status", status: 503, times: 1 });
  x.clock.ms += 1_500;
  await x.api("POST", "/2/tweets", { text: "Refused." });
  x.clock.ms += 1_500;
  await x.api("DELETE", `/2/tweets/${root}`);
  expect(posts(await step(""))).toBe(0);
  const first = await step("?step=1");
  expect(posts(first)).toBe(1);
  expect(first).toContain("POST /2/tweets by @sandbox_author: 201");
  const second = await step("?step=2");
  expect(posts(second)).toBe(2);
  expect(second).toContain("after 1.5 s");
  expect(second).toContain('href="/sandbox/replay?step=3"');
  const third = await step("?step=3");
  expect(posts(third)).toBe(2);
  expect(third).toContain("503 (status)");
  expect(third).not.toContain(DELETED);
  const last = await step("?step=4");
  expect(last).toContain(DELETED);
  expect(last).toContain('aria-current="step"');
});
