/** All that an author does with a post, at one door. Each act is a file of its own; `change.ts` is the frame of all. */
export { actOnPost, type DraftAct } from "./act.ts";
export { type Approving, approvePost } from "./approve.ts";
export type { Expecting } from "./change.ts";
export { copyPost, createPost, deletePost, type NewPost } from "./create.ts";
export { type Edit, editPost, undoPost } from "./edit.ts";
export { resumeAccount, resumeApp } from "./resume.ts";
export { cancelPost, retryPost, type Schedule, schedulePost, takeNow } from "./schedule.ts";
export { type NewMedia, type NewTweet, TWEETS_MAX } from "./tweets.ts";
