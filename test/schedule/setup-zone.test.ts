/** The author's zone at setup: said, with where it came from; asked for where the machine does not say. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home.close());

interface Answer {
  steps: {
    step: string;
    status: string;
    message: string;
    data: { code?: string; timezone?: string; timezoneFrom?: string };
  }[];
}

async function setup(folder: string, args: string[], env: Record<string, string>) {
  const { PSN_TIMEZONE: _, ...without } = home.env;
  const ran = await home.psnProcess(["setup", "--json", ...args], {
    env: { ...without, PSN_CONFIG_DIR: join(home.folder, folder), ...env },
  });
  const [hub] = (ran.json as Answer).steps;
  return { ran, hub };
}

test("scenario 50: setup says which zone it took, from where and how to change it", async () => {
  const { hub } = await setup("one", [], { TZ: "Europe/Paris" });
  expect(hub?.data).toMatchObject({ timezone: "Europe/Paris", timezoneFrom: "the environment variable TZ" });
  expect(hub?.message).toContain("Europe/Paris");
  expect(hub?.message).toContain("psn setup --timezone");
  const again = await setup("one", ["--timezone", "Asia/Tokyo"], { TZ: "Europe/Paris" });
  expect(again.hub?.data).toMatchObject({ timezone: "Asia/Tokyo", timezoneFrom: "--timezone" });
});

test("scenario 50: setup never takes UTC in silence for a zone that it cannot read", async () => {
  for (const TZ of ["Foo", ":/etc/localtime", "CET-1CEST,M3.5.0,M10.5.0/3"]) {
    const { ran, hub } = await setup("two", [], { TZ });
    expect(hub?.status).toBe("failed");
    expect(hub?.data.code).toBe("TIMEZONE_MISSING");
    expect(ran.code).not.toBe(0);
  }
  const { hub } = await setup("two", ["--timezone", "Europe/Rome"], { TZ: "Foo" });
  expect(hub?.data).toMatchObject({ timezone: "Europe/Rome" });
});
