import { expect, test } from "bun:test";
import { Nonces } from "./approval.ts";

const SHOWN = { contentHash: "h", contentVersion: 1, step: { kind: "ask" } } as const;

test("a nonce is good once, for a quarter of an hour, and nobody can make one up", () => {
  let now = Date.parse("2026-11-28T09:00:00Z");
  const nonces = new Nonces(() => new Date(now));
  const nonce = nonces.issue(SHOWN);
  expect(nonces.take(nonce)).toMatchObject(SHOWN);
  expect(() => nonces.take(nonce)).toThrow("used already");
  const old = nonces.issue(SHOWN);
  now += 15 * 60_000;
  expect(() => nonces.take(old)).toThrow("quarter of an hour");
  expect(() => nonces.take("")).toThrow("Nothing was approved");
});

test("however many pages are shown, the oldest forms are forgotten first", () => {
  const nonces = new Nonces(() => new Date(0));
  const all = Array.from({ length: 501 }, () => nonces.issue(SHOWN));
  expect(() => nonces.take(all[0] ?? "")).toThrow();
  expect(nonces.take(all[1] ?? "")).toMatchObject(SHOWN);
});
