/** Setup as an agent drives it: JSON on pipes, nothing asked, every step an answer. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseInput } from "../../src/cli/_parse.ts";
import type { Step } from "../../src/cli/_step.ts";
import { setupCommand } from "../../src/cli/setup.ts";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { readEnvFile, writeEnvFile } from "../../src/core/utils/env.ts";
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../src/sandbox/types.ts";
import { consent, type Ran, type TestHome, testHome } from "../../src/testing/cli.ts";
import { ioOf } from "../compose/stage.ts";

let home: TestHome;
let hubFile: string;

beforeAll(async () => {
  home = await testHome();
  // As on a new machine: the key is made by setup, and the X app's keys are not known.
  for (const name of ["ENCRYPTION_KEY", "X_CLIENT_ID", "X_CLIENT_SECRET", "PSN_TIMEZONE"]) delete home.env[name];
  hubFile = join(home.folder, "config/hub.env");
});
afterAll(() => home.close());
beforeEach(() => home.sandbox.sandbox.clearFaults());
afterEach(() => home.sandbox.sandbox.configure({ grantedScopes: null, codeSecs: 30 }));

type Answer = { steps: Step[]; last: Step; ready: boolean };

/** `psn setup` as a process. */
async function setupProcess(args: string[] = [], stdin?: string): Promise<Answer & Ran> {
  const ran = await home.psn(["setup", ...args], stdin === undefined ? {} : { stdin });
  return { ...ran, ...withLast(ran.json) };
}

/** The same command in this process, for the cases that are many. */
async function setup(args: string[] = [], stdin = ""): Promise<Answer> {
  const io = ioOf(home, { readStdin: async () => stdin });
  return withLast(setupCommand.answer.parse(await setupCommand.run(io, parseInput(setupCommand, "setup", args).input)));
}

function withLast(answer: unknown): Answer {
  const { steps = [], ready = false } = (answer ?? {}) as { steps?: Step[]; ready?: boolean };
  const last = steps.at(-1);
  if (!last) throw new Error(`no steps: ${JSON.stringify(answer)}`);
  return { steps, last, ready };
}
const words = (steps: Step[]) => steps.map(({ step, status }) => `${step} ${status}`);
const freshUrl = async () => String((await setup(["--sign-in"])).last.data?.url);
const paste = (stdin: string, ...args: string[]) => setup(["--paste", ...args], stdin);

test("a whole setup: every step answers, what is missing is asked for, and a rerun goes on there", async () => {
  const first = await setupProcess(["--timezone", "Europe/Berlin"]);
  expect(words(first.steps)).toEqual(["hub success", "keys need_input"]);
  expect(first.code).toBe(0);
  expect(first.last.data?.ask).toEqual([
    { name: "X_CLIENT_ID", secret: false },
    { name: "X_CLIENT_SECRET", secret: true },
  ]);
  expect(String(first.last.data?.instructions)).toContain("http://127.0.0.1:8976/callback");
  expect(((await stat(hubFile)).mode & 0o777).toString(8)).toBe("600");

  const wrong = await setupProcess(
    ["--keys-stdin"],
    `X_CLIENT_ID=${SANDBOX_CLIENT_ID}\nX_CLIENT_SECRET=a-native-app-has-none\n`,
  );
  expect(wrong.last).toMatchObject({ step: "keys", status: "failed", data: { code: "OAUTH_CLIENT_WRONG" } });
  expect(String(wrong.last.data?.hint)).toContain("Native App");
  expect(wrong.code).toBe(4);

  const keys = `X_CLIENT_ID=${SANDBOX_CLIENT_ID}\nX_CLIENT_SECRET="${SANDBOX_CLIENT_SECRET}"\n`;
  const second = await setupProcess(["--keys-stdin"], keys);
  expect(words(second.steps)).toEqual(["hub skipped", "keys success", "engine skipped", "sign_in need_input"]);
  expect(second.last.message).toContain("30 seconds");
  const url = new URL(String(second.last.data?.url));
  expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  expect(url.searchParams.get("scope")).toBe("tweet.read tweet.write users.read media.write offline.access");
  expect(url.search).toContain("%20");

  const third = await setupProcess(["--paste"], await consent(url.href, "sandbox_premium"));
  expect(words(third.steps)).toEqual([
    "hub skipped",
    "keys skipped",
    "engine skipped",
    "sign_in success",
    "validate success",
  ]);
  expect(third.ready).toBe(true);
  expect(third.steps[3]?.data).toMatchObject({ handle: "sandbox_premium", subscription: "Premium" });
  const checks = third.last.data?.checks as { name: string; ok: boolean; says: string }[];
  expect(checks.map(({ name, ok }) => `${ok ? "✓" : "✗"} ${name}`)).toEqual([
    "✓ hub",
    "✓ media",
    "✓ X app",
    "✓ @sandbox_premium",
    "✓ clock",
    "✗ worker",
  ]);
  expect(checks.map((check) => check.says).join()).toContain("Premium");

  const again = await setupProcess();
  expect(words(again.steps)).toEqual([
    "hub skipped",
    "keys skipped",
    "engine skipped",
    "sign_in skipped",
    "validate success",
  ]);
  const list = (await home.psn(["account", "list"])).json;
  expect(list).toMatchObject({ accounts: [{ handle: "sandbox_premium", subscription: "Premium", signedIn: true }] });
});

