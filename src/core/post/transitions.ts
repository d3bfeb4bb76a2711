/**
 * The life of a post, and the only owner of its legal transitions. The database enforces the same table
 * (`psn.transition_is_legal`), so a bug here cannot write what is not allowed.
 *
 *   draft ──schedule──▶ scheduled ──lease──▶ publishing ──all posted──▶ published
 *     ▲ ▲──cancel───────────┘                  │    ▲
 *     │                          wait: retry ◀─┘    │ lease
 *     │                                 └───────────┘
 *     └──edit── failed ◀── permanent refusal, last retry, missed its time
 *
 * `retry` is every kind of waiting; `sub_status` says for what: another try, a rate limit, a sign-in, credits, a look
 * at X. `published` is final.
 */
import { POST_STATUSES, type PostStatus } from "../types/index.ts";

const WAYS: Record<PostStatus, readonly PostStatus[]> = {
  draft: ["scheduled", "publishing"],
  scheduled: ["draft", "publishing", "retry", "failed"],
  publishing: ["published", "retry", "failed"],
  retry: ["publishing", "draft", "scheduled", "failed"],
  published: [],
  failed: ["draft", "scheduled", "publishing", "retry"],
};

/** Staying where one is counts as legal: a post that waits may learn a new reason to wait. */
export function isLegalTransition(from: PostStatus, to: PostStatus): boolean {
  return from === to || WAYS[from].includes(to);
}

/** All pairs, for the test that holds the database to the same table. */
export function allTransitions(): { from: PostStatus; to: PostStatus; legal: boolean }[] {
  return POST_STATUSES.flatMap((from) => POST_STATUSES.map((to) => ({ from, to, legal: isLegalTransition(from, to) })));
}
