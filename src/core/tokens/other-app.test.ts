/** The app's keys are swapped, and swapped back: a sign-in is good for the app that made it, and for no other. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createXOAuthClient, revokeToken } from "../../platforms/x/oauth.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../sandbox/types.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { removeAccount, storeSignIn } from "../accounts/accounts.ts";
import type { AccountRow } from "../accounts/choose.ts";
import { gatherNotices } from "../posts/notices.ts";
import { stuckPosts } from "../posts/stuck.ts";
import { sweep } from "../publish/watchdog.ts";
import { credentialsFor, refreshDue } from "./keeper.ts";

const OTHER = { clientId: "app-b", clientSecret: "app-b-secret-that-is-long" };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  stage.x.sandbox.addApp({ ...OTHER, callbacks: [SANDBOX_CALLBACK_URL] });
});
afterAll(() => stage.close());

const oauthOf = (app: { clientId: string; clientSecret: string }) => ({
  ...app,
  redirectUri: SANDBOX_CALLBACK_URL,
  authorizeUrl: `${stage.x.url}/i/oauth2/authorize`,
  tokenUrl: `${stage.x.url}/2/oauth2/token`,
  revokeUrl: `${stage.x.url}/2/oauth2/revoke`,
});
const A = { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET };
const under = (app: typeof OTHER) =>
  stage.deps({ clientId: app.clientId, platform: stage.platform({ oauth: oauthOf(app) }) });

/** @param clientId as the hub knows it; none for a sign-in of an older version */
async function signedInWithA(handle: string, lifeMs: number, clientId?: string): Promise<AccountRow> {
  const { id } = stage.x.sandbox.addUser({ handle });
  const issued = stage.x.sandbox.signIn(handle);
  return await storeSignIn(
    stage.hub,
    stage.key,
    { platformUserId: id, handle, name: handle, subscription: "None" },
    {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(stage.clock.now().getTime() + lifeMs),
      scopes: issued.scope.split(" "),
    },
    undefined,
    clientId,
  );
}

async function row(account: AccountRow) {
  const { rows } = await stage.hub.pool.query("select version, metadata from psn.oauth_tokens where account_id = $1", [
    account.id,
  ]);
  return rows[0];
}

for (const [what, lifeMs] of [
  ["a fresh token", 3_600_000],
  ["a token that has expired", -1_000],
] as const) {
  test(`scenario 63: under another app ${what} is neither spent nor flagged, its post rests with the reason, and swapping back goes on`, async () => {
    const account = await signedInWithA(lifeMs > 0 ? "fresh_a" : "expired_a", lifeMs, A.clientId);
    const postId = await stage.due([`Swapped with ${what}`], { account });
    const before = await row(account);
    const sends = stage.sends();
    const result = await stage.run(postId, under(OTHER));
    expect(result).toMatchObject({ kind: "deferred", subStatus: "awaiting_auth", until: null });
    expect(result.kind === "deferred" && result.note).toContain("another X app");
    expect(await refreshDue(under(OTHER))).toEqual({ refreshed: 0, signedOut: 0, unavailable: 0 });
    // Nothing changes by itself while the other app's keys are there, however often the watchdog looks.
    for (let round = 0; round < 3; round++) await sweep(stage.hub, stage.deps().engine, OTHER);
    expect((await stage.post(postId)).root.dueAt).toBeNull();
    expect(await row(account)).toEqual(before);
    expect(stage.sends()).toBe(sends);
    const notices = await gatherNotices(stage.hub.db, OTHER);
    expect(notices.find(({ code }) => code === "ACCOUNT_OTHER_APP")?.message).toContain(`@${account.handle}`);
    const [named] = await stuckPosts(stage.hub.db, OTHER, { postId });
    expect(named).toMatchObject({ kind: "other_app", needsPerson: true });

    await sweep(stage.hub, stage.deps().engine, A);
    expect((await stage.untilDone(postId, under(A))).root.status).toBe("published");
    expect((await gatherNotices(stage.hub.db, A)).map(({ code }) => code)).not.toContain("ACCOUNT_OTHER_APP");
  });
}

test("scenario 63: a sign-in of an older version learns its app from the first refresh", async () => {
  const account = await signedInWithA("older", -1_000);
  expect((await credentialsFor(under(A), account.id)).kind).toBe("ok");
  expect((await row(account)).metadata.clientId).toBe(A.clientId);
  expect(await credentialsFor(under(OTHER), account.id)).toMatchObject({ kind: "signed_out" });
  expect((await row(account)).metadata.requiresReauth).toBeUndefined();
});

const revoking = (app: typeof OTHER) => ({
  clientId: app.clientId,
  revoke: (token: string) => revokeToken(createXOAuthClient(oauthOf(app)), token),
  stillWorks: async (accessToken: string) =>
    (await stage.platform().identity(accessToken)).kind === "identity" ? ("works" as const) : ("ended" as const),
});

for (const [what, clientId] of [
  ["known", A.clientId],
  ["not known, and X's 200 proves nothing", undefined],
] as const) {
  test(`scenario 63: an account whose app is ${what} is not removed as revoked under another app`, async () => {
    const account = await signedInWithA(clientId ? "known_app" : "unknown_app", 3_600_000, clientId);
    const remove = (app: typeof OTHER) => removeAccount(stage.hub, [stage.key], account, revoking(app));
    const error = await remove(OTHER).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "ACCOUNT_OTHER_APP" });
    expect(error.message).toContain("nothing is revoked");
    expect((await credentialsFor(under(A), account.id)).kind).toBe("ok");
    expect(await remove(A)).toBe("revoked");
  });
}
