/** What the watchdog does on Trigger.dev, every minute. The task itself is a few lines around this. */
import type { Engine } from "../core/engine.ts";
import { lookLate } from "../core/publish/late-look.ts";
import type { PublishDeps } from "../core/publish/publish.ts";
import { sweep } from "../core/publish/watchdog.ts";
import { reconcile } from "./trigger.ts";

/** Each is a read of X's timeline; those beyond wait for the next minute. */
const LOOKS_MAX = 50;

export interface Watched {
  abandoned: number;
  overdue: number;
  settled: number;
  looked: number;
}

/**
 * Hands over again what nobody looks after, tells Trigger.dev what it has not heard of, and looks for tweets of posts
 * that are not going out any more: those want no run, so none would look.
 * @throws the first error of the looks, when all have been made
 */
export async function watchOver(deps: PublishDeps, engine: Engine): Promise<Watched> {
  const { abandoned, overdue, unsettled } = await sweep(deps.hub, engine);
  const settled = await reconcile(deps.hub, engine);
  const errors: unknown[] = [];
  const wanted = unsettled.slice(0, LOOKS_MAX);
  for (const postId of wanted) await lookLate(deps, postId).catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
  return { abandoned, overdue, settled, looked: wanted.length };
}
