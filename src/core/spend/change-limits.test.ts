/** Where only a person approves, only a person lets more be spent; whether more may be is judged and written at once. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { testHub } from "../../testing/hub.ts";
import type { Engine } from "../engine.ts";
import { setApprovalMode } from "../post/approval-mode.ts";
import { changeLimits } from "./change-limits.ts";
import { type Limit, limitStates } from "./limits.ts";

let stage: Awaited<ReturnType<typeof testHub>>;
beforeAll(async () => {
  stage = await testHub();
});
beforeEach(async () => {
  await stage.hub.pool.query("truncate psn.spend_limits");
  await setApprovalMode(stage.hub, "person");
});
afterAll(() => stage.drop());

const engine = { reconcile: async () => {} } as unknown as Engine;
const aDay = (dollars: number): Limit => ({
  accountId: null,
  period: "day",
  unit: "micros",
  amount: dollars * 1_000_000,
});
const change = (given: Partial<Parameters<typeof changeLimits>[2]>) =>
  changeLimits(stage.hub, engine, { zone: "UTC", ...given });
const amounts = async () =>
  (await limitStates(stage.hub.db, { accountId: null, isSandbox: false })).map(({ amount }) => amount / 1_000_000);
const NEEDED = { code: "APPROVAL_NEEDED", details: { needsPerson: true } };

test("a lower limit is anybody's; a higher one, and none, a person's", async () => {
  await change({ set: [aDay(5)] });
  await change({ set: [aDay(2)] });
  await expect(change({ set: [aDay(3)] })).rejects.toMatchObject(NEEDED);
  await expect(change({ remove: [aDay(0)] })).rejects.toMatchObject(NEEDED);
  expect(await amounts()).toEqual([2]);
  await change({ set: [aDay(3)], mayLoosen: true });
  expect(await amounts()).toEqual([3]);
  // What is not there is taken away by anybody.
  await change({ remove: [{ accountId: null, period: "month", unit: "posts" }] });
  await setApprovalMode(stage.hub, "agent");
  await change({ remove: [aDay(0)] });
  expect(await amounts()).toEqual([]);
});

test("by whose clock the days of a limit begin is a person's to change, with the same amount and a lower one; other limits keep their clock", async () => {
  const zones = async () =>
    (await limitStates(stage.hub.db, { accountId: null, isSandbox: false })).map(({ zone }) => zone);
  await change({ set: [aDay(5)] });
  const elsewhere = { zone: "Etc/GMT+12" };
  const kept = { ...NEEDED, message: expect.stringContaining("by the clock of UTC") };
  await expect(change({ ...elsewhere, set: [aDay(5)] })).rejects.toMatchObject(kept);
  await expect(change({ ...elsewhere, set: [aDay(2)] })).rejects.toMatchObject(kept);
  await change({ ...elsewhere, set: [{ ...aDay(2), period: "month" }] });
  await change({ ...elsewhere, remove: [{ accountId: null, period: "month", unit: "posts" }] });
  expect(await zones()).toEqual(["UTC", "Etc/GMT+12"]);
  await change({ ...elsewhere, set: [aDay(5)], mayLoosen: true });
  await change({ set: [{ ...aDay(2), period: "month" }], mayLoosen: true });
  expect(await zones()).toEqual(["Etc/GMT+12", "UTC"]);
});

test("set by many at once, where there was none, the lowest stays", async () => {
  for (let round = 0; round < 5; round++) {
    await stage.hub.pool.query("truncate psn.spend_limits");
    const results = await Promise.allSettled([4, 1, 6, 2, 5, 3].map((dollars) => change({ set: [aDay(dollars)] })));
    expect(await amounts()).toEqual([1]);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject(NEEDED);
  }
});
