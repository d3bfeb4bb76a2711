/** A terminal that is closed in the middle of a question ends the command: it neither waits for an answer nor turns in a circle. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { isAlive } from "../../src/testing/processes.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { until } from "../../src/testing/wait.ts";

const TEST_MS_MAX = 240_000;
let home: TestHome;

describe.skipIf(!hasTmux)("a terminal that is closed", () => {
  beforeAll(async () => {
    home = await testHome();
  });
  afterAll(() => home?.close());

  test(
    "setup ends when its terminal is closed while it asks",
    async () => {
      const env = { PSN_TIMEZONE: undefined, TZ: ":/etc/localtime", PSN_CONFIG_DIR: join(home.folder, "fresh") };
      const screen = await Screen.start(home, `sh -c 'echo $$ > pid; exec ${psn} setup'`, undefined, env);
      try {
        await screen.shows("In which time zone");
        const pid = Number(await Bun.file(join(home.folder, "pid")).text());
        expect(isAlive(pid)).toBe(true);
        await screen.close();
        await until(() => !isAlive(pid));
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );
});
