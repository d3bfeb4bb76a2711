/** What an author may do to a post, by its status, and what is said instead where they may not. */

import { PsnError } from "../errors.ts";
import { statusSaid } from "../post/status-words.ts";
import { isWaiting } from "../post/transitions.ts";
import { type PostStatus, unpublishingOf } from "../types/index.ts";

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
      next: [`psn post show ${postId}`, `psn post copy ${postId}`],
    });
  }
  if (status === "publishing") {
    throw new PsnError("POST_PUBLISHING", `Post ${postId} is being published at this moment.`, {
      hint: `Look again in a moment: psn post show ${postId}`,
      next: [`psn post show ${postId}`],
    });
  }
  throw new PsnError("POST_STATUS", `Post ${postId} ${statusSaid(status)}; only ${CAN_BE[verb]}.`, {
    ...helpFor(verb, postId, status),
    details: { status, allowed: [...ALLOWED[verb]] },
  });
}

/** @throws PsnError POST_UNPUBLISHED for a post that was taken down, or is being taken down */
export function requireNotUnpublished(postId: string, subStatus: string | null): void {
  if (unpublishingOf(subStatus) === null) return;
  throw new PsnError("POST_UNPUBLISHED", `Post ${postId} was taken down at X, so it does not go out any more.`, {
    hint: `To say it again, make a copy: psn post copy ${postId}`,
  });
}

// --- internal ---

/** Which posts the verb is for, as the end of a sentence. */
const CAN_BE: Record<Verb, string> = {
  approve: "a draft can be approved",
  schedule: "what is not on X can get a time",
  now: "what is not on X can be sent",
  edit: "what is not on X can be changed",
  cancel: "what waits to go out can be cancelled",
  retry: "what failed or waits for another try can be tried again",
  delete: "a draft can be deleted",
};

/** The first command that is named, and what is said before it. */
const HELPS: Partial<Record<Verb, (status: PostStatus) => { says: string; verb: string } | { says: string }>> = {
  approve: (status) => (status === "scheduled" ? { says: "It was approved already: ", verb: "show" } : SHOW),
  cancel: (status) => (status === "draft" ? { says: "A draft is not going out; there is nothing to cancel." } : SHOW),
  delete: (status) => (isWaiting({ status }) ? { says: "First: ", verb: "cancel" } : SHOW),
};
const SHOW = { says: "", verb: "show" };

function helpFor(verb: Verb, id: string, status: PostStatus): { hint: string; next: string[] } {
  const help = HELPS[verb]?.(status) ?? SHOW;
  const next = "verb" in help ? [`psn post ${help.verb} ${id}`] : [`psn post show ${id}`];
  return { hint: "verb" in help ? `${help.says}${next[0]}` : help.says, next };
}
