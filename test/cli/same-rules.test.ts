/** A preview refuses what create refuses, and a post that is on X is not deleted but shown where it is. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PsnError } from "../../src/core/errors.ts";
import { fakeMp4 } from "../../src/sandbox/testing.ts";
import { SANDBOX_HANDLE } from "../../src/sandbox/types.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG, type Runner, runnerOf } from "../compose/stage.ts";

let home: TestHome;
let psn: Runner;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
  await writeFile(join(home.folder, "one.png"), PNG);
});
afterAll(() => home.close());

async function previewCode(...args: string[]): Promise<string> {
  return await psn.preview(...args).then(
    () => "done",
    (error: unknown) => (error instanceof PsnError ? error.code : String(error)),
  );
}

test("a video that only some accounts may post: a doubt for nobody, refused for who may not, as for everyone above all limits", async () => {
  const video = async (name: string, seconds: number) =>
    await writeFile(join(home.folder, name), fakeMp4(2_000, seconds));
  await video("fits.mp4", 1_200);
  await video("long.mp4", 1_201);
  await video("endless.mp4", 7_501);
  const told = async (...args: string[]) =>
    (await psn.preview("A film.", "--media", ...args)).tweets.flatMap(({ warnings }) =>
      warnings.map(({ code }) => code),
    );
  expect(await told("fits.mp4")).toEqual([]);
  expect(await told("long.mp4")).toEqual(["media_doubtful"]);
  expect(await previewCode("A film.", "--media", "endless.mp4")).toBe("MEDIA_LIMIT");
  const author = ["--account", SANDBOX_HANDLE];
  expect(await told("fits.mp4", ...author)).toEqual([]);
  expect(await previewCode("A film.", "--media", "long.mp4", ...author)).toBe("MEDIA_LIMIT");
  expect(await psn.code("create", "A film.", "--media", "long.mp4")).toBe("MEDIA_LIMIT");
});

test("preview is as strict as create: what makes no post is no preview", async () => {
  await writeFile(join(home.folder, "huge.txt"), Array.from({ length: 501 }, (_, n) => `Tweet ${n}.`).join("\n---\n"));
  await writeFile(join(home.folder, "past.md"), "---\nat: 2020-01-01 09:00\n---\nPast.\n");
  await writeFile(join(home.folder, "zone.md"), "---\nat: 2027-01-01 09:00\ntimezone: Atlantis\n---\nWhere?\n");
  const fives = [1, 2, 3, 4, 5].flatMap(() => ["--media", "one.png"]);
  const inputs: [string, string[]][] = [
    ["POST_TOO_MANY_TWEETS", ["--file", "huge.txt"]],
    ["TEXT_INVALID_CHARACTER", ["a\0b"]],
    ["MEDIA_TOO_MANY", ["Five images.", ...fives]],
    ["USAGE", ["One tweet.", "--media", "2:one.png"]],
    ["MEDIA_UNREADABLE", ["One tweet.", "--media", "gone.png"]],
    ["done", ["--media", "one.png"]],
    ["TIME_IN_PAST", ["--file", "past.md"]],
    ["TIMEZONE_UNKNOWN", ["--file", "zone.md"]],
  ];
  for (const [code, args] of inputs) {
    const created = await psn.code("create", ...args);
    expect([args[0]?.slice(0, 20), await previewCode(...args)]).toEqual([args[0]?.slice(0, 20), created]);
    if (created !== "MEDIA_MIX") expect(created).toBe(code);
  }
});

test("a published post that is to go: its links at X are named, and no copy is offered", async () => {
  const { post } = await psn.post("create", "Said.\n---\nAnd done.", "--now");
  const refused = await psn.error("delete", post.id);
  expect(refused.code).toBe("POST_PUBLISHED");
  expect(refused.hint).toContain(`psn post unpublish ${post.id}`);
  for (const { url } of post.tweets) expect(refused.message).toContain(String(url));
  expect(refused.details?.urls).toEqual(post.tweets.map(({ url }) => url));
  expect(refused.hint).not.toContain("post copy");
  expect((await psn.post("show", post.id)).post.status).toBe("published");
});
