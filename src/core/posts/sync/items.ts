/** What is said of a file, in a plan and after it was carried out. Pure. */

import type { PsnError } from "../../errors.ts";
import { statusSaid } from "../../post/status-words.ts";
import { isWaiting } from "../../post/transitions.ts";
import { unpublishingOf } from "../../types/index.ts";
import { BINDINGS_FILE } from "./bindings.ts";
import { forFile } from "./in-file.ts";
import type { KnownPost, PlannedItem, ReadFile, SyncItem, SyncKind } from "./types.ts";

/** Of a file that was read. */
export const itemOf = ({ path, content }: ReadFile, kind: SyncKind, more: Partial<PlannedItem> = {}): PlannedItem =>
  item(path, kind, { foreign: [...content.foreign], ...more });

/** What was refused. */
export function problem(path: string, refused: PsnError, more: Partial<SyncItem> = {}): PlannedItem {
  const error = forFile(refused, more.postId ?? null);
  const note = error.hint ? `${error.message} ${error.hint}` : error.message;
  return item(path, "problem", { note, code: error.code, next: [...(error.next ?? [])], ...more });
}

/** The same of what was planned. */
export const refusedOf = (
  { path, postId, renamedFrom, foreign }: PlannedItem,
  refused: PsnError,
  more: Partial<SyncItem> = {},
): PlannedItem => problem(path, refused, { postId, renamedFrom, foreign, ...more });

/** @param when the time, in words */
export const past = (file: ReadFile, postId: string | null, when: string): PlannedItem =>
  itemOf(file, "past", {
    postId,
    note: `Its time, ${when}, has passed. Give the file a later one.`,
    code: "TIME_IN_PAST",
  });

/** @param home the file that the post came from; undefined where that cannot be told of several */
export function twoFiles(file: ReadFile, post: KnownPost, home: string | undefined): PlannedItem {
  const line = file.content.id === undefined ? `its line out of ${BINDINGS_FILE}` : "the line “id: …” out of it";
  return itemOf(file, "two_files", {
    postId: post.id,
    note: `${home ?? "Another file"} is post ${post.id}, too. To make a post of its own of this one, take ${line}.`,
  });
}

/** A file that is there and cannot be read: what its post says now is not known, so it is left as it is. */
export function stillThere(unread: PlannedItem, postId: string, status: string): PlannedItem {
  if (!isWaiting({ status })) return { ...unread, postId };
  const note = `${unread.note} Its post is still to go out as it was: it ${statusSaid(status)}.`;
  return { ...unread, postId, note, next: [...unread.next, `psn post cancel ${postId}`] };
}

export function gone(path: string, postId: string, status: string): PlannedItem {
  const goesOut = isWaiting({ status });
  return item(path, "gone", {
    postId,
    note: goesOut
      ? `The file is not there any more, and its post is still to go out: it ${statusSaid(status)}.`
      : `The file is not there any more; its post is kept: it ${statusSaid(status)}.`,
    next: [goesOut ? `psn post cancel ${postId}` : `psn post show ${postId}`],
  });
}

/** What is said of a post that is on X, whole or in part, or was. */
export function sentAs({ status, subStatus }: KnownPost): { kind: SyncKind; note: string } {
  const down = unpublishingOf(subStatus);
  if (status !== "published" && down === null) {
    return { kind: "under_way", note: "It is going out, or part of it is on X: what the file says now is not taken." };
  }
  const stands =
    down === null
      ? "It is on X, where it cannot be changed"
      : down === "unpublished"
        ? "It was on X and was taken down"
        : "Part of it was taken down at X";
  return {
    kind: "published_meanwhile",
    note: `${stands}, and the file says something else. To say that, too, save it under another name without the line “id: …”, and sync again. This file may say again what was sent.`,
  };
}

/** Two notes as one. */
export const both = (first: string | null, second: string | null): string | null =>
  first === null || second === null ? (first ?? second) : `${first} ${second}`;

// --- internal ---

const NOTHING: Omit<PlannedItem, "path" | "kind"> = {
  postId: null,
  renamedFrom: null,
  does: null,
  note: null,
  code: null,
  next: [],
  foreign: [],
  act: null,
};

const item = (path: string, kind: SyncKind, more: Partial<PlannedItem>): PlannedItem => ({
  ...NOTHING,
  path,
  kind,
  ...more,
});
