/**
 * One statement for many callers. A process that publishes many posts at once asks the hub the same few things for each;
 * asked one by one, the round trips and commits are most of the cost (measured in bench/publish).
 *
 * A call that finds nothing under way goes at once; those that come meanwhile go together as soon as the way is free. So
 * one post alone waits for nobody, and a thousand cost a few dozen statements. No timer is involved.
 *
 * Together is only the quick way. An item that `many` leaves out, because its row is locked or it needs more thought, goes
 * alone; so does each when the statement fails, so that one bad item spoils nothing for the others.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Hub } from "./connection.ts";
import { isHubOutage, isRefusal } from "./errors.ts";

export interface Together<In, Out> {
  /** Items of one key are never in one statement, unless the answer may be shared. */
  key(item: In): string;
  /** The statement is only read from, so two callers with one key get one answer. */
  isShared?: boolean;
  /** One statement for all. What it leaves out goes alone. */
  many(hub: Hub, items: readonly In[]): Promise<ReadonlyMap<string, Out>>;
  alone(hub: Hub, item: In): Promise<Out>;
}

/** Items of one statement at most: more would make locks and memory grow for little. */
const TOGETHER_MAX = 128;
/** Statements of one kind under way at once. */
const LANES = 1;

/** @returns the same act for one item, which goes together with others of the same hub */
export function together<In, Out>(act: Together<In, Out>): (hub: Hub, item: In) => Promise<Out> {
  const queues = new WeakMap<Hub, Queue<In, Out>>();
  return (hub, item) => {
    let queue = queues.get(hub);
    if (!queue) {
      queue = new Queue(hub, act);
      queues.set(hub, queue);
    }
    return queue.add(item);
  };
}

/**
 * Items as rows of a statement, in one parameter whatever their number: `from ${rowsOf(items)} as item (post_id text)`.
 * An item's keys are the columns' names.
 */
export function rowsOf(items: readonly Readonly<Record<string, string | number | null>>[]): SQL {
  return sql`json_to_recordset(${JSON.stringify(items)}::json)`;
}

/** Texts for `= any(…)`, in one parameter. */
export function anyOf(texts: readonly string[]): SQL {
  return sql`any(${sql.param(texts)}::text[])`;
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
  readonly #act: Together<In, Out>;
  #waiting: Waiting<In, Out>[] = [];
  #underWay = 0;
  #isGathering = false;

  constructor(hub: Hub, act: Together<In, Out>) {
    this.#hub = hub;
    this.#act = act;
  }

  add(item: In): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      this.#waiting.push({ item, key: this.#act.key(item), resolve, reject });
      if (!this.#isGathering && this.#underWay < LANES) void this.#go();
    });
  }

  // --- internal ---

  async #go(): Promise<void> {
    this.#isGathering = true;
    // Answers that came in one packet make many callers go on in one turn; none of them should miss this statement.
    for (let seen = 0; seen < this.#waiting.length; ) {
      seen = this.#waiting.length;
      for (let hop = 0; hop < 4; hop++) await null;
    }
    this.#isGathering = false;
    const group = this.#take();
    if (group.length === 0) return;
    this.#underWay++;
    await this.#send(group);
    this.#underWay--;
    if (!this.#isGathering && this.#waiting.length > 0) void this.#go();
  }

  /** The first that wait, no two of one key unless they share. */
  #take(): Waiting<In, Out>[] {
    const keys = new Set<string>();
    const group: Waiting<In, Out>[] = [];
    const left: Waiting<In, Out>[] = [];
    for (const waiting of this.#waiting) {
      const isTwin = keys.has(waiting.key);
      if (isTwin ? this.#act.isShared : keys.size < TOGETHER_MAX) group.push(waiting);
      else left.push(waiting);
      if (!isTwin && keys.size < TOGETHER_MAX) keys.add(waiting.key);
    }
    this.#waiting = left;
    return group;
  }

  async #send(group: readonly Waiting<In, Out>[]): Promise<void> {
    let answers: ReadonlyMap<string, Out> = new Map();
    try {
      answers = await this.#act.many(this.#hub, [...new Map(group.map(({ key, item }) => [key, item])).values()]);
    } catch (error) {
      // Only what Postgres refuses is worth asking one by one. A hub that went away would be met by each, and whether the
      // statement was done nobody knows, so the caller decides; anything else is a bug of ours.
      if (isHubOutage(error) || !isRefusal(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
    }
    for (const { key, item, resolve } of group) {
      const answer = answers.get(key);
      resolve(answer !== undefined ? answer : this.#act.alone(this.#hub, item));
    }
  }
}
