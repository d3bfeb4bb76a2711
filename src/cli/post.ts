/**
 * `psn post …`: from a text to a post on X. Runs by itself, too: `bun run src/cli/post.ts create "Hello, X."`
 *
 * Each command is a file in `post/`: it parses, calls one function and prints. The functions below are what scripts call.
 */
import { runMain } from "./_main.ts";
import { postEntries } from "./post/entries.ts";

/** Takes a scheduled or waiting post back to draft. */
export { cancelPost } from "./post/cancel.ts";
/** Splits a text and stores it as a draft. Nothing is sent. */
export { createPost } from "./post/create.ts";
/** Changes the unsent text, its media or the time of a post that is not published. */
export { editScheduledPost } from "./post/edit.ts";
/** The failed posts of the last seven days, with what to do about each. */
export { getRecentFailures } from "./post/failures.ts";
/** Publishes an approved post in this process, without a worker. */
export { postNow } from "./post/now.ts";
/** Sets or moves the time of an approved post. */
export { schedulePost } from "./post/schedule.ts";

if (import.meta.main) process.exitCode = await runMain(postEntries, ["post", ...process.argv.slice(2)]);
