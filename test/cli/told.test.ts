/** What an author is told: exit codes, and every post that waits or is stuck by name. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

const CREATE = { method: "POST", path: "/2/tweets" };

interface Answer {
  post: { id: string; status: string; subStatus: string | null };
}

test("scenario 72: --now and now and retry exit 5 while X's limit is closed, and a rule that refuses exits 3, 7 or 8", async () => {
  home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
  const waits = await home.psn(["post", "create", "Behind a limit.", "--now"]);
  expect(waits.code, waits.stdout).toBe(5);
  const { post } = waits.json as Answer;
  expect(post).toMatchObject({ status: "retry", subStatus: "rate_limited" });
  expect((await home.psn(["post", "now", post.id])).code).toBe(5);
  expect((await home.psn(["post", "retry", post.id])).code).toBe(5);

  expect((await home.psn(["post", "now", post.id, "--version", "9"])).code).toBe(7);
  expect((await home.psn(["post", "show", "zzzzzzzz"])).code).toBe(8);
  expect((await home.psn(["post", "create", "x", "--now", "--at", "in 1 hour"])).code).toBe(2);
  const draft = (await home.psn(["post", "create", "Not approved."])).json as Answer;
  expect((await home.psn(["post", "now", draft.post.id])).code).toBe(3);
  await home.psn(["post", "cancel", post.id]);
});
