/** The mode `person` at the command line: an agent that tries to approve by itself, and a person who does. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answerApproval, openApproval } from "../../src/core/posts/person-approval.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  expect((await home.psn(["approval", "person"])).json).toMatchObject({ mode: "person" });
});
afterAll(() => home?.close());

interface Answer {
  outcome: string;
  post: { id: string; status: string };
  error: {
    code: string;
    next: { command: string; needsPerson: boolean }[];
    details: { approvalId?: string; needsPerson?: boolean };
  };
}
const run = async (args: string[], more: Parameters<TestHome["psn"]>[1] = {}) => {
  const { code, json } = await home.psn(args, more);
  return { code, ...(json as Answer) };
};

test("an agent that tries: its own yes on stdin, flags, variables, another mode, a forged answer", async () => {
  const { post } = await run(["post", "create", "An agent wants this out."]);
  const tries: [string[], Parameters<TestHome["psn"]>[1]?][] = [
    [["post", "approve", post.id], { stdin: "approve\nyes\n" }],
    [["post", "now", post.id, "--approve"], { stdin: "approve\n" }],
    [["post", "now", post.id, "--approve", "--force"]],
    [["post", "schedule", post.id, "--at", "in 2 hours", "--approve"]],
    [["post", "edit", post.id, "--at", "in 2 hours", "--approve"]],
    [["post", "approve", post.id], { env: { ...home.env, PSN_APPROVAL: "agent" } }],
    [["post", "create", "Straight out with it.", "--now"]],
    [["post", "resolve", post.id, "1", "--not-posted"], { stdin: "yes\n" }],
    [["post", "resolve", post.id, "1", "--posted", "https://x.com/sandbox_author/status/1989000000000000001"]],
    [["approval", "agent"], { stdin: "allow\n" }],
  ];
  for (const [args, more] of tries) {
    const { code, error } = await run(args, more);
    expect([code, error.code], args.join(" ")).toEqual([3, "APPROVAL_NEEDED"]);
    expect(error.details.needsPerson).toBe(true);
    expect(error.next.at(-1)?.needsPerson).toBe(true);
  }
  expect((await run(["post", "show", post.id])).post.status).toBe("draft");
  expect(home.onX()).toEqual([]);
});

test("refused, approved by the person, repeated: the same command goes on, once", async () => {
  const made = await run(["post", "create", "The person reads this.", "--now", "--idempotency-key", "p1"]);
  expect(made.error.code).toBe("APPROVAL_NEEDED");
  const [, { command } = { command: "" }] = made.error.next;
  const id = made.error.details.approvalId ?? "";
  const { nonce } = await openApproval(home.hub, id);
  await answerApproval(home.hub, { id, nonce, yes: true, how: "page", by: "ada" });
  const again = await run(command.split(" ").slice(1));
  expect([again.code, again.post.status]).toEqual([0, "published"]);
  expect(home.onX()).toEqual(["The person reads this."]);
  // Repeated once more it finds its work done, by the command that the refusal named and by the first one.
  const more = await run(command.split(" ").slice(1));
  expect([more.code, more.outcome, more.post.status]).toEqual([0, "ok", "published"]);
  expect((await run(["post", "create", "The person reads this.", "--now", "--idempotency-key", "p1"])).outcome).toBe(
    "ok",
  );
  expect(home.onX()).toHaveLength(1);
  // What is there an agent does not take down, whatever yes it gives.
  const { code, error } = await run(["post", "unpublish", again.post.id, "--yes"], { stdin: "yes\n" });
  expect([code, error.code, error.next.at(-1)?.needsPerson]).toEqual([3, "APPROVAL_NEEDED", true]);
  expect(home.onX()).toHaveLength(1);
});

test("a change that is not stored cannot be shown: what to do instead is possible as the post stands", async () => {
  const { post } = await run(["post", "create", "A draft to be changed."]);
  const change = ["post", "edit", post.id, "--text", "A draft that was changed."];
  const { error } = await run([...change, "--approve"]);
  expect([error.code, error.next.map(({ command }) => command)]).toEqual([
    "APPROVAL_NEEDED",
    [`psn post edit ${post.id}`],
  ]);
  expect((await run(change)).code).toBe(0);
  const asked = await run(["post", "approve", post.id]);
  await approveOnPage(asked);
  expect((await run(["post", "approve", post.id])).code).toBe(0);
});

/** The page's answer to the question that a command left. */
async function approveOnPage({ error }: Answer): Promise<void> {
  const id = error.details.approvalId ?? "";
  const { nonce } = await openApproval(home.hub, id);
  await answerApproval(home.hub, { id, nonce, yes: true, how: "page", by: "ada" });
}
/** As if so many minutes had passed since each question and each yes. */
const pass = async (minutes: number) => {
  await home.hub.pool.query(`
    update psn.approvals
    set created_at = created_at - make_interval(mins => ${minutes}),
      expires_at = expires_at - make_interval(mins => ${minutes}),
      sends = case
        when sends in ('draft', 'now') then sends
        else to_char((sends::timestamptz - make_interval(mins => ${minutes})) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')
      end`);
};
const sendsOf = ({ error }: Answer) =>
  new Date((error.details as { terms?: { sends: string } }).terms?.sends ?? "").toISOString();

