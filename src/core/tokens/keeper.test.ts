/** The keeper on a real hub, against the sandbox over real sockets. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { howMany } from "../../testing/counts.ts";
import { platformAt } from "../../testing/sandbox.ts";
import { openStage, type Stage } from "../../testing/tokens.ts";
import { until } from "../../testing/wait.ts";
import { removeAccount, storeSignIn } from "../accounts/accounts.ts";
import { wallClock } from "../clock.ts";
import type { Hub } from "../db/connection.ts";
import type { TokenMetadata } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { keyFromHex, newKeyHex } from "../utils/crypto.ts";
import { requireHubKey, setHubKey } from "./hub-key.ts";
import { credentialsFor, type KeeperDeps, refreshDue } from "./keeper.ts";

const HOUR_MS = 3_600_000;
const TOKEN_CALL = { method: "POST", path: "/2/oauth2/token" };

let stage: Stage;
let count = 0;

beforeAll(async () => {
  stage = await openStage();
  await requireHubKey(stage.hub, [stage.key]);
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.x.sandbox.clearFaults();
  stage.clock.shiftMs = 0;
});

/** An account of its own for each test; X's and ours share the handle. */
async function author(expiresInMs?: number) {
  const handle = `author_${++count}`;
  return await stage.signIn(handle, expiresInMs);
}

async function metadataOf(accountId: string): Promise<TokenMetadata> {
  const { rows } = await stage.hub.db.execute<{ metadata: TokenMetadata }>(
    sql`select metadata from psn.oauth_tokens where account_id = ${accountId}`,
  );
  return rows[0]?.metadata ?? {};
}

/** Calls to X with the stored version that brought no answer so far. */
async function intentOf(accountId: string): Promise<number> {
  const { rowCount } = await stage.hub.db.execute(sql`
    select
    from psn.refresh_intents as intent
    join psn.oauth_tokens as token on token.account_id = intent.account_id and token.version = intent.token_version
    where token.account_id = ${accountId}`);
  return rowCount ?? 0;
}

/** Both tokens of the stored pair are good at X. Spends the refresh token. */
async function expectWorkingPair(accountId: string) {
  const { accessToken, refreshToken } = await stage.stored(accountId);
  expect((await stage.deps.platform.identity(accessToken)).kind).toBe("identity");
  expect((await stage.deps.platform.refresh(refreshToken)).kind).toBe("refreshed");
}

/** How many sessions hold a lock while X is asked. */
async function lockedCount(hub: Hub): Promise<number> {
  const { rows } = await hub.pool.query(`
    select count(*)::int as locked
    from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction'`);
  return rows[0].locked;
}

/** Ends the sessions of a hub that hold a lock while X is asked. */
async function cutLockConnections(hub: Hub): Promise<number> {
  const { rows } = await hub.pool.query(`
    select count(pg_terminate_backend(pid))::int as cut
    from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction'`);
  return rows[0].cut;
}

const kindOf = async (deps: KeeperDeps, accountId: string, refusedVersion?: number) =>
  (await credentialsFor(deps, accountId, refusedVersion === undefined ? {} : { refusedVersion })).kind;

