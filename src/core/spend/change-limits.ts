/** Limits are set and taken away; what waited for them is judged anew. */
import { sql } from "drizzle-orm";
import type { Hub } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import { approvalMode } from "../post/approval-mode.ts";
import { releasePosts } from "../post/release.ts";
import { type Limit, type LimitKey, lockAllLimits, removeLimits, writeLimits } from "./limits.ts";

export interface LimitChange {
  set?: readonly Limit[];
  remove?: readonly LimitKey[];
  /** By whose clock the days of those that are set begin. */
  zone: string;
  /** A person has said that more may be spent. */
  mayLoosen?: boolean;
}

/**
 * In one transaction. Posts that wait for a limit go on, of each account one after another, and are held against the limits again.
 * Where only a person approves, only a person lets more be spent: raises a limit, takes one away, or sets one whose days began by another
 * clock, which may leave what was used in a day that is over.
 * @returns how many limits were taken away, and how many posts go on
 * @throws PsnError APPROVAL_NEEDED
 */
export async function changeLimits(
  hub: Hub,
  engine: Engine,
  { set = [], remove = [], zone, mayLoosen = false }: LimitChange,
): Promise<{ removed: number; resumed: number }> {
  const { removed, released } = await hub.db.transaction(async (tx) => {
    // The limits before the posts, as a worker takes them.
    const before = await lockAllLimits(tx);
    const moved = before.find((one) => one.zone !== zone && set.some((limit) => isSameKey(one, limit)));
    if (!mayLoosen && (moved || isLooser(before, { set, remove })) && (await approvalMode(tx, hub)) === "person")
      throw needsPerson(moved?.zone);
    const gone = await removeLimits(tx, remove);
    await writeLimits(tx, set, zone);
    return {
      removed: gone,
      released: await releasePosts(tx, engine, sql`sub_status = 'over_cap'`, "The caps were changed."),
    };
  });
  for (const postId of released) await engine.reconcile(hub, postId);
  return { removed, resumed: released.length };
}

// --- internal ---

function isLooser(
  before: readonly Limit[],
  { set, remove }: { set: readonly Limit[]; remove: readonly LimitKey[] },
): boolean {
  const amountOf = (key: LimitKey) => before.find((one) => isSameKey(one, key))?.amount;
  const isRaised = (limit: Limit) => (amountOf(limit) ?? Number.POSITIVE_INFINITY) < limit.amount;
  return set.some(isRaised) || remove.some((key) => amountOf(key) !== undefined);
}

const isSameKey = (one: LimitKey, other: LimitKey) =>
  one.accountId === other.accountId && one.period === other.period && one.unit === other.unit;

/** @param keptZone of a limit that is set anew, where another was given */
function needsPerson(keptZone?: string): PsnError {
  const clock = keptZone ? ` The days of that cap begin by the clock of ${keptZone}; only a person changes that.` : "";
  return new PsnError("APPROVAL_NEEDED", `Only a person at a terminal can let more be spent.${clock}`, {
    hint: "The person gives the same command at a terminal.",
    next: ["psn limits show"],
    details: { needsPerson: true },
  });
}
