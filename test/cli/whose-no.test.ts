/** X refuses an account, and the app's keys are swapped: as an author meets it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../src/sandbox/types.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";

const OTHER = { clientId: "app-b", clientSecret: "app-b-secret-that-is-long" };

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  home.sandbox.sandbox.addApp({ ...OTHER, callbacks: [SANDBOX_CALLBACK_URL] });
  await signIn();
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; status: string; subStatus: string | null };
  notices: { code: string; message: string; hint: string }[];
  resumed: number;
  steps: { data?: { url?: string } }[];
  error?: { code: string; message: string; hint: string };
}
const psn = async (...args: string[]) => (await home.psn(args)).json as Answer;

function useApp({ clientId, clientSecret } = { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET }) {
  Object.assign(home.env, { X_CLIENT_ID: clientId, X_CLIENT_SECRET: clientSecret });
}

const signInUrl = async () => (await psn("setup", "--sign-in")).steps.at(-1)?.data?.url ?? "";

async function signIn(): Promise<void> {
  const done = await home.psn(["setup", "--paste"], { stdin: await consent(await signInUrl(), "sandbox_author") });
  expect(done.json).toMatchObject({ ready: true });
}

const onX = () => home.sandbox.sandbox.report().accounts.sandbox_author?.posts.map(({ text }) => text) ?? [];
const sends = () => home.sandbox.sandbox.report().counts["POST /2/tweets"]?.received ?? 0;

test("scenario 61: a locked account by the command line: one request, what to do, and one command lets its posts go", async () => {
  const { sandbox } = home.sandbox;
  sandbox.changeUser("sandbox_author", { locked: true });
  const before = sends();
  const first = await psn("post", "create", "While locked, one", "--now");
  expect(first.post).toMatchObject({ status: "retry", subStatus: "account_held" });
  const second = await psn("post", "create", "While locked, two", "--now");
  expect(second.post).toMatchObject({ status: "retry", subStatus: "account_held" });
  expect(sends() - before).toBe(1);
  const { notices } = await psn("post", "failures");
  expect(notices.filter(({ code }) => code === "ACCOUNT_HELD")).toHaveLength(1);
  expect(notices[0]?.message).toContain("@sandbox_author");
  expect(notices[0]?.message).toContain("https://x.com");
  sandbox.changeUser("sandbox_author", { locked: false });
  expect((await psn("post", "resume")).resumed).toBe(2);
  for (const { post } of [first, second]) await psn("post", "now", post.id);
  expect(onX()).toEqual(["While locked, one", "While locked, two"]);
  expect((await psn("post", "failures")).notices).toEqual([]);
});

test("scenario 63: the keys are swapped and swapped back: nothing is spent, said to be revoked, or lost", async () => {
  const signedIn = async () =>
    (await home.hub.pool.query("select version, metadata from psn.oauth_tokens")).rows as { metadata: object }[];
  await home.hub.pool.query("update psn.oauth_tokens set expires_at = now() - interval '1 minute'");
  const before = await signedIn();
  useApp(OTHER);
  const { post } = await psn("post", "create", "Under the other app", "--now");
  expect(post).toMatchObject({ status: "retry", subStatus: "awaiting_auth" });
  expect((await psn("post", "failures")).notices.map(({ code }) => code)).toContain("ACCOUNT_OTHER_APP");
  expect(await signedIn()).toEqual(before);

  await psn("post", "cancel", post.id);
  const removed = await psn("account", "remove", "@sandbox_author", "--yes");
  expect(removed.error).toMatchObject({ code: "ACCOUNT_OTHER_APP" });
  expect(removed.error?.message).toContain("nothing is revoked");
  expect(await signedIn()).toEqual(before);

  useApp();
  const again = await psn("post", "now", post.id);
  expect(again.post.status).toBe("published");
  expect(await psn("account", "remove", "@sandbox_author", "--yes")).toMatchObject({ revokedAtX: true });
  await signIn();
});

test("scenario 63: a sign-in that was begun with one app and is pasted under another says so, and the code is not spent", async () => {
  const pasted = await consent(await signInUrl(), "sandbox_author");
  useApp(OTHER);
  const { json } = await home.psn(["setup", "--paste"], { stdin: pasted });
  expect(JSON.stringify(json)).toContain("OAUTH_OTHER_APP");
  useApp();
  expect((await home.psn(["setup", "--paste"], { stdin: pasted })).json).toMatchObject({ ready: true });
});
