/** What is known of a tweet's earlier requests, however many there were. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../../testing/stage.ts";
import { pastAttempts } from "./past.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** So many requests of a post's first tweet that X answered and that made nothing, beginning with `first`. */
async function refusedBefore(postId: string, count: number, outcome = "signed_out", first = outcome): Promise<void> {
  await stage.hub.pool.query(
    `insert into psn.publish_attempts
       (post_id, root_id, number, lease_fencing, fingerprint, reply_to_id, started_at, answered_at, outcome)
     select $1, $1, number, 1, 'earlier', number::text, psn.now(), psn.now(), case when number = 1 then $4 else $3 end
     from generate_series(1, $2::integer) as number`,
    [postId, count, outcome, first],
  );
  await stage.hub.pool.query("update psn.posts set lease_fencing = $2 where id = $1", [postId, count]);
}

test("a tweet that X turned away for hours and then did not answer is looked for like any other, and goes on", async () => {
  // An outage at X that refuses every token spends no try: two requests a minute or so.
  const postId = await stage.due(["Patience"]);
  await refusedBefore(postId, 120);
  stage.x.sandbox.addFault({ kind: "drop_after", match: { method: "POST", path: "/2/tweets" } });
  expect(await stage.run(postId)).toMatchObject({ kind: "deferred", subStatus: "confirming" });
  const { root } = await stage.untilDone(postId);
  expect(root.status).toBe("published");
  expect(stage.onX().filter(({ text }) => text === "Patience")).toHaveLength(1);
});

test("one tweet's many requests do not hide those of another that is asked for at the same moment", async () => {
  const many: string[] = [];
  for (let index = 0; index < 3; index++) many.push(await stage.due([`Many ${index}`]));
  for (const id of many) await refusedBefore(id, 250, "wait", "absent");
  const past = await Promise.all(many.map((id) => pastAttempts(stage.hub, id)));
  expect(past.map(({ givenUp }) => givenUp.length > 0)).toEqual([true, true, true]);
  for (const { waitCount } of past) expect(waitCount).toBeGreaterThan(20);
});

test("the first request without an answer is known after any number of others", async () => {
  const postId = await stage.due(["First of many"]);
  await refusedBefore(postId, 200, "wait", "absent");
  await stage.hub.pool.query(
    `insert into psn.publish_attempts (post_id, root_id, number, lease_fencing, fingerprint, reply_to_id, started_at)
     values ($1, $1, 201, 1, 'open', '201', psn.now())`,
    [postId],
  );
  const { open, givenUp } = await pastAttempts(stage.hub, postId);
  expect(open).toMatchObject({ fingerprint: "open", firstReplyToId: "1" });
  expect(givenUp.length > 0).toBe(true);
});
