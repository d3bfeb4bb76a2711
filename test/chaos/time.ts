/** Time that runs faster, in every process alike: five minutes of looking must fit into a test. */
import type { Clock } from "../../src/core/clock.ts";
import type { Engine, EngineRun } from "../../src/core/engine.ts";
import { embeddedEngine } from "../../src/engines/embedded.ts";
import type { Pace } from "../../src/testing/hub-clock.ts";

const fastMs = ({ baseMs, scale }: Pace, realMs: number) => baseMs + (realMs - baseMs) * scale;

/** All waits are shorter, and all clocks faster. @param skewMs by how much this machine's clock is wrong */
export function fastClock(pace: Pace, skewMs = 0): Clock {
  return {
    now: () => new Date(fastMs(pace, Date.now()) + skewMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms / pace.scale);
        signal?.addEventListener("abort", done, { once: true });
      }),
  };
}

/** The embedded engine; its job library knows only the wall's time. */
export function fastEngine(pace: Pace): Engine {
  const paced = (run: EngineRun): EngineRun => ({
    ...run,
    at: new Date(pace.baseMs + (run.at.getTime() - pace.baseMs) / pace.scale),
  });
  return {
    ...embeddedEngine,
    enqueue: (tx, run) => embeddedEngine.enqueue(tx, paced(run)),
    enqueueAll: (tx, runs) => embeddedEngine.enqueueAll?.(tx, runs.map(paced)) ?? Promise.resolve(),
  };
}
