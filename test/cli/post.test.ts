/** The life of a post through the command line, against the sandbox. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BIN_PSN, PSN, type Ran, runProgram, type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

interface Answer {
  post: {
    id: string;
    status: string;
    approved: boolean;
    contentVersion: number;
    scheduled: { utc: string; local: string; timezone: string } | null;
    tweets: { text: string; externalPostId: string | null }[];
  };
  preview?: { tweetCount: number; costUsd: number; tweets: { weightedLength: number; limit: number }[] };
  notices: { code: string }[];
  error?: { code: string; hint: string };
}

const psn = async (...args: string[]) => answered(await home.psn(args));
const psnProcess = async (...args: string[]) => answered(await home.psnProcess(args));
const answered = (ran: Ran) => ({ ...ran, answer: ran.json as Answer });

const onX = () => home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? [];

test("scenario 30: create, show, approve, publish by id; the thread on X is the text", async () => {
  const essay = Array.from({ length: 20 }, (_, index) => `Sentence ${index + 1} of the essay stands here.`).join(" ");
  const text = `${essay}\n\nAnd an end with a link: https://example.com/a?b=1`;
  await writeFile(join(home.folder, "essay.md"), `${text}\n`);
  const created = await psnProcess("post", "create", "--file", "essay.md");
  expect(created.code, created.stdout + created.stderr).toBe(0);
  const { post, preview } = created.answer;
  expect(post.status).toBe("draft");
  expect(preview?.tweetCount).toBeGreaterThan(2);
  for (const tweet of preview?.tweets ?? []) expect(tweet.weightedLength).toBeLessThanOrEqual(tweet.limit);

  await psnProcess("post", "approve", post.id, "--version", String(post.contentVersion));
  const before = onX().length;
  const published = await psnProcess("post", "now", post.id);
  expect(published.answer.post.status, published.stdout).toBe("published");

  const sent = onX().slice(before);
  expect(sent.map((tweet) => tweet.text)).toEqual(post.tweets.map((tweet) => tweet.text));
  expect(sent.map((tweet) => tweet.id)).toEqual(
    published.answer.post.tweets.map((tweet) => tweet.externalPostId ?? ""),
  );
});

test("scenario 4: a published post refuses schedule, now, edit, cancel and retry; a copy is its own verb", async () => {
  const { answer } = await psn("post", "create", "Said once.", "--now");
  expect(answer.post.status).toBe("published");
  const { id } = answer.post;
  const before = onX().length;
  for (const args of [["now"], ["schedule", "--at", "in 1 hour"], ["edit", "--text", "x"], ["cancel"], ["retry"]]) {
    const [verb = "", ...rest] = args;
    const ran = await psn("post", verb, id, ...rest);
    expect(ran.answer.error?.code).toBe("POST_PUBLISHED");
    expect(ran.answer.error?.hint).toContain("psn post copy");
  }
  expect(onX().length).toBe(before);
  const copy = await psn("post", "copy", id);
  expect(copy.answer.post.status).toBe("draft");
  expect(copy.answer.post.id).not.toBe(id);
});

test("the whole text given again for a thread that is half on X is refused: its beginning would be said twice", async () => {
  const match = { method: "POST", path: "/2/tweets", bodyIncludes: "half two" };
  home.sandbox.sandbox.addFault({ kind: "status", status: 403, match, times: 1 });
  const { answer } = await psn("post", "create", "half one\n\n---\n\nhalf two", "--now");
  const { id, contentVersion } = answer.post;
  expect(answer.post.status).toBe("failed");
  const edit = (text: string, ...more: string[]) =>
    psn("post", "edit", id, "--text", text, "--version", String(contentVersion), ...more);
  const refused = await edit("half one\n\n---\n\nhalf, the second");
  expect(refused.answer.error?.code).toBe("TWEET_REPEATED");
  expect(refused.answer.error?.hint).toContain("after tweet 1");
  const edited = await edit("half, the second");
  expect(edited.answer.post.tweets.map(({ text }) => text)).toEqual(["half one", "half, the second"]);
  await psn("post", "approve", id);
  await psn("post", "retry", id);
  expect((await psn("post", "now", id)).answer.post.status).toBe("published");
  expect(
    onX()
      .slice(-2)
      .map(({ text }) => text),
  ).toEqual(["half one", "half, the second"]);
});

test("scenario 6: one idempotency key makes one post, across processes at the same moment", async () => {
  const create = () => psnProcess("post", "create", "Only one of me.", "--idempotency-key", "key-6");
  const answers = await Promise.all([create(), create(), create()]);
  expect(new Set(answers.map(({ answer }) => answer.post.id)).size).toBe(1);
  const other = await psn("post", "create", "Something else.", "--idempotency-key", "key-6");
  expect(other.answer.error?.code).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("schedule, edit text and time, cancel: the answer names local time, zone and UTC", async () => {
  const year = new Date().getUTCFullYear() + 1;
  const created = await psn("post", "create", "Later.", "--date", `${year}-07-01`, "--time", "09:00");
  expect(created.answer.post.status, created.stdout).toBe("scheduled");
  expect(created.answer.post.scheduled?.utc).toBe(`${year}-07-01T07:00:00.000Z`);
  expect(created.answer.post.scheduled?.local).toContain("09:00 Europe/Berlin (+02:00)");
  expect(created.answer.notices.map((notice) => notice.code)).toContain("NO_WORKER");
  const { id } = created.answer.post;

  const edited = await psn("post", "edit", id, "--text", "Later, and better.", "--approve");
  expect(edited.answer.post.status).toBe("scheduled");
  expect(edited.answer.post.tweets.map((tweet) => tweet.text)).toEqual(["Later, and better."]);
  const moved = await psn("post", "edit", id, "--date", `${year}-12-01`, "--time", "09:00");
  expect(moved.answer.post.scheduled?.utc).toBe(`${year}-12-01T08:00:00.000Z`);
  const jobs = await home.hub.pool.query("select key, run_at from graphile_worker.jobs where key = $1", [`post:${id}`]);
  expect(jobs.rows.map((row) => row.run_at.toISOString())).toEqual([`${year}-12-01T08:00:00.000Z`]);

  const cancelled = await psn("post", "cancel", id);
  expect(cancelled.answer.post.status).toBe("draft");
  const none = await home.hub.pool.query("select from graphile_worker.jobs where key = $1", [`post:${id}`]);
  expect(none.rowCount).toBe(0);
});

test("an approval holds for what was shown: an edit in between refuses it", async () => {
  const { answer } = await psn("post", "create", "First words.");
  await psn("post", "edit", answer.post.id, "--text", "Other words.");
  const late = await psn("post", "approve", answer.post.id, "--version", String(answer.post.contentVersion));
  expect(late.answer.error?.code).toBe("POST_CHANGED");
});

test("scenario 32: a preview makes no write, neither in the hub nor at X", async () => {
  const rows = () => home.hub.pool.query("select count(*)::int as n from psn.posts").then(({ rows: [row] }) => row.n);
  const writes = () => JSON.stringify(home.sandbox.sandbox.report().counts);
  const [rowsBefore, writesBefore] = [await rows(), writes()];
  const ran = await psn("preview", "A text with README.md in it.");
  expect(ran.code).toBe(0);
  expect(await rows()).toBe(rowsBefore);
  expect(writes()).toBe(writesBefore);
});

test("scenario 31: the cost is shown before approval, and a link costs more", async () => {
  const plain = await psn("preview", "No link here.");
  const linked = await psn("preview", "A link: https://example.com");
  expect((plain.json as { costUsd: number }).costUsd).toBe(0.015);
  expect((linked.json as { costUsd: number }).costUsd).toBe(0.2);
});

test("both scripts run by themselves, and text on stdin works", async () => {
  const bun = process.execPath;
  const child = Bun.spawn([bun, "run", "src/cli/post.ts", "create", "-"], {
    env: home.env as Record<string, string>,
    cwd: join(import.meta.dir, "../.."),
    stdin: new Blob(["From stdin."]),
    stdout: "pipe",
  });
  const answer = (await new Response(child.stdout).json()) as Answer;
  expect(answer.post.tweets[0]?.text).toBe("From stdin.");
  const setup = Bun.spawn([bun, "run", "src/cli/setup.ts", "--json"], {
    env: home.env as Record<string, string>,
    cwd: join(import.meta.dir, "../.."),
    stdout: "pipe",
  });
  expect(((await new Response(setup.stdout).json()) as { ready: boolean }).ready).toBe(true);
});

test("a proxy in the environment does not stand between PSN and the sandbox", async () => {
  const proxied = { ...home.env, HTTP_PROXY: "http://127.0.0.1:9", http_proxy: "http://127.0.0.1:9" };
  const ran = await runProgram([BIN_PSN, "post", "create", "Through no proxy.", "--now"], { env: proxied });
  expect((ran.json as Answer).post?.status, ran.stdout).toBe("published");
});

test("a sign-in at the sandbox is never used at another host", async () => {
  const elsewhere = await import("../../src/sandbox/server.ts").then(({ startSandbox }) => startSandbox());
  try {
    const { sandboxEnv } = await import("../../src/cli/sandbox.ts");
    const env = { ...home.env, ...sandboxEnv(elsewhere.url) };
    const ran = await home.psn(["post", "create", "For one host alone.", "--now", "--account", "@sandbox_author"], {
      env,
    });
    const { post } = ran.json as Answer & { post: { subStatus: string } };
    expect([post.status, post.subStatus], ran.stdout).toEqual(["retry", "awaiting_auth"]);
    expect(elsewhere.sandbox.report().counts).toEqual({});
  } finally {
    await elsewhere.stop();
  }
});

test("a reader that closes the pipe early is no error", async () => {
  const line = `"$0" preview - | head -c 20`;
  const child = Bun.spawn(["bash", "-c", line, PSN], {
    env: home.env as Record<string, string>,
    stdin: new Blob(["A long sentence for the pipe. ".repeat(20_000)]),
    stdout: "pipe",
    stderr: "pipe",
  });
  await child.exited;
  expect(await new Response(child.stderr).text()).not.toContain("EPIPE");
});
