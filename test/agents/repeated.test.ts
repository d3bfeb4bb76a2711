/**
 * Each tool that writes, given a second time as after an answer that was lost: what the first call did is answered, nobody is asked again, and
 * nothing is sent, moved or made twice. In both approval modes, and with and without an idempotency key.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { setApprovalMode } from "../../src/core/post/approval-mode.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG } from "../compose/stage.ts";
import { clientOf, connect } from "./stage.ts";

let home: TestHome;
let client: Client;
let questions = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await writeFile(join(home.folder, "bay.png"), PNG);
  client = await connect(
    home,
    clientOf("auto", () => {
      questions += 1;
      return "yes";
    }),
  );
});
afterAll(async () => {
  await client?.close();
  await home?.close();
});

interface Body {
  outcome: string;
  post?: {
    id: string;
    status: string;
    subStatus: string | null;
    contentVersion: number;
    scheduled: { utc: string } | null;
  };
  repeated?: { message: string; carriedOut: boolean };
  error?: { code: string; retryable: boolean; details?: { postId?: string } };
}
type Args = Record<string, unknown>;

async function call(name: string, args: Args): Promise<Body> {
  const { structuredContent } = await client.callTool({ name, arguments: args });
  return structuredContent as unknown as Body;
}

/** What a call leaves, as an agent sees it. */
const stands = ({ outcome, post, error }: Body) => ({
  outcome,
  code: error?.code,
  id: post?.id,
  status: post?.status,
  subStatus: post?.subStatus,
  version: post?.contentVersion,
  at: post?.scheduled?.utc,
});

interface Case {
  tool: string;
  args: Args;
  /** Before the first call. @returns further arguments */
  before?: (text: string) => Promise<Args>;
  /** What the first call ends with. */
  ends: string;
}

const draft = async (text: string): Promise<Args> => ({ id: (await call("post_create", { text })).post?.id });
const waiting = async (text: string): Promise<Args> => ({
  id: (await call("post_create", { text, at: "in 5 hours" })).post?.id,
});
const thread = async (text: string): Promise<Args> => ({
  ...(await draft([text, `The second of ${text}`, `The third of ${text}`].join("\n---\n"))),
  version: 1,
});
const reworded = async (text: string): Promise<Args> => {
  const { id } = await thread(text);
  await call("post_text", { id, version: 1, tweet: 2, text: `Better than ${text}` });
  return { id, version: 2 };
};
const undone = async (text: string): Promise<Args> => {
  const given = await reworded(text);
  await call("post_undo", given);
  return { ...given, version: 3 };
};
const illustrated = async (text: string): Promise<Args> => {
  const { id } = await thread(text);
  await call("post_attach", { id, version: 1, tweet: 1, file: "bay.png", alt: "A bay" });
  return { id, version: 2 };
};
const failed = async (text: string): Promise<Args> => {
  const { id } = await waiting(text);
  await home.hub.pool.query("update psn.posts set status = 'failed', due_at = null where id = $1", [id]);
  return { id };
};
const CREATE = { method: "POST", path: "/2/tweets" };
const isInto = (text: string) => ({ ...CREATE, bodyIncludes: text });
/** Into X's limit: it waits, and goes on by itself. */
const limited = (prepare: NonNullable<Case["before"]>) => async (text: string) => {
  home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: isInto(text) });
  return await prepare(text);
};

