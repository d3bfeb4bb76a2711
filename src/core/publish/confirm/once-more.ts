/**
 * A request without an answer was given up after five minutes of looking, and then the tweet had to wait: for a limit, a hold, a
 * sign-in. X's timeline may have been slower than the looks, and X's own check for duplicates forgets after an hour. So it is
 * looked for once more before it is sent again.
 */
import type { RunTweet } from "../../post/rows.ts";
import { noteLook } from "../attempts/attempts.ts";
import type { GivenUpAttempt } from "../attempts/past.ts";
import { LOOKS_AFTER_MS } from "../decide/backoff.ts";
import type { PublishResult } from "../deps.ts";
import { refreshRefused, waitForToken } from "../finish.ts";
import { labelOf, type Run } from "../run.ts";
import { waitToCompare } from "./look-back.ts";
import { lookForTweet, readOwnTwice } from "./look-up.ts";

/** A look that is younger than this is believed: so long it took until the request was given up. */
const BELIEVED_MS = LOOKS_AFTER_MS.at(-1) ?? 0;

/**
 * @param givenUp the latest request of this very tweet that was given up; null where there is none
 * @returns the run's end; or the id under which the tweet stands on X; or null: it is not there, and is to be sent
 */
export async function lookOnceMore(
  run: Run,
  tweet: RunTweet,
  givenUp: GivenUpAttempt | null,
): Promise<{ ended: PublishResult } | { externalPostId: string } | null> {
  if (!givenUp || (givenUp.sinceLookMs ?? 0) <= BELIEVED_MS) return null;
  const { deps, root } = run;
  const seen = await lookForTweet(deps, tweet, givenUp, readOwnTwice);
  switch (seen.kind) {
    case "seen":
      if (seen.verdict.kind === "found") return { externalPostId: seen.verdict.post.id };
      await noteLook(deps.hub, givenUp.id);
      return null;
    case "no_token":
      return { ended: await waitForToken(run, seen.answer) };
    case "token_refused": {
      const ended = await refreshRefused(run, seen.version);
      return ended ? { ended } : await lookOnceMore(run, tweet, givenUp);
    }
  }
  // Who said `psn post retry` since, or that it is not on X, has looked.
  if (root.approvedAt && givenUp.lastLookAt && root.approvedAt > givenUp.lastLookAt) return null;
  const cause = seen.kind === "unclear" ? `it shows ${seen.postId}, but not which media that has` : seen.cause;
  const what = `${labelOf(run, tweet)}An earlier request had no answer, and X is looked at once more; its timeline does not tell (${cause})`;
  return { ended: await waitToCompare(run, what, seen.kind === "unavailable" ? seen.retryAt : null) };
}
