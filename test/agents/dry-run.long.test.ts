/** Scenario 32: a dry run writes nothing, counted in the hub, in files and at X, and says what the command itself would. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { effectOf } from "../../src/cli/_effects.ts";
import { announce } from "../../src/engines/presence.ts";
import { entries } from "../../src/psn.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG } from "../compose/stage.ts";
import { everything } from "./written.ts";

let home: TestHome;
let ids: { draft: string; scheduled: string; failed: string; published: string };

interface Answer {
  outcome: string;
  wouldSucceed: boolean;
  would?: string;
  unchecked?: string[];
  post?: { id: string; status: string; approved: boolean; tweets: unknown[] };
  error?: { code: string };
}
const run = async (args: string[], env = home.env) => {
  const { code, json } = await home.psn(args, { env });
  return { code, ...(json as Answer) };
};
const made = async (...args: string[]) => (await run(["post", "create", ...args])).post?.id ?? "";

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await writeFile(join(home.folder, "in.json"), JSON.stringify({ text: "From JSON.", approve: true }));
  await writeFile(join(home.folder, "picture.png"), PNG);
  await mkdir(join(home.folder, "posts"));
  await writeFile(join(home.folder, "posts", "a.md"), "From a folder.\n");
  ids = {
    draft: await made("A draft. It has two sentences.\n---\nAnd a second tweet."),
    scheduled: await made("It waits.", "--at", "in 3 hours"),
    failed: await made("It failed.", "--at", "in 3 hours"),
    published: await made("It is out.", "--now"),
  };
  await home.hub.pool.query("update psn.posts set status = 'failed', due_at = null where id = $1", [ids.failed]);
});
afterAll(() => home?.close());

/** How each command that writes is given; of some twice, for what it refuses. Null: none is needed here. */
const COMMANDS = (): Record<string, string[][]> => {
  const { draft, scheduled, failed, published } = ids;
  return {
    setup: [["setup"]],
    approval: [["approval", "person"]],
    "post create": [
      ["post", "create", "New."],
      ["post", "create", "New.", "--media", "picture.png", "--at", "in 1 hour"],
      ["post", "create", "New.", "--now"],
      ["post", "create", "--input", "in.json"],
      ["post", "create", "It waits.", "--now"],
    ],
    "limits set": [["limits", "set", "--day", "5", "--day-posts", "20"]],
    "limits clear": [["limits", "clear"]],
    "agent install": [["agent", "install", "claude"]],
    doctor: [["doctor"]],
    uninstall: [["uninstall", "--all", "--yes"]],
    "media gc": [["media", "gc"]],
    "media verify": [["media", "verify"]],
    "trigger init": [["trigger", "init", "jobs"]],
    "post sync": [["post", "sync", "posts", "--apply"]],
    "post reply": [["post", "reply", published, "More."]],
    "post split": [["post", "split", draft, "1", "--before", "It has"]],
    "post join": [["post", "join", draft, "1"]],
    "post move": [["post", "move", draft, "1", "--by=-1", "--unit", "word"]],
    "post text": [["post", "text", draft, "1", "Other."]],
    "post insert": [["post", "insert", draft, "2", "Between."]],
    "post remove": [["post", "remove", draft, "2"]],
    "post reorder": [["post", "reorder", draft, "1", "2"]],
    "post attach": [["post", "attach", draft, "1", "picture.png"]],
    "post detach": [["post", "detach", draft, "1"]],
    "post undo": [["post", "undo", draft]],
    "post redo": [["post", "redo", draft]],
    "post approve": [
      ["post", "approve", draft],
      ["post", "approve", draft, "--version", "99"],
    ],
    "post schedule": [
      ["post", "schedule", scheduled, "--at", "in 5 hours"],
      ["post", "schedule", draft, "--at", "in 5 hours"],
    ],
    "post now": [
      ["post", "now", scheduled],
      ["post", "now", published],
    ],
    "post edit": [["post", "edit", scheduled, "--text", "Edited."]],
    "post cancel": [["post", "cancel", scheduled]],
    "post retry": [["post", "retry", failed]],
    "post resolve": [["post", "resolve", draft, "1", "--not-posted"]],
    "post copy": [["post", "copy", published]],
    "post delete": [["post", "delete", draft]],
    "post resume": [["post", "resume"]],
    "post check": [["post", "check", scheduled]],
    "post unpublish": [["post", "unpublish", published, "--yes"]],
    "account default": [["account", "default", "@sandbox_author"]],
    "account remove": [
      ["account", "remove", "@sandbox_author", "--local", "--yes"],
      ["account", "remove", "@sandbox_author", "--yes"],
    ],
    "keys rotate": [["keys", "rotate"]],
    "keys reset": [["keys", "reset", "--yes"]],
    worker: [["worker"]],
    "worker install": [["worker", "install"]],
    "worker uninstall": [["worker", "uninstall"]],
    sandbox: [["sandbox", "--port", "0"]],
    "sandbox fault": [["sandbox", "fault", "drop_after"]],
    demo: [["demo", "--json"]],
    "hub start": [["hub", "start"]],
    "hub stop": [["hub", "stop"]],
    "hub claim": [["hub", "claim", "--moved", "--yes"]],
    "hub move": [["hub", "move", "--to", "embedded"]],
    backup: [["backup", "psn.age", "--passphrase-file", "passphrase"]],
    restore: [["restore", "psn.age"]],
  };
};

