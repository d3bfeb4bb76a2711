/** What an author may do to a post, by its status, and what is said instead where they may not. */
import { PsnError } from "../errors.ts";
import type { PostStatus } from "../types/index.ts";

/** What an author does to a post that is there. */
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

// --- internal ---

const HINTS: Record<Verb, (id: string, status: PostStatus) => string> = {
  approve: (id, status) =>
    status === "scheduled" ? `It was approved already: psn post show ${id}` : `psn post show ${id}`,
  schedule: (id) => `psn post show ${id}`,
  now: (id) => `psn post show ${id}`,
  edit: (id) => `psn post show ${id}`,
  cancel: (id, status) =>
    status === "draft" ? "A draft is not going out; there is nothing to cancel." : `psn post show ${id}`,
  retry: (id) => `psn post show ${id}`,
  delete: (id, status) =>
    status === "scheduled" || status === "retry" ? `First: psn post cancel ${id}` : `psn post show ${id}`,
};
