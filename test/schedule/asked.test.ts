/** At a terminal a time with several readings is a question, and so is a zone that the machine does not say. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";

const TEST_MS_MAX = 240_000;
const SIZE = { columns: 110, rows: 40 };
let home: TestHome;

describe.skipIf(!hasTmux)("questions about times", () => {
  beforeAll(async () => {
    home = await testHome();
  });
  afterAll(() => home?.close());

  test(
    "scenario 50: a bare hour is asked about at a terminal, and the chosen reading is taken",
    async () => {
      const screen = await Screen.start(home, `${psn} when "tomorrow at 5" --from 2026-03-11T09:30:00Z`, SIZE);
      try {
        await screen.hasShown(/meant\?[\s\S]*Thu 2026-03-12 05:00[\s\S]*Thu 2026-03-12 17:00/);
        await screen.keys("2");
        const taken = /(\S+ \S+ \S+ Europe\/Berlin) {2}2026[\s\S]*ended with 0/;
        expect(taken.exec(await screen.hasShown(taken))?.[1]).toBe("Thu 2026-03-12 17:00 Europe/Berlin");
      } finally {
        await screen.close();
      }
      const left = await Screen.start(home, `${psn} when "tomorrow at 5"`, SIZE);
      try {
        await left.shows("meant?");
        await left.keys("C-c");
        await left.shows(/ended with [1-9]/);
      } finally {
        await left.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 50: setup asks for the zone where TZ does not say it",
    async () => {
      const env = { PSN_TIMEZONE: undefined, TZ: ":/etc/localtime", PSN_CONFIG_DIR: join(home.folder, "fresh") };
      const screen = await Screen.start(home, `${psn} setup`, SIZE, env);
      try {
        await screen.shows("In which time zone do you live");
        await screen.type("europe/rome");
        await screen.shows("europe/rome");
        await screen.keys("Enter");
        await screen.shows(/Times are read in\s+Europe\/Rome/);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );
});
