/** What syncing a folder works with, and what it says of each file. */
import type { Numbering } from "../../compose/numbering.ts";
import type { PostMetadata } from "../../types/index.ts";
import type { Attachment } from "../attachments.ts";
import type { Held } from "../held-back.ts";
import type { Schedule } from "../schedule.ts";
import type { PostsDeps } from "../submit.ts";
import type { ReadFront } from "./with-id.ts";

/** A file of a post, read. */
export interface PostFile {
  text: string;
  /** Of the front matter, in its own words. */
  id?: string | undefined;
  at?: string | undefined;
  timezone?: string | undefined;
  account?: string | undefined;
  replyTo?: string | undefined;
  /** The author's word in the file itself. */
  approve?: boolean | undefined;
  attachments: readonly Attachment[] | null;
  numbering: Numbering | null;
  poll: PostMetadata["poll"];
  /** Keys of other programs, which stay as they are. */
  foreign: readonly string[];
  /** Why its text may not be what its author means; null for nothing. */
  doubt: string | null;
}

/** Why a file or folder is left out that looks like a post, or like one that holds posts. */
export const SKIPPED_WHYS = [
  /** A link to what is in the folder. */
  "link_inside",
  "link_outside",
  "link_broken",
  /** A folder, too far below. */
  "too_deep",
  "name_not_utf8",
  /** A folder that cannot be looked into. */
  "unreadable",
  /** A pipe, a device. */
  "no_file",
] as const;
export type SkippedWhy = (typeof SKIPPED_WHYS)[number];

/** What was left out for one reason. */
export interface Skipped {
  why: SkippedWhy;
  count: number;
  /** The first few of them, in the folder. */
  paths: string[];
}

/** What a folder holds. Paths are in the folder, with `/`. */
export interface Listed {
  /** Of Markdown files, sorted. */
  paths: string[];
  skipped: Skipped[];
  /** Folders that are there and cannot be looked into. */
  closed: string[];
  /** Files of `replace` that a run which was killed may have left, or that another one writes right now. */
  leftovers: string[];
}

/** The disk, as syncing needs it. */
export interface SyncDisk {
  /** @throws PsnError FOLDER_UNREADABLE, FOLDER_TOO_LARGE */
  list(folder: string): Promise<Listed>;
  /** Null for a file that is not there. @throws PsnError TEXT_UNREADABLE, TEXT_TOO_LARGE */
  read(path: string): Promise<Uint8Array | null>;
  /** Size and time of change, as one text; null for a file that is not there. */
  stamp(path: string): Promise<string | null>;
  /**
   * The whole file or nothing, and only while it still holds `expected`. @returns whether it was replaced
   * @throws PsnError FILE_NOT_WRITTEN
   */
  replace(path: string, bytes: Uint8Array, expected: Uint8Array | null): Promise<boolean>;
  /** Removes one of `leftovers` that was written before then. */
  removeLeftover(path: string, before: Date): Promise<void>;
}

export interface SyncDeps extends PostsDeps {
  disk: SyncDisk;
  /** The author's zone. */
  zone: string;
  /** By which the times in files are read. */
  now(): Promise<Date>;
  /** What the bytes of a file say, as every command reads it. @throws PsnError TEXT_…, FRONT_MATTER_INVALID, POLL_INVALID, … */
  readFile(path: string, bytes: Uint8Array): Promise<PostFile>;
  /** The text and the front matter of a file's bytes, by the same rules. @throws PsnError TEXT_…, FRONT_MATTER_INVALID */
  readFront(bytes: Uint8Array, path: string): ReturnType<ReadFront>;
  /** The account of a new post by its handle, or the one that is meant by none. @throws PsnError ACCOUNT_… */
  accountOf(handle: string | undefined): Promise<string>;
  /** The id of the tweet that a file names as its parent, which was looked at. @throws PsnError PARENT_GONE, … */
  parentOf(given: string, accountId: string): Promise<string>;
  /** What must be asked at X before a post is approved, but of what is replaced with it. @throws PsnError PARENT_GONE, MEDIA_GONE, … */
  beforeApproval(postId: string, replaced: { media: boolean; parent: boolean }): Promise<void>;
}

