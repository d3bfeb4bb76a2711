/** A person's approval in the client's own question: what they are shown, what their yes is good for, and a call that is made again. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { setApprovalMode } from "../../src/core/post/approval-mode.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG } from "../compose/stage.ts";
import { clientOf, connect, type Person } from "./stage.ts";

let home: TestHome;
let client: Client;
let says: "yes" | "no" = "yes";
let questions: string[] = [];
/** What the client sent last with an answer, to be sent once more. */
let answered: Record<string, unknown> | null = null;
let replays = false;

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await setApprovalMode(home.hub, "person");
  client = clientOf("auto", (question) => {
    questions.push(question);
    return says;
  });
  await connect(home, client, ({ params }) => {
    if (!params) return;
    if (params.inputResponses !== undefined) answered = structuredClone(params);
    else if (replays && answered && "arguments" in params) {
      params.inputResponses = answered.inputResponses;
      params.requestState = answered.requestState;
    }
  });
});
afterAll(async () => {
  await client?.close();
  await home?.close();
});

interface Body {
  outcome: string;
  post: { id: string; status: string };
  error: { code: string };
}
async function call(name: string, args: Record<string, unknown>, answer: "yes" | "no" = "yes"): Promise<Body> {
  says = answer;
  questions = [];
  const { structuredContent } = await client.callTool({ name, arguments: args });
  return structuredContent as unknown as Body;
}
const drafts = async (text: string) => {
  const { rows } = await home.hub.pool.query("select id from psn.posts where parent_post_id is null and source = $1", [
    text,
  ]);
  return rows.length;
};

test("the question shows all that a yes binds: words, media with alt texts, poll, labels, parent, account, time and cost", async () => {
  await writeFile(join(home.folder, "bay.png"), PNG);
  const parent = (await call("post_create", { text: "A parent.", now: true })).post;
  const at = { date: "2027-03-15", time: "09:00" };
  await call("post_create", {
    text: "Tea or coffee?\n---\nWith a picture.",
    poll: "Tea|Coffee",
    pollMinutes: 90,
    media: ["2:bay.png"],
    alt: ["A map of the bay at night"],
    replyTo: parent.id,
    replySettings: "following",
    madeWithAi: true,
    paidPartnership: true,
    ...at,
  });
  const [shown = ""] = questions;
  for (const part of [
    "Tea or coffee?",
    "With a picture.",
    "bay.png: A map of the bay at night",
    /poll +Tea \| Coffee, open for 90 minutes/,
    /replies to +your tweet \d+/,
    /replies +following only/,
    /label +made with AI/,
    /label +paid partnership/,
    /account +@sandbox_author/,
    /goes out +Mon 2027-03-15 09:00 Europe\/Berlin/,
    /costs +up to \$0\.0/,
    /tweets +2/,
    "Publish this at Mon 2027-03-15 09:00 Europe/Berlin (+01:00), as @sandbox_author",
  ]) {
    expect(shown).toMatch(part);
  }
});

test("a call that is made again, with the answer or for want of one, is about the same draft", async () => {
  const given = { text: "Said without a key.", now: true };
  expect((await call("post_create", given, "no")).error.code).toBe("CANCELLED");
  expect((await call("post_create", given, "no")).error.code).toBe("CANCELLED");
  const published = await call("post_create", given);
  expect([published.outcome, published.post.status, questions.length]).toEqual(["ok", "published", 1]);
  expect(await drafts(given.text)).toBe(1);
  expect(home.onX().filter((text) => text === given.text)).toHaveLength(1);
  // A client that cannot ask.
  const mute = await connect(home, clientOf("auto"));
  const waiting = { text: "Nobody can be asked.", at: "in 2 hours" };
  for (let round = 0; round < 3; round++) {
    const { structuredContent } = await mute.callTool({ name: "post_create", arguments: waiting });
    expect((structuredContent as unknown as Body).error.code).toBe("APPROVAL_NEEDED");
  }
  await mute.close();
  expect(await drafts(waiting.text)).toBe(1);
});

test("a time in words is the one that the person was asked about", async () => {
  const made = await call("post_create", { text: "In a while.", at: "in 2 hours" });
  expect([made.post.status, questions.length]).toEqual(["scheduled", 1]);
  const moved = await call("post_schedule", { id: made.post.id, at: "in 3 hours" });
  expect([moved.outcome, questions.length]).toEqual(["ok", 1]);
});

test("a yes is good once: sent again after a cancel, or after an undo, it is asked anew", async () => {
  const { post } = await call("post_create", { text: "Approved once.", at: "in 4 hours" });
  const again = async () => {
    replays = true;
    try {
      return await call("post_schedule", { id: post.id, at: "in 4 hours", approve: true }, "no");
    } finally {
      replays = false;
    }
  };
  await call("post_cancel", { id: post.id });
  expect((await again()).error.code).toBe("CANCELLED");
  expect(questions).toHaveLength(1);
  expect((await call("post_schedule", { id: post.id, at: "in 5 hours", approve: true })).post.status).toBe("scheduled");
  await call("post_cancel", { id: post.id });
  await call("post_text", { id: post.id, version: 1, tweet: 1, text: "Other words." });
  await call("post_undo", { id: post.id, version: 2 });
  expect((await again()).error.code).toBe("CANCELLED");
  const { rows } = await home.hub.pool.query("select status from psn.posts where id = $1", [post.id]);
  expect(rows).toEqual([{ status: "draft" }]);
});

for (const mode of ["legacy", "auto"] as const) {
  test(`whatever a client brings for a question (${mode}), the call ends with an answer, and only a yes approves`, async () => {
    let brings: () => ReturnType<Person> = () => "dismissed";
    let asked = 0;
    const other = clientOf(mode, () => {
      asked += 1;
      return brings();
    });
    await connect(home, other);
    const said = async (name: string, args: Record<string, unknown>) =>
      (await other.callTool({ name, arguments: args })).structuredContent as unknown as Body;
    const { id } = (await said("post_create", { text: `Asked about, ${mode}.` })).post;
    for (const [brought, code] of [
      ["dismissed", "APPROVAL_NEEDED"],
      ["an empty form", "APPROVAL_NEEDED"],
      ["unticked yes", "CANCELLED"],
      ["no", "CANCELLED"],
    ] as const) {
      brings = () => brought;
      asked = 0;
      expect([brought, (await said("post_now", { id, approve: true })).error?.code, asked]).toEqual([brought, code, 1]);
    }
    // Of the newer revision it is the client that asks, and its own SDK refuses a form that is none.
    if (mode === "legacy") {
      for (const fails of [() => "garbage" as const, () => Promise.reject(new Error("no window to ask in"))]) {
        brings = fails;
        expect((await said("post_now", { id, approve: true })).error?.code).toBe("APPROVAL_NEEDED");
      }
    }
    // Somebody edits it while each question is open: the call ends all the same.
    let edits = 0;
    brings = async (): Promise<"yes"> => {
      edits += 1;
      const words = { tweet: 1, text: `Edited ${mode} ${edits}.` };
      await client.callTool({ name: "post_text", arguments: { id, version: edits, ...words } });
      return "yes";
    };
    const restless = await said("post_now", { id, approve: true });
    expect([restless.outcome, restless.error?.code, edits]).toEqual(["error", "APPROVAL_STALE", 3]);
    expect(home.onX().filter((text) => text.startsWith(`Edited ${mode}`))).toEqual([]);
    await other.close();
  });
}
