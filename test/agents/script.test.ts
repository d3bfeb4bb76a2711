/**
 * An agent that knows nothing but the contract: it reads answers and exit codes, does the main job, meets each exit code, and recovers by what
 * `next` names. A person plays where `needsPerson` is set, and says what they were asked. Once at the command line, by JSON alone, and
 * once as an MCP client, which has no shell.
 */
import { afterAll, expect, test } from "bun:test";
import { openApp } from "../../src/cli/_app.ts";
import type { NextStep } from "../../src/cli/_effects.ts";
import { EXIT } from "../../src/cli/_errors.ts";
import { completeXOAuth, setupXOAuth } from "../../src/cli/setup-x-oauth.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { clientOf, connect } from "./stage.ts";

let home: TestHome;
const closing: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of closing.reverse()) await one.close();
});

interface Answer {
  code: number;
  outcome: string;
  post: { id: string; status: string; contentVersion: number };
  next: NextStep[];
  error?: { code: string; message: string; next: NextStep[]; retryable: boolean; retryAt?: string };
}
type Input = Record<string, unknown>;

/** How an agent gives commands. */
interface Hands {
  /** A command by its name, its input as JSON. */
  run(name: string, input: Input): Promise<Answer>;
  /** The step as `next` says it; null where these hands cannot. */
  follow(step: NextStep, fill: Input): Promise<Answer> | null;
}

/** `psn NAME --input -`. */
function shell(): Hands {
  const typed = async (args: string[], input: Input): Promise<Answer> => {
    const { code, json, stdout, stderr } = await home.psn([...args, "--input", "-"], { stdin: JSON.stringify(input) });
    expect(json, stdout + stderr).not.toBeNull();
    return { code, ...(json as Omit<Answer, "code">) };
  };
  return {
    run: (name, input) => typed(name.split(" "), input),
    follow: ({ command }, fill) => typed(command.split(" ").slice(1), fill),
  };
}

