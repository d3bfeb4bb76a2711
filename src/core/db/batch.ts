/**
 * One statement for many callers. A process that publishes many posts at once asks the hub the same few things for
 * each; asked one by one, the round trips and commits are most of the cost (measured in bench/publish).
 *
 * A call that finds a lane free goes at once; those that come while every lane is busy go in one batch as soon as one
 * is free. So a single post waits for nobody, and a thousand cost a few dozen statements. No timer is involved.
 *
 * There is one way to do the work: `run`, over any number of items. A batch passes over rows that somebody else has
 * locked, and is waited for a few seconds at most. An item that it leaves out, and each item of a batch that Postgres
 * refuses, is run again as a batch of one, outside the lanes, which waits for its row: one item spoils nothing for
 * others.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Hub } from "./connection.ts";
import { isHubOutage, isRefusal } from "./errors.ts";

export interface Batch<In, Out> {
  /** Items of one key are never in one batch, unless the answer may be shared. */
  key(item: In): string;
  /** The work only reads, so callers with one key get one answer. */
  isShared?: boolean;
  /** Does the work for all items. @returns the answers by key; one that is left out is run again by itself */
  run(hub: Hub, items: readonly In[], how: BatchRun): Promise<ReadonlyMap<string, Out>>;
  /** The answer for an item that is left out although its row was waited for; may throw. */
  leftOut(item: In): Out;
}

export interface BatchRun {
  /** Wait for rows that are locked, or pass over them. */
  waits: boolean;
  /** Each statement is waited for at most so long; undefined: as long as any. */
  timeoutMs: number | undefined;
}

/** Items of one batch at most: more would make locks and memory grow for little. */
const BATCH_MAX = 128;
/** Batches of one kind in flight at once. One that hangs leaves a lane to the others. */
const LANES = 2;
/** A batch waits for no row, so one that takes longer hangs on a dead connection, or on a lock of the whole table. */
const BATCH_MS_MAX = 5_000;

/** @returns the same work for one item, which goes in a batch with others of the same hub */
export function batched<In, Out>(batch: Batch<In, Out>): (hub: Hub, item: In) => Promise<Out> {
  const queues = new WeakMap<Hub, Queue<In, Out>>();
  return (hub, item) => {
    let queue = queues.get(hub);
    if (!queue) {
      queue = new Queue(hub, batch);
      queues.set(hub, queue);
    }
    return queue.add(item);
  };
}

/**
 * Items as rows of a statement, in one parameter whatever their number: `from ${rowsOf(items)} as item (post_id text)`.
 * An item's keys are the columns' names.
 */
export function rowsOf(items: readonly Readonly<Record<string, string | number | boolean | object | null>>[]): SQL {
  return sql`json_to_recordset(${JSON.stringify(items)}::json)`;
}

/** Texts for `= any(…)`, in one parameter. */
export function anyOf(texts: readonly string[]): SQL {
  return sql`any(${sql.param(texts)}::text[])`;
}

/** The end of a `select … for update of post`: a batch passes over rows that are locked. */
export function lockOfPost({ waits }: BatchRun): SQL {
  return waits ? sql`for update of post` : sql`for update of post skip locked`;
}

// --- internal ---

interface Waiting<In, Out> {
  item: In;
  key: string;
  resolve(value: Out | Promise<Out>): void;
  reject(error: unknown): void;
}

class Queue<In, Out> {
  readonly #hub: Hub;
  readonly #batch: Batch<In, Out>;
  #waiting: Waiting<In, Out>[] = [];
  #inFlight = 0;
  #isGathering = false;

  constructor(hub: Hub, batch: Batch<In, Out>) {
    this.#hub = hub;
    this.#batch = batch;
  }

  add(item: In): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      this.#waiting.push({ item, key: this.#batch.key(item), resolve, reject });
      this.#goIfFree();
    });
  }

  // --- internal ---

  #goIfFree(): void {
    if (this.#waiting.length > 0 && !this.#isGathering && this.#inFlight < LANES) void this.#go();
  }

  async #go(): Promise<void> {
    this.#isGathering = true;
    // Answers that came in one packet make many callers go on in one turn; none of them should miss this batch.
    for (let seen = 0; seen < this.#waiting.length; ) {
      seen = this.#waiting.length;
      for (let hop = 0; hop < 4; hop++) await null;
    }
    this.#isGathering = false;
    const group = this.#take();
    this.#inFlight++;
    this.#goIfFree();
    await this.#runBatch(group);
    this.#inFlight--;
    this.#goIfFree();
  }

  /** The first that wait, no two of one key unless they share. */
  #take(): Waiting<In, Out>[] {
    const keys = new Set<string>();
    const group: Waiting<In, Out>[] = [];
    const left: Waiting<In, Out>[] = [];
    for (const waiting of this.#waiting) {
      const isKnown = keys.has(waiting.key);
      if (isKnown ? this.#batch.isShared : keys.size < BATCH_MAX) group.push(waiting);
      else left.push(waiting);
      if (!isKnown && keys.size < BATCH_MAX) keys.add(waiting.key);
    }
    this.#waiting = left;
    return group;
  }

  async #runBatch(group: readonly Waiting<In, Out>[]): Promise<void> {
    const items = [...new Map(group.map(({ key, item }) => [key, item])).values()];
    let answers: ReadonlyMap<string, Out> = new Map();
    try {
      answers = await this.#batch.run(this.#hub, items, { waits: false, timeoutMs: BATCH_MS_MAX });
    } catch (error) {
      // Only what Postgres refuses is worth asking one by one. A hub that went away would be met by each, and whether
      // the work was done nobody knows, so the caller decides; anything else is a bug of ours.
      if (isHubOutage(error) || !isRefusal(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
    }
    for (const { key, item, resolve } of group) {
      const answer = answers.get(key);
      resolve(answer !== undefined ? answer : this.#runOne(key, item));
    }
  }

  async #runOne(key: string, item: In): Promise<Out> {
    const answers = await this.#batch.run(this.#hub, [item], { waits: true, timeoutMs: undefined });
    const answer = answers.get(key);
    return answer !== undefined ? answer : this.#batch.leftOut(item);
  }
}
