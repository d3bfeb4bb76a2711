/** What callers notice of going in batches: answers of their own, whatever happens to the others. */
import { expect, test } from "bun:test";
import { type Batch, type BatchRun, batched } from "./batch.ts";
import type { Hub } from "./connection.ts";

const HUB = {} as Hub;

/** Work on numbers that notes each batch; the batches stay in flight until the test opens the gate. */
function numbers(run: Batch<number, string>["run"] | null = null, more: Partial<Batch<number, string>> = {}) {
  const batches: { items: number[]; how: BatchRun }[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const act = batched<number, string>({
    key: (item) => String(item),
    run: async (hub, items, how) => {
      batches.push({ items: [...items], how });
      if (run) return await run(hub, items, how);
      await gate;
      return answersTo(items);
    },
    leftOut: (item) => `nothing for ${item}`,
    ...more,
  });
  return { act: (item: number) => act(HUB, item), batches, items: () => batches.map(({ items }) => items), open };
}

const answersTo = (items: readonly number[]) => new Map(items.map((item) => [String(item), `answer ${item}`]));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const refusal = () => Object.assign(new Error("duplicate key"), { code: "23505" });

test("calls of one turn are one batch, and each gets its own answer", async () => {
  const { act, items, open } = numbers();
  open();
  expect(await Promise.all([act(1), act(2), act(3)])).toEqual(["answer 1", "answer 2", "answer 3"]);
  expect(items()).toEqual([[1, 2, 3]]);
});

test("calls that come while every lane is busy go in one batch afterwards", async () => {
  const { act, items, open } = numbers();
  const answers: Promise<string>[] = [];
  for (let item = 0; item < 10; item++) {
    answers.push(act(item));
    await turn();
  }
  expect(items()).toEqual([[0], [1]]);
  open();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 10 }, (_, item) => `answer ${item}`));
  expect(items()).toEqual([[0], [1], [2, 3, 4, 5, 6, 7, 8, 9]]);
});

test("a batch that hangs leaves the others a lane, and is waited for some seconds at most", async () => {
  const { act, batches } = numbers(async (_hub, items) =>
    items.includes(13) ? await new Promise<never>(() => {}) : answersTo(items),
  );
  void act(13);
  await turn();
  for (const item of [1, 2, 3]) expect(await act(item)).toBe(`answer ${item}`);
  for (const { how } of batches) {
    expect(how.waits).toBe(false);
    expect(how.timeoutMs).toBeLessThan(10_000);
  }
});

test("no batch grows without bound", async () => {
  const { act, items, open } = numbers();
  open();
  await Promise.all(Array.from({ length: 1_000 }, (_, item) => act(item)));
  for (const batch of items()) expect(batch.length).toBeLessThanOrEqual(128);
  expect(items().flat()).toHaveLength(1_000);
});

test("two of one key are never in one batch, unless the answer may be shared", async () => {
  const apart = numbers();
  apart.open();
  await Promise.all([apart.act(7), apart.act(7), apart.act(8)]);
  expect(apart.items()).toEqual([[7, 8], [7]]);
  const shared = numbers(null, { isShared: true });
  shared.open();
  expect(await Promise.all([shared.act(7), shared.act(7), shared.act(8)])).toEqual([
    "answer 7",
    "answer 7",
    "answer 8",
  ]);
  expect(shared.items()).toEqual([[7, 8]]);
});

test("what a batch leaves out is run again by itself, and waits for its row", async () => {
  const { act, batches } = numbers(async (_hub, items, { waits }) => answersTo(items.filter((n) => n !== 2 || waits)));
  expect(await Promise.all([act(1), act(2), act(3)])).toEqual(["answer 1", "answer 2", "answer 3"]);
  expect(batches.map(({ items, how }) => ({ items, waits: how.waits }))).toEqual([
    { items: [1, 2, 3], waits: false },
    { items: [2], waits: true },
  ]);
});

test("what is left out even then has an answer of its own", async () => {
  const { act } = numbers(async (_hub, items) => answersTo(items.filter((n) => n !== 2)));
  expect(await Promise.all([act(1), act(2)])).toEqual(["answer 1", "nothing for 2"]);
});

test("one that waits for its row keeps no lane from the others", async () => {
  const { act } = numbers(async (_hub, items, { waits }) => {
    if (waits) await new Promise<never>(() => {});
    return answersTo(items.filter((n) => n < 100));
  });
  for (const locked of [100, 101, 102, 103]) void act(locked);
  await turn();
  for (const item of [1, 2, 3]) expect(await act(item)).toBe(`answer ${item}`);
});

test("one item that Postgres refuses does not break the others", async () => {
  const { act } = numbers(async (_hub, items) => {
    if (items.length > 1) throw refusal();
    if (items[0] === 2) throw new Error("two is bad");
    return answersTo(items);
  });
  const [one, two, three] = await Promise.allSettled([act(1), act(2), act(3)]);
  expect(one).toMatchObject({ value: "answer 1" });
  expect(two).toMatchObject({ reason: { message: "two is bad" } });
  expect(three).toMatchObject({ value: "answer 3" });
});

test("a bug in the work's own code is not taken for the hub's word", async () => {
  const { act, items } = numbers(async () => {
    throw new TypeError("not a function");
  });
  await expect(act(1)).rejects.toThrow("not a function");
  expect(items()).toEqual([[1]]);
});

test("every caller hears of a hub that goes away, and none asks again by itself", async () => {
  const { act, items } = numbers(async () => {
    throw new Error("Connection terminated unexpectedly");
  });
  for (const settled of await Promise.allSettled([act(1), act(2)])) expect(settled.status).toBe("rejected");
  expect(items()).toEqual([[1, 2]]);
  // And the lane is free again afterwards.
  for (const settled of await Promise.allSettled([act(3)])) expect(settled.status).toBe("rejected");
});