test("scenario 32: every command that writes has a dry run, and none of them writes", async () => {
  const commands = COMMANDS();
  const writing = entries.map(({ name }) => name).filter((name) => effectOf(name)?.effect !== "read");
  expect(writing.filter((name) => !(name in commands))).toEqual([]);
  const before = await everything(home);
  const answers: Record<string, string> = {};
  for (const [index, args] of Object.values(commands).flat().entries()) {
    const { code, outcome, wouldSucceed, error, ...rest } = await run([...args, "--dry-run"]);
    // Where it stops is nobody's failure.
    expect(JSON.stringify([error, rest]), args.join(" ")).not.toContain("A dry run stops");
    expect(outcome, args.join(" ")).toBe("dry_run");
    expect(code === 0, `${args.join(" ")} ${error?.code}`).toBe(wouldSucceed);
    expect(error?.code, args.join(" ")).not.toBe("INTERNAL");
    answers[`${index} ${args.join(" ")}`] = error?.code ?? "ok";
  }
  expect(await everything(home)).toEqual(before);
  const refused = Object.values(answers).filter((code) => code !== "ok");
  expect(refused).toEqual(
    expect.arrayContaining(["POST_DUPLICATE", "POST_CHANGED", "POST_NOT_APPROVED", "POST_PUBLISHED"]),
  );
}, 300_000);

test("what a dry run says of success, exit code and error is what the command then answers", async () => {
  const given = async (words: string[], dryRun: boolean) => {
    const { code, outcome, wouldSucceed, error, post } = await run([...words, ...(dryRun ? ["--dry-run"] : [])]);
    return { exit: code, succeeds: dryRun ? wouldSucceed : outcome === "ok", code: error?.code, id: post?.id ?? "" };
  };
  /** Dry, then truly. @returns the id of the post */
  const both = async (...words: string[]) => {
    const { id: _, ...dry } = await given(words, true);
    const { id, ...real } = await given(words, false);
    expect(dry, words.join(" ")).toEqual(real);
    return id;
  };
  const id = await both("post", "create", "Tried first.");
  await both("post", "now", id);
  await both("post", "schedule", id, "--at", "in 2 hours");
  await both("post", "approve", id, "--version", "9");
  await both("post", "approve", id);
  await both("post", "schedule", id, "--at", "yesterday 9am");
  await both("post", "schedule", id, "--at", "in 2 hours");
  await both("post", "retry", id);
  await both("post", "edit", id, "--text", "Tried first, and edited.");
  await both("post", "edit", id, "--text", "Tried first, and edited.", "--approve");
  await both("post", "now", id);
  await both("post", "now", id);
  await both("post", "edit", id, "--text", "Too late.");
  await both("post", "delete", id);
  await both("post", "unpublish", id, "--yes");
  await both("post", "now", id);
  const another = await both("post", "create", "Straight out with it.", "--now");
  await both("post", "create", "Straight out with it.", "--now");
  await both("post", "reply", another, "And more.", "--now");
  await both("post", "show", "zzzz");
  await both("limits", "set", "--day-posts", "0");
  await both("post", "create", "Over the cap.", "--now");
  await both("limits", "clear");
  // A tweet whose answer was lost: X is asked, and nothing is sent while it does not show what it has.
  const doubted = await both("post", "create", "Perhaps it is there.", "--at", "in 2 hours");
  await home.hub.pool.query(
    `with attempt as (
      insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at)
      values ($1, $1, 1, 1, 'f', psn.now())
    )
    update psn.posts set status = 'retry', sub_status = 'confirming', due_at = psn.now() + interval '1 hour' where id = $1`,
    [doubted],
  );
  await both("post", "now", doubted);
  const failed = await both("post", "create", "It failed, and a worker runs.", "--at", "in 2 hours");
  await home.hub.pool.query("update psn.posts set status = 'failed', due_at = null where id = $1", [failed]);
  const worker = await announce(home.hub);
  await both("post", "retry", failed);
  await both("post", "retry", doubted);
  worker.release();
  await both("post", "cancel", failed);
  await both("post", "cancel", failed);
  expect(await given(["post", "now", doubted], true)).toMatchObject({ exit: 6, succeeds: false, code: "CONFIRMING" });
}, 120_000);

