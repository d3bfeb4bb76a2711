import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { embeddedEngine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/tokens.ts";
import { PsnError } from "../errors.ts";
import type { Identity, TokenSet } from "../platform.ts";
import { gatherNotices } from "../posts/notices.ts";
import { approvePost, createPost, schedulePost } from "../posts/write.ts";
import { keyFromHex, newKeyHex } from "../utils/crypto.ts";
import { chooseAccount, listAccounts, removeAccount, setDefaultAccount, storeSignIn } from "./accounts.ts";
import { dropFlow, findFlow, saveFlow } from "./flows.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  for (const table of ["posts", "oauth_tokens", "accounts", "oauth_flows", "hub_settings"]) {
    await stage.hub.db.execute(sql.raw(`delete from psn.${table}`));
  }
});

const tokens = (name: string): TokenSet => ({
  accessToken: `access-of-${name}`,
  refreshToken: `refresh-of-${name}`,
  expiresAt: new Date(Date.now() + 3_600_000),
  scopes: ["tweet.read"],
});
const identity = (handle: string, more: Partial<Identity> = {}): Identity => ({
  platformUserId: `id-of-${handle}`,
  handle,
  name: handle,
  subscription: null,
  ...more,
});
const signIn = (handle: string, more: Partial<Identity> = {}) =>
  storeSignIn(stage.hub, stage.key, identity(handle, more), tokens(handle));
const choose = (handle?: string) => chooseAccount(stage.hub.db, handle);

