/** `post create` says how far a post goes, and a crash, an error or a repeat leaves nothing in between. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openApp } from "../../src/cli/_app.ts";
import { makePaint } from "../../src/cli/_paint.ts";
import { type NewPostAnswer, renderNewPost } from "../../src/cli/post/_repeated.ts";
import { submitPost } from "../../src/core/posts/write.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { type Runner, runnerOf } from "../compose/stage.ts";

let home: TestHome;
let psn: Runner;
let count = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  psn = runnerOf(home);
});
afterAll(() => home.close());

const fresh = () => `Once ${++count}.`;
const keyed = (text: string, ...more: string[]) => ["create", text, "--idempotency-key", `key of ${text}`, ...more];
const times = (text: string) => home.onX().filter((other) => other === text).length;
const rows = async () => (await home.hub.pool.query("select count(*)::int as n from psn.posts")).rows[0].n as number;

test("scenario 6: a first run that was refused leaves nothing, and the repeat publishes", async () => {
  const text = fresh();
  const before = await rows();
  const { X_CLIENT_ID: _id, X_CLIENT_SECRET: _secret, ...env } = home.env;
  const keyless = runnerOf({ ...home, env });
  expect(await keyless.code(...keyed(text, "--now"))).toBe("X_KEYS_MISSING");
  expect(await psn.code(...keyed(text, "--date", "2020-01-01", "--time", "09:00"))).toBe("TIME_IN_PAST");
  expect(await rows()).toBe(before);
  expect((await psn.post(...keyed(text, "--now"))).post.status).toBe("published");
  expect((await psn.post(...keyed(text, "--now"))).post.status).toBe("published");
  expect(times(text)).toBe(1);
});

test("scenario 6: what X would refuse is not half made: no draft stays behind --now or a time", async () => {
  const before = await rows();
  expect(await psn.code("create", "Both $GOOG and $AAPL.", "--now")).toBe("POST_REFUSABLE");
  expect(await psn.code("create", "Both $GOOG and $AAPL.", "--at", "in 2 hours")).toBe("POST_REFUSABLE");
  expect(await rows()).toBe(before);
});

test("scenario 6: a repeat goes on with the draft that is there, as its options say", async () => {
  const [now, later] = [fresh(), fresh()];
  await psn.post(...keyed(now));
  expect((await psn.post(...keyed(now, "--now"))).post.status).toBe("published");
  expect(times(now)).toBe(1);
  const draft = await psn.post(...keyed(later));
  const scheduled = await psn.post(...keyed(later, "--at", "in 2 hours"));
  expect(scheduled.post).toMatchObject({ id: draft.post.id, status: "scheduled", approved: true });
  // A time that has come meanwhile is no error of the repeat.
  const again = await psn.post(...keyed(later, "--date", "2020-01-01", "--time", "09:00"));
  expect(again.post.scheduled).toEqual(scheduled.post.scheduled);
});

test("scenario 1: a run that died with the post in its hands is taken over by the repeat, and nothing is said twice", async () => {
  const text = fresh();
  const app = await openApp({ env: home.env });
  const given = { text, idempotencyKey: `key of ${text}` };
  const { postId, lease } = await submitPost(app, given, { kind: "now", owner: "a process that died" });
  await app.close();
  expect(lease?.owner).toBe("a process that died");
  // While it lives it is left alone: it renews its lease.
  const renew = () =>
    home.hub.pool.query("update psn.posts set lease_expires_at = now() + interval '10 seconds' where id = $1", [
      postId,
    ]);
  const alive = setInterval(() => void renew(), 500);
  expect((await psn.post(...keyed(text, "--now"))).post.status).toBe("publishing");
  expect(await psn.code("now", postId)).toBe("POST_PUBLISHING");
  clearInterval(alive);
  await home.hub.pool.query("update psn.posts set lease_expires_at = now() - interval '1 second' where id = $1", [
    postId,
  ]);
  expect((await psn.post(...keyed(text, "--now"))).post).toMatchObject({ id: postId, status: "published" });
  expect(times(text)).toBe(1);
});

test("a post that its author took back, or changed, stays where they put it", async () => {
  const [cancelled, edited] = [fresh(), fresh()];
  const { post } = await psn.post(...keyed(cancelled, "--at", "in 2 hours"));
  await psn.post("cancel", post.id);
  expect((await psn.post(...keyed(cancelled, "--now"))).post.status).toBe("draft");
  const draft = await psn.post(...keyed(edited));
  await psn.post("edit", draft.post.id, "--text", "Other words than those of the key.");
  expect((await psn.post(...keyed(edited, "--now"))).post).toMatchObject({ status: "draft", approved: false });
  expect(times(cancelled) + times(edited)).toBe(0);
});

test("scenario 6: the key of a draft that was deleted makes no other post and publishes nothing; another key does", async () => {
  const text = fresh();
  const { post } = await psn.post(...keyed(text));
  await psn.post("delete", post.id);
  const before = await rows();
  for (const more of [[], ["--now"], ["--at", "in 2 hours"], ["--approve"], ["--now", "--force", "--new"]]) {
    const ran = await home.psn(["post", ...keyed(text, ...more)]);
    expect([ran.code, (ran.json as { error: { code: string } }).error.code], more.join(" ")).toEqual([
      3,
      "POST_DELETED",
    ]);
    expect(ran.stdout).toContain(post.id);
    expect(ran.stdout).toContain("another key");
  }
  // Other words change nothing in that.
  expect(await psn.code("create", fresh(), "--idempotency-key", `key of ${text}`, "--now")).toBe("POST_DELETED");
  expect([await rows(), times(text)]).toEqual([before, 0]);
  expect((await psn.post("create", text, "--idempotency-key", `anew: ${text}`, "--now")).post.status).toBe("published");
  expect(times(text)).toBe(1);
});

test("a repeat says that the post was there, how it stands, and what it did not do with the command that does it", async () => {
  const said = async (text: string, ...more: string[]) => {
    const answer = (await psn.post(...keyed(text, ...more))) as NewPostAnswer;
    return { ...answer.repeated, next: answer.repeated?.next.map(({ command }) => command) };
  };
  // The first run says nothing of the kind.
  const text = fresh();
  const { post, ...first } = await psn.post(...keyed(text, "--date", "2027-03-15", "--time", "09:00"));
  expect(first).not.toHaveProperty("repeated");
  const stands = `Post ${post.id} was there already, made with the same key; it is scheduled for Mon 2027-03-15 09:00 Europe/Berlin (+01:00).`;
  expect(await said(text, "--date", "2027-03-15", "--time", "09:00")).toEqual({
    message: `${stands} No second one was made.`,
    carriedOut: true,
    next: [],
  });
  expect(await said(text, "--now")).toEqual({
    message: `${stands} Nothing was changed: it was not published by this command.`,
    carriedOut: false,
    next: [`psn post now ${post.id}`],
  });
  expect(await said(text, "--date", "2027-03-16", "--time", "10:00")).toEqual({
    message: `${stands} Nothing was changed: it was not scheduled for Tue 2027-03-16 10:00 Europe/Berlin (+01:00).`,
    carriedOut: false,
    next: [`psn post schedule ${post.id} --at 2027-03-16T10:00+01:00`],
  });
  // The command that it names does it.
  expect((await psn.post("schedule", post.id, "--at", "2027-03-16T10:00+01:00")).post.scheduled?.local).toContain(
    "10:00",
  );
  // Taken back by its author, and never approved.
  await psn.post("cancel", post.id);
  expect((await said(text, "--now")).next).toEqual([`psn post now ${post.id}`]);
  const plain = fresh();
  const draft = await psn.post(...keyed(plain));
  await psn.post("edit", draft.post.id, "--text", fresh());
  expect((await said(plain, "--approve")).next).toEqual([`psn post approve ${draft.post.id}`]);
  expect((await said(plain, "--now")).next).toEqual([
    `psn post approve ${draft.post.id}`,
    `psn post now ${draft.post.id}`,
  ]);
  // On X it is not sent again by what is pasted.
  const gone = fresh();
  await psn.post(...keyed(gone, "--now"));
  expect(await said(gone, "--now")).toMatchObject({ carriedOut: true, next: [] });
  const late = await said(gone, "--date", "2027-03-15", "--time", "09:00");
  expect(late.message).toMatch(/it went out at \w{3} \d{4}-\d\d-\d\d [\d:]+ Europe\/Berlin/);
  expect(late.carriedOut).toBeFalse();
  expect(late.next?.join()).not.toMatch(/now|retry|create|--force/);
  // A person reads it, too.
  const read = await psn.post(...keyed(text, "--now"));
  expect(renderNewPost(read as NewPostAnswer, makePaint(false)).replace(/\s+/g, " ")).toContain(
    `Nothing was changed: it was not published by this command. To do that: psn post now ${post.id}.`,
  );
  expect(times(text)).toBe(0);
}, 60_000);

test("a span that is repeated is the same wish, and another span is not", async () => {
  const text = fresh();
  const { post } = await psn.post(...keyed(text, "--at", "in 2 hours"));
  await home.hub.pool.query(
    `update psn.posts
    set created_at = created_at - interval '20 minutes', approved_at = approved_at - interval '20 minutes',
      scheduled_at = scheduled_at - interval '20 minutes', due_at = due_at - interval '20 minutes'
    where id = $1`,
    [post.id],
  );
  const said = async (time: string) => {
    const { repeated } = (await psn.post(...keyed(text, "--at", time))) as NewPostAnswer;
    return [repeated?.carriedOut, repeated?.next.length];
  };
  expect(await said("in 2 hours")).toEqual([true, 0]);
  expect(await said("in 3 hours")).toEqual([false, 1]);
  expect(await said("in 100 minutes")).toEqual([false, 1]);
});

test("errors tell times on the author's clock, of posts that went out at once as well", async () => {
  const text = fresh();
  const { post } = await psn.post("create", text, "--now");
  const { json } = await home.psn(["post", "create", text]);
  const refused = (json as { error: { code: string; message: string } }).error;
  expect(refused.code).toBe("POST_DUPLICATE");
  expect(refused.message).toMatch(
    new RegExp(`Post ${post.id} says exactly the same and went out at \\w{3} [\\d-]+ [\\d:]+ Europe/Berlin`),
  );
  expect(refused.message).not.toMatch(/UTC|\dT\d/);
});

test("of a post whose answer was lost nobody is told how it is said twice", async () => {
  const text = fresh();
  const { post } = await psn.post("create", text, "--at", "in 2 hours");
  await home.hub.pool.query("update psn.posts set status = 'retry', sub_status = 'confirming' where id = $1", [
    post.id,
  ]);
  const { code, hint, next } = await psn.error("create", text, "--now");
  expect(code).toBe("POST_DUPLICATE");
  expect(hint).toContain("do not send it again");
  expect([hint, ...(next ?? [])].join()).not.toMatch(/--force|post now|post retry/);
});

test("scenario 6: three processes with one key and --now at the same moment publish once", async () => {
  const text = fresh();
  const run = () => home.psnProcess(["post", ...keyed(text, "--now")]);
  const answers = await Promise.all([run(), run(), run()]);
  expect(answers.map(({ code, stdout }) => [code, stdout.slice(0, 200)])).toEqual(
    answers.map(({ stdout }) => [0, stdout.slice(0, 200)]),
  );
  const ids = answers.map(({ json }) => (json as { post: { id: string } }).post.id);
  expect(new Set(ids).size).toBe(1);
  expect(times(text)).toBe(1);
});
