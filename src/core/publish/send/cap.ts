/**
 * The author's limits, right before the first tweet of a post. The whole post is judged, so that no thread stops half-way: one that has
 * begun goes on, whatever is left. One that does not fit gives its lease back and waits, and nothing is sent.
 *
 * Who judges has the rows of the limits, so two workers never give the same room to two posts: what a post may need is promised to it in the
 * same transaction, and counts until it is on X or has failed. A process that dies leaves a promise, which its post uses when it goes on.
 */
import { sql } from "drizzle-orm";
import { threadMicros } from "../../compose/cost.ts";
import type { Tx } from "../../db/connection.ts";
import { RELEASE_GAP_MS } from "../../post/release.ts";
import { isSandboxHost } from "../../spend/charge.ts";
import {
  amountInWords,
  isTooSmall,
  type LimitState,
  limitInTheWay,
  limitInWords,
  limitStates,
  lockLimits,
  type Need,
  needOf,
  promiseRoom,
} from "../../spend/limits.ts";
import { utcToUserTime } from "../../utils/zone-clock.ts";
import type { PublishResult } from "../deps.ts";
import { type Deferral, deferIf } from "../finish.ts";
import type { Run } from "../run.ts";

/** @returns the run's end where the post does not fit; null to go on */
export async function waitForCap(run: Run): Promise<PublishResult | null> {
  const { root, tweets, deps } = run;
  const isSandbox = isSandboxHost(deps.platform.host);
  const need: Need = {
    posts: 1,
    // What is set already is counted already.
    micros: threadMicros(
      tweets.map(({ content, media }) => ({ text: content, media: media.filter(({ altTextSet }) => !altTextSet) })),
    ),
  };
  return await deferIf(run, async (tx) => {
    await lockLimits(tx, root.accountId);
    const states = await limitStates(tx, { accountId: root.accountId, isSandbox, exceptRootId: root.id });
    const limit = limitInTheWay(states, need);
    if (limit) await tx.execute(sql`delete from psn.spend_promises where root_id = ${root.id}`);
    else await promiseRoom(tx, root.id, { micros: need.micros, isSandbox });
    return limit && deferral(limit, need, await opensAt(tx, root.accountId, limit.to));
  });
}

// --- internal ---

/** When the window ends; after the account's others that wait for that, so that no burst follows. */
async function opensAt(tx: Tx, accountId: string, end: Date): Promise<Date> {
  const { rows } = await tx.execute<{ last: string | null }>(sql`
    select max(due_at) as last
    from psn.posts
    where account_id = ${accountId}
      and status = 'retry'
      and sub_status = 'over_cap'
      and due_at >= ${end.toISOString()}::timestamptz`);
  const last = rows[0]?.last;
  return last ? new Date(new Date(last).getTime() + RELEASE_GAP_MS) : end;
}

function deferral(limit: LimitState, need: Need, dueAt: Date): Deferral {
  const { unit, amount, used, to, zone } = limit;
  const say = (value: number) => amountInWords(unit, value);
  const shared = { subStatus: "over_cap", kind: "held" } as const;
  const needs = say(needOf(limit, need));
  if (isTooSmall(limit, need)) {
    const note = `It needs ${needs}, more than your whole cap of ${limitInWords(limit)}, so nothing was sent. It goes on when the cap is raised: psn limits set.`;
    return { ...shared, dueAt: null, note };
  }
  const left = say(Math.max(0, amount - used));
  const note = `It needs ${needs}, and your cap of ${limitInWords(limit)} leaves ${left}, so nothing was sent. Going on by itself after ${utcToUserTime(to, zone).text}; sooner when the cap is raised: psn limits set.`;
  return { ...shared, dueAt, note };
}
