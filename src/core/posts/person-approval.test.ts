/** The mode `person`: what an agent can do without the person, which is nothing, and what a person's yes is good for. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { embeddedEngine as engine } from "../../engines/embedded.ts";
import { openStage, type Stage } from "../../testing/stage.ts";
import { PsnError } from "../errors.ts";
import { setApprovalMode } from "../post/approval-mode.ts";
import {
  type ApprovalTerms,
  answerApproval,
  askApproval,
  grantTerms,
  isAsAsked,
  openApproval,
  pendingApprovals,
  termsNeeded,
} from "./person-approval.ts";
import { loadPost } from "./read.ts";
import * as write from "./write.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await setApprovalMode(stage.hub, "person");
});
afterAll(() => stage.close());

let count = 0;
async function draft(): Promise<string> {
  const text = `A draft for a person, number ${++count}.`;
  const tweets = [{ text, separatorAfter: "", media: [] }];
  return (await write.createPost(stage.hub, { accountId: stage.account.id, source: text, tweets })).postId;
}

const at = (hours: number) => ({ at: new Date(Date.now() + hours * 3_600_000), timezone: "Europe/Berlin" });
const person = { how: "page", by: "ada" } as const;

/** The error of an act that is refused. */
async function refused(act: Promise<unknown>): Promise<PsnError> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof PsnError) return error;
  throw new Error(`it was done, or broke: ${error}`);
}

async function terms(act: Promise<unknown>): Promise<ApprovalTerms> {
  const error = await refused(act);
  const needed = termsNeeded(error);
  if (!needed) throw error;
  return needed;
}

const schedule = (id: string, when: write.Schedule) =>
  write.schedulePost(stage.hub, engine, id, when, { approve: true });
const now = (id: string) => write.takeNow(stage.hub, engine, id, "agent", { approve: true });
const status = async (id: string) => (await loadPost(stage.hub.db, id)).root.status;

test("no act of a command alone approves or sends; each says what a person would approve", async () => {
  const id = await draft();
  const when = at(1);
  expect((await terms(write.approvePost(stage.hub, id))).sends).toBe("draft");
  expect((await terms(now(id))).sends).toBe("now");
  expect(await terms(schedule(id, when))).toMatchObject({
    postId: id,
    accountId: stage.account.id,
    sends: when.at.toISOString(),
    costUsd: 0.015,
  });
  const edit = write.editPost(stage.hub, engine, id, { schedule: when }, { approve: true });
  expect((await refused(edit)).code).toBe("APPROVAL_NEEDED");
  const { root } = await loadPost(stage.hub.db, id);
  expect([root.status, root.approvedHash]).toEqual(["draft", null]);
});

test("a yes on the page is good for one act, which history tells of with who and how", async () => {
  const id = await draft();
  const when = at(2);
  const asked = await askApproval(stage.hub, await terms(schedule(id, when)));
  expect(await askApproval(stage.hub, await terms(schedule(id, when)))).toBe(asked);
  expect((await pendingApprovals(stage.hub.db)).map((one) => one.id)).toContain(asked);
  const { nonce, ...shown } = await openApproval(stage.hub, asked);
  expect(isAsAsked(await loadPost(stage.hub.db, id), shown)).toBe(true);
  await answerApproval(stage.hub, { id: asked, nonce, yes: true, ...person });
  await schedule(id, when);
  expect(await status(id)).toBe("scheduled");
  expect((await stage.life(id)).notes.join("\n")).toContain("approved by ada on the approval page (local user)");
  // The same again finds its work done, and needs no other yes.
  await schedule(id, when);
  // Replayed: the grant is used up, and so is the nonce.
  await write.cancelPost(stage.hub, engine, id);
  expect((await refused(schedule(id, when))).code).toBe("APPROVAL_STALE");
  expect((await refused(answerApproval(stage.hub, { id: asked, nonce, yes: true, ...person }))).code).toBe(
    "APPROVAL_UNKNOWN",
  );
});

test("a question about an earlier version of a post waits for nobody, also where the content came back", async () => {
  const id = await draft();
  const before = await askApproval(stage.hub, await terms(now(id)));
  const ofThis = async () =>
    (await pendingApprovals(stage.hub.db)).filter(({ postId }) => postId === id).map((one) => one.id);
  expect(await ofThis()).toEqual([before]);
  const tweet = (await loadPost(stage.hub.db, id)).root.content;
  for (const text of ["Other words for a while.", tweet]) {
    await write.editPost(stage.hub, engine, id, { unsentTweets: [{ text, separatorAfter: "", media: [] }] });
  }
  expect(await ofThis()).toEqual([]);
  const after = await askApproval(stage.hub, await terms(now(id)));
  expect(await ofThis()).toEqual([after]);
  const { nonce } = await openApproval(stage.hub, after);
  await answerApproval(stage.hub, { id: after, nonce, yes: true, ...person });
  await now(id);
  expect(await status(id)).toBe("publishing");
});

