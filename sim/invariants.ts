/**
 * What the hub must hold inside, at every moment and at rest, by the product's own words: leases, approvals, written attempts. What
 * an author and X can see is judged by `audit/`, which knows nothing of the product. A breach of either ends the seed.
 */
import { approvalHash, type HashedTweet } from "../src/core/post/content-hash.ts";
import type { PostMetadata } from "../src/core/types/index.ts";
import type { HubServer } from "./hub.ts";
import type { Process, Scheduler } from "./scheduler.ts";

/** Every tweet of the simulation names its post, its place and its version: `p1.t0.v2`. */
export function markOf(text: string): { post: number; position: number } | null {
  const found = /p(\d+)\.t(\d+)\.v\d+/.exec(text);
  return found ? { post: Number(found[1]), position: Number(found[2]) } : null;
}

/** The posts of a second hub are counted from here on. */
export const SECOND_FROM = 30;

/** What a request to create a tweet says. */
export interface SentTweet {
  text: string;
  replyToId: string | null;
  mediaCount: number;
}

interface Row {
  id: string;
  account_id: string;
  parent_post_id: string | null;
  thread_position: number;
  content: string;
  external_post_id: string | null;
  status: string | null;
  sub_status: string | null;
  due_at: Date | null;
  scheduled_at: Date | null;
  platform_post_ids: string[];
  deleted_at: Date | null;
  fail_code: string | null;
  fail_reason: string | null;
  approved_hash: string | null;
  lease_owner: string | null;
  metadata: PostMetadata;
  media: HashedTweet["media"];
}

/** Reasons a post may fail for in this world; anything else is a bug of ours. */
const FAIR_FAILURES = [
  "X_DUPLICATE",
  "RECORD_NOT_COMPARED",
  // The author's own post has the same words, and X does not show which media are on it.
  "PERHAPS_ON_X",
  "X_NOT_PERMITTED",
  "X_PARENT_MISSING",
  "PARENT_GONE",
  "MISSED_ITS_TIME",
  "TOO_SLOW",
  "X_MEDIA_FAILED",
  // Twice in a row X says that it has lost what it took.
  "X_MEDIA_INVALID",
];
const ATTEMPTS_A_TWEET_MAX = 60;

/** What the author reads of a post. */
export interface Shown {
  post: number;
  status: string;
  reason: string | null;
  texts: string[];
  tweetIds: string[];
  /** Of these, those that are shown as taken down. */
  deletedIds: string[];
}

export class Invariants {
  readonly #server: HubServer;
  readonly #scheduler: Scheduler;
  /** The hub's clock jumped: leases and due times may differ from what a worker believed a moment ago. */
  hubJumped = false;
  /** The hub's clock is off from the beginning, so authors' times come by the true one. */
  hubIsOff = false;
  /** The posts by their number in the texts. */
  readonly posts: (string | null)[] = [];
  breach: string | null = null;

  /** @param fail gets each breach in the place of `breach` and the log */
  constructor(server: HubServer, scheduler: Scheduler, fail?: (what: string) => void) {
    if (fail) this.fail = fail;
    this.#server = server;
    this.#scheduler = scheduler;
  }

  /** Asked right when a worker lets a request go. */
  async onSend(process: Process, sent: SentTweet): Promise<void> {
    const mark = markOf(sent.text);
    const postId = mark && this.posts[mark.post];
    if (!mark || !postId) return this.fail(`something unknown was sent: ${sent.text}`);
    const rows = await this.#rows(postId);
    const root = rows[0];
    const tweet = rows[mark.position];
    if (!root || !tweet) return this.fail(`a tweet without a row was sent: ${sent.text}`);
    const where = `post p${mark.post}, tweet ${mark.position}`;
    if (tweet.content !== sent.text) this.fail(`${where}: sent "${sent.text}", stored "${tweet.content}"`);
    if (tweet.external_post_id !== null) this.fail(`${where}: sent although it has an id`);
    if (sent.mediaCount !== tweet.media.length) {
      this.fail(`${where}: sent with ${sent.mediaCount} media instead of ${tweet.media.length}`);
    }
    const hashed: HashedTweet[] = rows.map((row) => ({ text: row.content, media: row.media }));
    if (root.approved_hash !== approvalHash(root.account_id, hashed, root.metadata))
      this.fail(`${where}: sent without approval`);
    const parentId =
      mark.position === 0 ? (root.metadata.replyToId ?? null) : rows[mark.position - 1]?.external_post_id;
    if (sent.replyToId !== parentId) this.fail(`${where}: replies to ${sent.replyToId}, not to ${parentId}`);
    const { rows: open } = await this.#server.look(
      "select 1 from psn.publish_attempts where post_id = $1 and outcome is null",
      [tweet.id],
    );
    if (open.length !== 1) this.fail(`${where}: sent without a written attempt`);
    if (this.hubJumped) return;
    if (root.status !== "publishing" || root.lease_owner !== process.name) {
      this.fail(`${where}: sent by ${process.name} while ${root.status} and leased to ${root.lease_owner}`);
    }
    // By the true clock where the hub's is behind it; the auditor is told which of them counts.
    const nowMs = Math.max(this.#server.now.getTime(), this.#scheduler.nowMs);
    if (root.scheduled_at && root.scheduled_at.getTime() > nowMs) {
      this.fail(`${where}: sent before its time, ${root.scheduled_at.toISOString()}`);
    }
  }

