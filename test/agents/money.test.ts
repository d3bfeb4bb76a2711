/** Money as an agent meets it: what was spent, caps, and what they refuse. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home?.close());

// biome-ignore lint/suspicious/noExplicitAny: the answers of several commands
type Json = any;
async function psn(...args: string[]): Promise<{ code: number; json: Json }> {
  const { code, json, stdout, stderr } = await home.psn([...args, "--json"]);
  expect(json, stdout + stderr).not.toBeNull();
  return { code, json };
}

test("how old the prices are is told before there is a hub", async () => {
  const { code, json } = await home.psn(["spend", "--check"], {
    env: { ...home.env, PSN_CONFIG_DIR: join(home.folder, "none") },
  });
  expect(code).toBe(0);
  expect(json).toMatchObject({ prices: { asOf: expect.any(String), ageDays: expect.any(Number) } });
  expect((json as Json).prices.list).toContainEqual({ name: "createWithLink", micros: 200_000 });
  expect((await psn("spend", "--check", "--day")).code).toBe(2);
});

test("at a time of its own a post is refused however often, and the first time with room is named; what counts from now is told when to come again", async () => {
  await psn("limits", "set", "--day-posts", "1");
  // Some days ahead, in the middle of the day.
  const noon = Date.parse(`${new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10)}T12:00:00Z`);
  const at = new Date(noon).toISOString();
  const { json: first } = await psn("post", "create", "Takes the room.", "--at", at, "--approve");
  const { json: made } = await psn("post", "create", "Finds none.");
  const { id } = made.post;
  const fixed = await psn("post", "schedule", id, "--at", at, "--approve");
  expect(fixed).toMatchObject({ code: 3, json: { error: { code: "TIME_OVER_CAP", retryable: false } } });
  expect(fixed.json.error.retryAt).toBeUndefined();
  const hours = Math.round((noon - Date.now()) / 3_600_000);
  const span = await psn("post", "schedule", id, "--at", `in ${hours} hours`, "--approve");
  expect(span).toMatchObject({ code: 5, json: { error: { code: "OVER_CAP", retryable: true } } });
  const { resetsAt } = span.json.error.details.cap;
  // Times are whole seconds, and the clock is not.
  const beforeMs = Date.parse(resetsAt) - Date.parse(span.json.error.retryAt);
  expect(Math.abs(beforeMs - hours * 3_600_000)).toBeLessThan(1_000);
  // Refused as it is made, it is nowhere, and no command names it.
  const nowhere = await psn("post", "create", "Never made.", "--at", at, "--approve");
  expect(nowhere.json.error.next.map(({ command }: Json) => command)).toEqual(["psn spend", "psn limits show"]);
  expect(nowhere.json.error.readings.map((reading: Json) => Date.parse(reading.at))).toEqual([Date.parse(resetsAt)]);
  // The approval was part of what was refused, and is part of what is named instead.
  const { json: given } = await psn(...fixed.json.error.next[0].command.split(" ").slice(1));
  expect([given.post.id, given.post.scheduled.utc]).toEqual([id, resetsAt]);
  for (const one of [id, first.post.id]) await psn("post", "cancel", one);
  await psn("limits", "clear");
}, 60_000);

test("what was spent is summed up, and a cap refuses before it is approved; cleared, the same command goes on", async () => {
  const first = await psn("post", "create", "Spends a little.", "--now");
  expect(first.code).toBe(0);
  const { json: spent } = await psn("spend", "--day", "--requests");
  expect(spent).toMatchObject({ micros: 0, period: "day", prices: { isOld: expect.any(Boolean) } });
  expect(spent.list.find(({ cause }: Json) => cause === "create")).toMatchObject({
    postId: first.json.post.id,
    units: 1,
    micros: 15_000,
    isSandbox: true,
  });

  const { json: set } = await psn("limits", "set", "--day", "0.02", "--month-posts", "50");
  expect(set.limits).toMatchObject([
    { account: null, period: "day", unit: "micros", amount: 20_000 },
    { period: "month", unit: "posts", amount: 50, used: 1, left: 49 },
  ]);
  const { json: made } = await psn("post", "create", "Over the cap.");
  const { id } = made.post;
  for (const dry of [[], ["--dry-run"]]) {
    const { code, json } = await psn("post", "approve", id, ...dry);
    expect(code).toBe(5);
    expect(json.error).toMatchObject({ code: "OVER_CAP", retryable: true, retryAt: expect.any(String) });
    expect(json.error.next.map(({ command }: Json) => command)).toEqual([
      expect.stringContaining(`psn post schedule ${id} --approve --version 1 --at `),
      "psn spend",
      "psn limits show",
    ]);
  }
  expect((await psn("status")).json.spend).toContain("$0.020 a day");
  expect((await home.psn(["context"])).stdout).toContain("Limit: $0.020 a day");

  await psn("approval", "person");
  const raised = await psn("limits", "set", "--day", "5");
  expect([raised.code, raised.json.error.code]).toEqual([3, "APPROVAL_NEEDED"]);
  expect((await psn("limits", "clear")).json.error.code).toBe("APPROVAL_NEEDED");
  // Less may be spent without a word.
  expect((await psn("limits", "set", "--day", "0.001")).code).toBe(0);
  expect((await psn("post", "approve", id)).json.error.code).toBe("CAP_TOO_SMALL");
}, 60_000);