describe("scenario 17: what goes wrong at sign-in is said at once, with a fresh address", () => {
  const recognised = async (ran: Awaited<ReturnType<typeof setup>>, code: string, says: RegExp) => {
    expect(ran.last).toMatchObject({ step: "sign_in", status: "need_input", data: { code } });
    expect(ran.last.message).toMatch(says);
    const fresh = new URL(String(ran.last.data?.url));
    expect(fresh.searchParams.get("state")).toBeTruthy();
    // The fresh address works, so nobody has to start over.
    return fresh.href;
  };

  test("the person declines", async () => {
    const url = await freshUrl();
    const denied = await fetch(`${url}&sandbox_consent=deny`, { redirect: "manual" });
    const fresh = await recognised(await paste(denied.headers.get("location") ?? ""), "OAUTH_DENIED", /declined/);
    expect((await paste(await consent(fresh, "sandbox_author"))).ready).toBe(true);
  });

  test("a code that is older than its 30 seconds, or used twice", async () => {
    home.sandbox.sandbox.configure({ codeSecs: 1 });
    const url = await freshUrl();
    const pasted = await consent(url, "sandbox_author");
    await Bun.sleep(1_100);
    await recognised(await paste(pasted), "OAUTH_CODE_EXPIRED", /30 seconds/);
    home.sandbox.sandbox.configure({ codeSecs: 30 });
    // The verifier went with the first try.
    await recognised(await paste(pasted), "OAUTH_STATE_WRONG", /another sign-in/);
  });

  test("a bare code works, a wrong state and nonsense do not", async () => {
    const redirect = new URL(await consent(await freshUrl(), "sandbox_author"));
    const code = redirect.searchParams.get("code") ?? "";
    redirect.searchParams.set("state", "someone-elses");
    await recognised(await paste(redirect.href), "OAUTH_STATE_WRONG", /another sign-in/);
    await recognised(await paste("https://x.com/home"), "OAUTH_PASTE_UNREADABLE", /cannot go on/);
    const bare = new URL(await consent(await freshUrl(), "sandbox_author")).searchParams.get("code") ?? "";
    expect((await paste(bare)).ready).toBe(true);
    expect(code).not.toBe(bare);
  });

  test("X grants less than was asked for, and the stored pair goes on working", async () => {
    home.sandbox.sandbox.configure({ grantedScopes: ["tweet.read", "tweet.write", "users.read"] });
    const ran = await paste(await consent(await freshUrl(), "sandbox_author"));
    await recognised(ran, "OAUTH_SCOPE_MISSING", /media\.write, offline\.access.*Read and write/);
    home.sandbox.sandbox.configure({ grantedScopes: null });
    expect((await setup(["--account", "sandbox_author"])).ready).toBe(true);
  });

  test("X does not know the callback", async () => {
    home.env.X_REDIRECT_URI = "http://127.0.0.1:8976/callback/";
    try {
      const page = await (await fetch(await freshUrl())).text();
      const said = /Callback URL not approved[^<]*/.exec(page)?.[0] ?? "the page says something else";
      await recognised(await paste(said), "OAUTH_CALLBACK_MISMATCH", /exactly http:\/\/127\.0\.0\.1:8976\/callback\/ /);
    } finally {
      delete home.env.X_REDIRECT_URI;
    }
  });

  test("the browser was signed in to another account than the one that was meant", async () => {
    const pasted = await consent(await freshUrl(), "sandbox_author");
    await recognised(
      await paste(pasted, "--account", "@sandbox_premium"),
      "OAUTH_OTHER_ACCOUNT",
      /signed @sandbox_author in, not @sandbox_premium/,
    );
  });

  test("scenario 14: X does not say who it is: the pair that is stored stays, and works", async () => {
    const before = await home.hub.pool.query("select account_id, version from psn.oauth_tokens order by 1");
    home.sandbox.sandbox.addFault({ kind: "status", status: 503, match: { path: "/2/users/me" }, times: 3 });
    await recognised(await paste(await consent(await freshUrl(), "sandbox_author")), "OAUTH_IDENTITY", /who it is/);
    const after = await home.hub.pool.query("select account_id, version from psn.oauth_tokens order by 1");
    expect(after.rows).toEqual(before.rows);
    expect((await setup(["--account", "sandbox_author"])).ready).toBe(true);
  });
});