describe("a token that is asked for", () => {
  test("is given as it is while it is fresh, without asking X", async () => {
    const { id, handle } = await author(HOUR_MS);
    const { accessToken } = await stage.stored(id);
    expect(await credentialsFor(stage.deps, id)).toMatchObject({
      kind: "ok",
      credentials: { accessToken },
      version: 1,
    });
    expect(stage.asked(handle)).toEqual({ refreshes: 0, refusedRefreshes: 0 });
  });

  test("is refreshed shortly before its end, and both new tokens are stored", async () => {
    const { id, handle } = await author(60_000);
    const answer = await credentialsFor(stage.deps, id);
    expect(answer).toMatchObject({
      kind: "ok",
      version: 2,
      credentials: { accessToken: (await stage.stored(id)).accessToken },
    });
    expect(stage.asked(handle)).toEqual({ refreshes: 1, refusedRefreshes: 0 });
    expect(await intentOf(id)).toBe(0);
    await expectWorkingPair(id);
  });

  test("is refreshed once when X answered its version with 401, and not when a newer one is stored", async () => {
    const { id, handle } = await author(HOUR_MS);
    expect(await credentialsFor(stage.deps, id, { refusedVersion: 1 })).toMatchObject({ kind: "ok", version: 2 });
    expect(await credentialsFor(stage.deps, id, { refusedVersion: 1 })).toMatchObject({ kind: "ok", version: 2 });
    expect(stage.asked(handle).refreshes).toBe(1);
  });

  test("scenario 14: many refreshes in a row, each with the token of the one before", async () => {
    const refreshes = howMany(100, 1_000);
    const { id, handle } = await author();
    for (let version = 1; version <= refreshes; version++) {
      const answer = await credentialsFor(stage.deps, id, { refusedVersion: version });
      if (answer.kind !== "ok" || answer.version !== version + 1) throw new Error(JSON.stringify(answer));
    }
    expect(stage.asked(handle)).toEqual({ refreshes, refusedRefreshes: 0 });
    await expectWorkingPair(id);
  });

  test("is no token for an account that was removed", async () => {
    const account = await author(HOUR_MS);
    await removeAccount(stage.hub, [stage.key], account, null);
    expect(await kindOf(stage.deps, account.id)).toBe("signed_out");
  });
});

describe("many at once", () => {
  test("scenario 18: thirty callers in three processes make one call to X", async () => {
    const { id, handle } = await author();
    const processes = [stage.deps, await stage.otherProcess(), await stage.otherProcess()];
    stage.x.sandbox.addFault({ kind: "delay", ms: 100, match: TOKEN_CALL });
    const answers = await Promise.all(
      processes.flatMap((deps) => Array.from({ length: 10 }, () => credentialsFor(deps, id))),
    );
    const { accessToken } = await stage.stored(id);
    for (const answer of answers)
      expect(answer).toMatchObject({ kind: "ok", version: 2, credentials: { accessToken } });
    expect(stage.asked(handle)).toEqual({ refreshes: 1, refusedRefreshes: 0 });
  });

  test("more accounts than connections: all are served, and the hub answers others meanwhile", async () => {
    const authors = await Promise.all(Array.from({ length: 12 }, () => author()));
    const small = await stage.otherProcess();
    expect(small.hub.pool.options.max).toBe(5);
    stage.x.sandbox.addFault({ kind: "delay", ms: 1_000, match: TOKEN_CALL, times: null });
    let areServed = false;
    const answers = Promise.all(
      authors.flatMap(({ id }) => [credentialsFor(small, id), credentialsFor(small, id)]),
    ).finally(() => {
      areServed = true;
    });
    // All connections that hold a lock while X is asked are taken.
    await until(async () => (await lockedCount(small.hub)) === 4);
    await Promise.all(Array.from({ length: 10 }, () => small.hub.pool.query("select 1")));
    expect(areServed).toBe(false);
    for (const answer of await answers) expect(answer.kind).toBe("ok");
    for (const { handle } of authors) expect(stage.asked(handle).refreshes).toBe(1);
  });

  test("signing in while a refresh runs: neither waits without end, and the sign-in's pair stays", async () => {
    const account = await author();
    const { sandbox } = stage.x;
    sandbox.addFault({ kind: "delay", ms: 150, match: TOKEN_CALL });
    const refreshing = credentialsFor(stage.deps, account.id);
    await until(async () => (await intentOf(account.id)) === 1);
    const issued = sandbox.signIn(account.handle);
    const tokens = {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(Date.now() + HOUR_MS),
      scopes: [],
    };
    await storeSignIn(stage.hub, stage.key, { ...account, subscription: null }, tokens);
    await refreshing;
    expect(await stage.stored(account.id)).toMatchObject({ accessToken: tokens.accessToken, version: 3 });
    await expectWorkingPair(account.id);
  });
});

