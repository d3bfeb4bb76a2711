/** `psn when`: how a time is read, as a person or an agent asks for it. Needs no hub. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../src/core/utils/env.ts";
import { runPsn } from "../../src/testing/cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-when-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const when = (args: string[], env: Env = {}) =>
  runPsn(["when", ...args, "--json"], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, PSN_CONFIG_DIR: join(folder, "config"), ...env },
  });
const IN_BERLIN = ["--timezone", "Europe/Berlin", "--from", "2026-11-27T10:30:00Z"];

test("scenario 47: psn when answers with the zone's offset, its wall clock and UTC", async () => {
  const { code, json } = await when(["tonight at midnight", ...IN_BERLIN]);
  expect(json).toEqual({
    outcome: "ok",
    at: "2026-11-28T00:00+01:00",
    local: "2026-11-28T00:00",
    zone: "Europe/Berlin",
    utc: "2026-11-27T23:00:00.000Z",
  });
  expect(code).toBe(0);
});

test("scenario 48: several readings are refused for an agent, each as a time that can be pasted", async () => {
  const { code, json } = await when([
    "next monday 18:30",
    "--timezone",
    "Europe/Berlin",
    "--from",
    "2026-11-29T10:30:00Z",
  ]);
  const { error } = json as { error: { code: string; details?: object; readings: { at: string; local: string }[] } };
  expect(error.code).toBe("TIME_AMBIGUOUS");
  // Once in the answer.
  expect(error.details ?? {}).not.toHaveProperty("readings");
  expect(code).not.toBe(0);
  expect(error.readings.length).toBe(2);
  for (const { at, local } of error.readings) {
    const again = await when([at, ...IN_BERLIN]);
    expect((again.json as { local: string }).local.replace("T", " ")).toBe(local.slice(4));
  }
});

test("scenario 27: the hour that clocks skip or show twice comes with both instants as readings", async () => {
  const zone = ["--timezone", "Europe/Berlin"];
  const gap = (await when(["2027-03-28 02:30", ...zone, "--from", "2026-12-01T10:00:00Z"])).json as never as {
    error: { code: string; readings: { at: string }[] };
  };
  expect(gap.error.code).toBe("TIME_IN_GAP");
  expect(gap.error.readings.map(({ at }) => at)).toEqual(["2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"]);
  const twice = (await when(["2027-10-31 02:30", ...zone, "--from", "2026-12-01T10:00:00Z"])).json as typeof gap;
  expect(twice.error.code).toBe("TIME_AMBIGUOUS");
  expect(twice.error.readings.map(({ at }) => at)).toEqual(["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"]);
  const later = await when(["2027-10-31 02:30", ...zone, "--later", "--from", "2026-12-01T10:00:00Z"]);
  expect((later.json as { at: string }).at).toBe("2027-10-31T02:30+01:00");
});

test("scenario 50: a machine's zone that cannot be read is asked for, and is never UTC in silence", async () => {
  for (const TZ of ["Foo", ":/etc/localtime", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT4", "PST", "../../etc/passwd"]) {
    const { error } = (await when(["tomorrow 9am"], { TZ })).json as { error: { code: string; hint: string } };
    expect(error?.code, TZ).toBe("TIMEZONE_MISSING");
    expect(error.hint).toContain("--timezone");
  }
  for (const TZ of ["Europe/Paris", ":Europe/Paris", ":/usr/share/zoneinfo/Europe/Paris"]) {
    expect((await when(["tomorrow 9am"], { TZ })).json).toMatchObject({ zone: "Europe/Paris" });
  }
  expect((await when(["tomorrow 9am"], { TZ: "Foo", PSN_TIMEZONE: "Asia/Tokyo" })).json).toMatchObject({
    zone: "Asia/Tokyo",
  });
});