async function errorOf(act: Promise<unknown>): Promise<PsnError> {
  try {
    await act;
  } catch (error) {
    if (error instanceof PsnError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("which account is meant", () => {
  test("without any, the way to sign in is told", async () => {
    expect((await errorOf(choose())).code).toBe("ACCOUNT_NONE");
  });

  test("the first becomes the default, and stays it when others come", async () => {
    await signIn("beta");
    await signIn("alpha");
    expect((await choose()).handle).toBe("beta");
    expect((await choose("@ALPHA")).handle).toBe("alpha");
    await setDefaultAccount(stage.hub, "alpha");
    expect((await choose()).handle).toBe("alpha");
    expect((await listAccounts(stage.hub.db)).map(({ handle, isDefault }) => [handle, isDefault])).toEqual([
      ["alpha", true],
      ["beta", false],
    ]);
  });

  test("an unknown name, and several without a default, are errors that name what there is", async () => {
    await signIn("alpha");
    await signIn("beta");
    expect((await errorOf(choose("gamma"))).message).toContain("@alpha, @beta");
    await removeAccount(stage.hub, [stage.key], await choose("alpha"), null);
    await signIn("gamma", {});
    await stage.hub.db.execute(sql`update psn.accounts set is_default = false`);
    const error = await errorOf(choose());
    expect(error.code).toBe("ACCOUNT_AMBIGUOUS");
    expect(error.message).toContain("@beta, @gamma");
  });

  test("ten first sign-ins at once leave exactly one default", async () => {
    await Promise.all(Array.from({ length: 10 }, (_, n) => signIn(`author${n}`)));
    expect((await listAccounts(stage.hub.db)).filter((account) => account.isDefault)).toHaveLength(1);
  });
});

describe("signing in again", () => {
  test("replaces the pair, follows a new handle, and keeps the account", async () => {
    const first = await signIn("old_name", { platformUserId: "7" });
    const again = await signIn("new_name", { platformUserId: "7", subscription: "Premium" });
    expect(again).toMatchObject({ id: first.id, handle: "new_name", subscription: "Premium", isDefault: true });
    expect(await stage.stored(first.id)).toEqual({
      accessToken: "access-of-new_name",
      refreshToken: "refresh-of-new_name",
      version: 2,
    });
  });

  test("with a key that is not the hub's changes nothing", async () => {
    await stage.hub.db.execute(
      sql`insert into psn.hub_settings values ('encryption_key', jsonb_build_object('id', ${stage.key.id}::text), now())`,
    );
    const { id } = await signIn("author");
    const other = keyFromHex(newKeyHex());
    expect((await errorOf(storeSignIn(stage.hub, other, identity("author"), tokens("x")))).code).toBe(
      "SECRET_KEY_WRONG",
    );
    expect((await stage.stored(id)).version).toBe(1);
  });

  test("nothing of a pair is stored in the clear", async () => {
    await signIn("author");
    const { rows } = await stage.hub.pool.query("select to_jsonb(token)::text as text from psn.oauth_tokens as token");
    expect(rows[0].text).not.toMatch(/access-of|refresh-of/);
  });
});

describe("removing", () => {
  async function scheduled(accountId: string) {
    const { postId } = await createPost(stage.hub, {
      accountId,
      tweets: [{ text: "hello", separatorAfter: "", media: [] }],
      source: "hello",
      metadata: {},
    });
    await approvePost(stage.hub, postId);
    const at = new Date(Date.now() + 3_600_000);
    await schedulePost(stage.hub, embeddedEngine, postId, { at, timezone: "UTC" });
    return postId;
  }

  test("revokes both tokens at X, forgets them, and keeps the row that posts name", async () => {
    const account = await stage.signIn("leaver", 3_600_000);
    await createPost(stage.hub, {
      accountId: account.id,
      tweets: [{ text: "a draft", separatorAfter: "", media: [] }],
      source: "a draft",
      metadata: {},
    });
    const { accessToken } = await stage.stored(account.id);
    const revoked: string[] = [];
    await removeAccount(stage.hub, [stage.key], account, async (token) => {
      revoked.push(token);
    });
    expect(revoked).toHaveLength(2);
    expect(revoked).toContain(accessToken);
    expect(await listAccounts(stage.hub.db)).toEqual([]);
    expect((await errorOf(choose())).code).toBe("ACCOUNT_NONE");
    const { rows } = await stage.hub.pool.query("select id, is_default from psn.accounts");
    expect(rows).toEqual([{ id: account.id, is_default: false }]);
    // The same person signs in again: same account, same posts, the default as before.
    expect(await signIn("leaver", { platformUserId: account.platformUserId })).toMatchObject({
      id: account.id,
      isDefault: true,
    });
  });

  test("is refused while a post is on its way, naming it", async () => {
    const account = await signIn("busy");
    const postId = await scheduled(account.id);
    const error = await errorOf(removeAccount(stage.hub, [stage.key], account, null));
    expect(error.code).toBe("ACCOUNT_HAS_POSTS");
    expect(error.hint).toContain(`psn post cancel ${postId}`);
    expect(await listAccounts(stage.hub.db)).toHaveLength(1);
  });

  test("changes nothing when X cannot be asked", async () => {
    const account = await signIn("offline");
    const down = async () => {
      throw new PsnError("OAUTH_UNAVAILABLE", "X could not be asked");
    };
    expect((await errorOf(removeAccount(stage.hub, [stage.key], account, down))).code).toBe("OAUTH_UNAVAILABLE");
    expect((await stage.stored(account.id)).version).toBe(1);
  });
});

describe("a sign-in that was begun", () => {
  const flow = (n: number) => ({
    state: `state-${n}`,
    codeVerifier: `verifier-${n}`,
    redirectUri: "http://127.0.0.1/",
  });

  test("survives a restart with its verifier sealed, and goes when it is done", async () => {
    await saveFlow(stage.hub, [stage.key], flow(1));
    await saveFlow(stage.hub, [stage.key], flow(2));
    const { rows } = await stage.hub.pool.query("select to_jsonb(flow)::text as text from psn.oauth_flows as flow");
    expect(JSON.stringify(rows)).not.toContain("verifier-");
    expect(await findFlow(stage.hub, [stage.key], "state-1")).toEqual(flow(1));
    // A bare code names no state: the newest is meant.
    expect(await findFlow(stage.hub, [stage.key], null)).toEqual(flow(2));
    await dropFlow(stage.hub, "state-2");
    expect(await findFlow(stage.hub, [stage.key], null)).toEqual(flow(1));
    expect((await errorOf(findFlow(stage.hub, [stage.key], "state-2"))).code).toBe("OAUTH_STATE_WRONG");
  });

  test("is forgotten after half an hour, and no more than twenty wait", async () => {
    for (let n = 0; n < 25; n++) await saveFlow(stage.hub, [stage.key], flow(n));
    const count = async () => (await stage.hub.pool.query("select from psn.oauth_flows")).rowCount;
    expect(await count()).toBe(20);
    await stage.hub.pool.query("update psn.oauth_flows set expires_at = now() - interval '1 second'");
    expect((await errorOf(findFlow(stage.hub, [stage.key], null))).code).toBe("OAUTH_NO_SIGN_IN");
    await saveFlow(stage.hub, [stage.key], flow(99));
    expect(await count()).toBe(1);
  });
});

test("scenario 16: posts that waited get a time in the very commit of the sign-in, and the notice goes", async () => {
  const account = await signIn("returner");
  const { postId } = await createPost(stage.hub, {
    accountId: account.id,
    tweets: [{ text: "hello", separatorAfter: "", media: [] }],
    source: "hello",
    metadata: {},
  });
  await approvePost(stage.hub, postId);
  await schedulePost(stage.hub, embeddedEngine, postId, { at: new Date(Date.now() + 60_000), timezone: "UTC" });
  await stage.hub.db.execute(
    sql`update psn.posts set status = 'retry', sub_status = 'awaiting_auth', due_at = null where id = ${postId}`,
  );
  await stage.hub.db.execute(
    sql`update psn.oauth_tokens set metadata = '{"requiresReauth": true, "refreshError": "X refused"}'`,
  );
  expect((await gatherNotices(stage.hub.db)).map((notice) => notice.code)).toEqual(["ACCOUNT_SIGNED_OUT"]);
  await signIn("returner");
  const { rows } = await stage.hub.pool.query("select due_at <= psn.now() as due from psn.posts");
  expect(rows).toEqual([{ due: true }]);
  expect(await gatherNotices(stage.hub.db)).toEqual([]);
});
