/** Posts: tweets, what is attached to them, earlier versions, history. docs/storage.md tells each column's meaning. */
import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { PostMetadata, PostStatus, PostSubStatus } from "../../types/index.ts";
import { accounts } from "./accounts.ts";
import { IS_HASH, instant, psn } from "./shared.ts";

/** One row is one tweet. The root row is tweet 0 and carries the post: status, schedule, lease. */
export const posts = psn.table(
  "posts",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull().default("local"),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    parentPostId: text("parent_post_id").references((): AnyPgColumn => posts.id, { onDelete: "cascade" }),
    threadPosition: integer("thread_position").notNull().default(0),
    content: text("content").notNull(),
    /** What stood between this tweet and the next in the author's source. */
    separatorAfter: text("separator_after").notNull().default(""),
    externalPostId: text("external_post_id"),
    publishedAt: instant("published_at"),
    /** Its author took it down, and X has said that it is gone. */
    deletedAt: instant("deleted_at"),

    // The rest is filled on the root row only.
    status: text("status").$type<PostStatus>(),
    subStatus: text("sub_status").$type<PostSubStatus>(),
    scheduledAt: instant("scheduled_at"),
    scheduledTimezone: text("scheduled_timezone"),
    scheduleVersion: integer("schedule_version").notNull().default(0),
    /** When the engine should next run this post; null while nothing is to be done. */
    dueAt: instant("due_at"),
    platformPostIds: text("platform_post_ids").array().notNull().default(sql`'{}'`),
    /** Trigger.dev's run that will run this post, or last did. */
    triggerRunId: text("trigger_run_id"),
    /** The time that this run has. Where it is not `due_at`, Trigger.dev has not heard of a change yet. */
    triggerDueAt: instant("trigger_due_at"),
    failCode: text("fail_code"),
    failReason: text("fail_reason"),
    /** Tries spent in a row without progress; a posted tweet sets it back. */
    retryCount: integer("retry_count").notNull().default(0),
    metadata: jsonb("metadata").$type<PostMetadata>().notNull().default({}),
    /** The author's text as given, before it was cut. */
    source: text("source"),
    /** Guards against lost edits: every change of text, media or order adds one. */
    contentVersion: integer("content_version").notNull().default(1),
    /** Hash of exactly what the author approved; null means not approved. */
    approvedHash: text("approved_hash"),
    approvedAt: instant("approved_at"),
    idempotencyKey: text("idempotency_key"),
    leaseOwner: text("lease_owner"),
    leaseExpiresAt: instant("lease_expires_at"),
    /** Grows with every lease; an attempt bears the number it was made under. */
    leaseFencing: bigint("lease_fencing", { mode: "number" }).notNull().default(0),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("posts_thread_position").on(t.parentPostId, t.threadPosition).where(sql`parent_post_id is not null`),
    uniqueIndex("posts_idempotency_key").on(t.userId, t.idempotencyKey).where(sql`idempotency_key is not null`),
    uniqueIndex("posts_external").on(t.accountId, t.externalPostId).where(sql`external_post_id is not null`),
    index("posts_due").on(t.dueAt).where(sql`due_at is not null`),
    index("posts_unpublishing").on(t.updatedAt).where(sql`sub_status = 'unpublishing'`),
    index("posts_leased").on(t.leaseExpiresAt).where(sql`status = 'publishing'`),
    // Rows of ended posts are most, and nobody asks for them this way.
    index("posts_account_active").on(t.accountId, t.status).where(sql`status in ('scheduled', 'publishing', 'retry')`),
    // "Was this said before?" and "does another one wait to say it?" are asked at every preview and approval.
    index("posts_said").on(t.accountId, t.publishedAt).where(sql`external_post_id is not null`),
    index("posts_approved")
      .on(t.accountId, t.approvedHash)
      .where(sql`approved_hash is not null and external_post_id is null`),
    check("posts_root_has_status", sql`(parent_post_id is null) = (status is not null)`),
    check("posts_root_is_first", sql`(parent_post_id is null) = (thread_position = 0)`),
    check("posts_status_known", sql`status in ('draft', 'scheduled', 'publishing', 'retry', 'published', 'failed')`),
    check("posts_lease_while_publishing", sql`(lease_owner is not null) = (status = 'publishing') or status is null`),
    check("posts_scheduled_has_time", sql`status <> 'scheduled' or (scheduled_at is not null and due_at is not null)`),
    check(
      "posts_sent_only_if_approved",
      sql`status in ('draft', 'failed') or approved_hash is not null or status is null`,
    ),
  ],
);

