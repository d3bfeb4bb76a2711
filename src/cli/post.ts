/**
 * `psn post …`: from a text to a post on X. Runs by itself, too: `bun run src/cli/post.ts create "Hello, X."`
 *
 * Each command is a file in `post/`: it parses, calls one function and prints. The functions below are what scripts call.
 */
import type { OldCommand as Command } from "./_command-old.ts";
import { runMain } from "./_main.ts";
import { actCommands } from "./post/acts.ts";
import { approveCommand } from "./post/approve.ts";
import { cancelCommand } from "./post/cancel.ts";
import { copyCommand } from "./post/copy.ts";
import { createCommand } from "./post/create.ts";
import { deleteCommand } from "./post/delete.ts";
import { editCommand } from "./post/edit.ts";
import { postEntries } from "./post/entries.ts";
import { failuresCommand } from "./post/failures.ts";
import { listCommand } from "./post/list.ts";
import { nowCommand } from "./post/now.ts";
import { previewCommand } from "./post/preview.ts";
import { resumeCommand } from "./post/resume.ts";
import { retryCommand } from "./post/retry.ts";
import { scheduleCommand } from "./post/schedule.ts";
import { showCommand } from "./post/show.ts";

/** Takes a scheduled or waiting post back to draft. */
export { cancelPost } from "./post/cancel.ts";
/** Splits a text and stores it as a draft. Nothing is sent. */
export { type CreateInput, createPost } from "./post/create.ts";
/** Changes the unsent text, its media or the time of a post that is not published. */
export { type EditInput, editScheduledPost } from "./post/edit.ts";
/** The failed posts of the last seven days, with what to do about each. */
export { getRecentFailures } from "./post/failures.ts";
/** Publishes an approved post in this process, without a worker. */
export { postNow } from "./post/now.ts";
/** Sets or moves the time of an approved post. */
export { schedulePost } from "./post/schedule.ts";

/** All commands of a post, in the order of its life. */
export const postCommands: Command[] = [
  createCommand,
  previewCommand("post preview"),
  ...actCommands,
  approveCommand,
  scheduleCommand,
  nowCommand,
  editCommand,
  cancelCommand,
  retryCommand,
  showCommand,
  listCommand,
  failuresCommand,
  copyCommand,
  deleteCommand,
  resumeCommand,
] as unknown as Command[];

export const topPreviewCommand = previewCommand("preview") as unknown as Command;

if (import.meta.main) process.exitCode = await runMain(postEntries, ["post", ...process.argv.slice(2)]);
