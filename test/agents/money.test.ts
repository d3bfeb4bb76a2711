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
    expect(json.error.next.map(({ command }: Json) => command)).toEqual(["psn spend", "psn limits show"]);
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
