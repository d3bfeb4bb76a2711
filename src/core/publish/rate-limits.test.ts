/** What several answers of X say of one limit, in whatever order they arrive. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import type { AccountRow } from "../accounts/choose.ts";
import type { MediaStore } from "../media/store.ts";
import type { Platform } from "../platform.ts";
import type { PublishDeps } from "./deps.ts";

let stage: Stage;
let account: AccountRow;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.clean();
  account = await stage.signIn("limited_author");
});

const limited = (words: string, more: { resetSecs?: number; withReset?: boolean }) =>
  stage.x.sandbox.addFault({
    kind: "rate_limited",
    match: { method: "POST", path: "/2/tweets", bodyIncludes: words },
    ...more,
  });

/** A worker that is slow: before its request is made (while its picture is read), or before it hears the answer. */
function held(where: "request" | "answer"): { deps: PublishDeps; reached: Promise<void>; release(): void } {
  let release = () => {};
  let reach = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const real = stage.platform();
  const platform: Platform = {
    ...real,
    async createPost(...given) {
      const answer = await real.createPost(...given);
      reach();
      await gate;
      return answer;
    },
  };
  const media: MediaStore = {
    ...stage.media,
    async source(item) {
      reach();
      await gate;
      return await stage.media.source(item);
    },
  };
  return { deps: stage.deps(where === "answer" ? { platform } : { media }), reached, release: () => release() };
}

/** A post with a picture: reading that can be slow. */
async function withPicture(text: string): Promise<string> {
  return await stage.due([{ text, media: [await stage.picture()] }], { account });
}

const secondsUntil = async (postId: string) =>
  Math.round((((await stage.post(postId)).root.dueAt?.getTime() ?? 0) - stage.clock.now().getTime()) / 1000);

test("scenario 19: X's newest word counts: a later 429 that names an earlier reset lets the account go on then", async () => {
  const first = await stage.due(["Long limit"], { account });
  const second = await withPicture("Short limit");
  limited("Long limit", { resetSecs: 900 });
  limited("Short limit", { resetSecs: 120 });
  // Both see an open limit; the second's request leaves after the first was refused.
  const slow = held("request");
  const running = stage.run(second, slow.deps);
  await slow.reached;
  expect(await stage.run(first)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  slow.release();
  expect(await running).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(await secondsUntil(second)).toBeLessThan(130);
  await stage.pass(130_000);
  expect((await stage.run(second)).kind).toBe("published");
});

test("scenario 19: an older 429 that arrives late does not put off what X said after it", async () => {
  const first = await stage.due(["Old answer"], { account });
  const second = await stage.due(["New answer"], { account });
  const third = await stage.due(["Only waits"], { account });
  limited("Old answer", { resetSecs: 900 });
  limited("New answer", { resetSecs: 120 });
  const slow = held("answer");
  const running = stage.run(first, slow.deps);
  await slow.reached;
  await Bun.sleep(20);
  await stage.run(second);
  slow.release();
  await running;
  expect(await stage.run(third)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(await secondsUntil(third)).toBeLessThan(130);
  await stage.pass(130_000);
  expect((await stage.run(third)).kind).toBe("published");
});

test("scenario 19: a 429 that names no time does not shorten what X named before", async () => {
  const first = await stage.due(["Named"], { account });
  const second = await withPicture("Not named");
  const third = await stage.due(["Waits for both"], { account });
  limited("Named", { resetSecs: 600 });
  limited("Not named", { withReset: false });
  const slow = held("request");
  const running = stage.run(second, slow.deps);
  await slow.reached;
  await stage.run(first);
  slow.release();
  await running;
  await stage.run(third);
  expect(await secondsUntil(third)).toBeGreaterThan(590);
});

test("answers that overtake each other: the smallest count left of a window counts", async () => {
  stage.x.sandbox.configure({ limits: { "POST /2/tweets": { user15min: 3 } } });
  const ids = [];
  for (const words of ["one of three", "two of three", "three of three", "beyond"]) {
    ids.push(await stage.due([words], { account }));
  }
  const slow = held("answer");
  const running = stage.run(ids[0] ?? "", slow.deps);
  await slow.reached;
  await stage.run(ids[1] ?? "");
  await stage.run(ids[2] ?? "");
  slow.release();
  expect((await running).kind).toBe("published");
  const before = stage.sends();
  expect(await stage.run(ids[3] ?? "")).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(stage.sends()).toBe(before);
  stage.x.sandbox.configure({ limits: {} });
});

const uploads = () =>
  Object.entries(stage.x.sandbox.report().counts)
    .filter(([endpoint]) => endpoint.includes("/media/"))
    .reduce((sum, [, { received }]) => sum + received, 0);

test("uploads that are known to be refused are not made, by no worker, and go on after the reset", async () => {
  const first = await withPicture("Picture one");
  const second = await withPicture("Picture two");
  stage.x.sandbox.addFault({ kind: "rate_limited", match: { path: "/2/media/upload*" }, resetSecs: 300, times: 1 });
  expect(await stage.run(first)).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  const made = uploads();
  expect(await stage.run(second, stage.deps())).toMatchObject({ kind: "deferred", subStatus: "rate_limited" });
  expect(uploads()).toBe(made);
  expect(await secondsUntil(second)).toBeGreaterThan(290);
  // What has no picture is not slow.
  expect((await stage.run(await stage.due(["No picture"], { account }))).kind).toBe("published");
  await stage.pass(310_000);
  for (const id of [first, second]) expect((await stage.untilDone(id)).root.status).toBe("published");
});

test("a timeline that is known to be refused is not read, by no worker; nothing is sent meanwhile", async () => {
  stage.x.sandbox.addFault({ kind: "drop_after", match: { method: "POST", path: "/2/tweets" }, times: 2 });
  const ids = [await stage.due(["Lost one"], { account }), await stage.due(["Lost two"], { account })];
  for (const id of ids) expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  stage.x.sandbox.addFault({
    kind: "rate_limited",
    match: { method: "GET", path: "/2/users/*/tweets" },
    resetSecs: 300,
    times: 1,
  });
  const reads = () => stage.x.sandbox.report().counts["GET /2/users/:id/tweets"]?.received ?? 0;
  await stage.pass(6_000);
  const before = reads();
  for (const id of ids) expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  expect(reads()).toBe(before + 1);
  for (const id of ids) expect(await secondsUntil(id)).toBeGreaterThan(290);
  const sent = stage.sends();
  for (const id of ids) expect((await stage.untilDone(id)).root.status).toBe("published");
  expect(stage.sends()).toBe(sent);
});
