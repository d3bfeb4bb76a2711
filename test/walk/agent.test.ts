/** The same hour as `person.test.ts` has, for an agent: JSON alone, each step by what the answer before held. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await writeFile(join(home.folder, "essay.md"), "The first tweet.\n---\nThe second tweet.\n");
});
afterAll(() => home?.close());

interface Answer {
  post: { id: string; status: string; contentVersion: number; scheduled: { utc: string } | null };
  ready: boolean;
  steps: { data?: { url?: string } }[];
  posts: { postId: string; next: string }[];
  at: string;
  changed: string[];
}

/** One command, its exit code and its answer. */
async function psn(code: number, ...args: string[]): Promise<Answer> {
  const ran = await home.psnProcess(args);
  expect({ args, code: ran.code, stdout: ran.stdout }).toMatchObject({ code });
  return ran.json as Answer;
}

test("setup, compose, schedule, edit, cancel, fail, retry by JSON, each step by the answer before", async () => {
  const url = String((await psn(0, "setup")).steps.at(-1)?.data?.url);
  const signedIn = await home.psnProcess(["setup", "--paste"], { stdin: await consent(url, "sandbox_author") });
  expect((signedIn.json as Answer).ready).toBe(true);

  const { post: draft } = await psn(0, "post", "create", "--file", "essay.md");
  const { id } = draft;
  const shown = await psn(0, "post", "join", id, "1", "--version", String(draft.contentVersion));
  // What was shown before is not approved any more.
  await psn(7, "post", "approve", id, "--version", String(draft.contentVersion));
  const { post: approved } = await psn(0, "post", "approve", id, "--version", String(shown.post.contentVersion));
  const { at } = await psn(0, "when", "tomorrow 9am");
  const { post: waits } = await psn(0, "post", "schedule", id, "--at", at);
  expect(Date.parse(waits.scheduled?.utc ?? "")).toBe(Date.parse(at));
  expect(approved.contentVersion).toBe(waits.contentVersion);
  // Words that nobody approved never take the place of those that wait; with the person's yes they do.
  await psn(3, "post", "edit", id, "--text", "Better words.");
  const edited = await psn(0, "post", "edit", id, "--text", "Better words.", "--approve");
  expect(edited).toMatchObject({ changed: ["text"], post: { status: "scheduled" } });
  expect((await psn(0, "post", "cancel", id)).post.status).toBe("draft");
  expect(home.onX()).toEqual([]);

  await psn(0, "sandbox", "fault", "status", "--status", "400");
  await psn(3, "post", "now", id);
  const { posts } = await psn(0, "post", "failures");
  expect(posts.map(({ postId }) => postId)).toEqual([id]);
  expect((await psn(0, "post", "retry", id)).post.status).toBe("published");
  expect((await psn(0, "post", "failures")).posts).toEqual([]);
  expect(home.onX()).toEqual(["Better words."]);
  // Said again after it went out, it finds its work done, and is not on X twice.
  expect((await psn(0, "post", "now", id)).post.status).toBe("published");
  expect(home.onX()).toHaveLength(1);
});
