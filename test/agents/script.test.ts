/**
 * An agent that knows nothing but the contract: it reads JSON and exit codes, does the main job, meets each exit code, and recovers by what
 * `next` names. A person plays where `needsPerson` is set, and says what they were asked.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openApp } from "../../src/cli/_app.ts";
import { EXIT } from "../../src/cli/_errors.ts";
import { completeXOAuth, setupXOAuth } from "../../src/cli/setup-x-oauth.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home?.close());

interface Next {
  command: string;
  effect: string;
  needsPerson: boolean;
}
interface Answer {
  code: number;
  outcome: string;
  post: { id: string; status: string; contentVersion: number };
  next: Next[];
  error?: { code: string; message: string; next: Next[]; retryable: boolean; retryAt?: string };
}

const met = new Set<number>();
const asked: string[] = [];

async function run(args: string[], more: Parameters<TestHome["psn"]>[1] = {}): Promise<Answer> {
  const { code, json, stdout, stderr } = await home.psn(args, more);
  expect(json, stdout + stderr).not.toBeNull();
  met.add(code);
  return { code, ...(json as Omit<Answer, "code">) };
}

/** Follows the command that `next` names for it, with the person's yes where it needs one; placeholders are filled in. */
async function follow(next: readonly Next[], command: string, fill: string[] = []): Promise<Answer> {
  const step = next.find((one) => one.command.startsWith(command));
  if (!step) throw new Error(`next names no ${command}: ${JSON.stringify(next)}`);
  if (step.needsPerson) asked.push(step.command);
  const words = step.command
    .split(" ")
    .slice(1)
    .filter((word) => word !== '"…"');
  return await run([...words, ...fill]);
}

/** The person's part of `psn setup`: they open the address and sign in. */
async function personSignsIn(): Promise<void> {
  const app = await openApp({ env: home.env });
  try {
    const step = await setupXOAuth(app, { again: true });
    await completeXOAuth(app, await consent(String(step.data?.url), "sandbox_author"));
  } finally {
    await app.close();
  }
}

test("the main job, and each exit code once, by JSON alone", async () => {
  // 4: nobody is signed in. What helps is setup, which is the person's.
  const first = await run(["post", "create", "The agent's first post."]);
  expect([first.code, first.error?.next]).toEqual([
    EXIT.signIn,
    [{ command: "psn setup", effect: "write", needsPerson: true }],
  ]);
  asked.push("psn setup");
  await personSignsIn();

  // 2: a word that is no option; next says where the contract is.
  const usage = await run(["post", "create", "x", "--nwo"]);
  expect(usage.code).toBe(EXIT.usage);
  expect((await follow(usage.error?.next ?? [], "psn schema")).code).toBe(EXIT.ok);

  // 0: a draft. 3: it is not approved; next names the look and the approval.
  const made = await run(["post", "create", "The agent's first post.\n---\nWith a second tweet."]);
  const { id } = made.post;
  const refused = await run(["post", "now", id]);
  expect([refused.code, refused.error?.code]).toEqual([EXIT.refused, "POST_NOT_APPROVED"]);
  expect((await follow(refused.error?.next ?? [], "psn post show")).code).toBe(EXIT.ok);

  // 7: somebody changed it since it was shown.
  await run(["post", "text", id, "2", "With a better second tweet."]);
  const changed = await run(["post", "approve", id, "--version", String(made.post.contentVersion)]);
  expect([changed.code, changed.error?.code]).toEqual([EXIT.changed, "POST_CHANGED"]);
  const shown = await follow(changed.error?.next ?? [], "psn post show");
  const approved = await follow(shown.next, "psn post approve", ["--version", String(shown.post.contentVersion)]);
  const published = await follow(approved.next, "psn post now");
  expect([published.code, published.post.status]).toEqual([EXIT.ok, "published"]);

  // 8: an id that is none; next lists what there is.
  const unknown = await run(["post", "show", "zzzz"]);
  expect(unknown.code).toBe(EXIT.notFound);
  expect((await follow(unknown.error?.next ?? [], "psn post list")).code).toBe(EXIT.ok);

  // 5: X's limit. It can be tried again from retryAt on, as it is.
  home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
  const limited = await run(["post", "create", "Into a limit.", "--now"]);
  expect([limited.code, limited.outcome, limited.error?.retryable]).toEqual([EXIT.notYet, "error", true]);
  expect(Date.parse(limited.error?.retryAt ?? "")).toBeGreaterThan(Date.now());
  home.sandbox.sandbox.clearFaults();
  await home.hub.pool.query("update psn.posts set due_at = psn.now() where id = $1", [limited.post.id]);
  await home.hub.pool.query("delete from psn.rate_limits");
  expect((await run(["post", "now", limited.post.id])).post.status).toBe("published");

  // 6: a request whose answer nobody recorded, as a process leaves it that was killed. Nothing is done on it but a look; what became of
  // it is for the person to say, who has seen that it is not on X.
  const lost = (await run(["post", "create", "Its answer is lost."])).post.id;
  await home.hub.pool.query(
    `insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at, look_count)
     values ($1, $1, 1, 0, 'unknown', psn.now() - interval '1 hour', 9)`,
    [lost],
  );
  const unsure = await run(["post", "text", lost, "1", "Other words."]);
  expect([unsure.code, unsure.error?.code, unsure.error?.retryable]).toEqual([EXIT.unknown, "POST_UNSETTLED", false]);
  expect((await follow(unsure.error?.next ?? [], "psn post show")).code).toBe(EXIT.ok);
  expect((await run(["post", "resolve", lost, "1", "--not-posted"])).code).toBe(EXIT.ok);
  expect((await run(["post", "text", lost, "1", "Other words."])).code).toBe(EXIT.ok);

  // 1: a bug, here by a column that is gone. The stack is on stderr; next is a look, and nothing was sent.
  await home.hub.pool.query("alter table psn.post_events rename column note to lost");
  const broken = await run(["post", "show", id]);
  expect([broken.code, broken.error?.code, broken.error?.retryable]).toEqual([EXIT.bug, "INTERNAL", false]);
  await home.hub.pool.query("alter table psn.post_events rename column lost to note");
  expect((await follow(broken.error?.next ?? [], "psn status")).code).toBe(EXIT.ok);

  expect(home.onX().toSorted()).toEqual(
    ["Into a limit.", "The agent's first post.", "With a better second tweet."].toSorted(),
  );
  expect(asked).toEqual(["psn setup", `psn post approve ${id}`, `psn post now ${id}`]);
  expect([...met].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
}, 120_000);

const CREATE = { method: "POST", path: "/2/tweets" };