describe("scenario 15: what is no revocation", () => {
  const outages = {
    "401 for everyone": { kind: "auth_outage" },
    "503": { kind: "status", status: 503 },
    "an HTML page of the edge": { kind: "html", status: 502 },
    "429": { kind: "rate_limited" },
    "a reset before X acted": { kind: "drop_before" },
    "a client id that X does not know": { kind: "status", status: 401, body: { error: "invalid_client" } },
  } as const;
  for (const [name, fault] of Object.entries(outages)) {
    test(`${name}: nobody is signed out, and the next try works`, async () => {
      const { id, handle } = await author();
      stage.x.sandbox.addFault({ ...fault, match: TOKEN_CALL });
      const answer = await credentialsFor(stage.deps, id);
      expect(answer.kind).toBe("unavailable");
      const metadata = await metadataOf(id);
      expect(metadata.requiresReauth).toBeUndefined();
      expect(metadata.refreshError).toBe((answer as { reason: string }).reason);

      // X is left alone for a moment, then asked again.
      expect(await kindOf(stage.deps, id)).toBe("unavailable");
      stage.clock.shiftMs = 60_000;
      expect(await kindOf(stage.deps, id)).toBe("ok");
      expect(await metadataOf(id)).toEqual({ lastRefreshAt: expect.any(String) as unknown as string });
      expect(stage.asked(handle)).toEqual({ refreshes: 1, refusedRefreshes: 0 });
      await expectWorkingPair(id);
    });
  }

  test("an answer that is lost on the way: the same token once more, and then the truth", async () => {
    const { id, handle } = await author();
    stage.x.sandbox.addFault({ kind: "drop_after", match: TOKEN_CALL });
    expect(await kindOf(stage.deps, id)).toBe("unavailable");
    expect(await intentOf(id)).toBe(1);
    // An outage in between does not make the hub forget it.
    stage.clock.shiftMs = 60_000;
    stage.x.sandbox.addFault({ kind: "auth_outage", match: TOKEN_CALL });
    expect(await kindOf(stage.deps, id)).toBe("unavailable");
    stage.clock.shiftMs = 120_000;
    const answer = await credentialsFor(stage.deps, id);
    expect(answer).toMatchObject({ kind: "signed_out", reason: expect.stringContaining("never arrived") });
    expect(stage.asked(handle)).toEqual({ refreshes: 1, refusedRefreshes: 1 });
    expect(await intentOf(id)).toBe(0);
  });
});

test("scenario 16: a dead token is flagged once, with reason and time, and X is not asked again", async () => {
  const { id, handle } = await author();
  stage.x.sandbox.revokeUser(handle);
  for (let i = 0; i < 3; i++) {
    expect(await credentialsFor(stage.deps, id)).toMatchObject({
      kind: "signed_out",
      reason: expect.stringContaining("X refused the refresh token"),
    });
  }
  stage.clock.shiftMs = HOUR_MS;
  await refreshDue(stage.deps);
  expect(stage.asked(handle)).toEqual({ refreshes: 0, refusedRefreshes: 1 });
  const { requiresReauth, refreshFailedAt } = await metadataOf(id);
  expect(requiresReauth).toBe(true);
  expect(Math.abs(Date.parse(refreshFailedAt ?? "") - Date.now())).toBeLessThan(60_000);
});