const CASES: Record<string, Case> = {
  "a draft with its key": { tool: "post_create", args: { idempotencyKey: "draft" }, ends: "draft" },
  "create and publish, with its key": {
    tool: "post_create",
    args: { now: true, idempotencyKey: "now" },
    ends: "published",
  },
  "create at a time, with its key": {
    tool: "post_create",
    args: { at: "in 2 hours", idempotencyKey: "at" },
    ends: "scheduled",
  },
  "create and approve, with its key": {
    tool: "post_create",
    args: { approve: true, idempotencyKey: "approve" },
    ends: "draft",
  },
  "a draft without a key": { tool: "post_create", args: {}, ends: "draft" },
  "create and publish, without a key": { tool: "post_create", args: { now: true }, ends: "published" },
  "create at a time, without a key": { tool: "post_create", args: { at: "in 2 hours" }, ends: "scheduled" },
  "reply and publish, without a key": {
    tool: "post_reply",
    args: { now: true },
    before: async (text) => ({
      parent: (await call("post_create", { text: `Before ${text}`, now: true })).post?.id,
      text,
    }),
    ends: "published",
  },
  split: { tool: "post_split", args: { tweet: 2, before: "second" }, before: thread, ends: "draft" },
  join: { tool: "post_join", args: { tweet: 1 }, before: thread, ends: "draft" },
  move: { tool: "post_move", args: { tweet: 1, by: 1, unit: "word" }, before: thread, ends: "draft" },
  text: { tool: "post_text", args: { tweet: 1, text: "Two.\n---\nAt once." }, before: thread, ends: "draft" },
  insert: { tool: "post_insert", args: { tweet: 1, text: "Put in." }, before: thread, ends: "draft" },
  remove: { tool: "post_remove", args: { tweet: 1 }, before: thread, ends: "draft" },
  reorder: { tool: "post_reorder", args: { tweet: 1, to: 3 }, before: thread, ends: "draft" },
  attach: { tool: "post_attach", args: { tweet: 1, file: "bay.png", alt: "A bay" }, before: thread, ends: "draft" },
  detach: { tool: "post_detach", args: { tweet: 1 }, before: illustrated, ends: "draft" },
  undo: { tool: "post_undo", args: {}, before: reworded, ends: "draft" },
  redo: { tool: "post_redo", args: {}, before: undone, ends: "draft" },
  approve: { tool: "post_approve", args: {}, before: draft, ends: "draft" },
  now: { tool: "post_now", args: { approve: true }, before: draft, ends: "published" },
  "now, with its version": { tool: "post_now", args: { approve: true, version: 1 }, before: draft, ends: "published" },
  "schedule in words": {
    tool: "post_schedule",
    args: { at: "in 2 hours", approve: true },
    before: draft,
    ends: "scheduled",
  },
  "schedule at an instant": {
    tool: "post_schedule",
    args: { date: "2027-03-15", time: "09:00", approve: true },
    before: draft,
    ends: "scheduled",
  },
  "move in words": { tool: "post_schedule", args: { at: "in 3 hours" }, before: waiting, ends: "scheduled" },
  "edit the words": { tool: "post_edit", args: { text: "Other words", version: 1 }, before: draft, ends: "draft" },
  "edit the time, in words": { tool: "post_edit", args: { at: "in 3 hours" }, before: waiting, ends: "scheduled" },
  "edit the media": {
    tool: "post_edit",
    args: { media: ["bay.png"], alt: ["A bay"], version: 1 },
    before: draft,
    ends: "draft",
  },
  cancel: { tool: "post_cancel", args: {}, before: waiting, ends: "draft" },
  retry: { tool: "post_retry", args: {}, before: failed, ends: "published" },
  // Last, for the limit is the account's.
  "now, into X's limit": { tool: "post_now", args: { approve: true }, before: limited(draft), ends: "retry" },
  "create and publish into X's limit": {
    tool: "post_create",
    args: { now: true, idempotencyKey: "limited" },
    before: limited(async () => ({})),
    ends: "retry",
  },
};

for (const mode of ["agent", "person"] as const) {
  test(`${mode}: each call that is made again answers what the first one did`, async () => {
    await setApprovalMode(home.hub, mode);
    const calls: { name: string; tool: string; given: Args; first: Body }[] = [];
    for (const [name, { tool, args, before, ends }] of Object.entries(CASES)) {
      const text = `${name}, ${mode}.`;
      const given: Args = { ...(tool === "post_create" ? { text } : {}), ...args, ...(await before?.(text)) };
      if (given.idempotencyKey !== undefined) given.idempotencyKey = `${mode} ${given.idempotencyKey}`;
      const first = await call(tool, given);
      const code = ends === "retry" ? "RATE_LIMITED" : undefined;
      expect([name, first.post?.status, first.error?.code]).toEqual([name, ends, code]);
      calls.push({ name, tool, given, first });
    }
    // Meanwhile a time that counts from now has become another one.
    questions = 0;
    const onX = home.onX().length;
    for (const { name, tool, given, first } of calls) {
      expect([name, stands(await call(tool, given))]).toEqual([name, stands(first)]);
    }
    expect([questions, home.onX().length]).toEqual([0, onX]);
    home.sandbox.sandbox.clearFaults();
    await home.hub.pool.query("delete from psn.rate_limits");
  }, 120_000);
}

test("person: without a key, what a yes has sent or scheduled is found; with other words or at another time it is another wish", async () => {
  await setApprovalMode(home.hub, "person");
  for (const [args, status] of [
    [{ now: true }, "published"],
    [{ at: "in 2 hours" }, "scheduled"],
  ] as const) {
    const given = { text: `Said once, ${status}.`, ...args };
    const first = await call("post_create", given);
    expect(first.post?.status).toBe(status);
    questions = 0;
    const again = await call("post_create", given);
    expect([stands(again), questions]).toEqual([stands(first), 0]);
    expect(again.repeated).toMatchObject({ carriedOut: true });
    const other = await call("post_create", { ...given, now: undefined, at: "in 9 hours" });
    expect([other.error?.code, questions]).toEqual(["POST_DUPLICATE", 0]);
  }
});

