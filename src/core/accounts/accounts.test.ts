import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { embeddedEngine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/tokens.ts";
import { PsnError } from "../errors.ts";
import type { Identity, TokenSet } from "../platform.ts";
import { gatherNotices } from "../posts/notices.ts";
import { approvePost, createPost, schedulePost } from "../posts/write.ts";
import { keyFromHex, newKeyHex } from "../utils/crypto.ts";
import { listAccounts, noteIdentity, removeAccount, setDefaultAccount, storeSignIn } from "./accounts.ts";
import { chooseAccount } from "./choose.ts";
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
    const revoke = async (token: string) => void revoked.push(token);
    await removeAccount(stage.hub, [stage.key], account, { revoke });
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
    const down = {
      revoke: async () => {
        throw new PsnError("OAUTH_UNAVAILABLE", "X could not be asked");
      },
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
    // Their times are whole milliseconds.
    await Bun.sleep(5);
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

describe("scenario 67: handles that changed hands", () => {
  const known = { ...identity("acme"), platformUserId: "101" };
  const labs = { ...identity("acme_labs"), platformUserId: "102" };
  const store = (who: Identity, apiHost?: string) =>
    storeSignIn(stage.hub, stage.key, who, tokens(who.handle), apiHost);

  test("a handle that two rows bear is never picked from: the error names both ids, and an id is taken", async () => {
    await store(known);
    await store(labs);
    // X says that 102 is @acme now; what 101 is called, nobody has asked yet.
    const twins = await noteIdentity(stage.hub, (await choose("acme_labs")).id, { ...labs, handle: "acme" });
    expect(twins).toEqual([(await choose("101")).id]);
    const refused = await errorOf(choose("@acme"));
    expect(refused.code).toBe("ACCOUNT_AMBIGUOUS");
    expect(refused.message).toContain("101");
    expect(refused.message).toContain("102");
    expect((await errorOf(setDefaultAccount(stage.hub, "acme"))).code).toBe("ACCOUNT_AMBIGUOUS");
    expect((await setDefaultAccount(stage.hub, "102")).platformUserId).toBe("102");
    expect((await choose()).platformUserId).toBe("102");

    await noteIdentity(stage.hub, (await choose("101")).id, { ...known, handle: "acme_archive" });
    expect((await choose("@acme")).platformUserId).toBe("102");
    expect((await choose("@acme_archive")).platformUserId).toBe("101");
  });

  test("of many accounts an error names a few", async () => {
    for (let index = 0; index < 40; index++)
      await store({ ...labs, platformUserId: `${9_000 + index}`, handle: `many${index}` });
    const refused = await errorOf(choose("@nobody_of_them"));
    expect(refused.code).toBe("ACCOUNT_UNKNOWN");
    expect(refused.message).toMatch(/^.{1,300} and \d+ more\.$/);
  });

  test("an old name is answered with the new one, and not taken", async () => {
    await store(labs);
    await store({ ...labs, handle: "acme_research" });
    const refused = await errorOf(choose("@ACME_labs"));
    expect(refused.code).toBe("ACCOUNT_UNKNOWN");
    expect(refused.message).toContain("is called @acme_research (X's id 102) now");
    for (let turn = 0; turn < 20; turn++) await store({ ...labs, handle: `name${turn}` });
    expect((await choose("102")).formerHandles).toHaveLength(10);
    expect((await errorOf(choose("name18"))).message).toContain("@name19");
  });

  test("a sign-in says whether it is new", async () => {
    expect((await store(known)).isNew).toBe(true);
    expect((await store({ ...known, handle: "acme_archive" })).isNew).toBe(false);
    expect((await store(labs)).isNew).toBe(true);
  });

  test("an account of another host is not the default of this one", async () => {
    await store(known, "127.0.0.1:4010");
    expect((await errorOf(chooseAccount(stage.hub.db, undefined, "api.x.com"))).code).toBe("ACCOUNT_NONE");
    await store(labs, "api.x.com");
    expect((await chooseAccount(stage.hub.db, undefined, "api.x.com")).platformUserId).toBe("102");
    expect((await chooseAccount(stage.hub.db, undefined, "127.0.0.1:4010")).platformUserId).toBe("101");
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