test("a time that is counted from now is the one that was shown: the same command goes on after the yes", async () => {
  const create = ["post", "create", "In two hours, says the agent.", "--at", "in 2 hours"];
  const asked = await run(create);
  expect(asked.error.code).toBe("APPROVAL_NEEDED");
  // A pasted time has whole seconds, and so has what was asked.
  expect(sendsOf(asked)).toEndWith(".000Z");
  await approveOnPage(asked);
  await pass(5);
  const [shown] = (
    await home.hub.pool.query("select sends from psn.approvals where id = $1", [asked.error.details.approvalId])
  ).rows;
  const again = await run(create);
  expect([again.code, again.post.status]).toEqual([0, "scheduled"]);
  expect((await scheduledAt(again.post.id)).toISOString()).toBe(shown.sends);
});
const scheduledAt = async (id: string): Promise<Date> =>
  (await home.hub.pool.query("select scheduled_at from psn.posts where id = $1", [id])).rows[0].scheduled_at;

test("a time that the yes was not for is none of it: another span, and an instant", async () => {
  const { post } = await run(["post", "create", "At which time?"]);
  const at = (time: string) => ["post", "schedule", post.id, "--at", time, "--approve"];
  const asked = await run(at("in 2 hours"));
  await approveOnPage(asked);
  for (const time of ["in 3 hours", "in 1 hour", new Date(Date.parse(sendsOf(asked)) + 30_000).toISOString()]) {
    expect((await run(at(time))).error.code, time).toBe("APPROVAL_STALE");
  }
  // The command that the refusal names is the act itself.
  const named = asked.error.next.at(-1)?.command.split(" ").slice(1) ?? [];
  expect((await run(named)).post.status).toBe("scheduled");
  expect((await scheduledAt(post.id)).toISOString()).toBe(sendsOf(asked));
});

test("a span that has passed since the question is asked anew", async () => {
  const { post } = await run(["post", "create", "Shortly."]);
  const soon = ["post", "schedule", post.id, "--at", "in 3 minutes", "--approve"];
  await approveOnPage(await run(soon));
  await pass(4);
  expect((await run(soon)).error.code).toBe("APPROVAL_STALE");
});

test.skipIf(!hasTmux)("at a terminal the person types the word, and is shown what it is about", async () => {
  await writeFile(join(home.folder, "t.md"), "Read at a terminal.\n");
  const screen = await Screen.start(home, `${psn} post create --file t.md --at 'in 3 hours'`);
  const shown = await screen.shows("Type approve and Enter");
  expect(shown).toContain("Read at a terminal.");
  expect(shown).toMatch(/as @sandbox_author, for up\s+to\s+\$0\.015/);
  await screen.type("approve");
  // Together they would be a paste, of which no line break is an answer.
  await screen.shows("> approve");
  await screen.keys("Enter");
  await screen.shows("ended with 0");
  const { rows } = await home.hub.pool.query(
    "select note from psn.post_events where note like '%at the terminal (local user)%'",
  );
  expect(rows).toHaveLength(1);
  await screen.close();
});

test("a hub that was put back from before the person's choice approves no more than they let it: only a person loosens that", async () => {
  await home.hub.pool.query(`update psn.hub_settings set value = '"agent"' where key = 'approval'`);
  const { post } = await run(["post", "create", "From an older hub."]);
  for (const args of [
    ["post", "now", post.id, "--approve"],
    ["approval", "agent"],
    ["post", "now", post.id, "--approve", "--dry-run"],
  ]) {
    const { error } = await run(args, { stdin: "yes\nallow\n", env: { ...home.env, PSN_APPROVAL: "agent" } });
    expect(error.code, args.join(" ")).toBe("APPROVAL_NEEDED");
  }
  expect((await home.psn(["approval"])).json).toMatchObject({ mode: "person" });
  // Whatever lies in the mark's place is no loosening.
  const mark = join(home.env.PSN_CONFIG_DIR ?? "", "approval.json");
  await writeFile(mark, "");
  expect((await run(["post", "now", post.id, "--approve"])).error.code).toBe("APPROVAL_NEEDED");
  await home.hub.pool.query(`update psn.hub_settings set value = '"person"' where key = 'approval'`);
  // Of a hub from before there was a mark.
  await rm(mark);
  await home.psn(["approval", "person", "--dry-run"]);
  expect(existsSync(mark)).toBe(false);
  expect((await run(["post", "now", post.id, "--approve"])).error.code).toBe("APPROVAL_NEEDED");
  expect(existsSync(mark)).toBe(true);
});

test.skipIf(!hasTmux)(
  "a dry run takes the yes of the person at whose own terminal it is run, and tells anybody else that one is needed",
  async () => {
    const { post } = await run(["post", "create", "Tried before it is approved."]);
    const doubt = ["post", "resolve", post.id, "1", "--not-posted"];
    for (const args of [
      ["post", "approve", post.id],
      ["post", "now", post.id, "--approve"],
      doubt,
      ["approval", "agent"],
    ]) {
      const { code, outcome, error } = await run([...args, "--dry-run"]);
      expect([args.join(" "), code, outcome, error.code]).toEqual([args.join(" "), 3, "dry_run", "APPROVAL_NEEDED"]);
      const screen = await Screen.start(home, `${psn} ${args.join(" ")} --dry-run`);
      try {
        const said = await screen.shows(/ended with \d/);
        expect(said).not.toContain("APPROVAL_NEEDED");
        // There is no doubt to settle: that is what its dry run says then, and not that a person is needed.
        if (args === doubt) expect(said).toContain("POST_SETTLED");
        else expect(said).toContain("A dry run:");
      } finally {
        await screen.close();
      }
    }
    expect((await run(["post", "show", post.id])).post).toMatchObject({ status: "draft", approved: false });
    expect((await home.psn(["approval"])).json).toMatchObject({ mode: "person" });
  },
  240_000,
);
