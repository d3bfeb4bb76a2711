/** Whatever state a post is in: it is told with its reason, on every width, and each command that is advised is taken. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openApp } from "../../src/cli/_app.ts";
import { makePaint } from "../../src/cli/_paint.ts";
import { wrapAnswer } from "../../src/cli/_wrap.ts";
import { postStatus, renderPostStatus } from "../../src/cli/post/_status.ts";
import { failuresCommand } from "../../src/cli/post/failures.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

const IN_AN_HOUR = "psn.now() + interval '1 hour'";
const AGO = "psn.now() - interval '10 minutes'";
const LEASE = "status = 'publishing', due_at = null, lease_owner = 'gone', lease_expires_at";
/** From a scheduled post: what its row is in each state, and as what it is told where no worker runs. */
const STATES: Record<string, { set: string; kind: string | null; isSending?: true }> = {
  scheduled: { set: "status = status", kind: "no_worker" },
  overdue: { set: `due_at = ${AGO}`, kind: "overdue" },
  "late to try again": { set: `status = 'retry', sub_status = 'retry_1', due_at = ${AGO}`, kind: "overdue" },
  deferred: { set: `status = 'retry', sub_status = 'rate_limited', due_at = ${IN_AN_HOUR}`, kind: "rate_limited" },
  "X is away": { set: `status = 'retry', sub_status = 'unreachable', due_at = ${IN_AN_HOUR}`, kind: "unreachable" },
  held: { set: "status = 'retry', sub_status = null, due_at = null", kind: "held" },
  "its account is held": { set: "status = 'retry', sub_status = 'account_held', due_at = null", kind: "account_held" },
  "being confirmed": { set: `status = 'retry', sub_status = 'confirming', due_at = ${IN_AN_HOUR}`, kind: "confirming" },
  "failed, being confirmed": {
    set: "status = 'failed', due_at = null, fail_code = 'X_UNAVAILABLE', fail_reason = 'X did not answer'",
    kind: "confirming",
  },
  failed: {
    set: "status = 'failed', due_at = null, fail_code = 'X_FORBIDDEN', fail_reason = 'X does not permit it'",
    kind: "failed",
  },
  "failed for its parent": {
    set: "status = 'failed', due_at = null, fail_code = 'PARENT_GONE', fail_reason = 'What it replies to is gone'",
    kind: "failed",
  },
  abandoned: { set: `${LEASE} = ${AGO}`, kind: "abandoned" },
  "being published": { set: `${LEASE} = ${IN_AN_HOUR}`, kind: null },
};

interface Advised {
  postId: string;
  kind: string;
  reason: string;
  next: { command: string }[];
}

test("each state is told with its reason, and each command that is advised for it is taken", async () => {
  const names = Object.keys(STATES);
  const made = await Promise.all(
    names.map(async (name) => {
      const { json, stdout } = await home.psn(["post", "create", `A post that is ${name}.`, "--at", "in 2 hours"]);
      const id = (json as { post?: { id: string } } | null)?.post?.id;
      expect(id, stdout).toBeTruthy();
      return [name, String(id)] as const;
    }),
  );
  for (const [name, id] of made) {
    await home.hub.pool.query(`update psn.posts set ${STATES[name]?.set} where id = $1`, [id]);
    if (STATES[name]?.kind !== "confirming") continue;
    await home.hub.pool.query(
      `insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at)
       values ($1, $1, 1, 1, 'f', psn.now())`,
      [id],
    );
  }
  const answer = (await home.psn(["post", "failures"])).json as { posts: Advised[] };
  const app = await openApp({ env: home.env });
  const commands = new Set<string>();
  try {
    for (const [name, id] of made) {
      const stuck = answer.posts.find(({ postId }) => postId === id);
      expect(stuck?.kind ?? null, name).toBe(STATES[name]?.kind ?? null);
      const shown = await postStatus(app, id);
      expect(shown.stuck?.reason ?? null, name).toBe(stuck?.reason ?? null);
      const advised = shown.next.map(({ command }) => command);
      if (stuck) {
        expect(stuck.next.length, name).toBeGreaterThan(0);
        // What the list advises stands with the post, too; only looking at it is done by then.
        const others = stuck.next.map(({ command }) => command).filter((command) => command !== `psn post show ${id}`);
        expect(advised, name).toEqual(expect.arrayContaining(others));
      }
      for (const command of [...advised, ...(stuck?.next ?? []).map((next) => next.command)]) commands.add(command);
      for (const columns of [80, 40]) {
        const text = wrapAnswer(renderPostStatus(shown, makePaint(false)), columns);
        for (const line of text.split("\n"))
          expect(Bun.stringWidth(line), `${name}: ${line}`).toBeLessThanOrEqual(columns);
        // It goes out only where it does.
        if (name !== "scheduled") expect(text, name).not.toContain("goes out");
      }
    }
  } finally {
    await app.close();
  }
  const whole = wrapAnswer(failuresCommand.render(answer as never, makePaint(false)), 40);
  for (const { postId } of answer.posts) expect(whole).toContain(postId);
  // A worker would take up everything, and a look changes nothing.
  const acts = [...commands].filter((command) => !/^psn (worker|setup|limits show|post show)\b/.test(command));
  expect(acts.length).toBeGreaterThan(5);
  // What may be on X is looked up first, again and again: here it is no more than tried, and a dry run does not ask X.
  const [, unsure] = made.find(([name]) => name === "being confirmed") ?? [];
  expect(acts).toContain(`psn post now ${unsure}`);
  for (const command of acts) {
    const isUnsure = command.endsWith(` ${unsure}`);
    const ran = await home.psn([...command.split(" ").slice(1), ...(isUnsure ? ["--dry-run"] : [])]);
    expect(ran.code, `${command}: ${ran.stdout}`).toBe(isUnsure ? 6 : 0);
  }
});
