/** What the modes make of a plan that was drawn. */
import type { Prng } from "./prng.ts";
import type { WorldPlan } from "./world-plan.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const MONTH_DAYS = 30;

/** X's longest limit of these worlds is a quarter of an hour; four of PSN's longest waits follow each other at most. */
export const LIVELY_REST_MS_MAX = 3 * HOUR_MS;

/** Leaves each kind of fault out with a probability of one half. */
export function thinned(prng: Prng, plan: WorldPlan): WorldPlan {
  const keeps = () => prng.is(0.5);
  const unless = (value: number) => (keeps() ? value : 0);
  const kinds = new Map<string, boolean>();
  const keepsKind = (kind: string) => {
    if (!kinds.has(kind)) kinds.set(kind, keeps());
    return kinds.get(kind) ?? false;
  };
  const isLagging = keeps();
  return {
    ...plan,
    crash: unless(plan.crash),
    freeze: unless(plan.freeze),
    stop: unless(plan.stop),
    slowReply: unless(plan.slowReply),
    mediaStore: unless(plan.mediaStore),
    latencyMsMax: unless(plan.latencyMsMax),
    jobs: { losesRuns: unless(plan.jobs.losesRuns), keepsOldOnes: unless(plan.jobs.keepsOldOnes) },
    network: { ...plan.network, slow: unless(plan.network.slow) },
    restarts: keeps() ? plan.restarts : [],
    hubJump: keeps() ? plan.hubJump : null,
    workerJumpMs: unless(plan.workerJumpMs),
    xFaults: plan.xFaults.filter(({ kind, ...more }) => keepsKind(`${kind} ${JSON.stringify(more.match ?? {})}`)),
    settings: isLagging ? plan.settings : { ...plan.settings, timelineLagMs: 0, timelineLagJitterMs: 0 },
  };
}

/** A month of an author's life: posts on many days, and a machine that is open for half an hour of each. */
export function stretched(prng: Prng, plan: WorldPlan): WorldPlan {
  const lastsMs = MONTH_DAYS * DAY_MS;
  const naps = Array.from({ length: MONTH_DAYS }, (_, day) => {
    const atMs = day * DAY_MS + prng.int(20, 40) * 60_000;
    return { atMs, forMs: DAY_MS - prng.int(40, 60) * 60_000 };
  });
  const posts = Array.from({ length: 12 }, (_, index) => plan.posts[index % plan.posts.length] ?? plan.posts[0]);
  return {
    ...plan,
    // A run of Trigger.dev's polls all day: a month of it takes minutes of a processor.
    engineName: "embedded",
    handsOver: [],
    workers: 1,
    isRacing: false,
    lastsMs,
    stepsMax: 1_500_000,
    naps,
    posts: posts.flatMap((post) => post ?? []),
    acts: 15,
    author: { gapMsMax: 4 * DAY_MS, soonMsMax: 2 * DAY_MS },
    crash: plan.crash / 10,
    freeze: 0,
    stop: plan.stop / 10,
    restarts: plan.restarts.map((restart) => ({ ...restart, atMs: prng.int(0, lastsMs) })),
    hubJump: plan.hubJump && { ...plan.hubJump, atMs: prng.int(0, lastsMs) },
  };
}
