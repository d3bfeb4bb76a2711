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
 * What is on X can be taken down again, tweet by tweet. The post keeps its status then, for that is what happened, and never
 * leaves it any more; its sub-status says how far that is:
 *
 *     ──unpublish──▶ unpublishing ──all that was asked for is gone──▶ partly_unpublished | unpublished
 *                        ▲────────────────── unpublish more ─────────────────┘
 *
 * `retry` is every kind of waiting; `sub_status` says for what: another try, a rate limit, a sign-in, credits, a look
 * at X. `published` is final.
 */
import { POST_STATUSES, type PostStatus, type Unpublishing } from "../types/index.ts";

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

/** Whether a post of this status is sent without another word of its author: at its time, or at its next try. */
export const isWaiting = ({ status }: { status: string | null }): boolean =>
  status === "scheduled" || status === "retry";

/** All pairs, for the test that holds the database to the same table. */
export function allTransitions(): { from: PostStatus; to: PostStatus; legal: boolean }[] {
  return POST_STATUSES.flatMap((from) => POST_STATUSES.map((to) => ({ from, to, legal: isLegalTransition(from, to) })));
}

const UNPUBLISH_WAYS: Record<Unpublishing | "none", readonly Unpublishing[]> = {
  none: ["unpublishing"],
  unpublishing: ["partly_unpublished", "unpublished"],
  partly_unpublished: ["unpublishing"],
  unpublished: ["unpublishing"],
};

/** `psn.unpublishing_is_legal` says the same. */
export function isLegalUnpublishing(from: Unpublishing | null, to: Unpublishing | null): boolean {
  return from === to || (to !== null && UNPUBLISH_WAYS[from ?? "none"].includes(to));
}

/** The statuses in which a post can be taken down: nothing of it is under way. */
export const MAY_UNPUBLISH: readonly PostStatus[] = ["published", "failed", "draft"];
