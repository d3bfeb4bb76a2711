/** The stored bytes when their author approves: mended from the original where that has them, else told before anything is sent. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
let key: string;
beforeAll(async () => {
  home = await testHome();
  key = String(home.env.ENCRYPTION_KEY);
  await mkdir(join(home.folder, "config"), { recursive: true, mode: 0o700 });
  await home.signIn();
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; status: string; approved: boolean };
  media?: { sha256: string; fileName: string | null }[];
  error?: { code: string; message: string; next: { command: string }[] };
}

const psn = async (...args: string[]) => {
  const ran = await home.psn(args);
  return { code: ran.code, answer: ran.json as Answer };
};

/** A draft with a picture, and where its bytes lie. */
async function drafted(name: string, side: number) {
  const file = join(home.folder, name);
  await writeFile(file, tinyPng(side, side));
  const { answer } = await psn("post", "create", `With ${name}`, "--media", file, "--alt", "A square");
  const kept = (await psn("media", "list")).answer.media?.find(({ fileName }) => fileName === name);
  const sha256 = kept?.sha256 ?? "";
  return { id: answer.post.id, file, stored: join(home.folder, "data", "media", sha256.slice(0, 2), sha256) };
}

async function damage(path: string) {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test("damaged and missing bytes are restored from the file that they came from, and the post is approved", async () => {
  const one = await drafted("damaged.png", 11);
  const other = await drafted("missing.png", 12);
  await damage(one.stored);
  await rm(other.stored);
  for (const { id, file, stored } of [one, other]) {
    expect((await psn("post", "approve", id)).code).toBe(0);
    expect((await readFile(stored)).equals(await readFile(file))).toBe(true);
  }
});

test("after the key was exchanged too; and what somebody else wrote into the row is no file to be read", async () => {
  const one = await drafted("rotated.png", 14);
  const other = await drafted("planted.png", 15);
  delete home.env.ENCRYPTION_KEY;
  await writeFile(join(home.folder, "config/hub.env"), `ENCRYPTION_KEY=${key}\n`, { mode: 0o600 });
  expect((await psn("keys", "rotate")).code).toBe(0);
  // Empty is not set: the key is the file's.
  home.env.ENCRYPTION_KEY = "";
  await rm(one.stored);
  expect((await psn("post", "approve", one.id)).code).toBe(0);
  const { rows } = await home.hub.pool.query("select sha256, origin from psn.media_blobs");
  expect(JSON.stringify(rows)).not.toContain(".png");
  // A name in clear, and one that was sealed for another file.
  const sealed = rows.find(({ sha256 }) => one.stored.endsWith(sha256))?.origin;
  for (const origin of [other.file, sealed]) {
    const planted = [origin, other.stored.split("/").at(-1)];
    await home.hub.pool.query("update psn.media_blobs set origin = $1 where sha256 = $2", planted);
    await rm(other.stored, { force: true });
    expect((await psn("post", "approve", other.id)).answer.error?.code).toBe("MEDIA_GONE");
  }
});

test("where the file is another one by now, nothing is approved, and its author is told what to attach", async () => {
  const { id, file, stored } = await drafted("gone.png", 13);
  await mkdir(join(home.folder, "away"));
  await rename(file, join(home.folder, "away", "gone.png"));
  await damage(stored);
  const damaged = await psn("post", "approve", id);
  expect(damaged.answer.error).toMatchObject({ code: "MEDIA_DAMAGED", message: expect.stringContaining("gone.png") });
  await rm(stored);
  for (const args of [
    ["post", "approve", id],
    ["post", "schedule", id, "--at", "in 2 hours", "--approve"],
    ["post", "edit", id, "--text", "Other words", "--approve"],
  ]) {
    expect((await psn(...args)).answer.error?.code, args.join(" ")).toBe("MEDIA_GONE");
  }
  expect((await psn("post", "show", id)).answer.post.status).toBe("draft");
  await psn("post", "edit", id, "--media", join(home.folder, "away", "gone.png"));
  expect((await psn("post", "approve", id)).code).toBe(0);
});
