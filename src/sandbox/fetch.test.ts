import { expect, test } from "bun:test";
import { until } from "../testing/wait.ts";
import { sandboxFetch } from "./fetch.ts";
import { SandboxX } from "./rules.ts";
import { START, StillClock } from "./testing.ts";

function simulated(seed: string) {
  const clock = new StillClock();
  const sandbox = new SandboxX({ clock, seed });
  const fetch = sandboxFetch(sandbox, async (ms) => clock.pass(ms));
  const token = sandbox.signIn("sandbox_author").access_token;
  const create = (text: string, signal?: AbortSignal) =>
    fetch("http://x.sandbox.invalid/2/tweets", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ text }),
      ...(signal === undefined ? {} : { signal }),
    });
  return { clock, sandbox, create };
}

test("the same rules answer without a socket, and time passes only as the caller lets it", async () => {
  const { clock, sandbox, create } = simulated("a");
  sandbox.addFault({ kind: "delay", ms: 5_000 });
  expect((await create("simulated")).status).toBe(201);
  expect(clock.ms).toBe(START + 5_000);
  expect(sandbox.report().accounts.sandbox_author?.posts[0]?.createdAt).toBe(new Date(START + 5_000).toISOString());
});

test("a reset throws, and what stands on X is distinguished from what does not", async () => {
  const { sandbox, create } = simulated("b");
  sandbox.addFault({ kind: "drop_before" });
  sandbox.addFault({ kind: "drop_after" });
  await expect(create("lost")).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect(create("kept")).rejects.toMatchObject({ code: "ECONNRESET" });
  sandbox.addFault({ kind: "cut_answer" });
  const cut = await create("cut");
  expect(cut.status).toBe(201);
  await expect(cut.text()).rejects.toThrow();
  expect(sandbox.report().accounts.sandbox_author?.posts.map((post) => post.text)).toEqual(["kept", "cut"]);
});

test("an aborted caller leaves, X acts later all the same", async () => {
  const clock = new StillClock();
  const sandbox = new SandboxX({ clock, seed: "c" });
  let release = () => {};
  const fetch = sandboxFetch(sandbox, () => new Promise<void>((resolve) => (release = resolve)));
  const token = sandbox.signIn("sandbox_author").access_token;
  sandbox.addFault({ kind: "delay", ms: 30_000 });
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const sent = fetch("http://x.sandbox.invalid/2/tweets", {
    method: "POST",
    headers,
    body: '{"text":"late"}',
    signal: abort.signal,
  });
  setTimeout(() => abort.abort(new Error("timed out")), 5);
  expect(await sent.catch((error: Error) => error.message)).toBe("timed out");
  expect(sandbox.report().accounts.sandbox_author?.posts).toEqual([]);
  release();
  await until(() => sandbox.report().accounts.sandbox_author?.posts.length === 1);
  expect(sandbox.report().accounts.sandbox_author?.posts.map((post) => post.text)).toEqual(["late"]);
});

test("the same seed and the same calls give the same answers, token for token", async () => {
  const run = async () => {
    const { sandbox, create } = simulated("d");
    sandbox.addFault({ kind: "status", status: 503, probability: 0.4 });
    const answers: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      const answer = await create(`n${i} https://example.com/${i}`);
      answers.push(`${answer.status} ${answer.headers.get("x-transaction-id")} ${await answer.text()}`);
    }
    return [answers, sandbox.save()];
  };
  expect(await run()).toEqual(await run());
});

test("a saved world goes on in another one as if nothing had happened", async () => {
  const { clock, sandbox, create } = simulated("e");
  await create("before");
  const saved: unknown = JSON.parse(JSON.stringify(sandbox.save()));
  const copies = ["other", "third"].map((seed) => {
    const copy = new SandboxX({ clock, seed });
    copy.load(saved);
    return copy;
  });
  await create("after");
  for (const copy of copies) {
    expect(copy.report().accounts.sandbox_author?.posts.map((post) => post.text)).toEqual(["before"]);
  }
  const [first, second] = copies.map((copy) => copy.signIn("sandbox_author").access_token);
  expect(first).toBe(second);
});