  /** Asked when nothing is left to happen. @returns what the author reads of each post */
  async atRest(): Promise<Shown[]> {
    const shown: Shown[] = [];
    for (const [number, postId] of this.posts.entries()) {
      if (!postId) continue;
      const rows = await this.#rows(postId);
      const root = rows[0];
      if (!root) {
        this.fail(`p${number} is lost`);
        continue;
      }
      this.#postAtRest(`p${number}`, root, rows);
      shown.push({
        post: number,
        status: root.status ?? "",
        reason: root.fail_reason,
        texts: rows.map((row) => row.content),
        tweetIds: root.platform_post_ids,
        deletedIds: rows.flatMap((row) => (row.deleted_at ? (row.external_post_id ?? []) : [])),
      });
    }
    const { rows: often } = await this.#server.look(
      "select post_id, count(*)::int as count from psn.publish_attempts group by post_id having count(*) > $1",
      [ATTEMPTS_A_TWEET_MAX],
    );
    for (const row of often) this.fail(`tweet ${row.post_id} was tried ${row.count} times`);
    const { rows: duplicates } = await this.#server.look("select 1 from psn.post_events where kind = 'duplicate_on_x'");
    if (duplicates.length > 0) this.fail("PSN itself reports a duplicate");
    return shown;
  }

  /** What an act of the author's alone may change. */
  async authored(postId: string): Promise<{ fingerprint: string; texts: string[]; status: string; version: number }> {
    const rows = (await this.#rows(postId)) as (Row & { schedule_version: number; content_version: number })[];
    const texts = rows.map((row) => row.content);
    const { schedule_version: version = -1, content_version, approved_hash, status } = rows[0] ?? {};
    const fingerprint = JSON.stringify([version, content_version, approved_hash, texts]);
    return { fingerprint, texts, status: status ?? "", version };
  }

  /** Of a post that is on X: its last tweet there, and how far it is taken down. */
  async onX(
    postId: string,
  ): Promise<{ status: string; subStatus: string | null; lastId: string | null; count: number }> {
    const rows = await this.#rows(postId);
    const [root] = rows;
    const ids = root?.platform_post_ids ?? [];
    return {
      status: root?.status ?? "",
      subStatus: root?.sub_status ?? null,
      lastId: ids.at(-1) ?? null,
      count: ids.length,
    };
  }

  /** When a post's next run or retry is due, by the true clock. */
  async nextOf(postId: string): Promise<{ status: string; dueMs: number | null; sentCount: number }> {
    const [root] = await this.#rows(postId);
    const byClockMs = this.hubIsOff && root?.status === "scheduled" ? 0 : this.#server.clockShiftMs;
    const dueMs = root?.due_at ? root.due_at.getTime() - byClockMs : null;
    return { status: root?.status ?? "", dueMs, sentCount: root?.platform_post_ids.length ?? 0 };
  }

  // --- internal ---

  #postAtRest(name: string, root: Row, rows: Row[]): void {
    const { status } = root;
    if (status !== "draft" && status !== "published" && status !== "failed") {
      this.fail(`${name} rests as ${status}/${root.sub_status}, due ${root.due_at?.toISOString()}`);
    }
    if (root.sub_status === "unpublishing") this.fail(`${name} rests half taken down`);
    if (status === "failed" && (!root.fail_reason || !FAIR_FAILURES.includes(root.fail_code ?? ""))) {
      this.fail(`${name} failed with ${root.fail_code}: ${root.fail_reason}`);
    }
    const ids = rows.flatMap((row) => row.external_post_id ?? []);
    if (JSON.stringify(ids) !== JSON.stringify(root.platform_post_ids)) this.fail(`${name}: the list of ids differs`);
  }

  async #rows(postId: string): Promise<Row[]> {
    const { rows } = await this.#server.look(
      `select posts.*, coalesce(carried.media, '[]') as media
      from psn.posts
      left join lateral (
        select jsonb_agg(
          jsonb_build_object('sha256', sha256, 'altText', alt_text) order by position
        ) as media
        from psn.post_media
        where post_id = posts.id
      ) as carried on true
      where id = $1 or parent_post_id = $1
      order by thread_position`,
      [postId],
    );
    return rows as Row[];
  }

  fail(what: string): void {
    this.breach ??= what;
    this.#scheduler.note("BREACH", what);
  }
}