describe("answers that come late", () => {
  /** Callers lose patience at once. */
  const hasty = {
    now: () => stage.clock.now(),
    sleep: (ms: number, signal?: AbortSignal) => wallClock.sleep(ms === 30_000 ? 50 : ms, signal),
  };

  test("outlive their caller and are stored", async () => {
    const { id } = await author();
    const deps = await stage.otherProcess({ clock: hasty });
    stage.x.sandbox.addFault({ kind: "delay", ms: 2_000, when: "after", match: TOKEN_CALL });
    expect(await credentialsFor(deps, id)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("30 seconds"),
    });
    expect((await stage.stored(id)).version).toBe(1);
    // Closing the hub waits for it, so a command that ends does not lose the pair.
    await deps.hub.close();
    deps.hub.close = async () => {};
    expect((await stage.stored(id)).version).toBe(2);
    await expectWorkingPair(id);
  });

  test("are stored over another connection when their own ended", async () => {
    const { id, handle } = await author();
    stage.x.sandbox.addFault({ kind: "delay", ms: 2_000, when: "after", match: TOKEN_CALL });
    const answer = credentialsFor(stage.deps, id);
    await until(() => stage.asked(handle).refreshes === 1);
    expect(await cutLockConnections(stage.hub)).toBe(1);
    expect(await answer).toMatchObject({ kind: "ok", version: 2 });
    expect(await intentOf(id)).toBe(0);
    await expectWorkingPair(id);
  });

  test("undo the sign-out of a process that met the spent token meanwhile", async () => {
    const { id, handle } = await author();
    const other = await stage.otherProcess();
    stage.x.sandbox.addFault({ kind: "delay", ms: 2_000, when: "after", match: TOKEN_CALL });
    const answer = credentialsFor(stage.deps, id);
    await until(() => stage.asked(handle).refreshes === 1);
    await cutLockConnections(stage.hub);
    expect(await credentialsFor(other, id)).toMatchObject({ kind: "signed_out" });
    expect(await answer).toMatchObject({ kind: "ok", version: 2 });
    expect((await metadataOf(id)).requiresReauth).toBeUndefined();
    await expectWorkingPair(id);
  });

  test("never replace the pair of a sign-in that came first", async () => {
    const account = await author();
    stage.x.sandbox.addFault({ kind: "delay", ms: 2_000, when: "after", match: TOKEN_CALL });
    const refreshing = credentialsFor(stage.deps, account.id);
    await until(() => stage.asked(account.handle).refreshes === 1);
    await cutLockConnections(stage.hub);
    const issued = stage.x.sandbox.signIn(account.handle);
    const tokens = {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(Date.now() + HOUR_MS),
      scopes: [],
    };
    await storeSignIn(stage.hub, stage.key, { ...account, subscription: null }, tokens);
    expect(await refreshing).toMatchObject({
      kind: "ok",
      version: 2,
      credentials: { accessToken: tokens.accessToken },
    });
  });
});

describe("what cannot be opened", () => {
  test("a damaged access token is replaced by a refresh", async () => {
    const { id } = await author(HOUR_MS);
    await stage.hub.db.execute(
      sql`update psn.oauth_tokens set access_token = left(access_token, -4) where account_id = ${id}`,
    );
    expect(await kindOf(stage.deps, id)).toBe("ok");
    await expectWorkingPair(id);
  });

  test("rows that were swapped are refused: no account ever speaks with another's token", async () => {
    const [one, two] = [await author(), await author()];
    await stage.hub.db.execute(sql`
      update psn.oauth_tokens as token
      set access_token = other.access_token, refresh_token = other.refresh_token
      from psn.oauth_tokens as other
      where (token.account_id, other.account_id) in ((${one.id}, ${two.id}), (${two.id}, ${one.id}))`);
    for (const { id, handle } of [one, two]) {
      expect(await credentialsFor(stage.deps, id)).toMatchObject({
        kind: "signed_out",
        reason: expect.stringContaining("does not open"),
      });
      expect(stage.asked(handle)).toEqual({ refreshes: 0, refusedRefreshes: 0 });
    }
  });

  test("with a wrong key nothing is asked of X, and nobody is signed out", async () => {
    const { id, handle } = await author();
    const wrong = { ...stage.deps, keyRing: [keyFromHex(newKeyHex())] };
    await expect(credentialsFor(wrong, id)).rejects.toThrow(PsnError);
    expect(await metadataOf(id)).toEqual({});
    expect(stage.asked(handle).refreshes).toBe(0);
  });

  test("a process from before a rotation neither spends a token nor seals with the old key", async () => {
    const { id, handle } = await author();
    await setHubKey(stage.hub.db, keyFromHex(newKeyHex()).id);
    try {
      await expect(credentialsFor(stage.deps, id)).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
      await expect(refreshDue(stage.deps)).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
    } finally {
      await setHubKey(stage.hub.db, stage.key.id);
    }
    expect(stage.asked(handle).refreshes).toBe(0);
  });
});

