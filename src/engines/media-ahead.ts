/** Media before their posts' times, a few posts at once, until the worker stops. What is begun is awaited at the end. */
import type { AheadResult } from "../core/publish/ahead/ahead.ts";
import { prepareAhead } from "../core/publish/ahead/ahead.ts";
import { mediaDue } from "../core/publish/ahead/due.ts";
import type { PublishDeps } from "../core/publish/deps.ts";

/** How often it is asked for more; a post that is due within a minute is found in time. */
export const AHEAD_MS = 10_000;
/** One line is shared by all of them. */
const AT_ONCE_MAX = 3;

export interface MediaAhead {
  /** Begins what should be begun now, and does not wait for it. */
  begin(): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** @param tell gets what came of each post */
export function mediaAhead(
  deps: PublishDeps,
  signal: AbortSignal,
  tell: (result: AheadResult) => void,
  onError: (error: unknown) => void,
): MediaAhead {
  const inFlight = new Map<string, Promise<void>>();
  return {
    async begin() {
      for (const postId of await mediaDue(deps.hub)) {
        if (signal.aborted || inFlight.size >= AT_ONCE_MAX) return;
        if (inFlight.has(postId)) continue;
        const job = prepareAhead(deps, postId, { signal })
          .then(tell, onError)
          .finally(() => inFlight.delete(postId));
        inFlight.set(postId, job);
      }
    },
    async settled() {
      await Promise.all(inFlight.values());
    },
  };
}
