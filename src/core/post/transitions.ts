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
import { PsnError } from "../errors.ts";
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

export type Verb = "schedule" | "now" | "edit" | "cancel" | "retry" | "approve" | "delete";

const ALLOWED: Record<Verb, readonly PostStatus[]> = {
  approve: ["draft"],
  schedule: ["draft", "scheduled", "retry", "failed"],
  now: ["draft", "scheduled", "retry", "failed"],
  edit: ["draft", "scheduled", "retry", "failed"],
  cancel: ["scheduled", "retry"],
  retry: ["failed", "retry"],
  delete: ["draft"],
};

/**
 * Whether the author may do this to a post in that status.
 * @throws PsnError POST_PUBLISHED, POST_PUBLISHING or POST_STATUS with what to do instead.
 */
export function requireAllowed(verb: Verb, postId: string, status: PostStatus): void {
  if (ALLOWED[verb].includes(status)) return;
  if (status === "published") {
    throw new PsnError("POST_PUBLISHED", `Post ${postId} is published; it cannot be changed or sent again.`, {
      hint: `To say it again, make a copy: psn post copy ${postId}`,
    });
  }
  if (status === "publishing") {
    throw new PsnError("POST_PUBLISHING", `Post ${postId} is being published at this moment.`, {
      hint: `Look again in a moment: psn post show ${postId}`,
    });
  }
  throw new PsnError("POST_STATUS", `Post ${postId} is ${status}; ${verb} needs ${ALLOWED[verb].join(" or ")}.`, {
    hint: HINTS[verb](postId, status),
    details: { status, allowed: [...ALLOWED[verb]] },
  });
}

const HINTS: Record<Verb, (id: string, status: PostStatus) => string> = {
  approve: (id, status) =>
    status === "scheduled" ? `It was approved already: psn post show ${id}` : `psn post show ${id}`,
  schedule: (id) => `psn post show ${id}`,
  now: (id) => `psn post show ${id}`,
  edit: (id) => `psn post show ${id}`,
  cancel: (id, status) =>
    status === "draft" ? "A draft is not going out; there is nothing to cancel." : `psn post show ${id}`,
  retry: (id, status) => (status === "draft" ? `psn post now ${id}` : `psn post show ${id}`),
  delete: (id, status) =>
    status === "scheduled" || status === "retry" ? `First: psn post cancel ${id}` : `psn post show ${id}`,
};
