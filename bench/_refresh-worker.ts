/** A process of `bench/refresh`: the keeper's cron, or the bare loop over the refresh tokens it is given on stdin. */
import { createInterface } from "node:readline";
import { wallClock } from "../src/core/clock.ts";
import { createHubConnection } from "../src/core/db/connection.ts";
import { refreshDue } from "../src/core/tokens/keeper.ts";
import { keyFromHex } from "../src/core/utils/crypto.ts";
import { platformAt } from "../src/testing/sandbox.ts";

const { MODE, HUB_URL = "", X_URL = "", KEY = "", CONCURRENCY = "4" } = process.env;
const concurrency = Number(CONCURRENCY);
const platform = platformAt(X_URL);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (text: string) => process.stdout.write(`${text}\n`);
/** Each line asks for one turn. */
const turns = async (turn: (line: string) => Promise<number>) => {
  say("ready");
  for (;;) {
    const { value, done } = await lines.next();
    if (done || value === "") return;
    say(String(await turn(value)));
  }
};

if (MODE === "bare") {
  await turns(async (line) => {
    const tokens = (JSON.parse(line) as string[]).values();
    let answered = 0;
    const loop = async () => {
      for (const token of tokens) if ((await platform.refresh(token)).kind === "refreshed") answered++;
    };
    await Promise.all(Array.from({ length: concurrency }, loop));
    return answered;
  });
} else {
  const hub = await createHubConnection({ databaseUrl: HUB_URL, dataDir: "" });
  await hub.lockDb.execute("select 1");
  const deps = { hub, platform, keyRing: [keyFromHex(KEY)], clock: wallClock };
  await turns(async () => (await refreshDue(deps, { concurrency })).refreshed);
  await hub.close();
}
process.exit(0);
