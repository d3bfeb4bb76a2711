/** Statuses in words: what a sentence says of a post, where a list or a program has the status itself. Pure. */
import type { PostStatus, PostSubStatus } from "../types/index.ts";

const SAID: Record<PostStatus, string> = {
  draft: "is a draft",
  scheduled: "waits for its time",
  publishing: "is being published",
  retry: "waits for another try",
  published: "is published",
  failed: "has failed",
};

/** What a post in `retry` waits for, as the end of a sentence. */
const WAITED_FOR: Partial<Record<PostSubStatus, string>> = {
  rate_limited: "the end of X's rate limit",
  unreachable: "the network, X or the media store to come back",
  media_uploading: "its media to be at X",
  media_processing: "X to process its media",
  media_uploaded: "its media to be sent with it",
  thread_partial: "the rest of its thread to be sent",
  confirming: "X to show whether it has the tweet",
  awaiting_auth: "its account to sign in",
  out_of_credits: "credits of the X app",
  account_held: "X to take posts of its account again",
  app_held: "X to take posts of the app again",
  over_cap: "room under your limit on what X may bill",
  catching_up: "its turn among the posts that were missed",
};

/** As the end of a sentence: “is a draft”, “waits for the end of X's rate limit”. */
export function statusSaid(status: string | null, subStatus: string | null = null): string {
  const waitedFor = status === "retry" ? WAITED_FOR[subStatus as PostSubStatus] : undefined;
  // An answer holds a status as text; a row of a tweet within a thread has none.
  return waitedFor ? `waits for ${waitedFor}` : (SAID[status as PostStatus] ?? "is kept");
}
