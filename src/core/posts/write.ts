/** All that an author does with a post, at one door. Each act is a file of its own; `change.ts` is the frame of all. */
export { actOnPost, type DraftAct } from "./act.ts";
export { type Approving, approvePost, type Sending } from "./approve.ts";
export { type Attachment, checkedAltText, inspectAttachments, storeAttachments } from "./attachments.ts";
export { type Expecting, requireVersion } from "./change.ts";
export { CHANGES, type Change } from "./changes.ts";
export { COPY_CHANGES, type CopyChange, copyPost } from "./copy.ts";
export { createPost, deletePost, type NewPost } from "./create.ts";
export { isAsMade, unlessSent } from "./done-before.ts";
export { type Edit, type Edited, editPost, redoPost, requireEditable, type Stepped, undoPost } from "./edit.ts";
export { type SourceFile, saidIn } from "./from-file.ts";
export { TWEETS_MAX } from "./limits.ts";
export { resumeAccount, resumeApp } from "./resume.ts";
export { type Rewrite, rewritePost } from "./rewrite.ts";
export { cancelPost, retryPost, type Schedule, schedulePost, takeNow } from "./schedule.ts";
export { type Submission, type Submitted, submitPost, type Wish } from "./submit.ts";
export { MEDIA_GO, type NewMedia, type NewTweet } from "./tweets.ts";