test("without a key, what a process that died has left of a thread goes on by the same call", async () => {
  await setApprovalMode(home.hub, "agent");
  const given = { text: "Left behind.\n---\nAfter the first.\n---\nAnd the last.", now: true };
  const [first] = given.text.split("\n");
  const { post } = await call("post_create", { text: given.text });
  await call("post_approve", { id: post?.id });
  // As a process leaves it that took it and died.
  await home.hub.pool.query(
    `update psn.posts
     set status = 'publishing', due_at = null, lease_owner = 'gone', lease_fencing = 1, lease_expires_at = psn.now() - interval '1 minute'
     where id = $1`,
    [post?.id],
  );
  const again = await call("post_create", given);
  expect([again.post?.id, again.post?.status, again.repeated?.carriedOut]).toEqual([post?.id, "published", true]);
  expect(home.onX().filter((text) => text === first)).toHaveLength(1);
});

test("agent: without a key another wish for the same words is refused, and the first is named; to say it twice takes a key", async () => {
  await setApprovalMode(home.hub, "agent");
  const given = { text: "Said once by the agent.", now: true };
  const first = await call("post_create", given);
  for (const wish of [{ at: "in 9 hours" }, {}]) {
    expect((await call("post_create", { text: given.text, ...wish })).error).toMatchObject({
      code: "POST_DUPLICATE",
      details: { postId: first.post?.id },
    });
  }
  expect((await call("post_create", { ...given, force: true })).error?.code).toBe("USAGE");
  const twice = { ...given, force: true, idempotencyKey: "said twice" };
  const second = await call("post_create", twice);
  expect(second.post?.id).not.toBe(first.post?.id);
  expect(stands(await call("post_create", twice))).toEqual(stands(second));
});

test("a change of a draft needs the version that was seen: another one on it is refused, and so is the same after others", async () => {
  await setApprovalMode(home.hub, "agent");
  const { id, version } = await thread("Changed by two.");
  expect((await call("post_join", { id, tweet: 1 })).error?.code).toBe("USAGE");
  expect((await call("post_join", { id, version, tweet: 1 })).post?.contentVersion).toBe(2);
  expect((await call("post_join", { id, version, tweet: 2 })).error?.code).toBe("POST_CHANGED");
  expect((await call("post_join", { id, version, tweet: 1, approve: true })).error?.code).toBe("POST_CHANGED");
  await call("post_undo", { id, version: 2 });
  expect((await call("post_join", { id, version, tweet: 1 })).error?.code).toBe("POST_CHANGED");
});

test("what is no repeat is none: other words of time, a post that went out by another act, and one that was changed since", async () => {
  await setApprovalMode(home.hub, "agent");
  const { id } = await waiting("Three wishes.");
  const at = async (words: string) => (await call("post_schedule", { id, at: words })).post?.scheduled?.utc ?? "";
  const two = await at("in 2 hours");
  const three = await at("in 3 hours");
  expect(three > two).toBe(true);
  // Times are whole seconds, and a quick machine makes all three calls within one.
  const again = await at("in 2 hours");
  expect(again >= two && again < three).toBe(true);
  const out = (await call("post_create", { text: "Out by its creation.", now: true })).post?.id;
  for (const tool of ["post_now", "post_retry"]) {
    expect((await call(tool, { id: out })).error?.code).toBe("POST_PUBLISHED");
  }
  expect((await call("post_schedule", { id: out, at: "in 2 hours" })).error?.code).toBe("POST_PUBLISHED");
  const late = await draft("Published as it was.");
  await call("post_now", { ...late, approve: true });
  expect((await call("post_now", { ...late, version: 0 })).error?.code).toBe("POST_CHANGED");
  expect((await call("post_cancel", await draft("Never scheduled."))).error?.code).toBe("POST_STATUS");
});

test("person: a yes is for what waits as it is: after an edit, a cancel or a failure the same call asks anew", async () => {
  await setApprovalMode(home.hub, "person");
  const { id } = await draft("On its way by a yes.");
  home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
  expect((await call("post_now", { id, approve: true })).error?.code).toBe("RATE_LIMITED");
  questions = 0;
  await call("post_now", { id });
  expect(questions).toBe(0);
  const other = { id, text: "Other words on their way.", approve: true };
  expect((await call("post_edit", other)).error?.code).toBe("APPROVAL_NEEDED");
  await call("post_cancel", { id });
  await call("post_now", { id, approve: true });
  expect(questions).toBe(1);
  await home.hub.pool.query("update psn.posts set status = 'failed', due_at = null where id = $1", [id]);
  await call("post_now", { id });
  expect(questions).toBe(2);
  home.sandbox.sandbox.clearFaults();
});