/** A key that made a post which was deleted: it makes no other one. A trigger writes it. */
export const deletedKeys = psn.table(
  "deleted_keys",
  {
    userId: text("user_id").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    postId: text("post_id").notNull(),
    deletedAt: instant("deleted_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.idempotencyKey] })],
);

/** What a tweet carries beside its text. The bytes lie in the media store under their hash. */
export const postMedia = psn.table(
  "post_media",
  {
    id: text("id").primaryKey(),
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    sha256: text("sha256").notNull(),
    mime: text("mime").notNull(),
    byteLength: bigint("byte_length", { mode: "number" }).notNull(),
    fileName: text("file_name").notNull(),
    width: integer("width"),
    height: integer("height"),
    durationMs: doublePrecision("duration_ms"),
    altText: text("alt_text"),
    /** X's id, valid for the uploading account until the expiry; null until uploaded. */
    platformMediaId: text("platform_media_id"),
    /** X's name for it, as a tweet that shows it bears; null when X gave none. */
    platformMediaKey: text("platform_media_key"),
    platformMediaExpiresAt: instant("platform_media_expires_at"),
    altTextSet: boolean("alt_text_set").notNull().default(false),
    /** What X said to the alt text that it does not take; the tweet goes out without. */
    altTextRefused: text("alt_text_refused"),
    /** What its author should know of the file, as it was seen when it was attached. */
    notes: jsonb("notes").$type<MediaNoteRow[]>().notNull().default([]),
    /** Captions of a video, with their text: a file is small. */
    captions: jsonb("captions").$type<CaptionRow[]>().notNull().default([]),
    /** By language: the captions that X was given for this upload, or does not take. */
    captionsSet: jsonb("captions_set")
      .$type<Record<string, { sha256: string; refused?: string }>>()
      .notNull()
      .default({}),
    /** How far an upload came that is not ready; `UploadState` of the platform's port. */
    upload: jsonb("upload").$type<Record<string, unknown>>(),
  },
  (t) => [
    uniqueIndex("post_media_position").on(t.postId, t.position),
    index("post_media_sha256").on(t.sha256),
    index("post_media_alt_text_refused").on(t.postId).where(sql`alt_text_refused is not null`),
    check("post_media_sha256_is_hash", IS_HASH),
  ],
);

/** A tweet of an earlier version of a draft. */
interface MediaNoteRow {
  code: string;
  message: string;
}

/** Captions of a video in one language. */
export interface CaptionRow {
  /** ISO 639-1 in capitals, as X asks for it: EN, DE. */
  language: string;
  /** The language's name in itself, as X shows it: English, Deutsch. */
  name: string;
  format: "srt" | "vtt";
  fileName: string;
  sha256: string;
  /** The file to the byte: UTF-8. */
  text: string;
}

export interface VersionTweet {
  text: string;
  separatorAfter: string;
  media: {
    sha256: string;
    mime: string;
    byteLength: number;
    fileName: string;
    width: number | null;
    height: number | null;
    /** Of a video; null, or absent in what a version before wrote, where it is not known. */
    durationMs?: number | null | undefined;
    /** What was seen in the file when it was attached. */
    notes?: MediaNoteRow[] | undefined;
    altText: string | null;
    /** Absent in what a version before wrote. */
    captions?: CaptionRow[] | undefined;
  }[];
}

/**
 * What a post was before each of its latest changes: a stack from which `psn post undo` takes the top. Below zero: what was undone,
 * for `psn post redo`, until the next change.
 */
export const draftVersions = psn.table(
  "draft_versions",
  {
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    /** The content version that this was; its negative when it was undone. */
    contentVersion: integer("content_version").notNull(),
    /** Tweets that were on X then; they are not in `tweets`, and cannot be undone. */
    sentCount: integer("sent_count").notNull(),
    tweets: jsonb("tweets").$type<VersionTweet[]>().notNull(),
    metadata: jsonb("metadata").$type<PostMetadata>().notNull(),
    source: text("source"),
    /** The change that ended this version, in words. */
    note: text("note").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.postId, t.contentVersion] })],
);

/** Every change of status with its reason; append-only. */
export const postEvents = psn.table(
  "post_events",
  {
    id: bigserial("id", { mode: "number" }).notNull(),
    postId: text("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    at: instant("at").notNull(),
    kind: text("kind").notNull(),
    status: text("status").$type<PostStatus>().notNull(),
    subStatus: text("sub_status").$type<PostSubStatus>(),
    /** One sentence for a person. */
    note: text("note").notNull(),
    facts: jsonb("facts").$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [primaryKey({ columns: [t.postId, t.id] })],
);

/** Which file of a folder is which post, and what both were when they last agreed. */
export const syncedFiles = psn.table(
  "synced_files",
  {
    postId: text("post_id")
      .primaryKey()
      .references(() => posts.id, { onDelete: "cascade" }),
    /** Absolute, without links. */
    folder: text("folder").notNull(),
    /** In the folder, with `/`. */
    path: text("path").notNull(),
    /** sha256 of what the file said. */
    fingerprint: text("fingerprint").notNull(),
    /** What the post's `content_version` was then. */
    contentVersion: integer("content_version").notNull(),
    syncedAt: instant("synced_at").notNull(),
  },
  (t) => [index("synced_files_folder").on(t.folder, t.path)],
);
