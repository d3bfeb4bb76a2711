/** That nothing which is stuck is hidden: counts, workers that do nothing, posts that nobody has, and advice that is taken. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { makePaint } from "../../src/cli/_paint.ts";
import { statusCommand } from "../../src/cli/status.ts";
import { startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { shiftedHubClock } from "../../src/testing/hub-clock.ts";
import { until } from "../../src/testing/wait.ts";

let home: TestHome;
let shift: (ms: number) => Promise<void>;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  shift = await shiftedHubClock(home.hub.pool);
});
afterAll(() => home.close());

interface Status {
  engine: { workers: number; trouble: string | null };
  stuck: {
    needPerson: number;
    wait: number;
    overdue: number;
    withoutWorker: number;
    posts: {
      postId: string;
      kind: string;
      reason: string;
      next: { command: string }[];
      until: { utc: string } | null;
    }[];
  };
  attention: string | null;
}
const status = async () => (await home.psn(["status"])).json as Status;
const failures = async () =>
  (await home.psn(["post", "failures"])).json as { posts: Status["stuck"]["posts"]; notices: { code: string }[] };
const made = async (...args: string[]) => {
  const { json } = await home.psn(["post", "create", ...args]);
  return (json as { post: { id: string } }).post.id;
};
/** X does not take the next tweet that has these words. */
const refuse = (bodyIncludes: string) =>
  home.sandbox.sandbox.addFault({
    kind: "status",
    status: 403,
    body: { title: "Forbidden", detail: "This is not permitted.", type: "about:blank", status: 403 },
    match: { method: "POST", path: "/2/tweets", bodyIncludes },
  });
const change = (set: string, id: string) => home.hub.pool.query(`update psn.posts set ${set} where id = $1`, [id]);
const gone = async (...ids: string[]) => {
  for (const id of ids) await home.hub.pool.query("delete from psn.posts where id = $1 or parent_post_id = $1", [id]);
};
const shownOn = (columns: number, answer: unknown): string[] => {
  const before = Object.getOwnPropertyDescriptor(process.stdout, "columns");
  Object.defineProperty(process.stdout, "columns", { value: columns, configurable: true, writable: true });
  try {
    return statusCommand.render(answer as never, makePaint(false)).split("\n");
  } finally {
    if (before) Object.defineProperty(process.stdout, "columns", before);
    else Reflect.deleteProperty(process.stdout, "columns");
  }
};

test("a post whose process died, and no worker runs, is counted and told with what helps", async () => {
  const abandoned = await made("Begun and left.", "--at", "in 2 hours");
  await change(
    "status = 'publishing', due_at = null, lease_owner = 'dead', lease_expires_at = psn.now() - interval '1 minute'",
    abandoned,
  );
  const waiting = await made("Waits.", "--at", "in 3 hours");
  const { stuck, attention } = await status();
  expect(stuck).toMatchObject({ needPerson: 0, wait: 2, overdue: 1, withoutWorker: 2 });
  expect(attention).toBe("no worker runs; 2 posts wait, 1 of them overdue: psn worker");
  const post = stuck.posts.find(({ postId }) => postId === abandoned);
  expect(post?.reason).toBe("The process that was publishing it is gone. No worker runs that would take it up.");
  expect(post?.next.map(({ command }) => command)).toEqual(["psn worker", `psn post now ${abandoned}`]);
  // The second of the two is taken, and sends it once.
  expect((await home.psn(["post", "now", abandoned])).code).toBe(0);
  expect(home.onX().filter((text) => text === "Begun and left.")).toHaveLength(1);
  await gone(waiting);
});

test("every post that is stuck is in a count, and what status does not name it counts", async () => {
  const ids: string[] = [];
  for (let number = 1; number <= 6; number++) {
    refuse(`Failed ${number}`);
    ids.push(await made(`Failed ${number}.`, "--now"));
  }
  const limited = await made("Behind a limit.", "--at", "in 2 hours");
  await change("status = 'retry', sub_status = 'rate_limited'", limited);
  const answer = await status();
  expect(answer.stuck).toMatchObject({ needPerson: 6, wait: 1, overdue: 0, withoutWorker: 1 });
  expect(answer.attention).toBe("6 posts need you: psn post failures · no worker runs; 1 post waits: psn worker");
  const wide = shownOn(100, answer);
  expect(wide.at(-1)?.trim()).toBe("and 4 more: psn post failures");
  const narrow = shownOn(40, answer);
  for (const line of narrow) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
  const text = narrow.map((line) => line.trim()).join(" ");
  expect(text).toContain(answer.stuck.posts[0]?.reason ?? "?");
  expect(text).toMatch(/Next +\w+ +\w{3} \d{4}-\d\d-\d\d \d\d:\d\d +rate_limited +Behind a limit\./);
  // Until when it waits is told as a time, too.
  expect((await failures()).posts.find(({ postId }) => postId === limited)?.until).toBeTruthy();
  await gone(...ids, limited);
});

test("a worker that is frozen is told from one that works, with the posts that wait for it", async () => {
  const worker = startPsn(["worker"], { env: home.env, cwd: home.folder });
  try {
    await until(() => worker.log().includes("The worker is ready"));
    await made("Two hours on.", "--at", "in 2 hours");
    expect(await status()).toMatchObject({ engine: { workers: 1, trouble: null }, attention: null });
    process.kill(worker.pid, "SIGSTOP");
    await shift(2 * 3_600_000 + 10 * 60_000);
    const { engine, stuck, attention } = await status();
    expect(engine.workers).toBe(1);
    expect(engine.trouble).toMatch(/^The worker has not answered since \w{3} \d{4}-.*psn worker --also$/);
    expect(stuck).toMatchObject({ wait: 1, overdue: 1, withoutWorker: 1 });
    expect(attention).toMatch(
      /^the worker has not answered since .*; 1 post waits and should be on X by now: psn worker --also$/,
    );
    const { posts, notices } = await failures();
    expect(posts[0]).toMatchObject({ kind: "overdue", next: [{ command: "psn worker --also" }] });
    expect(posts[0]?.reason).toContain("The worker has not answered since");
    expect(notices.map(({ code }) => code)).toContain("WORKER_SILENT");
    expect((await home.psn(["worker", "status"])).json).toMatchObject({
      workers: 1,
      trouble: expect.stringContaining("has not answered since"),
    });
    const { findings } = (await home.psn(["doctor"])).json as { findings: { name: string; says: string }[] };
    expect(JSON.stringify(findings)).toContain("The worker has not answered since");
  } finally {
    await shift(0);
    process.kill(worker.pid, "SIGCONT");
    await worker.stop();
  }
});

test("of a post that was stopped half-way and edited, the advice is to look and to approve, which is taken", async () => {
  refuse("Second");
  const id = await made("First.\n---\nSecond.", "--now");
  const edited = await home.psn(["post", "edit", id, "--text", "Another second."]);
  expect(edited.code, edited.stdout).toBe(0);
  const post = (await failures()).posts.find(({ postId }) => postId === id);
  expect(post).toMatchObject({ kind: "half_published" });
  const advised = post?.next.map(({ command }) => command) ?? [];
  expect(advised).toEqual([`psn post show ${id}`, `psn post approve ${id}`]);
  for (const command of advised) expect((await home.psn(command.split(" ").slice(1))).code, command).toBe(0);
  const after = (await failures()).posts.find(({ postId }) => postId === id);
  expect(after?.next.map(({ command }) => command)).toEqual([`psn post now ${id}`]);
  expect((await home.psn(["post", "now", id])).code).toBe(0);
});
