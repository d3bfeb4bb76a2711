/** Bad input: one line, a code, what to do, a non-zero exit, and nothing half-written. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodeOf } from "../../src/cli/_errors.ts";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { PSN, type Ran, type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

interface Failure {
  error: { code: string; message: string; hint?: string };
}

async function expectError(ran: Ran, code: string): Promise<Failure["error"]> {
  const { error } = ran.json as Failure;
  expect(error?.code, ran.stdout + ran.stderr).toBe(code);
  expect(ran.code).toBe(exitCodeOf(code));
  expect(error.message).not.toContain("\n");
  expect(error.message.length).toBeGreaterThan(10);
  return error;
}

const rowCount = async () =>
  (await home.hub.pool.query("select count(*)::int as n from psn.posts")).rows[0].n as number;

test("no configuration says to run setup", async () => {
  const env = { PATH: home.env.PATH, HOME: home.folder, PSN_CONFIG_DIR: join(home.folder, "nowhere") };
  const error = await expectError(await home.psnProcess(["post", "list"], { env }), "NOT_SET_UP");
  expect(error.hint).toContain("psn setup");
  expect(await readdir(home.folder)).not.toContain("nowhere");
});

test("a hub that cannot be reached is named without its password", async () => {
  const env = { ...home.env, DATABASE_URL: "postgres://me:hunter2secret@127.0.0.1:9/psn" };
  const ran = await home.psnProcess(["post", "list"], { env });
  const error = await expectError(ran, "HUB_UNREACHABLE");
  expect(error.message).toContain("127.0.0.1:9");
  expect(ran.stdout + ran.stderr).not.toContain("hunter2secret");
});

test("a key of the wrong length is refused and not repeated", async () => {
  const env = { ...home.env, ENCRYPTION_KEY: "abc123" };
  const ran = await home.psn(["post", "list"], { env });
  await expectError(ran, "KEY_INVALID");
  expect(ran.stdout + ran.stderr).not.toContain("abc123");
});

test("missing X keys are named only where X is needed", async () => {
  const { X_CLIENT_ID: _id, X_CLIENT_SECRET: _secret, ...env } = home.env;
  const created = await home.psn(["post", "create", "A draft needs no keys."], { env });
  expect(created.code, created.stdout).toBe(0);
  const { post } = created.json as { post: { id: string } };
  await expectError(await home.psn(["post", "now", post.id, "--approve"], { env }), "X_KEYS_MISSING");
  const shown = await home.psn(["post", "show", post.id]);
  expect((shown.json as { post: { status: string } }).post.status).toBe("draft");
});

test("an unreadable text file, a folder, other bytes than UTF-8, and an empty text are errors; no draft is left", async () => {
  await writeFile(join(home.folder, "latin1.txt"), Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  await writeFile(join(home.folder, "blank.txt"), " \n\n ");
  await mkdir(join(home.folder, "folder"), { recursive: true });
  const before = await rowCount();
  await expectError(await home.psn(["post", "create", "--file", "missing.txt"]), "TEXT_UNREADABLE");
  await expectError(await home.psn(["post", "create", "--file", "folder"]), "TEXT_UNREADABLE");
  const unnamed = await expectError(await home.psn(["post", "create", "--file="]), "USAGE");
  expect(unnamed.message).toBe("The name of a file is empty.");
  await expectError(await home.psn(["post", "sync", ""]), "USAGE");
  await expectError(await home.psn(["post", "create", "--file", "latin1.txt"]), "TEXT_NOT_UTF8");
  await expectError(await home.psn(["post", "create", "--file", "blank.txt"]), "TEXT_EMPTY");
  await expectError(await home.psn(["post", "create", ""]), "TEXT_EMPTY");
  await expectError(await home.psn(["post", "create"]), "TEXT_MISSING");
  expect(await rowCount()).toBe(before);
});

test("scenario 24: an unknown or unreadable media argument is an error, never dropped", async () => {
  await writeFile(join(home.folder, "notes.png"), "this is text in disguise");
  const before = await rowCount();
  await expectError(await home.psn(["post", "create", "With a picture", "--media", "gone.png"]), "MEDIA_UNREADABLE");
  await expectError(await home.psn(["post", "create", "With a picture", "--media", "notes.png"]), "MEDIA_TYPE");
  await expectError(await home.psn(["post", "create", "One tweet", "--media", "2:notes.png"]), "USAGE");
  await expectError(await home.psn(["post", "create", "One tweet", "--alt", "alone"]), "USAGE");
  expect(await rowCount()).toBe(before);
});

test("the past, a day that no calendar has, a skipped hour and an unknown zone are errors", async () => {
  const create = (...when: string[]) => home.psn(["post", "create", "When?", ...when]);
  const before = await rowCount();
  await expectError(await create("--date", "2020-01-01", "--time", "09:00"), "TIME_IN_PAST");
  await expectError(await create("--date", "2027-02-31", "--time", "09:00"), "TIME_INVALID");
  const gap = await expectError(await create("--date", "2027-03-28", "--time", "02:30"), "TIME_IN_GAP");
  expect(gap.message).toContain("01:30");
  expect(gap.message).toContain("03:30");
  await expectError(await create("--date", "2027-10-31", "--time", "02:30"), "TIME_AMBIGUOUS");
  await expectError(
    await create("--date", "2027-03-15", "--time", "09:00", "--timezone", "Mars/Olympus"),
    "TIMEZONE_UNKNOWN",
  );
  await expectError(await create("--date", "2027-03-15"), "USAGE");
  await expectError(await create("--at", "banana"), "TIME_INVALID");
  expect(await rowCount()).toBe(before);
});

test("an unknown post, an unknown account, an unknown command and an unknown option are errors", async () => {
  await expectError(await home.psn(["post", "show", "zzzzzzzzzzzz"]), "POST_UNKNOWN");
  await expectError(await home.psn(["post", "now", "' or 1=1 --"]), "POST_UNKNOWN");
  await expectError(await home.psn(["post", "create", "Hi", "--account", "@nobody"]), "ACCOUNT_UNKNOWN");
  const typo = await expectError(await home.psn(["post", "nwo"]), "USAGE");
  expect(typo.hint).toContain("psn post now");
  await expectError(await home.psn(["post", "create", "Hi", "--att", "in 2 hours"]), "USAGE");
  await expectError(await home.psn(["post", "create", "Hello", "there"]), "USAGE");
});

test("nothing is sent unapproved", async () => {
  const { post } = (await home.psn(["post", "create", "Not approved yet."])).json as { post: { id: string } };
  await expectError(await home.psn(["post", "now", post.id]), "POST_NOT_APPROVED");
  await expectError(await home.psn(["post", "schedule", post.id, "--at", "in 1 hour"]), "POST_NOT_APPROVED");
});

test("another encryption key than the tokens were sealed with is told as that", async () => {
  const env = { ...home.env, ENCRYPTION_KEY: newKeyHex() };
  const ran = await home.psn(["post", "create", "Which key?", "--now"], { env });
  expect(ran.code).toBe(4);
  expect(JSON.stringify(ran.json)).toContain("KEY");
});

test("a port in use is an error with a hint", async () => {
  const ran = await home.psnProcess(["sandbox", "--port", String(home.sandbox.port)]);
  await expectError(ran, "PORT_IN_USE");
});

test("psn sandbox --json tells its address at once, as one object, and runs until it is stopped", async () => {
  const child = Bun.spawn([PSN, "sandbox", "--json", "--port", "0"], {
    env: home.env as Record<string, string>,
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const first = JSON.parse(new TextDecoder().decode((await reader.read()).value)) as {
    url: string;
    pid: number;
    env: Record<string, string>;
  };
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(first.env.X_API_BASE_URL).toBe(first.url);
  expect(first.pid).toBe(child.pid);
  expect((await fetch(first.url)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect((await reader.read()).done).toBe(true);
});

test("no error leaves a file of configuration or data behind", async () => {
  await rm(join(home.folder, "config"), { recursive: true, force: true });
  await home.psnProcess(["post", "list"], { env: { ...home.env, DATABASE_URL: "mysql://nope" } });
  expect(await readdir(home.folder)).not.toContain("config");
});

test("an agent reads a command's options and the schema of its answer", async () => {
  const ran = await home.psn(["post", "now", "--help", "--json"]);
  const told = ran.json as { name: string; options: object; answer: { anyOf: [{ properties: object }] } };
  expect(told.name).toBe("post now");
  expect(Object.keys(told.options)).toContain("approve");
  expect(Object.keys(told.answer.anyOf[0].properties)).toContain("post");
});
