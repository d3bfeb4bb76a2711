/** Which command helps a post that failed. */

/** X, or the hub, refuses these as they are: the same again fails again. */
const EDIT_FIRST: ReadonlySet<string | null> = new Set([
  "X_DUPLICATE",
  "X_CASHTAGS",
  "X_INVALID",
  "X_TOO_LONG",
  "X_MEDIA_TOO_LONG",
  "X_MEDIA_INVALID",
  "X_MEDIA_REFUSED",
  "MEDIA_GONE",
  "PARENT_GONE",
]);

/** Whether a post that failed so must change before it is tried again. */
export const isEditFirst = (failCode: string | null): boolean => EDIT_FIRST.has(failCode);

/** The command that most likely helps a post that failed. */
export function fixFor(failCode: string | null, postId: string): string {
  // Sent again without a person's look, it may be there twice.
  if (failCode === "PERHAPS_ON_X" || failCode === "RECORD_NOT_COMPARED") return `psn post show ${postId}`;
  if (failCode === "PARENT_GONE") return `psn post edit ${postId} --reply-to none`;
  if (!isEditFirst(failCode)) return `psn post retry ${postId}`;
  return `psn post edit ${postId} ${failCode?.includes("MEDIA") ? "--media FILE" : '--text "…"'}`;
}
