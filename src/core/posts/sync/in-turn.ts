/**
 * The order in which a plan is carried out. A file may take the words of another one, which gets others in the same plan: the other goes
 * first. Where each of several waits for the next one, all round, one of them is set aside before it gets its own.
 */
import type { PlannedItem } from "./types.ts";

/** What must go first: the post whose words these are. */
export interface Waits {
  waitsFor: string;
}

export interface Turn {
  /** Whether the post gets other words in this plan, and may be waited for. */
  isPending(postId: string): boolean;
  /** Its post waits for no time and is not approved, so that others may take its words. */
  isAside: boolean;
}

/**
 * Each item once, by `run`, which answers with what it waits for or with what became of it.
 * @param setAside takes a post's approval, whose words another one takes; false where that cannot be
 * @returns what became of each, in the order of the items
 */
export async function eachInTurn<Done extends object>(
  items: readonly PlannedItem[],
  run: (item: PlannedItem, turn: Turn) => Promise<Done | Waits>,
  setAside: (item: PlannedItem) => Promise<boolean>,
): Promise<Done[]> {
  const done = new Map<PlannedItem, Done>();
  const aside = new Set<PlannedItem>();
  /** Nothing waits for these any more. */
  const stuck = new Set<PlannedItem>();
  const edits = items.flatMap((item) => (item.act?.do === "edit" ? [[item.act.postId, item] as const] : []));
  const byPost = new Map(edits);

  /** The item, and before it what it waits for. */
  async function go(first: PlannedItem): Promise<void> {
    const chain = [first];
    for (let item = chain.at(-1); item !== undefined; item = chain.at(-1)) {
      const isFree = (other: PlannedItem | undefined) =>
        other !== undefined && other !== item && !done.has(other) && !stuck.has(other);
      const became = await run(item, {
        isPending: (postId) => isFree(byPost.get(postId)),
        isAside: aside.has(item),
      });
      const other = "waitsFor" in became ? byPost.get(became.waitsFor) : undefined;
      if (!("waitsFor" in became) || other === undefined) {
        done.set(item, became as Done);
        chain.pop();
      } else if (chain.includes(other)) return await breakRing(chain.slice(chain.indexOf(other)));
      else chain.push(other);
    }
  }

  async function breakRing(ring: readonly PlannedItem[]): Promise<void> {
    for (const one of ring) {
      if (aside.has(one) || !(await setAside(one))) continue;
      aside.add(one);
      return;
    }
    for (const one of ring) stuck.add(one);
  }

  for (const item of items) while (!done.has(item)) await go(item);
  return items.flatMap((item) => done.get(item) ?? []);
}
