/** Judging the given text before anything is started, so that a bad one costs nothing and leaves nothing. */

import type { Preview } from "../core/compose/preview.ts";
import { buildPreview } from "../core/compose/preview.ts";
import { TWEET_LIMIT } from "../core/compose/weighted-length.ts";
import { PsnError } from "../core/errors.ts";
import { cutText } from "../core/posts/composing.ts";
import { TWEETS_MAX } from "../core/posts/write.ts";
import { CORRECTION, CROSSING, POSTCARD, REGRET } from "./texts.ts";

/** X lets an account post 100 times in 15 minutes; the demo posts a few tweets of its own beside the text. */
export const TWEETS_IN_15_MIN_MAX = 90;

export interface Source {
  text: string;
  /** Null when it came from stdin. */
  file: string | null;
  preview: Preview;
}

/**
 * The given text, cut, and known to be one that the demo can post.
 * @throws PsnError TEXT_EMPTY, TEXT_INVALID_CHARACTER, TEXT_TOO_LONG, DEMO_TEXT_REFUSED (X would refuse it)
 */
export function checkSource(text: string, file: string | null): Source {
  const preview = buildPreview(cutText(text, { limit: TWEET_LIMIT, numbering: null, cut: "whole" }).tweets);
  if (preview.tweetCount > TWEETS_MAX) {
    throw new PsnError(
      "TEXT_TOO_LONG",
      `The text makes ${preview.tweetCount} tweets; a post has at most ${TWEETS_MAX}.`,
      {
        hint: "Try the demo with a part of it.",
      },
    );
  }
  const refusal = refusalOf(preview);
  if (refusal !== null) {
    throw new PsnError("DEMO_TEXT_REFUSED", refusal, {
      hint: "Change that place, or run the demo without a file. psn preview shows the whole thread.",
    });
  }
  return { text, file, preview };
}

function refusalOf(preview: Preview): string | null {
  for (const { position, warnings } of preview.tweets) {
    const blocking = warnings.find((warning) => warning.blocking);
    if (blocking) return `Tweet ${position + 1}: ${blocking.message}`;
  }
  const twice = preview.warnings.find(({ code }) => code === "same_text_twice");
  if (twice) return twice.message;
  const own = [POSTCARD.text, CORRECTION.before, CORRECTION.after, REGRET.text, ...CROSSING.text.split("\n---\n")];
  const taken = preview.tweets.find(({ text }) => own.includes(text));
  if (taken) return `Tweet ${taken.position + 1} has a text that the demo posts itself; X refuses recent duplicates.`;
  return null;
}
