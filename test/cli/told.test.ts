/** What an author is told: exit codes, and every post that waits or is stuck by name. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { announce } from "../../src/engines/presence.ts";
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
  await limitEnds();
});

/** What X last said about its limit is forgotten, as its end does. */
const limitEnds = () => home.hub.pool.query("delete from psn.rate_limits");

interface Named {
  attention: string | null;
  notices: { code: string; message: string; hint: string; postId?: string }[];
  posts: {
    postId: string;
    kind: string;
    reason: string;
    next: { command: string; effect: string; needsPerson: boolean }[];
    until: { local: string } | null;
    needsPerson: boolean;
  }[];
}

const failures = async () => (await home.psn(["post", "failures"])).json as Named;
const made = async (args: string[], env = home.env) => {
  const ran = await home.psn(["post", "create", ...args], { env });
  return { code: ran.code, ...(ran.json as Answer & Named & { stuck: { reason: string } | null }) };
};

test("scenario 72: what is half on X, of another host, without a worker, overdue or limited is named with reason and command; nothing else is", async () => {
  await made(["A draft is nobody's trouble."]);
  expect((await made(["Published as meant.", "--now"])).code).toBe(0);
  expect(await failures()).toMatchObject({ posts: [], notices: [], failures: [] });

  const lonely = await made(["Waits for a worker.", "--at", "in 2 hours"]);
  expect(lonely.stuck?.reason).toContain("no worker runs");
  const refusal = {
    title: "Forbidden",
    detail: "You are not permitted to perform this action.",
    type: "about:blank",
    status: 403,
  };
  home.sandbox.sandbox.addFault({
    kind: "status",
    status: 403,
    body: refusal,
    match: { ...CREATE, bodyIncludes: "second" },
  });
  const half = await made(["The first.\n---\nThe second.\n---\nThe third.", "--now"]);
  expect(half.code).toBe(3);
  const cancelled = await made(["Begun.\n---\nStopped before this.", "--at", "in 3 hours"]);
  home.sandbox.sandbox.addFault({
    kind: "rate_limited",
    resetSecs: 1200,
    match: { ...CREATE, bodyIncludes: "Stopped" },
  });
  expect((await home.psn(["post", "now", cancelled.post.id])).code).toBe(5);
  await home.psn(["post", "cancel", cancelled.post.id]);
  await limitEnds();
  const overdue = await made(["Nobody came.", "--at", "in 1 hour"]);
  await home.hub.pool.query("update psn.posts set due_at = psn.now() - interval '1 hour' where id = $1", [
    overdue.post.id,
  ]);
  const elsewhere = await made(["For another X.", "--now", "--account", "sandbox_author"], {
    ...home.env,
    X_API_BASE_URL: "http://127.0.0.1:9",
  });
  expect(elsewhere.code).toBe(4);
  expect(elsewhere.stuck?.reason).toContain("and PSN talks to 127.0.0.1:9 now");

  const named = await failures();
  const kinds = Object.fromEntries(named.posts.map((post) => [post.postId, post.kind]));
  expect(kinds).toMatchObject({
    [lonely.post.id]: "no_worker",
    [half.post.id]: "failed",
    [cancelled.post.id]: "half_published",
    [overdue.post.id]: "overdue",
  });
  expect(named.posts.find(({ postId }) => postId === half.post.id)?.reason).toContain("1 of 3 tweets are on X");
  expect(named.posts.find(({ postId }) => postId === cancelled.post.id)?.next).toEqual([
    { command: `psn post now ${cancelled.post.id}`, effect: "sends", needsPerson: true },
  ]);
  // With the keys of its own host it only waits for a run.
  expect(named.posts).toHaveLength(5);
  for (const { reason, next } of named.posts) expect([reason, next[0]?.command].join(" ")).toMatch(/\. ?psn /);

  const list = (await home.psn(["post", "list"])).json as Named;
  expect(list.attention).toMatch(
    /^\d posts need you: psn post failures · no worker runs; \d posts wait, \d of them overdue: psn worker$/,
  );
  // Times are the author's, not UTC.
  expect(JSON.stringify(named.posts.map(({ reason }) => reason))).toContain("Europe/Berlin");
  expect(JSON.stringify(named.posts.map(({ reason }) => reason))).not.toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z/);
});