describe("several accounts", () => {
  test("one is the default, another is named, and an unknown name begins a sign-in for it", async () => {
    expect((await home.psn(["account", "default", "@sandbox_author"])).json).toEqual({
      outcome: "ok",
      handle: "sandbox_author",
    });
    expect((await setup()).steps[3]?.data?.handle).toBe("sandbox_author");
    expect((await setup(["--account", "SANDBOX_PREMIUM"])).steps[3]?.data?.handle).toBe("sandbox_premium");
    const { last } = await setup(["--account", "@newcomer"]);
    expect(last).toMatchObject({
      status: "need_input",
      data: { answerWith: expect.stringContaining("--account @newcomer") },
    });
    expect(last.message).toContain("authorize as @newcomer");
  });

  test("scenario 67: one that X renamed while it was signed out signs in again, by the name that it is known by", async () => {
    const { sandbox } = home.sandbox;
    sandbox.changeUser("sandbox_premium", { handle: "renamed_since" });
    sandbox.revokeUser("renamed_since");
    await home.hub.pool.query("update psn.oauth_tokens set expires_at = psn.now()");
    const { last } = await setup(["--account", "sandbox_premium"]);
    expect(last).toMatchObject({ step: "sign_in", status: "need_input" });
    expect(last.message).toContain("authorize as @sandbox_premium");
    const back = await paste(await consent(String(last.data?.url), "renamed_since"));
    expect(back.ready, JSON.stringify(back)).toBe(true);
    expect(back.steps[3]?.data).toMatchObject({ handle: "renamed_since", isNew: false });
    sandbox.changeUser("renamed_since", { handle: "sandbox_premium" });
    expect((await setup(["--account", "renamed_since"])).ready).toBe(true);
  });

  test("removing one asks first, revokes at X, and the other goes on", async () => {
    const asked = await home.psn(["account", "remove", "@sandbox_premium"]);
    expect(asked.json).toMatchObject({ error: { code: "CONFIRMATION_NEEDED" } });
    expect((await home.psn(["account", "remove", "@sandbox_premium", "--yes"])).json).toEqual({
      outcome: "ok",
      handle: "sandbox_premium",
      revokedAtX: true,
    });
    // Nothing was left alive at X for this account.
    expect(home.sandbox.sandbox.revokeUser("sandbox_premium")).toBe(0);
    expect((await home.psn(["account", "list"])).json).toMatchObject({ accounts: [{ handle: "sandbox_author" }] });
    expect((await setup()).ready).toBe(true);
  });
});

describe("the key", () => {
  test("is rotated by one command, and everything goes on", async () => {
    const before = await readFile(hubFile, "utf8");
    const { json } = await home.psn(["keys", "rotate"]);
    expect(json).toMatchObject({ damaged: [], resumed: false });
    expect(await readFile(hubFile, "utf8")).not.toBe(before);
    expect((await setup()).ready).toBe(true);
  });

  test("that is wrong is one clear error before any command does anything", async () => {
    const { ENCRYPTION_KEY: right = "" } = (await readEnvFile(hubFile)).values;
    await writeEnvFile(hubFile, { ENCRYPTION_KEY: newKeyHex() });
    for (const args of [["account", "list"], ["post", "list"], ["worker"], ["post", "create", "x"]]) {
      const { code, json } = await home.psn(args);
      expect([code, json]).toMatchObject([
        4,
        { error: { code: "SECRET_KEY_WRONG", hint: expect.stringContaining("keys reset") } },
      ]);
    }
    expect((await setup()).last).toMatchObject({ step: "hub", status: "failed", data: { code: "SECRET_KEY_WRONG" } });
    await writeEnvFile(hubFile, { ENCRYPTION_KEY: right });
    expect((await setup()).ready).toBe(true);
  });

  test("that is lost for good: reset, sign in again, and go on", async () => {
    await writeEnvFile(hubFile, { ENCRYPTION_KEY: null });
    expect((await setup()).last).toMatchObject({ step: "hub", status: "failed", data: { code: "SECRET_KEY_WRONG" } });
    expect((await home.psn(["keys", "reset"])).json).toMatchObject({ error: { code: "CONFIRMATION_NEEDED" } });
    expect((await home.psn(["keys", "reset", "--yes"])).json).toMatchObject({ accounts: 1 });
    const { last } = await setup();
    expect(last.message).toContain("The encryption key was lost");
    expect((await paste(await consent(String(last.data?.url), "sandbox_author"))).ready).toBe(true);
  });
});

test("files that others can read are warned about, with the command that mends it", async () => {
  await chmod(hubFile, 0o644);
  const { stderr } = await home.psn(["account", "list"]);
  expect(stderr).toContain(`chmod 600 '${hubFile}'`);
  expect((await setup()).steps[0]?.data?.warnings).toHaveLength(1);
  await chmod(hubFile, 0o600);
  expect((await home.psn(["account", "list"])).stderr).toBe("");
});