describe("the cron", () => {
  let own: Stage;
  beforeAll(async () => {
    own = await openStage();
  });
  afterAll(() => own.close());
  beforeEach(async () => {
    own.x.sandbox.clearFaults();
    await own.hub.db.execute(sql`delete from psn.oauth_tokens`);
  });

  test("refreshes what ends within the window, and nothing else", async () => {
    const soon = await own.signIn("soon", 40 * 60_000);
    const later = await own.signIn("later", 50 * 60_000);
    expect(await refreshDue(own.deps)).toEqual({ refreshed: 1, signedOut: 0, unavailable: 0 });
    expect([(await own.stored(soon.id)).version, (await own.stored(later.id)).version]).toEqual([2, 1]);
    expect(await refreshDue(own.deps, { windowMs: 55 * 60_000 })).toMatchObject({ refreshed: 1 });
  });

  test("passes over a row that another process holds instead of waiting", async () => {
    const held = await own.signIn("held");
    await own.signIn("free");
    await own.hub.db.transaction(async (tx) => {
      await tx.execute(sql`select from psn.oauth_tokens where account_id = ${held.id} for update`);
      expect(await refreshDue(own.deps)).toMatchObject({ refreshed: 1 });
    });
    expect(own.asked("held").refreshes).toBe(0);
  });

  test("goes on after an account whose token is damaged, dead, or without refresh token", async () => {
    const [damaged, dead, bare] = [await own.signIn("damaged"), await own.signIn("dead"), await own.signIn("bare")];
    await own.signIn("well", 1_000);
    await own.hub.db.execute(
      sql`update psn.oauth_tokens set refresh_token = left(refresh_token, -4) where account_id = ${damaged.id}`,
    );
    await own.hub.db.execute(sql`update psn.oauth_tokens set refresh_token = null where account_id = ${bare.id}`);
    own.x.sandbox.revokeUser(dead.handle);
    expect(await refreshDue(own.deps)).toEqual({ refreshed: 1, signedOut: 3, unavailable: 0 });
    expect(await refreshDue(own.deps)).toEqual({ refreshed: 0, signedOut: 0, unavailable: 0 });
  });

  test("asks once a run for tokens that X gives a shorter life than the window", async () => {
    const { id } = await own.signIn("brief");
    own.x.sandbox.configure({ accessTokenSecs: 60 });
    expect(await refreshDue(own.deps)).toMatchObject({ refreshed: 1 });
    expect((await own.stored(id)).version).toBe(2);
    own.x.sandbox.configure({ accessTokenSecs: 7_200 });
  });

  test("ends its run when X is down for everyone", async () => {
    for (let i = 0; i < 40; i++) await own.signIn(`many_${i}`);
    own.x.sandbox.addFault({ kind: "auth_outage", match: TOKEN_CALL, times: null });
    const { refreshed, signedOut, unavailable } = await refreshDue(own.deps);
    expect([refreshed, signedOut]).toEqual([0, 0]);
    expect(unavailable).toBeGreaterThanOrEqual(20);
    expect(unavailable).toBeLessThan(25);
  });

  test("a platform that times out is an outage like any other", async () => {
    const { id } = await own.signIn("silent");
    own.x.sandbox.addFault({ kind: "delay", ms: 400, match: TOKEN_CALL });
    const deps = { ...own.deps, platform: platformAt(own.x.url, { timeoutMs: 50 }) };
    expect(await kindOf(deps, id)).toBe("unavailable");
    expect((await own.stored(id)).version).toBe(1);
  });
});
