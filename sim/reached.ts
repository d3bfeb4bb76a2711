/** Rare states that are read from what is left when a seed ends: the hub's rows, X's faults, the log. */
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { HubServer } from "./hub.ts";
import { SECOND_FROM } from "./invariants.ts";
import { inSubStatus, OTHER_APP, OTHER_HUB_SEEN, withOutcome } from "./sometimes.ts";

/** Of the hub's history, attempts and posts. */
export async function stateOfHub(server: HubServer): Promise<string[]> {
  const { rows: outcomes } = await server.look(
    "select distinct outcome from psn.publish_attempts where outcome is not null",
  );
  const { rows: subStatuses } = await server.look(
    "select distinct sub_status from psn.post_events where sub_status is not null",
  );
  const { rows: threads } = await server.look(
    `select exists (
        select 1
        from psn.publish_attempts
        where outcome in ('posted', 'adopted')
        group by root_id
        having count(distinct lease_fencing) > 1
      ) as "thread: two workers sent parts of it",
      exists (
        select 1 from psn.posts where status = 'draft' and cardinality(platform_post_ids) > 0
      ) as "thread: a draft with its beginning on X",
      exists (
        select 1 from psn.posts where status = 'failed' and cardinality(platform_post_ids) > 0
      ) as "thread: failed with its beginning on X",
      exists (select 1 from psn.post_events where kind = 'swept') as "post: taken from a worker that was gone",
      exists (select 1 from psn.post_events where note like '%with another X app%') as "${OTHER_APP}",
      exists (select 1 from psn.unknown_posts where text ~ $1) as "${OTHER_HUB_SEEN}"`,
    [`^p(${SECOND_FROM}|${SECOND_FROM + 1}|${SECOND_FROM + 2})\\.`],
  );
  const isSo = Object.entries(threads[0] ?? {}).filter(([, value]) => value === true);
  return [
    ...outcomes.map(({ outcome }) => withOutcome(outcome)),
    ...subStatuses.map(({ sub_status }) => inSubStatus(sub_status)),
    ...isSo.map(([name]) => name),
  ];
}

/** How often each of X's faults has struck, by a name that says whether X acted. */
export function struckFaults(sandbox: SandboxX): [name: string, count: number][] {
  return sandbox
    .report()
    .faults.filter(({ struck }) => struck > 0)
    .map(({ effect, struck }) => {
      const status = effect.kind === "status" ? ` ${effect.status}` : "";
      const acted = "acted" in effect && effect.acted ? ", acted" : "";
      return [`${effect.kind}${status}${acted}`, struck];
    });
}

const BLOWS: Record<string, RegExp> = {
  crash: / DIES \((?:before|after) /,
  freeze: / FREEZES /,
  stop: / is asked to STOP/,
  "hub restart": / RESTARTS/,
  "clock set": / JUMPS /,
  "hand-over of the engine": / hands the hub to /,
  "statement waits for a lock": / waits for /,
};

/** How often each blow fell, by the log. */
export function blowsIn(log: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of log) {
    for (const [name, pattern] of Object.entries(BLOWS)) if (pattern.test(line)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
