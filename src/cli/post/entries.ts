/** The commands of a post, in the order of its life. */
import type { Entry } from "../_command.ts";

export const postEntries: Entry[] = [
  {
    name: "post create",
    summary: "Split a text into tweets and keep it as a draft; --now or a time (--at, --date) approves and sends it",
    load: async () => (await import("./create.ts")).createCommand,
  },
  {
    name: "post reply",
    summary: "Follow up on a tweet or thread of your own, now or at a time",
    load: async () => (await import("./reply.ts")).replyCommand,
  },
  {
    name: "post sync",
    summary: "Make a folder of Markdown and the hub agree; shows a plan first",
    load: async () => (await import("./sync.ts")).syncCommand,
  },
  {
    name: "post preview",
    summary: "Show how a text is split, with counts and cost; writes nothing",
    load: async () => (await import("./preview.ts")).previewCommand,
  },
  {
    name: "post split",
    summary: "Split a tweet in two",
    load: async () => (await import("./split.ts")).splitCommand,
  },
  {
    name: "post join",
    summary: "Join a tweet with the next one",
    load: async () => (await import("./join.ts")).joinCommand,
  },
  {
    name: "post move",
    summary: "Move the end of a tweet, so that it takes more or less of the next one",
    load: async () => (await import("./move.ts")).moveCommand,
  },
  {
    name: "post text",
    summary: "Give one tweet other words",
    load: async () => (await import("./text.ts")).textCommand,
  },
  {
    name: "post insert",
    summary: "Put a tweet into a thread, before another or at its end",
    load: async () => (await import("./insert.ts")).insertCommand,
  },
  {
    name: "post remove",
    summary: "Take a tweet out of a thread",
    load: async () => (await import("./remove.ts")).removeCommand,
  },
  {
    name: "post reorder",
    summary: "Move a tweet to another place",
    load: async () => (await import("./reorder.ts")).reorderCommand,
  },
  {
    name: "post check",
    summary: "Upload a post's media now, so that what X refuses is known before anything is public",
    load: async () => (await import("./check.ts")).checkCommand,
  },
  {
    name: "post attach",
    summary: "Attach an image, GIF or video to a tweet",
    load: async () => (await import("./attach.ts")).attachCommand,
  },
  {
    name: "post detach",
    summary: "Take media from a tweet",
    load: async () => (await import("./detach.ts")).detachCommand,
  },
  {
    name: "post undo",
    summary: "Take back the last change of a draft; again, the one before",
    load: async () => (await import("./undo.ts")).undoCommand,
  },
  {
    name: "post redo",
    summary: "Do again what was undone, until the next change",
    load: async () => (await import("./redo.ts")).redoCommand,
  },
  {
    name: "post approve",
    summary: "Approve a draft exactly as it is shown; nothing is sent by it",
    load: async () => (await import("./approve.ts")).approveCommand,
  },
  {
    name: "post schedule",
    summary: "Set or move the time of a post; without a time, the one that its file named",
    load: async () => (await import("./schedule.ts")).scheduleCommand,
  },
  {
    name: "post now",
    summary: "Publish an approved post at once, in this process; no worker is needed",
    load: async () => (await import("./now.ts")).nowCommand,
  },
  {
    name: "post edit",
    summary: "Change the text, media, labels or time of a post; with nothing given, at a terminal, by keys",
    load: async () => (await import("./edit.ts")).editCommand,
  },
  {
    name: "post cancel",
    summary: "Take a scheduled or waiting post back to draft",
    load: async () => (await import("./cancel.ts")).cancelCommand,
  },
  {
    name: "post retry",
    summary: "Let a failed or waiting post go on, from its first tweet that is not on X",
    load: async () => (await import("./retry.ts")).retryCommand,
  },
  {
    name: "post resolve",
    summary: "Say what became of a tweet that X does not tell of: it is on X, or it is not",
    load: async () => (await import("./resolve.ts")).resolveCommand,
  },
  {
    name: "post show",
    summary: "Show a post as it is, and its whole life",
    load: async () => (await import("./show.ts")).showCommand,
  },
  {
    name: "post list",
    summary: "List posts, the latest changed first",
    load: async () => (await import("./list.ts")).listCommand,
  },
  {
    name: "post failures",
    summary: "What failed or waits, and what to do about it",
    load: async () => (await import("./failures.ts")).failuresCommand,
  },
  {
    name: "post copy",
    summary: "Make a new draft with the same content",
    load: async () => (await import("./copy.ts")).copyCommand,
  },
  {
    name: "post delete",
    summary: "Remove a draft",
    load: async () => (await import("./delete.ts")).deleteCommand,
  },
  {
    name: "post unpublish",
    summary: "Delete at X what is there of a post, the last tweet first; asks a person before",
    load: async () => (await import("./unpublish.ts")).unpublishCommand,
  },
  {
    name: "post resume",
    summary: "After buying credits: let every waiting post go on",
    load: async () => (await import("./resume.ts")).resumeCommand,
  },
];
