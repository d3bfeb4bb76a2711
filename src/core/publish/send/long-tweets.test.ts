/** Premium that lapsed, or was bought, after it was last read. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import type { AccountRow } from "../../accounts/choose.ts";
import { entitlementFor } from "../../accounts/entitlement.ts";
import { previewPost } from "../../posts/preview.ts";
import { approvePost, createPost, schedulePost } from "../../posts/write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const LONG = "Long words again. ".repeat(30).trim();
const HOURS_MS = 3_600_000;

/** A thread whose second tweet needs Premium, due in 7 hours. */
async function scheduled(account: AccountRow): Promise<string> {
  const tweets = ["A short one.", LONG].map((text) => ({ text, separatorAfter: "", media: [] }));
  const { postId } = await createPost(stage.hub, {
    accountId: account.id,
    tweets,
    source: LONG,
    metadata: { limit: 25_000 },
  });
  await approvePost(stage.hub, postId);
  const at = new Date(stage.clock.now().getTime() + 7 * HOURS_MS);
  await schedulePost(stage.hub, stage.deps().engine, postId, { at, timezone: "UTC" });
  return postId;
}

async function premium(handle: string): Promise<AccountRow> {
  const account = await stage.signIn(handle);
  stage.x.sandbox.changeUser(handle, { subscription: "Premium" });
  await entitlementFor(stage.hub, async () => stage.deps(), account.id, 25_000);
  return account;
}

test("scenario 68: Premium that lapsed before the due time stops the thread before its first tweet, with the true reason", async () => {
  const account = await premium("lapsed");
  const id = await scheduled(account);
  stage.x.sandbox.changeUser("lapsed", { subscription: "None" });
  await stage.pass(7 * HOURS_MS + 1_000);
  const result = await stage.run(id);
  expect(result).toMatchObject({ kind: "failed", code: "LIMIT_NOT_ALLOWED" });
  expect(result.kind === "failed" && result.reason).toContain("no Premium");
  expect(stage.onX("lapsed")).toEqual([]);
  const preview = await previewPost(stage.hub.db, await stage.post(id));
  expect(preview.tweets[1]?.warnings).toContainEqual(expect.objectContaining({ code: "too_long", blocking: true }));
});

test("scenario 68: Premium that lapsed within the hours in which it is kept: X's vague refusal is explained", async () => {
  const account = await premium("just_lapsed");
  const id = await scheduled(account);
  await stage.pass(7 * HOURS_MS + 1_000);
  await entitlementFor(stage.hub, async () => stage.deps(), account.id, 25_000);
  stage.x.sandbox.changeUser("just_lapsed", { subscription: "None" });
  const result = await stage.run(id);
  expect(result).toMatchObject({ kind: "failed", code: "LIMIT_NOT_ALLOWED" });
  expect(stage.onX("just_lapsed").map(({ text }) => text)).toEqual(["A short one."]);
});

test("scenario 68: Premium bought after the sign-in counts without a new one", async () => {
  const account = await stage.signIn("bought");
  const known = await entitlementFor(stage.hub, null, account.id, 25_000);
  expect(known?.subscription).not.toBe("Premium");
  stage.x.sandbox.changeUser("bought", { subscription: "Premium" });
  const now = await entitlementFor(stage.hub, async () => stage.deps(), account.id, 25_000);
  expect(now).toMatchObject({ subscription: "Premium", isFresh: true });
  const id = await scheduled(account);
  await stage.pass(7 * HOURS_MS + 1_000);
  expect((await stage.run(id)).kind).toBe("published");
});
