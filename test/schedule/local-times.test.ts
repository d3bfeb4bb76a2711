/** Times that a person reads are on their own clock; UTC is in JSON's own fields alone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Ran, type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

const UTC = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/;
const json = (ran: Ran) =>
  ran.json as {
    post: { id: string; scheduled: { utc: string; local: string } };
    history: { kind: string; note: string }[];
    error: { code: string; message: string; hint: string };
  };

test("scenario 50: history and refusals tell times in the author's zone", async () => {
  const made = json(await home.psn(["post", "create", "At its time.", "--at", "in 3 days at 9am"]));
  expect(made.post.scheduled.local).toContain("09:00 Europe/Berlin");
  expect(made.post.scheduled.utc).toMatch(UTC);
  const { history } = json(await home.psn(["post", "show", made.post.id]));
  const scheduled = history.find(({ kind }) => kind === "scheduled");
  expect(scheduled?.note).toContain("09:00 Europe/Berlin");
  expect(history.map(({ note }) => note).join(" ")).not.toMatch(UTC);

  const twice = json(await home.psn(["post", "create", "At its time.", "--at", "in 3 days at 10am"]));
  expect(twice.error.code).toBe("POST_DUPLICATE");
  expect(twice.error.message).toContain("09:00 Europe/Berlin");

  for (const at of ["2026-01-05 09:00", "yesterday 9am", "2026-01-05T09:00Z"]) {
    const { error } = json(await home.psn(["post", "create", "Too late.", "--at", at]));
    expect(error.code).toBe("TIME_IN_PAST");
    expect(`${error.message} ${error.hint}`).not.toMatch(UTC);
    expect(`${error.message} ${error.hint}`).not.toMatch(/post now|--now|at once/);
  }
});