/** Tools, and nothing beside them: what an error's code means it reads from the contract. */
async function tools(): Promise<Hands> {
  const client = clientOf("auto");
  closing.push(client);
  await connect(home, client);
  const called = async (name: string, input: Input): Promise<Omit<Answer, "code">> => {
    const { structuredContent } = await client.callTool({ name, arguments: input });
    return structuredContent as unknown as Omit<Answer, "code">;
  };
  const { errors } = (await called("schema", { errors: true })) as unknown as {
    errors: { code: string; exitCode: number }[];
  };
  const run = async (name: string, input: Input): Promise<Answer> => {
    const answer = await called(name, input);
    const code = answer.error ? errors.find((one) => one.code === answer.error?.code)?.exitCode : 0;
    return { code: code ?? Number.NaN, ...answer };
  };
  return {
    run: (name, input) => run(name.replaceAll(" ", "_"), input),
    follow: ({ tool }, fill) => (tool ? run(tool.name, { ...tool.arguments, ...fill }) : null),
  };
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

for (const [how, handsOf] of [
  ["JSON alone", shell],
  ["an MCP client", tools],
] as const) {
  test(`the main job, and each exit code once, by ${how}`, async () => {
    home = await testHome();
    closing.push(home);
    const hands = await handsOf();
    const met = new Set<number>();
    const asked: string[] = [];
    const run = async (name: string, input: Input) => {
      const answer = await hands.run(name, input);
      met.add(answer.code);
      return answer;
    };
    /** Follows what `next` names, with the person's yes where it needs one. */
    const follow = async (next: readonly NextStep[] | undefined, command: string, fill: Input = {}) => {
      const step = next?.find((one) => one.command.startsWith(command));
      if (!step) throw new Error(`next names no ${command}: ${JSON.stringify(next)}`);
      if (step.needsPerson) asked.push(step.command);
      const answer = await hands.follow(step, fill);
      if (!answer) throw new Error(`${how} cannot do ${command}`);
      met.add(answer.code);
      return answer;
    };

    // 4: nobody is signed in. What helps is setup, which is the person's.
    const first = await run("post create", { text: "The agent's first post." });
    expect([first.code, first.error?.next]).toEqual([
      EXIT.signIn,
      [{ command: "psn setup", effect: "write", needsPerson: true }],
    ]);
    asked.push("psn setup");
    await personSignsIn();

    // 2: a field that is none; next says where the contract is.
    const usage = await run("post create", { text: "x", nwo: true });
    expect(usage.code).toBe(EXIT.usage);
    expect((await follow(usage.error?.next, "psn schema")).code).toBe(EXIT.ok);

    // 0: a draft. 3: it is not approved; next names the look and the approval.
    const made = await run("post create", { text: "The agent's first post.\n---\nWith a second tweet." });
    const { id } = made.post;
    const refused = await run("post now", { id });
    expect([refused.code, refused.error?.code]).toEqual([EXIT.refused, "POST_NOT_APPROVED"]);
    expect((await follow(refused.error?.next, "psn post show")).code).toBe(EXIT.ok);

    // 7: somebody changed it since it was shown.
    await run("post text", { id, version: 1, tweet: 2, text: "With a better second tweet." });
    const changed = await run("post approve", { id, version: made.post.contentVersion });
    expect([changed.code, changed.error?.code]).toEqual([EXIT.changed, "POST_CHANGED"]);
    const shown = await follow(changed.error?.next, "psn post show");
    const approved = await follow(shown.next, "psn post approve", { version: shown.post.contentVersion });
    const published = await follow(approved.next, "psn post now");
    expect([published.code, published.post.status]).toEqual([EXIT.ok, "published"]);

    // 8: an id that is none; next lists what there is.
    const unknown = await run("post show", { id: "zzzz" });
    expect(unknown.code).toBe(EXIT.notFound);
    expect((await follow(unknown.error?.next, "psn post list")).code).toBe(EXIT.ok);

    // 5: X's limit. It can be tried again from retryAt on, as it is.
    home.sandbox.sandbox.addFault({ kind: "rate_limited", resetSecs: 900, match: CREATE });
    const limited = await run("post create", { text: "Into a limit.", now: true });
    expect([limited.code, limited.outcome, limited.error?.retryable]).toEqual([EXIT.notYet, "error", true]);
    expect(Date.parse(limited.error?.retryAt ?? "")).toBeGreaterThan(Date.now());
    home.sandbox.sandbox.clearFaults();
    await home.hub.pool.query("update psn.posts set due_at = psn.now() where id = $1", [limited.post.id]);
    await home.hub.pool.query("delete from psn.rate_limits");
    expect((await run("post now", { id: limited.post.id })).post.status).toBe("published");

    // 6: a request whose answer nobody recorded, as a process leaves it that was killed. Nothing is done on it but a look; what became
    // of it is for the person to say, who has seen that it is not on X.
    const lost = (await run("post create", { text: "Its answer is lost." })).post.id;
    await home.hub.pool.query(
      `insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, started_at, look_count)
       values ($1, $1, 1, 0, 'unknown', psn.now() - interval '1 hour', 9)`,
      [lost],
    );
    const words = { id: lost, version: 1, tweet: 1, text: "Other words." };
    const unsure = await run("post text", words);
    expect([unsure.code, unsure.error?.code, unsure.error?.retryable]).toEqual([EXIT.unknown, "POST_UNSETTLED", false]);
    expect((await follow(unsure.error?.next, "psn post show")).code).toBe(EXIT.ok);
    // At a terminal, for no tool settles a doubt.
    expect((await home.psn(["post", "resolve", lost, "1", "--not-posted"])).code).toBe(EXIT.ok);
    expect((await run("post text", words)).code).toBe(EXIT.ok);

    // 1: a bug, here by a column that is gone. The stack is on stderr; next is a look, and nothing was sent.
    await home.hub.pool.query("alter table psn.post_events rename column note to lost");
    const broken = await run("post show", { id });
    expect([broken.code, broken.error?.code, broken.error?.retryable]).toEqual([EXIT.bug, "INTERNAL", false]);
    await home.hub.pool.query("alter table psn.post_events rename column lost to note");
    expect((await follow(broken.error?.next, "psn status")).code).toBe(EXIT.ok);

    expect(home.onX().toSorted()).toEqual(
      ["Into a limit.", "The agent's first post.", "With a better second tweet."].toSorted(),
    );
    expect(asked).toEqual(["psn setup", `psn post approve ${id}`, `psn post now ${id}`]);
    expect([...met].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  }, 120_000);
}

const CREATE = { method: "POST", path: "/2/tweets" };
