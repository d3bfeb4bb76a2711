/**
 * Trigger.dev as PSN meets it: runs that wait for their time, keys that give the same run again, a cancelled one too,
 * runs that are lost and stay "delayed", and calls that fail before or after they have acted.
 */

import { type RunState, type TriggerApi, TriggerError } from "../src/engines/trigger-api.ts";
import type { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";

export interface TriggerFaults {
  /** Probability that a call fails and nothing was done. */
  fails: number;
  /** Probability that a call was carried out and its answer is lost. */
  losesAnswers: number;
  /** Probability that a run that is started or moved will never come. */
  losesRuns: number;
  /** From its time until a run starts at most, in ms. */
  lateMsMax: number;
  /** Its clock against the true one. */
  clockShiftMs: number;
}

type Status = "DELAYED" | "QUEUED" | "EXECUTING" | "COMPLETED" | "CANCELED" | "FAILED";
const FINAL: readonly Status[] = ["COMPLETED", "CANCELED", "FAILED"];

export interface SimRun {
  readonly id: string;
  readonly payload: { postId: string; scheduleVersion: number };
  readonly key: string;
  status: Status;
  atMs: number;
  /** Its message is lost: it stays where it is. */
  isLost: boolean;
  /** Aborts when it is cancelled; its process is killed a little later. */
  readonly cancelled: AbortController;
}

/** `onRun` is called when a run starts, and says how it ended. */
export class SimTrigger {
  readonly #scheduler: Scheduler;
  readonly #prng: Prng;
  readonly #self = new Process("trigger");
  readonly #runs = new Map<string, SimRun>();
  readonly #keys = new Map<string, string>();
  faults: TriggerFaults;
  onRun: (run: SimRun) => void = () => {};

  constructor(scheduler: Scheduler, prng: Prng, faults: TriggerFaults) {
    this.#scheduler = scheduler;
    this.#prng = prng;
    this.faults = faults;
  }

  get nowMs(): number {
    return this.#scheduler.nowMs + this.faults.clockShiftMs;
  }

  /** The API as one process calls it. */
  apiOf(process: Process): TriggerApi {
    const call = <T>(what: string, act: () => T) => this.#call(process, what, act);
    const refuse = () => Promise.reject(new Error("setup alone asks this"));
    return {
      start: ({ postId, scheduleVersion, at, key }) =>
        call("start a run", () => this.#start({ postId, scheduleVersion }, at, key)),
      move: (runId, at) => call(`move ${runId}`, () => this.#move(runId, at)),
      cancel: (runId) => call(`cancel ${runId}`, () => this.#cancel(runId)),
      state: (runId) => call(`ask for ${runId}`, () => this.#state(runId)),
      status: refuse,
      ping: refuse,
      watch: refuse,
      check: refuse,
    };
  }

  /** The run's process came to its end; a failed one gives its key back. */
  end(run: SimRun, status: "COMPLETED" | "FAILED"): void {
    if (run.status !== "EXECUTING") return;
    run.status = status;
    this.#scheduler.note(run.id, status.toLowerCase());
    if (status === "FAILED") this.#keys.delete(run.key);
  }

  // --- internal ---

  async #call<T>(process: Process, what: string, act: () => T): Promise<T> {
    const error = (why: string) =>
      new TriggerError(`Trigger.dev could not ${what}: ${why}`, { cause: null, status: undefined });
    const wayMs = () => this.#prng.int(5, 150);
    const isRefused = this.#prng.is(this.faults.fails);
    const isLost = this.#prng.is(this.faults.losesAnswers);
    // What is on its way is carried out, whatever becomes of its sender.
    const done = this.#scheduler.gate(
      this.#self,
      `${what} for ${process.name}`,
      () => (isRefused ? null : { value: act() }),
      { afterMs: wayMs() },
    );
    const answer = await done;
    await this.#scheduler.gate(process, `trigger answers${answer && !isLost ? "" : " with an error"}`, () => {}, {
      afterMs: wayMs(),
    });
    if (answer === null) throw error("503");
    if (isLost) throw error("no answer");
    return answer.value;
  }

  #start(payload: SimRun["payload"], at: Date | null, key: string): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const run: SimRun = {
      id: `run${this.#runs.size + 1}`,
      payload,
      key,
      status: "DELAYED",
      atMs: Math.max(at?.getTime() ?? 0, this.nowMs),
      isLost: false,
      cancelled: new AbortController(),
    };
    this.#runs.set(run.id, run);
    this.#keys.set(key, run.id);
    this.#delay(run);
    return run.id;
  }

  #move(runId: string, at: Date): boolean {
    const run = this.#runs.get(runId);
    if (run?.status !== "DELAYED" || at.getTime() <= this.nowMs) return false;
    run.atMs = at.getTime();
    // A lost one says that it was moved, and stays where it is.
    if (!run.isLost) this.#delay(run);
    return true;
  }

  #cancel(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run || FINAL.includes(run.status)) return;
    run.status = "CANCELED";
    run.cancelled.abort();
  }

  #state(runId: string): RunState {
    const run = this.#runs.get(runId);
    if (!run) return "unknown";
    return run.status === "DELAYED" ? "delayed" : FINAL.includes(run.status) ? "final" : "alive";
  }

  #delay(run: SimRun): void {
    const { atMs } = run;
    run.isLost ||= this.#prng.is(this.faults.losesRuns);
    if (run.isLost) return;
    const afterMs = Math.max(0, atMs - this.nowMs);
    const due = () => {
      if (run.status !== "DELAYED" || run.atMs !== atMs) return;
      run.status = "QUEUED";
      const begin = () => {
        if (run.status !== "QUEUED") return;
        run.status = "EXECUTING";
        this.onRun(run);
      };
      void this.#scheduler.gate(this.#self, `begins ${run.id}`, begin, {
        afterMs: this.#prng.int(0, this.faults.lateMsMax),
      });
    };
    void this.#scheduler.gate(this.#self, `${run.id} is due`, due, { afterMs });
  }
}
