/** From the sandbox to X and back, as README suggests: no exports, and keys, hosts and accounts that go together. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { sandboxEnv } from "../../src/cli/sandbox.ts";
import { hostsToDrop, xAgain } from "../../src/cli/setup-target.ts";
import { readEnvFile, writeEnvFile } from "../../src/core/utils/env.ts";
import { ANY_USER, SANDBOX_CLIENT_ID } from "../../src/sandbox/types.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { freePort } from "../../src/testing/free-port.ts";

let home: TestHome;
let pid = 0;
beforeAll(async () => {
  home = await testHome();
  for (const name of Object.keys(home.env)) if (name.startsWith("X_")) delete home.env[name];
});
afterAll(async () => {
  if (pid > 0) process.kill(pid);
  await home.close();
});

interface Setup {
  ready: boolean;
  steps: { step: string; status: string; message: string; data?: Record<string, unknown> }[];
}
const setup = async (args: string[], stdin?: string) => {
  const ran = await home.psn(["setup", ...args], stdin === undefined ? {} : { stdin });
  const answer = ran.json as Setup;
  return { ...ran, ...answer, last: answer.steps?.at(-1) };
};
const keysFile = () => join(home.env.PSN_CONFIG_DIR ?? "", "keys.env");

test("setup --sandbox starts one and needs no exports; --x leaves it, its account and its hosts behind; --sandbox comes back", async () => {
  const port = await freePort();
  const begun = await setup(["--sandbox", "--port", String(port)]);
  pid = Number(/kill (\d+) stops it/.exec(begun.stderr)?.[1] ?? 0);
  expect(pid, begun.stdout + begun.stderr).toBeGreaterThan(0);
  expect(begun.stderr).toContain(ANY_USER);
  expect(begun.last).toMatchObject({ step: "sign_in", status: "need_input" });
  const signedIn = await setup(["--paste"], await consent(String(begun.last?.data?.url), "sandbox_author"));
  expect(signedIn.ready, signedIn.stdout).toBe(true);
  const tried = await home.psn(["post", "create", "Tried out.", "--now"]);
  expect(tried.code).toBe(0);
  expect((await stat(join(home.env.PSN_DATA_DIR ?? "", `sandbox-${port}.json`))).isFile()).toBe(true);

  const x = await setup(["--x"]);
  expect(x.last).toMatchObject({ step: "keys", status: "need_input" });
  expect((await readEnvFile(keysFile())).values).toEqual({});
  // As with keys of X: the sandbox's account is marked, is no default, and nothing is published as it unless it is named.
  await writeEnvFile(keysFile(), { X_CLIENT_ID: "an-app-of-x", X_CLIENT_SECRET: "its-secret" });
  const list = (await home.psn(["account", "list"])).json as {
    accounts: { isElsewhere: boolean; isDefault: boolean }[];
  };
  expect(list.accounts).toMatchObject([{ isElsewhere: true, isDefault: false }]);
  const { stdout: text } = await home.psn(["context"]);
  expect(text).toContain(`@sandbox_author (of 127.0.0.1:${port}: nothing is published as it now)`);
  expect(text).toContain("none is signed in where posts go");
  const refused = await home.psn(["post", "create", "Not as the sandbox's author.", "--now"]);
  expect(refused.json).toMatchObject({ error: { code: "ACCOUNT_NONE" } });
  expect(refused.code).toBe(4);

  const back = await setup(["--sandbox", "--port", String(port)]);
  expect(back.ready, back.stdout).toBe(true);
  expect(back.stderr).not.toContain("Started the sandbox");
  // A link leads to where its post is, wherever the account signs in afterwards.
  const { post } = tried.json as { post: { id: string; tweets: { url: string }[] } };
  expect(post.tweets[0]?.url).toStartWith(`http://127.0.0.1:${port}/sandbox_author/status/`);
  await home.hub.pool.query('update psn.oauth_tokens set metadata = metadata || \'{"apiHost": "127.0.0.1:9"}\'');
  expect((await home.psn(["post", "show", post.id])).json).toMatchObject({
    post: { tweets: [{ url: post.tweets[0]?.url }] },
  });
  await home.hub.pool.query(
    "update psn.oauth_tokens set metadata = metadata || jsonb_build_object('apiHost', $1::text)",
    [`127.0.0.1:${port}`],
  );
  // X's keys were set aside, and come back.
  expect((await setup(["--x", "--account", "nobody_yet"])).steps[1]).toMatchObject({ step: "keys", status: "skipped" });
  expect((await readEnvFile(keysFile())).values).toEqual({ X_CLIENT_ID: "an-app-of-x", X_CLIENT_SECRET: "its-secret" });
}, 300_000);

test("keys that are addresses or hold blanks are refused before they are stored; variables that win are named", async () => {
  const before = (await readEnvFile(keysFile())).values;
  for (const id of ["https://console.x.com/foo", "foo bar", "www.x.com"]) {
    const refused = await setup(["--keys-stdin"], `X_CLIENT_ID="${id}"\nX_CLIENT_SECRET=secret\n`);
    expect(refused.last).toMatchObject({ step: "keys", status: "failed", data: { code: "X_KEYS_INVALID" } });
    expect(refused.code).toBe(2);
  }
  expect((await readEnvFile(keysFile())).values).toEqual(before);
  const overridden = await home.psn(["setup", "--x"], { env: { ...home.env, X_API_BASE_URL: "http://127.0.0.1:9" } });
  expect((overridden.json as Setup).steps.at(-1)?.data).toMatchObject({ code: "CONFIG_OVERRIDDEN" });
  expect(overridden.stdout).toContain("unset X_API_BASE_URL");
  expect((await setup(["--keys"])).last).toMatchObject({ step: "keys", status: "need_input" });
}, 300_000);

test("the sandbox's keys are none of X's, and a switch whose keys are refused changes nothing", async () => {
  const sandbox = sandboxEnv("http://127.0.0.1:4010");
  await writeEnvFile(keysFile(), sandbox);
  const lines = (values: Record<string, string>) =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
  const { X_CLIENT_ID, X_CLIENT_SECRET, X_API_BASE_URL } = sandbox as Record<
    "X_CLIENT_ID" | "X_CLIENT_SECRET" | "X_API_BASE_URL",
    string
  >;
  for (const [given, code] of [
    [{ X_CLIENT_ID, X_CLIENT_SECRET }, "X_KEYS_INVALID"],
    [{ X_CLIENT_ID: "an-app", X_CLIENT_SECRET, X_API_BASE_URL }, "CONFIG_INVALID"],
    [{ X_CLIENT_ID }, "X_KEYS_MISSING"],
  ] as const) {
    const refused = await setup(["--x", "--keys-stdin"], lines(given));
    expect(refused.last).toMatchObject({ step: "keys", status: "failed", data: { code } });
    expect((await readEnvFile(keysFile())).values).toEqual(sandbox);
  }
  expect((await home.psn(["setup", "--sandbox", "--keys-stdin"])).json).toMatchObject({ error: { code: "USAGE" } });
  // Hosts of this machine that were left beside X's keys go, and the keys stay.
  await writeEnvFile(keysFile(), { X_CLIENT_ID: "of-x" });
  expect(await xAgain({ env: home.env })).toMatchObject({ X_API_BASE_URL: null, X_TOKEN_URL: null });
  expect(await xAgain({ env: home.env })).not.toHaveProperty("X_CLIENT_ID");
}, 300_000);

test("another user's sandbox is not taken up", async () => {
  const before = (await readEnvFile(keysFile())).values;
  const others = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.json({ revision: 1, user: 4_000_000 }),
  });
  try {
    const refused = await setup(["--sandbox", "--port", String(others.port)]);
    expect(refused.last).toMatchObject({ status: "failed", data: { code: "SANDBOX_NOT_RUNNING" } });
    expect(refused.last?.message).toContain("another user's");
    expect((await readEnvFile(keysFile())).values).toEqual(before);
  } finally {
    await others.stop(true);
  }
}, 300_000);

test("keys that are not the sandbox's take no hosts of the sandbox with them", () => {
  const stored = { X_CLIENT_ID: SANDBOX_CLIENT_ID, X_API_BASE_URL: "http://127.0.0.1:4010" };
  expect(hostsToDrop(stored, { X_CLIENT_ID: "real" })).toMatchObject({ X_API_BASE_URL: null, X_TOKEN_URL: null });
  expect(hostsToDrop(stored, { X_CLIENT_ID: SANDBOX_CLIENT_ID })).toEqual({});
  expect(hostsToDrop(stored, { X_CLIENT_ID: "real", X_API_BASE_URL: "http://127.0.0.1:4020" })).toEqual({});
  expect(hostsToDrop({ X_CLIENT_ID: "of X" }, { X_CLIENT_ID: "real" })).toEqual({});
});
