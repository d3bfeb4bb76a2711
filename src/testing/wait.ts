/** What tests have instead of the clock on the wall: a busy machine takes longer, and is not slower at anything. */
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 5;
/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;

/**
 * Waits for what another process or a callback makes true.
 * @throws Error when it does not become true in 90 s
 */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + WAIT_MS_MAX;
  while (!(await isTrue())) {
    if (performance.now() > endsAt) throw new Error("it did not become true");
    await pause(POLL_MS);
  }
}

/** How long this process alone has computed during `act`, in milliseconds; what others take of the machine does not count. */
export function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
