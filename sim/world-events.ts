/** What happens to a world at times that are drawn before it begins: its plan's blows, and what it has beside its plan. */
import { type Extra, type ExtraParts, extraEvents, type TimedEvent } from "./extras.ts";
import { type IdentityParts, renamedEvents, swappedEvents } from "./identities.ts";
import type { Invariants } from "./invariants.ts";
import { resolutions } from "./resolutions.ts";
import { Backup, restoredEvents } from "./restored.ts";
import { Process } from "./scheduler.ts";
import type { Underway } from "./underway.ts";
import type { WorldPlan } from "./world-plan.ts";

export interface WorldParts extends Omit<ExtraParts, "xAccount">, IdentityParts {
  plan: WorldPlan;
  extras: readonly Extra[];
  invariants: Invariants;
  underway: Underway;
}

/** In order of time. */
export function worldEvents(parts: WorldParts): TimedEvent[] {
  const { extras, seed, plan, population } = parts;
  const { hubJump, lastsMs } = plan;
  const events = [...planned(parts), ...extraEvents(extras, { ...parts, xAccount: parts.xAccounts[0] ?? "" }, lastsMs)];
  // A clock that jumps does not say how old a request is, so nobody's word could be weighed by it.
  if (extras.includes("forbidden") && hubJump === null) {
    const commandDeps = () => population.depsOf(new Process("resolver"));
    events.push(...resolutions({ ...parts, commandDeps }, lastsMs));
  }
  if (extras.includes("restored")) {
    const backup = new Backup(parts.server, parts.scheduler, population, parts.sometimes);
    events.push(...restoredEvents(backup, seed, lastsMs));
  }
  if (extras.includes("swapped_app")) events.push(...swappedEvents(parts, lastsMs));
  if (extras.includes("renamed")) events.push(...renamedEvents(parts, lastsMs));
  return events.sort((a, b) => a.atMs - b.atMs);
}

// --- internal ---

/** Restarts of the hub, jumps of clocks, naps, and hand-overs of the engine. */
function planned({ plan, scheduler, server, population, invariants, witness, underway }: WorldParts): TimedEvent[] {
  const { restarts, hubJump, lastsMs, workerJumpMs, handsOver, naps } = plan;
  const events: TimedEvent[] = restarts.map(({ atMs, downMs }) => ({
    atMs,
    act: () => {
      underway.blow("hub restart");
      return server.restart(downMs);
    },
  }));
  if (hubJump) {
    const jump = () => {
      scheduler.note("hub", `its clock JUMPS by ${hubJump.byMs} ms`);
      invariants.hubJumped = true;
      underway.blow("hub clock set");
      witness.tell({ kind: "hub_clock_set" });
      server.clockShiftMs += hubJump.byMs;
    };
    events.push({ atMs: hubJump.atMs, act: jump });
  }
  if (workerJumpMs !== 0)
    events.push({ atMs: Math.floor(lastsMs / 3), act: () => population.jumpWorker(workerJumpMs) });
  for (const { atMs, forMs } of naps) events.push({ atMs, act: () => population.nap(forMs) });
  for (const { atMs, to } of handsOver) events.push({ atMs, act: () => population.handOver(to) });
  return events;
}