test("a dry run's answer is the command's own: the post as it would be", async () => {
  const scheduled = await run(["post", "schedule", ids.draft, "--at", "in 5 hours", "--approve", "--dry-run"]);
  expect(scheduled.post).toMatchObject({ id: ids.draft, status: "scheduled", approved: true });
  expect((await run(["post", "join", ids.draft, "1", "--dry-run"])).post?.tweets).toHaveLength(1);
  expect((await run(["post", "show", ids.draft])).post).toMatchObject({ status: "draft", approved: false });
});

test("what a dry run does not ask X is said in its answer, and the rest is checked all the same", async () => {
  const url = "https://x.com/sandbox_author/status/1989000000000000001";
  const reply = await run(["post", "create", "A follow-up.", "--reply-to", url, "--dry-run"]);
  expect(reply).toMatchObject({ code: 0, wouldSucceed: true, post: { status: "draft" } });
  expect(reply.unchecked).toEqual(["whether tweet 1989000000000000001 is there, and yours"]);
  const long = await run(["post", "create", "Long.", "--long", "--reply-to", url, "--dry-run"]);
  expect([long.wouldSucceed, long.error?.code]).toEqual([false, "LIMIT_NOT_ALLOWED"]);
  expect(long.unchecked).toContain("whether the account has Premium");
  const own = await run(["post", "reply", ids.published, "More.", "--dry-run"]);
  expect(own.unchecked).toEqual([expect.stringMatching(/^whether tweet \d+ is there$/)]);
  expect((await run(["post", "create", "Nothing to ask.", "--dry-run"])).unchecked).toBeUndefined();
});

test("a post whose process died: a dry run says that it would go on, writes nothing, and is no failure of the post", async () => {
  const text = "It was cut off.\n---\nIts second tweet.";
  const key = ["--idempotency-key", "cut-off"];
  const id = await made(text, "--at", "in 3 hours", "--approve", ...key);
  // As a killed process leaves it: in its hands, with a lease that nobody renews.
  await home.hub.pool.query(
    `update psn.posts set status = 'publishing', due_at = null, lease_owner = 'dead', lease_fencing = 1,
      lease_expires_at = psn.now() - interval '1 second' where id = $1`,
    [id],
  );
  const before = await everything(home);
  for (const args of [
    ["post", "now", id],
    ["post", "create", text, "--now", ...key],
  ]) {
    const { code, outcome, wouldSucceed, would, post } = await run([...args, "--dry-run"]);
    expect([code, outcome, wouldSucceed, post], args.join(" ")).toEqual([0, "dry_run", true, undefined]);
    expect(would).toContain("ask X for what it may have sent");
    expect(would).toContain("0 of 2 tweets");
  }
  expect(await everything(home)).toEqual(before);
  // A living process renews its lease; none is longer than a lease can be.
  await home.hub.pool.query("update psn.posts set lease_expires_at = psn.now() + interval '1 hour' where id = $1", [
    id,
  ]);
  expect((await run(["post", "now", id, "--dry-run"])).error?.code).toBe("POST_PUBLISHING");
  await home.hub.pool.query("update psn.posts set lease_expires_at = psn.now() - interval '1 second' where id = $1", [
    id,
  ]);
  expect((await run(["post", "now", id])).post?.status).toBe("published");
});

test("PSN_NO_LIVE=1: nothing is written to X, whatever the flags; drafts go on", async () => {
  const env = { ...home.env, PSN_NO_LIVE: "1" };
  const { length } = home.onX();
  for (const args of [
    ["post", "create", "Not out.", "--now", "--force"],
    ["post", "now", ids.scheduled],
    ["post", "retry", ids.failed],
    ["post", "unpublish", ids.published, "--yes"],
    ["account", "remove", "@sandbox_author", "--yes"],
    ["worker"],
  ]) {
    const { code, error } = await run(args, env);
    expect([code, error?.code], args.join(" ")).toEqual([3, "LIVE_OFF"]);
  }
  expect((await run(["post", "create", "A draft all the same."], env)).outcome).toBe("ok");
  expect(home.onX()).toHaveLength(length);
});
