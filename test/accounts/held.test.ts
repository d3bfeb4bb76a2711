import { afterAll, beforeAll, expect, test } from "bun:test";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { timeComes } from "../../src/testing/time-comes.ts";
import { eventually } from "../engines/posts.ts";
import { startWorkerProcess } from "../engines/worker-stage.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

test("scenario 16: a sign-in that ended holds due posts, is told, costs X one question, and the posts go out afterwards", async () => {
  const worker = startWorkerProcess(home.env);
  try {
    await worker.ready();
    home.sandbox.sandbox.revokeUser("sandbox_author");
    await home.hub.pool.query("update psn.oauth_tokens set expires_at = now()");

    const ids: string[] = [];
    for (const text of ["first", "second"]) {
      const { json } = await home.psn(["post", "create", text]);
      const { id } = (json as { post: { id: string } }).post;
      await home.psn(["post", "approve", id]);
      ids.push(id);
    }
    for (const id of ids) {
      const { json } = await home.psn(["post", "schedule", id, "--at", "in 1 hour"]);
      expect(json).toMatchObject({ post: { status: "scheduled" } });
      await timeComes(home.hub.pool, id);
    }

    const where = async () => (await home.hub.pool.query("select status, sub_status from psn.posts order by id")).rows;
    await eventually(
      async () => (await where()).every((post) => post.sub_status === "awaiting_auth"),
      async () => `the posts do not wait for a sign-in: ${JSON.stringify(await where())}`,
    );
    const { json } = await home.psn(["post", "list"]);
    const notices = (json as { notices: { code: string; message: string }[] }).notices;
    expect(notices.filter((notice) => notice.code === "ACCOUNT_SIGNED_OUT")).toHaveLength(1);
    expect(notices[0]?.message).toContain("2 of its posts wait");
    expect(home.sandbox.sandbox.report().accounts.sandbox_author?.signIns.refusedRefreshes).toBe(1);
    expect(home.sandbox.sandbox.report().accounts.sandbox_author?.posts).toEqual([]);

    const setup = await home.psn(["setup"]);
    const url = (setup.json as { steps: { data?: { url?: string } }[] }).steps.at(-1)?.data?.url ?? "";
    const done = await home.psn(["setup", "--paste"], { stdin: await consent(url, "sandbox_author") });
    expect(done.json).toMatchObject({ ready: true });
    await eventually(
      async () => (await where()).every((post) => post.status === "published"),
      async () => `the posts do not go out: ${JSON.stringify(await where())}`,
    );
    const texts = home.sandbox.sandbox
      .report()
      .accounts.sandbox_author?.posts.map((post) => post.text)
      .sort();
    expect(texts).toEqual(["first", "second"]);
    expect((await home.psn(["post", "list"])).json).toMatchObject({ notices: [] });
  } finally {
    await worker.stop();
  }
});
