/**
 * Which processor the simulation runs on. A process and its Postgres take turns and never work at the same time; on one
 * processor each wakes the other without the machine's help, which costs a fifth of the time and more on virtual machines
 * (measured: 60 seeds took 60.5 s on two and 46.3 s on one, with the same logs). Linux alone; elsewhere nothing is moved.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a command begins with so that it runs on a processor of its own: nothing when there are fewer than processes. */
export function onProcessor(index: number, processes: number): string[] {
  const all = allowed();
  return all.length >= processes && Bun.which("taskset") ? ["taskset", "--cpu-list", String(all[index])] : [];
}

/** Brings a backend of Postgres to the processor that this process runs on, if it runs on one alone. */
export function bringHere(pid: number): void {
  const [here, ...others] = allowed();
  if (here !== undefined && others.length === 0)
    spawnSync("taskset", ["--pid", "--cpu-list", String(here), String(pid)]);
}

// --- internal ---

/** The numbers of the processors that this process may run on; proc(5): `Cpus_allowed_list: 0-1,4`. */
function allowed(): number[] {
  let status: string;
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    return [];
  }
  const ranges = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]?.split(",") ?? [];
  return ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
