/** What was shown is what happens: `--version N` of every command that has it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { postEntries } from "../../src/cli/post/entries.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { type Runner, runnerOf } from "../compose/stage.ts";

let home: TestHome;
let psn: Runner;
let count = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
});
afterAll(() => home.close());

/** A draft that was shown as version 1 and has other, approved words since. */
async function changedSince(): Promise<{ id: string; words: string }> {
  const { post } = await psn.post("create", `Shown ${++count}.`);
  const words = `Not shown ${count}.`;
  await psn.post("edit", post.id, "--text", words);
  await psn.post("approve", post.id);
  return { id: post.id, words };
}

test("scenario 36: post now refuses a post that has changed since the version that was shown, and sends it at the right one", async () => {
  const { id, words } = await changedSince();
  const before = home.onX().length;
  const refused = await psn.error("now", id, "--version", "1");
  expect(refused).toMatchObject({ code: "POST_CHANGED", details: { contentVersion: 2 } });
  expect(home.onX()).toHaveLength(before);
  expect((await psn.post("show", id)).post.status).toBe("draft");
  expect((await psn.post("now", id, "--version", "2")).post.status).toBe("published");
  expect(home.onX().at(-1)).toBe(words);
});

test("scenario 36: post schedule refuses it likewise, with and without --approve", async () => {
  const { id } = await changedSince();
  expect(await psn.code("schedule", id, "--at", "in 2 hours", "--version", "1")).toBe("POST_CHANGED");
  const { post } = await psn.post("create", `Shown ${++count}.`);
  await psn.post("text", post.id, "1", `Not shown ${count}.`);
  const both = ["--at", "in 2 hours", "--approve", "--version"];
  expect(await psn.code("schedule", post.id, ...both, "1")).toBe("POST_CHANGED");
  expect((await psn.post("show", post.id)).post).toMatchObject({ status: "draft", approved: false });
  expect((await psn.post("schedule", post.id, ...both, "2")).post).toMatchObject({
    status: "scheduled",
    approved: true,
  });
});

test("scenario 36: every command that has --version takes a whole number and refuses another version", async () => {
  const more: Record<string, string[]> = {
    split: ["1", "--at", "2"],
    join: ["1"],
    insert: ["1", "x"],
    remove: ["1"],
    move: ["1"],
    text: ["1", "x"],
    reorder: ["1", "2"],
    detach: ["1"],
    schedule: ["--at", "in 2 hours"],
    edit: ["--text", "x"],
    delete: ["--yes"],
    unpublish: ["--yes"],
    resolve: ["1", "--not-posted"],
  };
  const { post } = await psn.post("create", `One ${++count}.\n---\nTwo ${count}.`);
  await psn.post("text", post.id, "1", `Other ${count}.`);
  const asked: string[] = [];
  for (const entry of postEntries) {
    const command = await entry.load();
    const name = entry.name.replace("post ", "");
    if (!("input" in command) || !("version" in command.input.shape) || ["attach", "retry", "cancel"].includes(name))
      continue;
    const given = [name, post.id, ...(more[name] ?? []), "--version"];
    for (const bad of ["abc", "-1", "1.5", ""]) {
      const error = await psn.error(...given.slice(0, -1), `--version=${bad}`);
      expect([name, error.code, error.message]).toEqual([
        name,
        "USAGE",
        "--version takes the contentVersion that was shown, a whole number.",
      ]);
    }
    expect([name, await psn.code(...given, "1")]).toEqual([name, "POST_CHANGED"]);
    asked.push(name);
  }
  expect(asked).toEqual(expect.arrayContaining([...Object.keys(more), "approve", "now", "undo"]));
});

test("a post is cancelled and removed only as it was shown, and only by four characters of its id or more", async () => {
  const { post } = await psn.post("create", `Stays ${++count}.`, "--at", "in 2 hours");
  expect(await psn.code("cancel", post.id, "--version", "2")).toBe("POST_CHANGED");
  for (const [name, ...more] of [
    ["cancel"],
    ["now"],
    ["edit", "--text", "x"],
    ["text", "1", "x"],
    ["undo"],
    ["unpublish"],
  ]) {
    for (const length of [1, 2, 3]) {
      const refused = await psn.error(name ?? "", post.id.slice(0, length), ...more);
      expect([name, length, refused.code]).toEqual([name, length, length < 3 ? refused.code : "USAGE"]);
      expect(["USAGE", "POST_AMBIGUOUS"]).toContain(refused.code);
    }
  }
  expect((await psn.post("show", post.id)).post.status).toBe("scheduled");
  // To look at it the shortest beginning will do, where it is one post's alone.
  expect(["done", "POST_AMBIGUOUS"]).toContain(await psn.code("show", post.id.slice(0, 3)));
  expect((await psn.post("cancel", post.id.slice(0, 4), "--version", "1")).post.status).toBe("draft");
  expect(await psn.code("delete", post.id.slice(0, 3))).toBe("USAGE");
  expect(await psn.code("delete", post.id, "--version", "2")).toBe("POST_CHANGED");
  expect(await psn.code("delete", post.id.slice(0, 4), "--version", "1")).toBe("done");
});

test("scenario 36: post retry refuses it likewise", async () => {
  const { post } = await psn.post("create", `Waits ${++count}.`, "--at", "in 2 hours");
  await psn.post("text", post.id, "1", `Not shown ${count}.`, "--approve");
  await home.hub.pool.query("update psn.posts set status = 'retry' where id = $1", [post.id]);
  const before = home.onX().length;
  expect(await psn.code("retry", post.id, "--version", "1")).toBe("POST_CHANGED");
  expect(home.onX()).toHaveLength(before);
  expect((await psn.post("retry", post.id, "--version", "2")).post.status).toBe("published");
});
