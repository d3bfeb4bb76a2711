/** What must hold at every moment, and what at rest. A breach ends the seed. */
import { contentHash, type HashedTweet } from "../src/core/post/content-hash.ts";
import type { PostMetadata } from "../src/core/types/index.ts";
import type { ReportedPost } from "../src/sandbox/report.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { HubServer } from "./hub.ts";
import { Promises } from "./promises.ts";
import type { Process, Scheduler } from "./scheduler.ts";

/** Every tweet of the simulation names its post, its place and its version: `p1.t0.v2`. */
export function markOf(text: string): { post: number; position: number } | null {
  const found = /p(\d+)\.t(\d+)\.v\d+/.exec(text);
  return found ? { post: Number(found[1]), position: Number(found[2]) } : null;
}

/** What a request to create a tweet says. */
export interface SentTweet {
  text: string;
  replyToId: string | null;
  mediaCount: number;
}

interface Row {
  id: string;
  parent_post_id: string | null;
  thread_position: number;
  content: string;
  external_post_id: string | null;
  status: string | null;
  sub_status: string | null;
  due_at: Date | null;
  scheduled_at: Date | null;
  platform_post_ids: string[];
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
  "X_UNREACHABLE",
  "X_TOKEN_UNAVAILABLE",
  "X_MEDIA_UNAVAILABLE",
  "MEDIA_STORE_UNAVAILABLE",
  "X_NOT_PERMITTED",
  "X_PARENT_MISSING",
  "MISSED_ITS_TIME",
  "TOO_SLOW",
  "X_MEDIA_FAILED",
  // Twice in a row X says that it has lost what it took.
  "X_MEDIA_INVALID",
];
type OnX = Pick<ReportedPost, "text" | "media">;
const ATTEMPTS_A_TWEET_MAX = 60;

export class Invariants {
  readonly #sandbox: SandboxX;
  readonly #server: HubServer;
  readonly #scheduler: Scheduler;
  /** The hub's clock jumped: leases and due times may differ from what a worker believed a moment ago. */
  hubJumped = false;
  /** The posts by their number in the texts. */
  readonly posts: (string | null)[] = [];
  /** What the author was promised of each. */
  readonly promises = new Promises();
  breach: string | null = null;

  constructor(sandbox: SandboxX, server: HubServer, scheduler: Scheduler) {
    this.#sandbox = sandbox;
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
    const objection = this.promises.objection(
      mark.post,
      mark.position,
      sent.text,
      this.hubJumped ? null : this.#server.now,
    );
    if (objection !== null) this.fail(`${where}: sent, but ${objection}`);
    if (sent.mediaCount !== tweet.media.length) {
      this.fail(`${where}: sent with ${sent.mediaCount} media instead of ${tweet.media.length}`);
    }
    const hashed: HashedTweet[] = rows.map((row) => ({ text: row.content, media: row.media }));
    if (root.approved_hash !== contentHash(hashed, root.metadata)) this.fail(`${where}: sent without approval`);
    const parentId = mark.position === 0 ? null : rows[mark.position - 1]?.external_post_id;
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
    if (root.scheduled_at && root.scheduled_at > this.#server.now) {
      this.fail(`${where}: sent before its time, ${root.scheduled_at.toISOString()}`);
    }
  }