test("scenario 72: psn status tells accounts, worker, hub, what is next and what is stuck in one answer", async () => {
  const { code, json } = await home.psn(["status"]);
  expect(code).toBe(0);
  expect(json).toMatchObject({
    target: { isRealX: false },
    accounts: [{ handle: "sandbox_author", isDefault: true, signedIn: true, isElsewhere: false }],
    engine: { name: "embedded", workers: 0 },
    timezone: "Europe/Berlin",
  });
  const { upcoming, stuck, attention } = json as {
    upcoming: { at: { utc: string } }[];
    stuck: { needPerson: number; posts: unknown[] };
    attention: string;
  };
  const dues = upcoming.map(({ at }) => at.utc);
  expect(dues).toEqual([...dues].sort());
  expect(stuck.needPerson).toBeGreaterThan(0);
  expect(stuck.posts.length).toBeGreaterThan(0);
  expect(attention).toContain("psn post failures");
});

test("scenario 72: whatever is said of how many wait is one count: answers, notices, failures, status and doctor", async () => {
  const { post } = await made(["One more that waits.", "--at", "in 4 hours"]);
  const shown = (await home.psn(["post", "show", post.id])).json as Named;
  const status = (await home.psn(["status"])).json as {
    attention: string;
    stuck: { needPerson: number; wait: number };
  };
  const named = await failures();
  expect(shown.attention).toBe(status.attention);
  expect(named.posts).toHaveLength(status.stuck.needPerson + status.stuck.wait);
  expect(named.posts.filter(({ needsPerson }) => needsPerson)).toHaveLength(status.stuck.needPerson);
  const waits = `${status.stuck.wait} posts`;
  expect(shown.attention).toContain(`${waits} wait`);
  for (const { notices } of [shown, named]) {
    expect(notices.find(({ code }) => code === "NO_WORKER")?.message).toContain(waits);
  }
  const { json } = await home.psn(["doctor"]);
  const says = JSON.stringify(json);
  expect(says).toContain(`${waits} wait for a worker`);
  expect(says).toContain(
    status.stuck.needPerson === 1 ? "One post needs you" : `${status.stuck.needPerson} posts need you`,
  );
  await home.psn(["post", "cancel", post.id]);
});

test("scenario 72: retry with a worker there says in words what happens, when, and the command that shows it", async () => {
  home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
  const { post } = await made(["Behind a limit, then tried again.", "--now"]);
  await limitEnds();
  const worker = await announce(home.hub);
  try {
    const ran = await home.psn(["post", "retry", post.id]);
    const { error, next } = ran.json as { error: { code: string; message: string }; next: { command: string }[] };
    expect([ran.code, error.code]).toEqual([5, "RETRYING"]);
    expect(error.message).toMatch(
      /^Post \w+ waits for another try: it is in the queue since \w{3} \d{4}-\d\d-\d\d [\d:]+ .*Berlin.*, and a worker takes it up at once\.$/,
    );
    expect(next.map(({ command }) => command)).toEqual([`psn post show ${post.id}`]);
    expect(error.message).not.toContain("retry.");
    const refused = (await home.psn(["post", "approve", post.id])).json as typeof ran.json & {
      error: { message: string };
    };
    expect(refused.error.message).toBe(`Post ${post.id} waits for another try; only a draft can be approved.`);
  } finally {
    worker.release();
    await home.psn(["post", "cancel", post.id]);
  }
});

test("a sandbox's post links to the sandbox, which has a page there; faults come by a command", async () => {
  await limitEnds();
  const made = await home.psn(["post", "create", "See it on the page.", "--now"]);
  const [tweet] = (made.json as { post: { tweets: { url: string; externalPostId: string }[] } }).post.tweets;
  expect(tweet?.url).toBe(`${home.sandbox.url}/sandbox_author/status/${tweet?.externalPostId}`);
  const page = await fetch(tweet?.url ?? "");
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(`id="post-${tweet?.externalPostId}"`);
  expect((await fetch(`${home.sandbox.url}/sandbox_author/status/1`)).status).toBe(404);

  const fault = await home.psn(["sandbox", "fault", "rate_limited", "--seconds", "900"]);
  expect(fault.json).toMatchObject({ faults: [{ timesLeft: 1, effect: { kind: "rate_limited" } }] });
  const limited = await home.psn(["post", "create", "Now it is limited.", "--now"]);
  expect(limited.code).toBe(5);
  await home.psn(["post", "cancel", (limited.json as Answer).post.id]);
  await limitEnds();
  for (const name of ["drop_after", "status", "timeline_lag", "auth_outage"]) {
    expect((await home.psn(["sandbox", "fault", name, "--always"])).code).toBe(0);
  }
  expect((await home.psn(["sandbox", "fault", "clear"])).json).toMatchObject({ faults: [] });
  expect((await home.psn(["sandbox", "fault", "no_such"])).code).toBe(2);
  expect((await home.psn(["sandbox", "fault", "list", "--url", "http://127.0.0.1:9"])).code).toBe(5);
});