export interface SyncOptions {
  /** Absolute, without links. */
  folder: string;
  /** Files stay as they are to the byte; what they are is kept in `.psn-sync.json`. */
  noTouch?: boolean;
  /** A file wins where its post was edited elsewhere. */
  overwrite?: boolean;
  /** What a file says with `approve: true` may be taken for the author's word. */
  mayApprove?: boolean;
}

export const SYNC_KINDS = [
  "new",
  "changed",
  "renamed",
  "unchanged",
  /** The post was edited since, and not in the file. */
  "differs",
  /** The post is on X, and the file has other words now. */
  "published_meanwhile",
  /** The post is going out, or part of it is on X. */
  "under_way",
  /** The file's time has passed. */
  "past",
  /** Another file is the same post. */
  "two_files",
  /** The file is not there any more. */
  "gone",
  /** The file cannot be read as a post, or was refused. */
  "problem",
] as const;
export type SyncKind = (typeof SYNC_KINDS)[number];

/** What was found about one file, and what is done with it. */
export interface SyncItem {
  /** In the folder, with `/`. */
  path: string;
  kind: SyncKind;
  postId: string | null;
  /** The path that it had. */
  renamedFrom: string | null;
  /** What carrying the plan out does, in words; null for nothing. */
  does: string | null;
  /** Why nothing is done, or what else there is to know; null for nothing. */
  note: string | null;
  /** The error's code, of what was refused. */
  code: string | null;
  /** Commands that help. */
  next: string[];
  /** Keys of other programs in its front matter, which stay. */
  foreign: string[];
}

/** A plan's item with what carrying it out needs. */
export interface PlannedItem extends SyncItem {
  act: SyncAct | null;
}

export type SyncAct =
  /** `named`: posts that files name, so that none of them is this one, whatever lay here before. */
  | { do: "create"; file: ReadFile; named: readonly string[] }
  /** The post as it was when the plan was made. */
  | { do: "edit"; file: ReadFile; postId: string; post: KnownPost }
  /** Nothing of the post changes: the file's id or path is noted. */
  | { do: "bind"; file: ReadFile; postId: string };

/** What the hub knows of a post that a file may be. */
export interface KnownPost {
  id: string;
  accountId: string;
  status: string;
  subStatus: string | null;
  contentVersion: number;
  scheduleVersion: number;
  isApproved: boolean;
  /** It was approved no later than its file was last taken: by the file's word, as far as is known. */
  isApprovedByFile: boolean;
  /** Tweets that are on X. */
  postedCount: number;
  /** The time that it waits for. */
  scheduled: Schedule | null;
  /** The time that a file named, in the file's own words where they were kept. */
  planned: (Schedule & { said: string | undefined }) | null;
  /** Its author took it back to a draft by a command of their own, and has given it no time since. */
  cancelledByHand: boolean;
  /** What it was before it was held back for what its file said; null where that did not happen, or something else has since. */
  held: Held | null;
  /** When its file meant it to go out, if that has passed by the hub's clock and it waits for no time. */
  plannedPast: boolean;
  source: string | null;
  sourceFile: string | null;
  /** What it was bound to; null for a post that no folder was synced with. */
  bound: { folder: string; path: string; fingerprint: string; contentVersion: number } | null;
}

/** A file as the plan was made from it. */
export interface ReadFile {
  /** In the folder. */
  path: string;
  /** Absolute. */
  absolute: string;
  bytes: Uint8Array;
  content: PostFile;
  /** sha256 of what the file says: its text and its settings, not its id and not other programs' keys. */
  fingerprint: string;
}