  /** Asked whenever X has dealt with a create. */
  onActed(): void {
    const seen = new Set<string>();
    for (const { posts } of Object.values(this.#sandbox.report().accounts)) {
      const ids = new Map(posts.map((post) => [post.id, post]));
      for (const post of posts) {
        const mark = markOf(post.text);
        if (!mark) {
          this.fail(`X holds something unknown: ${post.text}`);
          continue;
        }
        const key = `p${mark.post}.t${mark.position}`;
        if (seen.has(key)) this.fail(`${key} is on X twice`);
        seen.add(key);
        const parent = markOf(ids.get(post.replyToId ?? "")?.text ?? "");
        const isInPlace =
          mark.position === 0
            ? post.replyToId === null
            : parent?.post === mark.post && parent.position === mark.position - 1;
        if (!isInPlace) this.fail(`${key} does not reply to the tweet before it`);
      }
    }
  }

  /** Asked when nothing is left to happen. */
  async atRest(): Promise<void> {
    const onX = new Map<string, OnX>();
    for (const { posts } of Object.values(this.#sandbox.report().accounts)) {
      for (const post of posts) onX.set(post.id, post);
    }
    const known = new Set<string>();
    for (const [number, postId] of this.posts.entries()) {
      if (!postId) continue;
      const rows = await this.#rows(postId);
      const root = rows[0];
      if (!root) {
        this.fail(`p${number} is lost`);
        continue;
      }
      this.#postAtRest(`p${number}`, root, rows, onX);
      const texts = rows.map((row) => row.content);
      if (!this.promises.allows(number, texts))
        this.fail(`p${number}: its author was promised other texts than ${texts}`);
      for (const row of rows) if (row.external_post_id) known.add(row.external_post_id);
    }
    for (const [id, post] of onX)
      if (!known.has(id)) this.fail(`on X, and the hub does not know it: ${id} ${post.text}`);
    const { rows: often } = await this.#server.look(
      "select post_id, count(*)::int as count from psn.publish_attempts group by post_id having count(*) > $1",
      [ATTEMPTS_A_TWEET_MAX],
    );
    for (const row of often) this.fail(`tweet ${row.post_id} was tried ${row.count} times`);
    const { rows: duplicates } = await this.#server.look(
      "select 1 from psn.post_events where kind in ('duplicate_on_x', 'double_on_x')",
    );
    if (duplicates.length > 0) this.fail("PSN itself reports a duplicate");
  }

  /** What an act of the author's alone may change. */
  async authored(postId: string): Promise<{ fingerprint: string; texts: string[]; status: string; version: number }> {
    const rows = (await this.#rows(postId)) as (Row & { schedule_version: number; content_version: number })[];
    const texts = rows.map((row) => row.content);
    const { schedule_version: version = -1, content_version, approved_hash, status } = rows[0] ?? {};
    const fingerprint = JSON.stringify([version, content_version, approved_hash, texts]);
    return { fingerprint, texts, status: status ?? "", version };
  }

  /** When a post's next run or retry is due, by the true clock. */
  async nextOf(postId: string): Promise<{ status: string; dueMs: number | null; sentCount: number }> {
    const [root] = await this.#rows(postId);
    const dueMs = root?.due_at ? root.due_at.getTime() - this.#server.clockShiftMs : null;
    return { status: root?.status ?? "", dueMs, sentCount: root?.platform_post_ids.length ?? 0 };
  }

  // --- internal ---

  #postAtRest(name: string, root: Row, rows: Row[], onX: Map<string, OnX>): void {
    const { status } = root;
    if (status !== "draft" && status !== "published" && status !== "failed") {
      this.fail(`${name} rests as ${status}/${root.sub_status}, due ${root.due_at?.toISOString()}`);
    }
    if (status === "failed" && (!root.fail_reason || !FAIR_FAILURES.includes(root.fail_code ?? ""))) {
      this.fail(`${name} failed with ${root.fail_code}: ${root.fail_reason}`);
    }
    const ids = rows.flatMap((row) => row.external_post_id ?? []);
    if (JSON.stringify(ids) !== JSON.stringify(root.platform_post_ids)) this.fail(`${name}: the list of ids differs`);
    if (status === "published" && ids.length !== rows.length) this.fail(`${name} is published with tweets missing`);
    for (const row of rows) {
      if (row.external_post_id === null) continue;
      const post = onX.get(row.external_post_id);
      if (!post) this.fail(`${name}: ${row.external_post_id} is not on X`);
      else if (post.text !== row.content) this.fail(`${name}: X holds "${post.text}" for "${row.content}"`);
      else if (hashes(post.media) !== hashes(row.media)) this.fail(`${name}: "${post.text}" has other media on X`);
    }
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

// --- internal ---

function hashes(media: readonly { sha256: string | null }[]): string {
  return media.map(({ sha256 }) => sha256).join(" ");
}
