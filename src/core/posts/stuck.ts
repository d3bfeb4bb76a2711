/**
 * Which posts somebody should look at, and why: one rule, which `psn post failures`, the line before an answer, `psn status`
 * and exit codes all ask. A post that is on its way as planned is not among them.
 */
import { type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../db/connection.ts";
import { authorNow } from "../post/due.ts";
import { isSandboxHost } from "../spend/sandbox-host.ts";
import { readingOf } from "../times/readings.ts";
import type { PostStatus } from "../types/index.ts";
import { capital } from "../utils/capital.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { fixFor, isEditFirst } from "./fix.ts";
import { isLeft, isOnlyAsked, isParentDown, isSynced, meantAt } from "./meant.ts";
import { commandTo } from "./read.ts";
import { WAKE_WORKER, workerSilence } from "./silent-worker.ts";

/** These go on only when a person does something. */
const NEED_PERSON = [
  "failed",
  /** A draft, or a failed post of any age, of which some tweets are on X and some are not. */
  "half_published",
  /** Its author takes it down, and some of it is still on X. */
  "half_unpublished",
  /** It is to go out at a time, or its file took it back, and it is a draft that nobody has approved. */
  "unapproved",
  /** It is to go out at a time and is approved, and does not wait for that time. */
  "unscheduled",
  /** The time for which it was meant has passed, and it waits for none. */
  "time_passed",
  /** It waits to go out, and the tweet that it replies to was taken down. */
  "parent_gone",
  "signed_out",
  /** Its account signed in at another host than the one that is configured, such as the sandbox. */
  "other_host",
  /** Its account signed in with another X app than the one that is configured. */
  "other_app",
  "out_of_credits",
  /** X refuses everything of its account until a person acts. */
  "account_held",
  /** X refuses everything of the app until a person acts. */
  "app_held",
  /** Found before its time: X does not take a file, or it is gone. */
  "media_refused",
  /** It needs more than a whole limit of its author's. */
  "cap_too_small",
  /** In `retry` without a time. */
  "held",
  /** A request had no answer, and X shows a post that may be its tweet; it is not going out any more, or failed for that. */
  "perhaps_on_x",
] as const;

/** Why a post is named. */
export const STUCK_KINDS = [
  ...NEED_PERSON,
  /** X refuses everything of its account or of the app until a time. */
  "held_until",
  /** A limit of its author's is used up. */
  "over_cap",
  "confirming",
  "rate_limited",
  /** The network, X or the media store is away. */
  "unreachable",
  "catching_up",
  "retrying",
  /** Its time is past, and nothing has begun. */
  "overdue",
  /** The process that was publishing it is gone. */
  "abandoned",
  /** Scheduled, and no worker runs. */
  "no_worker",
] as const;
export type StuckKind = (typeof STUCK_KINDS)[number];

const NEEDS_PERSON: ReadonlySet<StuckKind> = new Set(NEED_PERSON);
/** These should be on X by now. */
const LATE: ReadonlySet<StuckKind> = new Set(["overdue", "abandoned"]);
/** What they wait for ends then, whether or not a worker is there. */
const WAIT_FOR_A_TIME: ReadonlySet<StuckKind> = new Set(["rate_limited", "held_until", "over_cap"]);

export interface StuckPost {
  postId: string;
  account: string;
  status: PostStatus;
  subStatus: string | null;
  kind: StuckKind;
  needsPerson: boolean;
  failCode: string | null;
  /** In one sentence or two, for a person. */
  reason: string;
  /** The commands of which one helps, or that show more. */
  next: readonly string[];
  /** When it goes on by itself, or what it waits for ends; null when it does not, or when nothing runs that would take it up. */
  until: Date | null;
  tweetCount: number;
  postedCount: number;
  beginning: string;
}

/** What the rule must know beside the hub. */
export interface Surroundings {
  /** Whether anything publishes what falls due. */
  hasWorker?: boolean;
  /** How many workers are there, also such as do nothing; 0 where the engine needs none. */
  workers?: number;
  /** Since when the worker that is there does nothing, which counts as none. */
  silentSince?: Date | null;
  /** Nothing is sent from this hub until a person says which it is. */
  isInDoubt?: boolean;
  /** What is wrong with the engine outside the hub, in a sentence; null when it works. */
  engineTrouble?: string | null;
  /** The host that PSN talks to; an account that signed in elsewhere is named. */
  apiHost?: string | undefined;
  /** The X app that is configured: a hold of another one holds nothing here. */
  clientId?: string | undefined;
  /** The author's zone. */
  zone?: string;
}

export interface StuckCounts {
  needPerson: number;
  wait: number;
  /** Of those that wait: how many are late. */
  overdue: number;
  /** Of those that wait: how many need a worker, where none runs. All do. */
  withoutWorker: number;
}

/** Failures that left nothing on X, and times that have passed, are named for so long. */
const FAILURE_DAYS = 7;
/** A run that is this late was lost, not slow. */
const OVERDUE_SECONDS = 15;
const STUCK_MAX = 200;

/** The posts that are stuck, those that need a person first; `postId` asks about one alone. At most 200. */
export async function stuckPosts(
  db: Db | Tx,
  around: Surroundings = {},
  filter: { postId?: string; limit?: number } = {},
): Promise<StuckPost[]> {
  const { rows } = await db.execute<StuckRow>(sql`
    with stuck as (${stuck(around, filter.postId)})
    select
      stuck.*,
      (select count(*)::int from psn.posts as tweet where tweet.id = stuck.id or tweet.parent_post_id = stuck.id) as tweets,
      (
        select count(*)::int
        from psn.posts as tweet
        where (tweet.id = stuck.id or tweet.parent_post_id = stuck.id) and tweet.external_post_id is not null
      ) as posted,
      (select note from psn.post_events as event where event.post_id = stuck.id order by event.id desc limit 1) as note
    from stuck
    order by
      array_position(${inOrder(NEEDS_PERSON)}, kind) nulls last,
      due_at nulls first,
      updated_at desc,
      id
    limit ${Math.min(filter.limit ?? STUCK_MAX, STUCK_MAX)}`);
  return rows.map((row) => stuckPost(row, around));
}

/** Posts of one account that are stuck for one reason. */
export interface StuckTally {
  kind: StuckKind;
  account: string;
  count: number;
  /** When the last of them goes on; null where none has a time. */
  lastDue: Date | null;
}

/** How many there are, by reason and account: the one count, from which whatever is said of how many wait is taken. */
export async function tallyStuck(db: Db | Tx, around: Surroundings = {}): Promise<StuckTally[]> {
  const { rows } = await db.execute<{ kind: StuckKind; handle: string; count: number; last_due: string | null }>(sql`
    select kind, handle, count(*)::int as count, max(due_at) as last_due
    from (${stuck(around)}) as stuck
    group by kind, handle
    order by handle, kind`);
  return rows.map(({ kind, handle, count, last_due }) => ({
    kind,
    account: handle,
    count,
    lastDue: last_due === null ? null : new Date(last_due),
  }));
}

/** How many there are in all. */
export async function countStuck(db: Db | Tx, around: Surroundings = {}): Promise<StuckCounts> {
  return countsOf(await tallyStuck(db, around), around);
}

/** The counts that are told of. */
export function countsOf(rows: readonly StuckTally[], around: Surroundings): StuckCounts {
  const sum = (which: (kind: StuckKind) => boolean) =>
    rows.reduce((total, { kind, count }) => total + (which(kind) ? count : 0), 0);
  const wait = sum((kind) => !NEEDS_PERSON.has(kind));
  return {
    needPerson: sum((kind) => NEEDS_PERSON.has(kind)),
    wait,
    overdue: sum((kind) => LATE.has(kind)),
    withoutWorker: around.hasWorker === false ? wait : 0,
  };
}

/** One line for the author, or null when all is well. Each post that is stuck is in one of its counts. */
export function stuckLine(
  { needPerson, wait, overdue, withoutWorker }: StuckCounts,
  around: Surroundings = {},
): string | null {
  const isLonely = withoutWorker > 0;
  const onTime = isLonely ? 0 : wait - overdue;
  const late =
    overdue === 0 ? "" : overdue === withoutWorker ? " and should be on X by now" : `, ${overdue} of them overdue`;
  const looked = [
    needPerson > 0 ? `${posts(needPerson)} ${needPerson === 1 ? "needs" : "need"} you` : "",
    overdue > 0 && !isLonely ? `${posts(overdue)} ${overdue === 1 ? "is" : "are"} overdue` : "",
    onTime > 0 ? `${posts(onTime)} ${waits(onTime)}` : "",
  ].filter(Boolean);
  return (
    [
      looked.length > 0 ? `${looked.join(", ")}: psn post failures` : "",
      isLonely
        ? `${noWorkerRuns(around)}; ${posts(withoutWorker)} ${waits(withoutWorker)}${late}: ${workerHelp(around)}`
        : "",
    ]
      .filter(Boolean)
      .join(" · ") || null
  );
}

/** That nothing publishes what falls due, as a clause. */
export const noWorkerRuns = ({ silentSince, zone = "UTC" }: Surroundings): string =>
  silentSince ? workerSilence(silentSince, zone) : "no worker runs";

// --- internal ---

/** A worker that is started on a hub in doubt ends at once. */
const workerHelp = ({ silentSince, isInDoubt = false }: Surroundings) =>
  isInDoubt ? "psn hub claim --help" : silentSince ? WAKE_WORKER : "psn worker";

type StuckRow = Record<string, unknown> & {
  id: string;
  handle: string;
  status: PostStatus;
  sub_status: string | null;
  kind: StuckKind;
  due_at: string | null;
  fail_code: string | null;
  fail_reason: string | null;
  content: string;
  api_host: string | null;
  token_error: string | null;
  prepared_note: string | null;
  perhaps_note: string | null;
  meant_at: string | null;
  /** It was to go out before. */
  was_set: boolean;
  synced: boolean;
  only_asked: boolean;
  tweets: number;
  posted: number;
  approved: boolean;
  note: string | null;
};

/** As an array of SQL, in this order. */
const inOrder = (kinds: Iterable<StuckKind>) =>
  sql`array[${sql.join(
    [...kinds].map((kind) => sql`${kind}`),
    sql`, `,
  )}]::text[]`;

const posts = (count: number) => (count === 1 ? "1 post" : `${count} posts`);
const waits = (count: number) => (count === 1 ? "waits" : "wait");

/** What is known, before its time, to stop a row of `post`. */
const preparedNote = sql`(
        select prepared.note
        from psn.media_preparations as prepared
        where prepared.post_id = post.id and prepared.content_version = post.content_version and prepared.code is not null
      )`;

/** What X shows of a request of `post` that has no outcome, and how its author settles it. */
const perhapsNote = sql`coalesce(
        case when post.fail_code = 'PERHAPS_ON_X' then post.fail_reason end,
        (
          select event.note
          from psn.post_events as event
          join psn.publish_attempts as attempt on attempt.id = (event.facts ->> 'perhapsOfAttempt')::bigint
          where event.post_id = post.id and attempt.root_id = post.id and attempt.outcome is null
          order by event.id desc
          limit 1
        )
      )`;

/** The rule itself: the root rows that are stuck, with their kind. */
function stuck({ hasWorker = true, apiHost, clientId }: Surroundings, postId?: string): SQL {
  const isElsewhere =
    apiHost === undefined ? sql`false` : sql`coalesce(token.metadata ->> 'apiHost', ${apiHost}) <> ${apiHost}`;
  const isOtherApp = clientId === undefined ? sql`false` : sql`token.metadata ->> 'clientId' <> ${clientId}`;
  return sql`
    select post.id, account.handle, post.status, post.sub_status, post.due_at, post.updated_at, post.fail_code, post.fail_reason,
      post.content, post.approved_hash is not null as approved, token.metadata ->> 'apiHost' as api_host, token.metadata ->> 'refreshError' as token_error, ${preparedNote} as prepared_note, perhaps.note as perhaps_note, meant.at as meant_at, post.schedule_version > 0 as was_set,
      ${isSynced} as synced, ${isOnlyAsked} as only_asked, named.kind
    from psn.posts as post
    join psn.accounts as account on account.id = post.account_id
    left join psn.oauth_tokens as token on token.account_id = post.account_id
    cross join lateral (select case when post.status = 'draft' then ${meantAt} end as at) as meant
    cross join lateral (select ${perhapsNote} as note) as perhaps
    cross join lateral (
      select case
        when post.sub_status = 'unpublishing' then 'half_unpublished'
        when post.sub_status in ('partly_unpublished', 'unpublished') then null
        when post.status in ('published', 'failed', 'draft') and exists (
          select from psn.publish_attempts as attempt where attempt.root_id = post.id and attempt.outcome is null
        ) then case when perhaps.note is null then 'confirming' else 'perhaps_on_x' end
        when post.status = 'failed' and post.updated_at > psn.now() - make_interval(days => ${FAILURE_DAYS}) then 'failed'
        when post.status in ('failed', 'draft') and post.external_post_id is not null then 'half_published'
        when post.status = 'draft' and meant.at < ${authorNow} then case
          when greatest(meant.at, post.updated_at) > psn.now() - make_interval(days => ${FAILURE_DAYS}) then 'time_passed'
        end
        when post.status = 'draft' then case
          when post.approved_hash is null and (meant.at is not null or post.schedule_version > 0) then 'unapproved'
          when meant.at is not null then 'unscheduled'
        end
        when post.status = 'publishing' and post.lease_expires_at < psn.now() then 'abandoned'
        when post.status in ('scheduled', 'retry') and ${isElsewhere} then 'other_host'
        when post.status in ('scheduled', 'retry') and ${isOtherApp} then 'other_app'
        when post.status in ('scheduled', 'retry') and ${isParentDown} then 'parent_gone'
        when post.status = 'scheduled' and post.due_at < ${authorNow} - make_interval(secs => ${OVERDUE_SECONDS}) then 'overdue'
        when post.status = 'scheduled' and ${preparedNote} is not null then 'media_refused'
        when post.status = 'scheduled' and not ${hasWorker}::boolean then 'no_worker'
        when post.status = 'scheduled' and (token.id is null or (token.metadata ->> 'requiresReauth')::boolean) then 'signed_out'
        when post.status <> 'retry' then null
        when ${hasWorker}::boolean and post.external_post_id is null
          and post.due_at between psn.now() - make_interval(secs => ${OVERDUE_SECONDS}) and psn.now() then null
        when post.sub_status = 'awaiting_auth' and post.due_at is null then 'signed_out'
        when post.sub_status in ('account_held', 'app_held') and post.due_at is not null then 'held_until'
        when post.sub_status = 'over_cap' and post.due_at is null then 'cap_too_small'
        when post.sub_status in (
          'out_of_credits', 'account_held', 'app_held', 'over_cap', 'confirming', 'rate_limited', 'unreachable', 'catching_up'
        ) then post.sub_status
        when post.due_at is null then 'held'
        when post.due_at < psn.now() - make_interval(secs => ${OVERDUE_SECONDS}) then 'overdue'
        else 'retrying'
      end as kind
    ) as named
    where post.parent_post_id is null
      and named.kind is not null
      and ${postId === undefined ? sql`true` : sql`post.id = ${postId}`}
      and (
        post.status in ('scheduled', 'publishing', 'retry', 'failed')
        or post.sub_status = 'unpublishing'
        or (post.status = 'draft' and (post.external_post_id is not null or ${isLeft}))
        or post.id = any(array(select root_id from psn.publish_attempts where outcome is null))
      )`;
}

function stuckPost(row: StuckRow, around: Surroundings): StuckPost {
  const { kind } = row;
  const due = row.due_at === null ? null : new Date(row.due_at);
  const lonely = around.hasWorker === false && !NEEDS_PERSON.has(kind);
  const goesOn = WAIT_FOR_A_TIME.has(kind) || (!lonely && row.status !== "failed" && row.status !== "draft");
  const shared = {
    postId: row.id,
    account: row.handle,
    status: row.status,
    subStatus: row.sub_status,
    kind,
    needsPerson: NEEDS_PERSON.has(kind),
    failCode: row.fail_code,
    until: goesOn ? due : null,
    tweetCount: row.tweets,
    postedCount: row.posted,
    beginning: row.content.replace(/\s+/g, " ").slice(0, 60),
  };
  const { reason, next } = explained(row, around);
  const half =
    kind !== "half_unpublished" && row.posted > 0 && row.posted < row.tweets
      ? ` ${row.posted} of ${row.tweets} tweets are on X.`
      : "";
  const alone = lonely && kind !== "no_worker" ? ` ${aloneIn(around)}` : "";
  const now = `psn post now ${row.id}`;
  const isAsked = lonely && kind === "confirming" && row.status === "retry";
  const asks = isAsked ? ` ${now} looks at X before it sends anything.` : "";
  // What its author sent already, whoever was sending it can go on with at once.
  const instead = [...(isAsked ? [now] : []), workerHelp(around), ...(kind === "abandoned" ? next : [])];
  return { ...shared, reason: `${reason}${half}${alone}${asks}`, next: lonely ? instead : next };
}

const aloneIn = (around: Surroundings): string =>
  `${capital(noWorkerRuns(around))}${around.silentSince ? ": restart it, or start another" : " that would take it up"}.`;

const timeIn = (at: string | null, zone: string): string =>
  at === null ? "a time that is not known" : utcToUserTime(new Date(at), zone).text;

/** Why, and the command that helps. */
function explained(row: StuckRow, around: Surroundings): { reason: string; next: readonly string[] } {
  const { zone = "UTC", apiHost, hasWorker = true } = around;
  const { id, handle } = row;
  const at = timeIn(row.due_at, zone);
  const show = [`psn post show ${id}`];
  const scheduled = `psn post schedule ${id} --at ${row.meant_at === null ? "TIME" : readingOf(new Date(row.meant_at), zone).at}`;
  const sentence = (text: string | null) => (text ?? "no reason was recorded").replace(/\.*$/, ".");
  switch (row.kind) {
    case "failed":
      return { reason: `It failed: ${sentence(row.fail_reason)}`, next: [fixFor(row.fail_code, id)] };
    case "half_published":
      return {
        reason: "It was stopped half-way.",
        // An edit took the approval away, and without one nothing is sent.
        next: !row.approved
          ? [...show, `psn post approve ${id}`]
          : [row.status === "failed" ? fixFor(row.fail_code, id) : `psn post now ${id}`],
      };
    case "half_unpublished":
      return {
        reason: `You are taking it down, and that is not done. ${sentence(row.note)}`,
        next: [`psn post unpublish ${id}`],
      };
    case "unapproved": {
      const news = row.was_set ? sentence(row.note) : "Nobody has approved it.";
      return {
        reason: row.meant_at === null ? news : `${news} It is meant for ${timeIn(row.meant_at, zone)}.`,
        // A time that nothing but a question names is lost with an approval alone.
        next: [...show, row.meant_at !== null && row.only_asked ? `${scheduled} --approve` : `psn post approve ${id}`],
      };
    }
    case "unscheduled":
      return {
        reason: `It is approved and does not wait for its time: it is meant for ${timeIn(row.meant_at, zone)}.`,
        next: [...show, scheduled],
      };
    case "time_passed": {
      const later = `psn post schedule ${id} --at TIME`;
      return {
        reason: row.synced
          ? `Its file means it for ${timeIn(row.meant_at, zone)}, which has passed. Give the file a later time and sync it, or give the post one: ${later}.`
          : `It is meant for ${timeIn(row.meant_at, zone)}, which has passed. Give it a later time: ${later}.`,
        next: row.approved ? show : [...show, `psn post approve ${id}`],
      };
    }
    case "parent_gone":
      return {
        reason: `The tweet that it replies to was taken down, so nothing is sent at ${at}. It can be cancelled, or said under another tweet or by itself: psn post edit ${id} --reply-to POST|none --approve.`,
        next: [...show, `psn post cancel ${id}`],
      };
    case "signed_out":
      return {
        reason:
          `@${handle} must sign in again; it goes out afterwards. ${row.token_error ? sentence(row.token_error) : ""}`.trim(),
        next: [`psn setup --account @${handle}`],
      };
    case "other_host":
      return {
        reason: `@${handle} signed in at ${row.api_host}, and PSN talks to ${apiHost} now; nothing is sent there.`,
        next: isSandboxHost(row.api_host ?? "")
          ? [commandTo(row.api_host ?? ""), `psn post cancel ${id}`]
          : [commandTo(row.api_host ?? "")],
      };
    case "other_app":
      return {
        reason: `@${handle} signed in with another X app than the one that is set up now; it waits for that app's keys, or for a new sign-in.`,
        next: [`psn setup --account @${handle}`],
      };
    case "out_of_credits":
    case "account_held":
    case "app_held":
      return { reason: sentence(row.note), next: ["psn post resume"] };
    case "media_refused":
      return {
        reason: `It would fail at ${at}, and nothing of it is public: ${sentence(row.prepared_note)}`,
        next: [`psn post edit ${id} --media FILE --approve`],
      };
    case "held":
      return {
        reason: sentence(row.note),
        next: [...show, isEditFirst(row.fail_code) ? fixFor(row.fail_code, id) : `psn post retry ${id}`],
      };
    case "perhaps_on_x":
      return { reason: sentence(row.perhaps_note), next: show };
    case "confirming":
      return {
        reason: "The answer to a tweet was lost. PSN is finding out whether X has it; do not send it again.",
        next: show,
      };
    case "rate_limited":
      return {
        reason: hasWorker
          ? `It waits for X's rate limit and goes on at ${at}.`
          : `It waits for X's rate limit, which ends at ${at}.`,
        next: show,
      };
    case "held_until":
      return {
        reason: `${sentence(row.note)} ${hasWorker ? "It goes on" : "That ends"} at ${at}.`,
        next: ["psn post resume"],
      };
    case "over_cap":
    case "cap_too_small":
      return { reason: sentence(row.note), next: ["psn limits show"] };
    case "catching_up":
      return { reason: `It was missed while nothing was running; it goes out at ${at}.`, next: show };
    case "unreachable":
    case "retrying":
      return { reason: `${sentence(row.note)}${hasWorker ? ` It goes on at ${at}.` : ""}`, next: show };
    case "overdue":
      return { reason: `It was due at ${at}, and nothing has taken it up yet.`, next: show };
    case "abandoned":
      return {
        reason: `The process that was publishing it is gone${hasWorker ? "; another one takes over" : ""}.`,
        next: [`psn post now ${id}`],
      };
    case "no_worker":
      return { reason: `It is due at ${at}, and ${noWorkerRuns(around)}.`, next: [workerHelp(around)] };
  }
}
