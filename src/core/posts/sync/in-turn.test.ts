/** The order in which files get each other's words. */
import { expect, test } from "bun:test";
import { eachInTurn } from "./in-turn.ts";
import type { PlannedItem } from "./types.ts";

/** Posts by their ids, each with the words that it has and those that its file has; `fixed` ones are not set aside. */
async function carriedOut(posts: Record<string, [has: string, wants: string]>, fixed: readonly string[] = []) {
  const has = new Map(Object.entries(posts).map(([id, [words]]) => [id, words]));
  const order: string[] = [];
  const items = Object.keys(posts).map((postId) => ({ postId, act: { do: "edit", postId } }) as unknown as PlannedItem);
  const done = await eachInTurn(
    items,
    async ({ postId }, { isPending }) => {
      const id = postId ?? "";
      const wants = posts[id]?.[1] ?? "";
      const [other] = [...has].find(([one, words]) => one !== id && words === wants) ?? [];
      if (other !== undefined && isPending(other)) return { waitsFor: other };
      // What is refused is held back.
      has.set(id, other === undefined ? wants : "");
      order.push(id);
      return { id, isRefused: other !== undefined };
    },
    async ({ postId }) => {
      if (fixed.includes(postId ?? "")) return false;
      has.set(postId ?? "", "");
      return true;
    },
  );
  return {
    order,
    refused: done.filter(({ isRefused }) => isRefused).map(({ id }) => id),
    ids: done.map(({ id }) => id),
  };
}

test("what has the words goes first, and the answer keeps the order of the files", async () => {
  const { order, refused, ids } = await carriedOut({ a: ["1", "2"], b: ["2", "3"], c: ["3", "4"] });
  expect([order, refused, ids]).toEqual([["c", "b", "a"], [], ["a", "b", "c"]]);
});

test("a ring is broken at one that can be set aside, two rings at one each", async () => {
  const { refused } = await carriedOut(
    { a: ["1", "2"], b: ["2", "3"], c: ["3", "1"], d: ["4", "5"], e: ["5", "4"], f: ["6", "1"] },
    ["a", "d"],
  );
  expect(refused).toEqual(["f"]);
});

test("a ring of which none can be set aside ends: the first is refused, and the others get their words", async () => {
  const { refused } = await carriedOut({ a: ["1", "2"], b: ["2", "1"] }, ["a", "b"]);
  expect(refused).toEqual(["a"]);
});

test("a long chain takes a step a file", async () => {
  const posts = Object.fromEntries(
    Array.from({ length: 500 }, (_, at) => [`p${at}`, [`${at}`, `${at + 1}`] as [string, string]]),
  );
  const { order, refused } = await carriedOut(posts);
  expect([order.length, refused]).toEqual([500, []]);
});
