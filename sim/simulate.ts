/** Seeds one after another on one database of a real Postgres, which is emptied in between. */
import { testHub } from "../src/testing/hub.ts";
import { settingHubClock } from "../src/testing/hub-clock.ts";
import { Backends } from "./backends.ts";
import { ENGINE_TABLE } from "./engine.ts";
import { Prng } from "./prng.ts";
import { seedIds, unseedIds } from "./seeded-ids.ts";
import { type Kind, runSeed, type Verdict } from "./world.ts";

/** Deleted rows are swept up by hand, or the tables would grow all the time. */
const VACUUM_EVERY = 100;

/** Runs `seeds` seeds from `start` on. With `stopAtBreach` the first that fails is the last. */
export async function simulate(
  options: { start: number; seeds: number; stopAtBreach?: boolean } & Kind,
  onVerdict: (verdict: Verdict) => void = () => {},
): Promise<Verdict[]> {
  const databases: Database[] = [];
  const open = async () => {
    const database = await openDatabase();
    databases.push(database);
    return database.backends;
  };
  const first = await open();
  let second: Promise<Backends> | null = null;
  const verdicts: Verdict[] = [];
  try {
    for (let seed = options.start; seed < options.start + options.seeds; seed++) {
      seedIds(new Prng(`ids ${seed}`));
      const verdict = await runSeed(seed, options, {
        first,
        second: () => {
          second ??= open();
          return second;
        },
      });
      verdicts.push(options.seeds === 1 ? verdict : { ...verdict, log: [] });
      onVerdict(verdict);
      if (verdict.breach && options.stopAtBreach) break;
      if (seed % VACUUM_EVERY !== 0) continue;
      for (const { backends } of databases)
        await backends.control.query("vacuum psn.posts, psn.publish_attempts, psn.post_events, psn_sim.jobs");
    }
  } finally {
    unseedIds();
    for (const { backends } of databases) await backends.close();
    for (const { drop } of databases) await drop();
  }
  return verdicts;
}

// --- internal ---

interface Database {
  backends: Backends;
  drop(): Promise<void>;
}

async function openDatabase(): Promise<Database> {
  const { hub, url, drop } = await testHub({ max: 1 });
  const backends = await Backends.open(url);
  await settingHubClock(backends.control);
  await backends.control.query(ENGINE_TABLE);
  return {
    backends,
    async drop() {
      await hub.pool.query("select 1");
      await drop();
    },
  };
}
