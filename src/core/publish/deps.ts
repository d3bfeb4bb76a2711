/** What publishing needs from outside, and what it answers. */
import type { Hub } from "../db/connection.ts";
import type { HubMark } from "../db/mark.ts";
import type { Engine } from "../engine.ts";
import type { MediaStore } from "../media/store.ts";
import type { KeeperDeps } from "../tokens/keeper.ts";
import type { PostSubStatus } from "../types/index.ts";

export interface PublishDeps extends KeeperDeps {
  hub: Hub;
  engine: Engine;
  media: MediaStore;
  /** In [0, 1). */
  random(): number;
  /** Unique for each process. */
  workerId: string;
  /** The X app; a hold on credits is the app's. */
  clientId: string;
  /** A post that missed its time by more than this is not sent without a word from the author. */
  graceMs: number;
  /** Between two posts of one account that were missed while nothing ran; default 5 minutes, 0 lets all go at once. */
  catchUpMs?: number;
  /** Of an embedded hub: moves forward with each request, and finds a record that is older than what was sent. */
  mark?: Pick<HubMark, "advance" | "check" | "requireOwn"> | null;
}

export type PublishResult =
  | { kind: "published"; postId: string; platformPostIds: string[] }
  /** It goes on at a time, or (null) when a person has done something. */
  | { kind: "deferred"; postId: string; subStatus: PostSubStatus | null; until: Date | null; note: string }
  | { kind: "failed"; postId: string; code: string; reason: string }
  /** Not due, an old version, or another worker has it. */
  | { kind: "not_ours"; postId: string };
