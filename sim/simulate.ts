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
  const { hub, url, drop } = await testHub({ max: 1 });
  const backends = await Backends.open(url);
  await settingHubClock(backends.control);
  await backends.control.query(ENGINE_TABLE);
  const verdicts: Verdict[] = [];
  try {
    for (let seed = options.start; seed < options.start + options.seeds; seed++) {
      seedIds(new Prng(`ids ${seed}`));
      const verdict = await runSeed(seed, options, backends);
      verdicts.push(options.seeds === 1 ? verdict : { ...verdict, log: [] });
      onVerdict(verdict);
      if (verdict.breach && options.stopAtBreach) break;
      if (seed % VACUUM_EVERY === 0)
        await backends.control.query("vacuum psn.posts, psn.publish_attempts, psn.post_events, psn_sim.jobs");
    }
  } finally {
    unseedIds();
    await backends.close();
    await hub.pool.query("select 1");
    await drop();
  }
  return verdicts;
}
