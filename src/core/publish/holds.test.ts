/** Whose "no" is it? X refuses everything of an account, or of the app: one request, one notice, and all of it waits. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/stage.ts";
import { gatherNotices } from "../posts/notices.ts";
import { stuckPosts } from "../posts/stuck.ts";
import { resumeAccount, resumeApp } from "../posts/write.ts";
import { sweep } from "./watchdog.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.clean();
  await stage.hub.pool.query("delete from psn.holds");
  await stage.hub.pool.query("update psn.posts set status = 'draft', due_at = null where status = 'retry'");
});

const CREATE = { method: "POST", path: "/2/tweets" };
const HOUR_MS = 3_600_000;
const app = () => ({ clientId: stage.deps().clientId });
const refuse = (body: Record<string, unknown>, match: object = CREATE) =>
  stage.x.sandbox.addFault({ kind: "status", status: 403, body, match, times: null });
const holdNotices = async (clientId?: string) =>
  (await gatherNotices(stage.hub.db, { clientId })).filter(
    ({ code }) => code.endsWith("_HELD") || code === "OUT_OF_CREDITS",
  );
const resume = () => resumeApp(stage.hub, stage.deps().engine, app().clientId);

const ACCOUNT_REFUSALS: [string, Record<string, unknown>, RegExp][] = [
  [
    "locked",
    { errors: [{ code: 326, message: "This account is temporarily locked." }] },
    /Log in as it at https:\/\/x\.com/,
  ],
  ["suspended", { title: "Forbidden", detail: "User has been suspended." }, /Appeal/],
  ["over its day", { errors: [{ code: 185, message: "User is over daily status update limit." }] }, /in a day/],
  ["taken for automated", { detail: "This request looks like it might be automated." }, /automated/],
];

describe("scenario 61: X refuses the account", () => {
  for (const [what, body, words] of ACCOUNT_REFUSALS) {
    test(`scenario 61: an account that is ${what}: one request, one notice, its posts wait in their order, another account's go out`, async () => {
      const account = await stage.signIn(`held_${what.replace(/\W/g, "_").slice(0, 9)}`);
      const ids: string[] = [];
      for (const n of [1, 2, 3]) ids.push(await stage.due([`${what} ${n}`], { account }));
      const other = await stage.due(["Not concerned"]);
      refuse(body, { ...CREATE, account: account.handle });
      const before = stage.sends();
      for (const id of ids) expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "account_held" });
      expect(stage.sends() - before).toBe(1);
      const notices = await holdNotices();
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ code: "ACCOUNT_HELD", hint: "psn post resume" });
      expect(notices[0]?.message).toMatch(words);
      expect(notices[0]?.message).toContain(`@${account.handle}`);
      expect(notices[0]?.message).toContain("3 posts wait.");
      const [named] = await stuckPosts(stage.hub.db, app(), { postId: ids[0] ?? "" });
      const until = (await stage.post(ids[0] ?? "")).root.dueAt;
      const kind = until === null ? "account_held" : "held_until";
      expect(named).toMatchObject({ kind, needsPerson: until === null, next: ["psn post resume"], until });
      expect((await stage.run(other)).kind).toBe("published");
      // Nothing lets go by itself before somebody acts, or the rest is over.
      await sweep(stage.hub, stage.deps().engine, app());
      expect((await stage.post(ids[0] ?? "")).root.subStatus).toBe("account_held");

      stage.x.sandbox.clearFaults();
      expect(await resume()).toBe(3);
      const dueAt = await Promise.all(ids.map(async (id) => (await stage.post(id)).root.dueAt?.getTime() ?? 0));
      expect(dueAt.map((ms) => ms - (dueAt[0] ?? 0))).toEqual([0, 5_000, 10_000]);
      for (const id of ids)
        expect((await stage.untilDone(id)).root).toMatchObject({ status: "published", retryCount: 0 });
      expect(stage.onX(account.handle).map(({ text }) => text)).toEqual([1, 2, 3].map((n) => `${what} ${n}`));
      expect(await holdNotices()).toEqual([]);
    });
  }

  test("scenario 61: resumed too early, X is asked once more and no oftener", async () => {
    const account = await stage.signIn("still_locked");
    const ids = [await stage.due(["Early 1"], { account }), await stage.due(["Early 2"], { account })];
    refuse({ errors: [{ code: 326 }] }, { ...CREATE, account: account.handle });
    for (const id of ids) await stage.run(id);
    const before = stage.sends();
    await resume();
    await stage.pass(60_000);
    for (const id of ids) expect(await stage.run(id)).toMatchObject({ subStatus: "account_held" });
    expect(stage.sends() - before).toBe(1);
  });

  test("scenario 61: the next sign-in lets go as well", async () => {
    const account = await stage.signIn("by_sign_in");
    const id = await stage.due(["After the sign-in"], { account });
    refuse({ errors: [{ code: 326 }] }, { ...CREATE, account: account.handle });
    await stage.run(id);
    stage.x.sandbox.clearFaults();
    await stage.signIn("by_sign_in");
    expect(await resumeAccount(stage.hub, stage.deps().engine, account.id)).toBe(1);
    expect((await stage.untilDone(id)).root.status).toBe("published");
  });

  test("scenario 61: a day that is used up is over some hours later, and the posts go on by themselves, one after another", async () => {
    const account = await stage.signIn("rests");
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await stage.due([`Hours ${n}`], { account }));
    refuse({ errors: [{ code: 185 }] }, { ...CREATE, account: account.handle });
    for (const id of ids) await stage.run(id);
    const dueAt = await Promise.all(ids.map(async (id) => (await stage.post(id)).root.dueAt?.getTime() ?? 0));
    expect((dueAt[0] ?? 0) - stage.clock.now().getTime()).toBeGreaterThan(HOUR_MS);
    const [named] = await stuckPosts(stage.hub.db, app(), { postId: ids[0] ?? "" });
    expect(named).toMatchObject({ kind: "held_until", needsPerson: false, until: new Date(dueAt[0] ?? 0) });
    expect((dueAt[1] ?? 0) - (dueAt[0] ?? 0)).toBeGreaterThanOrEqual(4_000);
    stage.x.sandbox.clearFaults();
    for (const id of ids) expect((await stage.untilDone(id)).root.status).toBe("published");
    expect(stage.onX(account.handle).map(({ text }) => text)).toEqual(["Hours 1", "Hours 2", "Hours 3"]);
    expect(await holdNotices()).toEqual([]);
  });

  test("scenario 61: in the middle of a thread the rest waits, and goes on where it was", async () => {
    const account = await stage.signIn("mid_thread");
    const id = await stage.due(["Part one", "Part two", "Part three"], { account });
    refuse({ errors: [{ code: 326 }] }, { ...CREATE, bodyIncludes: "Part two" });
    expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "account_held" });
    expect((await stage.post(id)).root.platformPostIds).toHaveLength(1);
    stage.x.sandbox.clearFaults();
    await resume();
    expect((await stage.untilDone(id)).root.status).toBe("published");
    const onX = stage.onX(account.handle);
    expect(onX.map(({ text }) => text)).toEqual(["Part one", "Part two", "Part three"]);
    expect(onX.map(({ replyToId }) => replyToId)).toEqual([null, onX[0]?.id ?? "", onX[1]?.id ?? ""]);
  });

  for (const [what, path] of [
    ["upload", "/2/media/upload"],
    ["alt text", "/2/media/metadata"],
  ] as const) {
    test(`scenario 61: locked at the ${what}: held, not "the media is refused"`, async () => {
      const account = await stage.signIn(`at_${what.replace(" ", "_")}`);
      const id = await stage.due([{ text: "With a picture", media: [await stage.picture({ altText: "A colour" })] }], {
        account,
      });
      refuse({ errors: [{ code: 326 }] }, { method: "POST", path });
      expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "account_held" });
      stage.x.sandbox.clearFaults();
      await resume();
      expect((await stage.untilDone(id)).root.status).toBe("published");
    });
  }
});

const APP_REFUSALS: [string, Record<string, unknown>][] = [
  ["not enrolled", { reason: "client-not-enrolled", type: "https://api.x.com/2/problems/client-forbidden" }],
  ["without permission", { detail: "Your client app is not configured with the appropriate oauth1 app permissions" }],
  ["of too low a level", { errors: [{ code: 453, message: "You currently have access to a subset of X API V2" }] }],
];

describe("scenario 62: X refuses the app", () => {
  for (const [what, body] of APP_REFUSALS) {
    test(`scenario 62: an app ${what}: one request, one notice, every account's posts wait`, async () => {
      const [one, two] = [await stage.signIn(`app_one_${what.length}`), await stage.signIn(`app_two_${what.length}`)];
      const ids = [
        await stage.due([`${what} 1`], { account: one }),
        await stage.due([`${what} 2`], { account: two }),
        await stage.due([`${what} 3`], { account: one }),
      ];
      refuse(body);
      const before = stage.sends();
      for (const id of ids) expect(await stage.run(id)).toMatchObject({ kind: "deferred", subStatus: "app_held" });
      expect(stage.sends() - before).toBe(1);
      const notices = await holdNotices();
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ code: "APP_HELD" });
      expect(notices[0]?.message).toContain("console.x.com");
      stage.x.sandbox.clearFaults();
      expect(await resume()).toBe(3);
      for (const id of ids) expect((await stage.untilDone(id)).root.status).toBe("published");
    });
  }

  test("scenario 62: an older worker sees the hold of the app, and its own is seen", async () => {
    const id = await stage.due(["Two versions"]);
    refuse(APP_REFUSALS[0]?.[1] ?? {});
    await stage.run(id);
    const { rows } = await stage.hub.pool.query("select client_id from psn.app_holds");
    expect(rows).toEqual([{ client_id: app().clientId }]);
    await resume();
    await stage.hub.pool.query(
      "insert into psn.app_holds (client_id, reason, detail, since) values ($1, 'credits', 'no credits', psn.now()) on conflict do nothing",
      [app().clientId],
    );
    expect(await stage.run(id)).toMatchObject({ subStatus: "out_of_credits", note: "no credits" });
  });

  test("scenario 63: another app's hold stops nobody, is not told, and goes when that app's is lifted", async () => {
    const id = await stage.due(["Held under the other app"], { account: await stage.signIn("two_apps") });
    stage.x.sandbox.addFault({ kind: "credits", match: CREATE, times: null });
    await stage.run(id, stage.deps({ clientId: "app-a" }));
    stage.x.sandbox.clearFaults();
    expect(await holdNotices("app-b")).toEqual([]);
    expect(await holdNotices("app-a")).toHaveLength(1);
    // Under the other app the watchdog finds that nothing keeps the post.
    await sweep(stage.hub, stage.deps().engine, { clientId: "app-b" });
    expect((await stage.untilDone(id, stage.deps({ clientId: "app-b" }))).root.status).toBe("published");
    await resumeApp(stage.hub, stage.deps().engine, "app-a");
    expect(await holdNotices()).toEqual([]);
  });
});
