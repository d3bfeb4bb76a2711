/** Every request that X bills is a row, and the sum is what X's own ledger says. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { spendReport, spendRows } from "./report.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.clean();
  await stage.hub.pool.query("truncate psn.spend");
});
afterAll(() => stage.close());

const CREATE = { method: "POST", path: "/2/tweets" };
const rows = async () =>
  await spendRows(stage.hub.db, { from: new Date(0), to: new Date("9999-01-01") }, { limit: 100 });
const causes = async () => (await rows()).map(({ cause, units }) => `${units} ${cause}`).toReversed();
const summed = async () => (await rows()).reduce((sum, { micros }) => sum + micros, 0);
/** What the sandbox billed, by its own list of prices. */
const billed = () => Math.round(stage.x.sandbox.report().spent.totalUsd * 1_000_000);

test("a thread with a link and an alt text: a row each, with post and tweet, and the sum is X's", async () => {
  const picture = await stage.picture({ altText: "A dot." });
  const postId = await stage.due(["One.", { text: "Two, https://example.com", media: [picture] }]);
  const { tweets } = await stage.untilDone(postId);
  expect((await causes()).toSorted()).toEqual(["1 alt_text", "1 create", "1 create_with_link"]);
  expect(await summed()).toBe(billed());
  const list = await rows();
  expect(list.every((row) => row.postId === postId && row.account === stage.account.handle && row.isSandbox)).toBe(
    true,
  );
  expect(list.find(({ cause }) => cause === "create_with_link")?.tweetId).toBe(tweets[1]?.id ?? "");
});

test("a refused request costs nothing, and its row stays", async () => {
  stage.x.sandbox.addFault({ kind: "status", status: 403, match: CREATE });
  await stage.untilDone(await stage.due(["Refused."]));
  expect(await causes()).toEqual(["0 create"]);
});

test("a lost answer counts as spent, and so do the looks that find its tweet", async () => {
  stage.x.sandbox.addFault({ kind: "drop_after", match: CREATE });
  const postId = await stage.due(["Lost and found."]);
  await stage.untilDone(postId);
  expect(stage.onX()).toHaveLength(1);
  expect((await causes())[0]).toBe("1 create");
  expect((await causes()).some((row) => row.endsWith("timeline"))).toBe(true);
});

test("a process that dies after it wrote its attempt leaves it counted", async () => {
  const postId = await stage.due(["Dies."]);
  const dying = stage.deps();
  dying.platform = {
    ...dying.platform,
    createPost: async () => {
      throw new Error("killed");
    },
  };
  await stage.run(postId, dying).catch(String);
  expect(await causes()).toEqual(["1 create"]);
});

test("totals are of the author's day, and what the sandbox got is in none of them", async () => {
  await stage.untilDone(await stage.due(["On the sandbox."]));
  const zone = "Pacific/Kiritimati";
  const { micros, sandbox } = await spendReport(stage.hub.db, { period: "day", zone });
  expect({ micros, sandbox }).toEqual({ micros: 0, sandbox: { requests: 1, micros: 15_000 } });
  await stage.hub.pool.query("update psn.spend set is_sandbox = false");
  const day = await spendReport(stage.hub.db, { period: "day", zone });
  expect(day).toMatchObject({ micros: 15_000, byCause: [{ cause: "create" }], byAccount: [{ requests: 1 }] });
  // The day before, by the same clock.
  const before = await spendReport(stage.hub.db, { period: "day", zone, at: new Date(day.from.getTime() - 1) });
  expect(before).toMatchObject({ micros: 0, to: day.from });
});
