/**
 * A hub that is put back from a backup: all that was written since is gone, and X holds what was sent. The machine is off in
 * between, as it is when a person puts a backup back.
 */
import type { TimedEvent } from "./extras.ts";
import type { HubServer } from "./hub.ts";
import { copyTables, putTablesBack } from "./hub-admin.ts";
import type { Population } from "./population.ts";
import { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import { HALF_RESTORED, type Sometimes } from "./sometimes.ts";
import type { WorldPlan } from "./world-plan.ts";

/** Longer than a request is on its way and than a silence by which it is known that nobody was there. */
const OFF_MS = 200_000;

/** Trigger.dev's runs are not part of a backup; a timeline that lags longer than the machine is off would show nothing. */
export function canBeRestored({ engineName, handsOver, settings }: WorldPlan): boolean {
  const lagMs = (settings.timelineLagMs ?? 0) + (settings.timelineLagJitterMs ?? 0);
  return engineName === "embedded" && handsOver.length === 0 && lagMs < OFF_MS;
}

/** When the copy is made, and when it is put back. */
export function restoredEvents(backup: Backup, seed: number, lastsMs: number): TimedEvent[] {
  const prng = new Prng(`restored ${seed}`);
  const copiedMs = prng.int(0, Math.floor(lastsMs * 0.6));
  return [
    { atMs: copiedMs, act: () => backup.copy() },
    { atMs: prng.int(copiedMs + 1, lastsMs), act: () => backup.putBack() },
  ];
}

export class Backup {
  readonly #server: HubServer;
  readonly #scheduler: Scheduler;
  readonly #population: Population;
  readonly #sometimes: Sometimes;
  #isMade = false;

  constructor(server: HubServer, scheduler: Scheduler, population: Population, sometimes: Sometimes) {
    this.#server = server;
    this.#scheduler = scheduler;
    this.#population = population;
    this.#sometimes = sometimes;
  }

  /** Only when the author is done: what they were promised later the backup could not keep. */
  async copy(): Promise<void> {
    if (!this.#population.isAuthorDone) return;
    this.#isMade = true;
    this.#scheduler.note("hub", "is COPIED");
    await copyTables(this.#server);
  }

  async putBack(): Promise<void> {
    if (!this.#isMade) return;
    this.#scheduler.note("hub", "is PUT BACK");
    await this.#population.goOff("the hub is put back", OFF_MS);
    await this.#server.abandonAll();
    const sent = await this.#sentCounts();
    await putTablesBack(this.#server);
    const known = await this.#sentCounts();
    const isHalf = [...known].some(([id, { count, all }]) => {
      const was = sent.get(id)?.count ?? 0;
      return was > count && was > 0 && count < all;
    });
    if (isHalf) this.#sometimes.reach(HALF_RESTORED);
  }

  // --- internal ---

  /** Of each thread: how many of its tweets have an id. */
  async #sentCounts(): Promise<Map<string, { count: number; all: number }>> {
    const { rows } = await this.#server.look(
      "select coalesce(parent_post_id, id) as id, count(external_post_id)::int as count, count(*)::int as all from psn.posts group by 1",
    );
    return new Map(rows.map(({ id, count, all }) => [id, { count, all }]));
  }
}
