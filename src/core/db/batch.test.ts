/** What callers notice of going together: answers of their own, whatever happens to the others. */
import { expect, test } from "bun:test";
import { type Together, together } from "./batch.ts";
import type { Hub } from "./connection.ts";

const HUB = {} as Hub;

/** An act on numbers that notes each statement; `hold` lets a test keep statements under way. */
function numbers(more: Partial<Together<number, string>> = {}) {
  const statements: (number[] | "alone")[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const act = together<number, string>({
    key: (item) => String(item),
    many: async (_hub, items) => {
      statements.push([...items]);
      await gate;
      return new Map(items.map((item) => [String(item), `many ${item}`]));
    },
    alone: async (_hub, item) => {
      statements.push("alone");
      return `alone ${item}`;
    },
    ...more,
  });
  return { act: (item: number) => act(HUB, item), statements, open };
}

test("calls of one turn are one statement, and each gets its own answer", async () => {
  const { act, statements, open } = numbers();
  open();
  expect(await Promise.all([act(1), act(2), act(3)])).toEqual(["many 1", "many 2", "many 3"]);
  expect(statements).toEqual([[1, 2, 3]]);
});

test("calls that come while statements are under way go together afterwards", async () => {
  const { act, statements, open } = numbers();
  const answers: Promise<string>[] = [];
  for (let item = 0; item < 10; item++) {
    answers.push(act(item));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const underWay = statements.length;
  expect(underWay).toBeLessThan(4);
  open();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 10 }, (_, item) => `many ${item}`));
  expect(statements.length).toBe(underWay + 1);
});

test("no statement grows without bound", async () => {
  const { act, statements, open } = numbers();
  open();
  await Promise.all(Array.from({ length: 1_000 }, (_, item) => act(item)));
  for (const items of statements) expect(items.length).toBeLessThanOrEqual(128);
  expect(statements.flat()).toHaveLength(1_000);
});

test("two of one key are never in one statement, unless the answer may be shared", async () => {
  const apart = numbers();
  apart.open();
  await Promise.all([apart.act(7), apart.act(7), apart.act(8)]);
  expect(apart.statements).toEqual([[7, 8], [7]]);
  const shared = numbers({ isShared: true });
  shared.open();
  expect(await Promise.all([shared.act(7), shared.act(7), shared.act(8)])).toEqual(["many 7", "many 7", "many 8"]);
  expect(shared.statements).toEqual([[7, 8]]);
});

test("what a statement leaves out goes alone", async () => {
  const { act } = numbers({
    many: async (_hub, items) => new Map(items.filter((n) => n !== 2).map((n) => [`${n}`, "many"])),
  });
  expect(await Promise.all([act(1), act(2), act(3)])).toEqual(["many", "alone 2", "many"]);
});

test("one item that breaks the statement does not break the others", async () => {
  const { act } = numbers({
    many: async () => {
      throw Object.assign(new Error("duplicate key"), { code: "23505" });
    },
    alone: async (_hub, item) => {
      if (item === 2) throw new Error("two is bad");
      return `alone ${item}`;
    },
  });
  const [one, two, three] = await Promise.allSettled([act(1), act(2), act(3)]);
  expect(one).toMatchObject({ value: "alone 1" });
  expect(two).toMatchObject({ reason: { message: "two is bad" } });
  expect(three).toMatchObject({ value: "alone 3" });
});

test("a bug in the statement's own code is not taken for the hub's word", async () => {
  const { act, statements } = numbers({
    many: async () => {
      throw new TypeError("not a function");
    },
  });
  await expect(act(1)).rejects.toThrow("not a function");
  expect(statements).toEqual([]);
});

test("a hub that goes away is told to every caller, and none asks again by itself", async () => {
  const { act, statements } = numbers({
    many: async () => {
      throw new Error("Connection terminated unexpectedly");
    },
  });
  for (const settled of await Promise.allSettled([act(1), act(2)])) expect(settled.status).toBe("rejected");
  expect(statements).toEqual([]);
  // And the way is free again afterwards.
  for (const settled of await Promise.allSettled([act(3)])) expect(settled.status).toBe("rejected");
});