test("another content, time, account or price than was approved is refused as stale", async () => {
  const id = await draft();
  const when = at(3);
  const granted = await terms(schedule(id, when));
  await grantTerms(stage.hub, granted, person);
  expect((await refused(schedule(id, at(4)))).message).toContain("another time");
  expect((await refused(now(id))).message).toContain("another time");
  const other = { text: "Other words, nobody approved them.", separatorAfter: "", media: [] };
  await write.editPost(stage.hub, engine, id, { unsentTweets: [other] });
  expect((await refused(schedule(id, when))).message).toContain("content has changed");

  const second = await draft();
  const third = await terms(schedule(second, when));
  await grantTerms(stage.hub, { ...third, accountId: "another" }, person);
  expect((await refused(schedule(second, when))).message).toContain("another account");
  await stage.hub.pool.query("delete from psn.approvals where post_id = $1", [second]);
  await grantTerms(stage.hub, { ...third, costUsd: 0.01 }, person);
  expect((await refused(schedule(second, when))).message).toContain("costs more");
  expect(await status(second)).toBe("draft");
});

test("a forged nonce, an old question and an old grant approve nothing", async () => {
  const id = await draft();
  const asked = await askApproval(stage.hub, await terms(now(id)));
  const { nonce } = await openApproval(stage.hub, asked);
  const forged = { id: asked, nonce: `${nonce.slice(0, -1)}_`, yes: true, ...person };
  expect((await refused(answerApproval(stage.hub, forged))).code).toBe("APPROVAL_FORGED");
  // Opened again, as by somebody else, the first nonce is void.
  await openApproval(stage.hub, asked);
  expect((await refused(answerApproval(stage.hub, { ...forged, nonce }))).code).toBe("APPROVAL_FORGED");
  const late = () => stage.hub.pool.query("update psn.approvals set expires_at = psn.now() where post_id = $1", [id]);
  await late();
  expect((await refused(openApproval(stage.hub, asked))).code).toBe("APPROVAL_UNKNOWN");
  await grantTerms(stage.hub, await terms(now(id)), person);
  await late();
  expect((await refused(now(id))).message).toContain("older than 10 minutes");
  expect(stage.sends()).toBe(0);
});

test("a post that changes while its question is open is not approved by the answer; a no is kept", async () => {
  const id = await draft();
  const asked = await askApproval(stage.hub, await terms(now(id)));
  const { nonce } = await openApproval(stage.hub, asked);
  const other = { text: "Slipped in while the person reads.", separatorAfter: "", media: [] };
  await write.editPost(stage.hub, engine, id, { unsentTweets: [other] });
  expect((await refused(answerApproval(stage.hub, { id: asked, nonce, yes: true, ...person }))).code).toBe(
    "APPROVAL_STALE",
  );
  await answerApproval(stage.hub, { id: asked, nonce, yes: false, ...person });
  expect((await stage.life(id)).notes.join("\n")).toContain("declined by ada");
  expect(await status(id)).toBe("draft");
});

test("a scheduled post is not changed behind the person: words, time, undo", async () => {
  const id = await draft();
  const when = at(5);
  await grantTerms(stage.hub, await terms(schedule(id, when)), person);
  await schedule(id, when);
  const other = { text: "Not these words.", separatorAfter: "", media: [] };
  const edit = () => write.editPost(stage.hub, engine, id, { unsentTweets: [other] });
  const needed = await terms(edit());
  expect((await loadPost(stage.hub.db, id)).tweets[0]?.content).toContain("A draft for a person");
  await grantTerms(stage.hub, needed, { how: "terminal", by: "ada" });
  await edit();
  expect((await loadPost(stage.hub.db, id)).tweets[0]?.content).toBe("Not these words.");
  expect((await refused(write.undoPost(stage.hub, engine, id))).code).toMatch(/^APPROVAL_/);
});

test("the environment tightens the mode, and does not loosen it", async () => {
  const strict = { ...stage.hub, requiresPerson: true };
  const id = await draft();
  await setApprovalMode(stage.hub, "agent");
  expect((await refused(write.approvePost(strict, id))).code).toBe("APPROVAL_NEEDED");
  await write.approvePost(stage.hub, id);
  await setApprovalMode(stage.hub, "person");
});
