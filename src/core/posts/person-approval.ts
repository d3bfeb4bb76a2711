/**
 * A person's approval, for the mode in which an agent's word is not enough.
 *
 * In the mode `person` nothing becomes ready to be sent by a command alone. An act that approves or sends (approve, schedule, now,
 * retry, an edit of a post that waits) asks `requirePerson` in its transaction. It is refused with APPROVAL_NEEDED, whose
 * `details.terms` say what is to be approved: post, account, hash of the content, when it is sent, what it costs at most. Then
 *
 * 1. whoever has a person at hand shows them exactly those terms and asks: the terminal, the loop and MCP's elicitation in the same
 *    process, the page in its own (`openApproval` gives it a nonce for its form);
 * 2. a yes is stored as a grant of those terms: `grantTerms`, or `grantApproval` with the nonce, which is good for one answer;
 * 3. the same act is done again. It uses the grant up in its own transaction, and history says who approved and how.
 *
 * A grant is good for one act and ten minutes, and for the post as it stands: an edit, an undo, a cancel or a new time voids it, also
 * where the content comes back. Where content, account or time differ from its terms, or the cost is higher, it is not found, and the act
 * is refused with APPROVAL_STALE. No command, argument, variable or text on stdin makes a grant. A process of the
 * same user can write to the hub, press keys in a terminal of its own, or read the page; elicitation proves what whoever
 * holds the other end of PSN's stdin and stdout says, and no more. docs/agents.md says so.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { sql } from "drizzle-orm";
import { threadCostUsd } from "../compose/cost.ts";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { approvalMode } from "../post/approval-mode.ts";
import { hashOfStored } from "../post/content-hash.ts";
import { addEvent } from "../post/history.ts";
import { newId } from "../utils/id.ts";
import { isOnItsWay } from "./on-its-way.ts";
import { loadPost, type Post } from "./read.ts";

export const APPROVAL_MINUTES = 10;
const PENDING_MAX = 50;
const MILLS = 1000;

/** When the post goes out: not by this act, at once, or at an instant (ISO 8601 in UTC). */
export type Sends = "draft" | "now" | (string & {});

/** What is approved. JSON-safe. */
export interface ApprovalTerms {
  postId: string;
  accountId: string;
  contentHash: string;
  /** Of the post when it was asked: each edit and undo makes another content version, each cancel and new time another of its schedule. */
  contentVersion: number;
  scheduleVersion: number;
  sends: Sends;
  /** At most. */
  costUsd: number;
}

/** How a person said yes. Each can be imitated by a process of the same user that is in the right place; docs/agents.md says which. */
export const HOWS = ["elicitation", "page", "terminal", "loop"] as const;
export type How = (typeof HOWS)[number];

export interface ApprovedBy {
  how: How;
  /** The user of this machine, or the client that asked. */
  by: string;
}

/** A question that nobody has answered yet. */
export interface PendingApproval extends ApprovalTerms {
  id: string;
  createdAt: Date;
  expiresAt: Date;
}

const HOW_SAID: Record<How, string> = {
  elicitation: "in the client's own question",
  page: "on the approval page (local user)",
  terminal: "at the terminal (local user)",
  loop: "at the keys of the loop (local user)",
};

/**
 * In the transaction of an act that approves or sends `postId`, after its content is written. In the mode `agent` it asks nothing.
 * @throws PsnError APPROVAL_NEEDED, APPROVAL_STALE, with `details.terms`
 */
export async function requirePerson(
  tx: Tx,
  hub: Pick<Hub, "requiresPerson" | "approvalMark">,
  postId: string,
  sends: Sends,
): Promise<void> {
  if ((await approvalMode(tx, hub)) === "agent") return;
  const post = await loadPost(tx, postId);
  const terms = termsOf(post, sends);
  const { rows } = await tx.execute<{ id: string; how: How; by: string }>(sql`
    update psn.approvals
    set used_at = psn.now()
    where id = (
      select id
      from psn.approvals
      where post_id = ${postId}
        and account_id = ${terms.accountId}
        and content_hash = ${terms.contentHash}
        and content_version = ${terms.contentVersion}
        and schedule_version = ${terms.scheduleVersion}
        and sends = ${terms.sends}
        and cost_mills >= ${millsOf(terms.costUsd)}
        and granted_at is not null
        and used_at is null
        and expires_at > psn.now()
      order by granted_at
      limit 1
      for update
    )
    returning id, granted_how as how, granted_by as by`);
  const [used] = rows;
  if (!used && (await isOnItsWay(tx, post.root, terms))) return;
  if (!used) throw await refusal(tx, post, terms);
  const { accountId, contentVersion, costUsd } = terms;
  const bound = { sends, costUsd, accountId, contentVersion };
  await addEvent(tx, postId, {
    kind: "approved",
    status: post.root.status,
    note: `${saidOf(sends)} approved by ${used.by} ${HOW_SAID[used.how]}.`,
    facts: { approval: used.id, how: used.how, by: used.by, hash: terms.contentHash, ...bound },
  });
}

/** The terms that an error asks for; null for any other error. */
export function termsNeeded(error: unknown): ApprovalTerms | null {
  const isAsked = error instanceof PsnError && (error.code === "APPROVAL_NEEDED" || error.code === "APPROVAL_STALE");
  return isAsked ? ((error.details?.terms as ApprovalTerms | undefined) ?? null) : null;
}

/**
 * Does an act that a person has just asked for at their own keys or on the page, which showed them exactly what it is about. Where it needs
 * their approval, that was it.
 */
export async function byPerson<T>(hub: Hub, by: ApprovedBy, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const terms = termsNeeded(error);
    if (!terms) throw error;
    await grantTerms(hub, terms, by);
    return await act();
  }
}

/**
 * A person was shown the terms, in this process, and said yes. Only for code that has just asked one.
 * @returns the grant's id
 */
export async function grantTerms(hub: Hub, terms: ApprovalTerms, { how, by }: ApprovedBy): Promise<string> {
  const id = await insert(hub.db, terms);
  await hub.db.execute(sql`
    update psn.approvals
    set granted_at = psn.now(), granted_how = ${how}, granted_by = ${by.slice(0, 100)}
    where id = ${id}`);
  return id;
}

/**
 * Leaves the question for the approval page. Asked again with the same terms it is the same question.
 * @returns its id, which approves nothing by itself
 */
export async function askApproval(hub: Hub, terms: ApprovalTerms): Promise<string> {
  const { rows } = await hub.db.execute<{ id: string }>(sql`
    update psn.approvals
    set expires_at = psn.now() + make_interval(mins => ${APPROVAL_MINUTES})
    where post_id = ${terms.postId}
      and account_id = ${terms.accountId}
      and content_hash = ${terms.contentHash}
      and content_version = ${terms.contentVersion}
      and schedule_version = ${terms.scheduleVersion}
      and sends = ${terms.sends}
      and cost_mills = ${millsOf(terms.costUsd)}
      and ${isOpen}
    returning id`);
  return rows[0]?.id ?? (await insert(hub.db, terms));
}

/**
 * A person's answer in the client's own question, which was about `askApproval`'s id. Each question takes one answer.
 * @returns whether it was still open; an answer that was given before, or too late, is none
 */
export async function answerElicited(
  hub: Hub,
  { id, yes, by }: { id: string; yes: boolean; by: string },
): Promise<boolean> {
  const { rowCount } = await hub.db.execute(
    yes
      ? sql`
        update psn.approvals
        set granted_at = psn.now(), granted_how = 'elicitation', granted_by = ${by.slice(0, 100)}, nonce_hash = null,
          expires_at = psn.now() + make_interval(mins => ${APPROVAL_MINUTES})
        where id = ${id} and ${isOpen}`
      : sql`update psn.approvals set declined_at = psn.now(), nonce_hash = null where id = ${id} and ${isOpen}`,
  );
  return rowCount === 1;
}

/**
 * The questions that wait for a person, the oldest first. At most 50. One about an earlier version of its post is left out: no yes
 * to it would count, and it would stand before the one that was asked since, also where the content came back.
 */
export async function pendingApprovals(db: Db | Tx): Promise<PendingApproval[]> {
  const { rows } = await db.execute<ApprovalRow>(sql`
    select *
    from psn.approvals
    where ${isOpen}
      and exists (
        select
        from psn.posts
        where posts.id = approvals.post_id
          and posts.account_id = approvals.account_id
          and posts.content_version = approvals.content_version
          and posts.schedule_version = approvals.schedule_version
      )
    order by created_at, id
    limit ${PENDING_MAX}`);
  return rows.map(pendingOf);
}

/**
 * Shows a question to a person: its terms, and a nonce for their answer. The nonce before it, if there was one, is void. Show the post as
 * it is stored, and only where its hash is still `contentHash`: `isAsAsked` tells.
 * @throws PsnError APPROVAL_UNKNOWN when it was answered, ran out, or never was
 */
export async function openApproval(hub: Hub, id: string): Promise<PendingApproval & { nonce: string }> {
  const nonce = randomBytes(32).toString("base64url");
  const { rows } = await hub.db.execute<ApprovalRow>(sql`
    update psn.approvals
    set nonce_hash = ${hashOf(nonce)}
    where id = ${id} and ${isOpen}
    returning *`);
  const [row] = rows;
  if (!row) throw unknownApproval(id);
  return { ...pendingOf(row), nonce };
}

/** Whether the post, as it is stored now, is what the question is about. */
export function isAsAsked(post: Post, terms: ApprovalTerms): boolean {
  const now = termsOf(post, terms.sends);
  return (
    now.contentHash === terms.contentHash &&
    now.contentVersion === terms.contentVersion &&
    now.scheduleVersion === terms.scheduleVersion &&
    now.accountId === terms.accountId &&
    now.costUsd <= terms.costUsd + 1e-9
  );
}

/**
 * The person's answer to `openApproval`. The nonce is good for one answer; a yes is a grant of exactly the terms that were shown, for one
 * act and ten minutes. It sends nothing by itself: the act that was refused is done again.
 * @throws PsnError APPROVAL_UNKNOWN (answered, too old, never asked), APPROVAL_FORGED (another nonce), APPROVAL_STALE (the post is not
 *   what was shown any more)
 */
export async function answerApproval(
  hub: Hub,
  { id, nonce, yes, how, by }: { id: string; nonce: string; yes: boolean } & ApprovedBy,
): Promise<ApprovalTerms> {
  return await hub.db.transaction(async (tx) => {
    const { rows } = await tx.execute<ApprovalRow>(sql`
      select *
      from psn.approvals
      where id = ${id} and ${isOpen}
      for update`);
    const [row] = rows;
    if (!row) throw unknownApproval(id);
    if (row.nonce_hash === null || !isSame(row.nonce_hash, hashOf(nonce))) {
      throw new PsnError("APPROVAL_FORGED", "This answer does not belong to the question that was shown.", {
        hint: "Open the page again and answer there.",
      });
    }
    const terms = pendingOf(row);
    const post = await loadPost(tx, terms.postId);
    if (yes && !isAsAsked(post, terms)) throw staleApproval(terms.postId, "the post has changed since it was shown");
    await tx.execute(
      yes
        ? sql`
          update psn.approvals
          set granted_at = psn.now(), granted_how = ${how}, granted_by = ${by.slice(0, 100)}, nonce_hash = null,
            expires_at = psn.now() + make_interval(mins => ${APPROVAL_MINUTES})
          where id = ${id}`
        : sql`update psn.approvals set declined_at = psn.now(), nonce_hash = null where id = ${id}`,
    );
    if (!yes) {
      const note = `${saidOf(terms.sends)} declined by ${by.slice(0, 100)} ${HOW_SAID[how]}.`;
      await addEvent(tx, terms.postId, { kind: "declined", status: post.root.status, note, facts: { approval: id } });
    }
    return terms;
  });
}

// --- internal ---

type ApprovalRow = Record<string, unknown> & {
  id: string;
  post_id: string;
  account_id: string;
  content_hash: string;
  content_version: number | null;
  schedule_version: number | null;
  sends: string;
  cost_mills: number;
  nonce_hash: string | null;
  created_at: string;
  expires_at: string;
};

/** Of a row: nobody has answered it, and it is not too old. */
const isOpen = sql`granted_at is null and declined_at is null and expires_at > psn.now()`;
const millsOf = (usd: number) => Math.round(usd * MILLS);
const hashOf = (nonce: string) => createHash("sha256").update(nonce).digest("hex");
const isSame = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

function pendingOf(row: ApprovalRow): PendingApproval {
  return {
    id: row.id,
    postId: row.post_id,
    accountId: row.account_id,
    contentHash: row.content_hash,
    // Asked by an earlier version, which kept neither.
    contentVersion: row.content_version ?? -1,
    scheduleVersion: row.schedule_version ?? -1,
    sends: row.sends,
    costUsd: row.cost_mills / MILLS,
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
  };
}

/** What the post is now, as terms. What is on X already costs nothing more. */
function termsOf(post: Post, sends: Sends): ApprovalTerms {
  const { root, tweets } = post;
  const unsent = tweets.filter(({ externalPostId }) => externalPostId === null);
  return {
    postId: root.id,
    accountId: root.accountId,
    contentHash: hashOfStored(post),
    contentVersion: root.contentVersion,
    scheduleVersion: root.scheduleVersion,
    sends,
    costUsd: threadCostUsd(unsent.map((tweet) => ({ text: tweet.content, media: tweet.media }))),
  };
}

async function insert(db: Db, terms: ApprovalTerms): Promise<string> {
  const id = newId();
  // What is a day old tells nobody anything any more; history has what was approved.
  await db.execute(sql`delete from psn.approvals where created_at < psn.now() - interval '1 day'`);
  await db.execute(sql`
    insert into psn.approvals (
      id, post_id, account_id, content_hash, content_version, schedule_version, sends, cost_mills, expires_at
    )
    values (
      ${id}, ${terms.postId}, ${terms.accountId}, ${terms.contentHash}, ${terms.contentVersion}, ${terms.scheduleVersion},
      ${terms.sends}, ${millsOf(terms.costUsd)}, psn.now() + make_interval(mins => ${APPROVAL_MINUTES})
    )`);
  return id;
}

/** Why no grant fits: there is none, or the last one was for something else. */
async function refusal(tx: Tx, { root }: Post, terms: ApprovalTerms): Promise<PsnError> {
  const { rows } = await tx.execute<ApprovalRow & { used: boolean; ran_out: boolean }>(sql`
    select *, used_at is not null as used, expires_at <= psn.now() as ran_out
    from psn.approvals
    where post_id = ${root.id} and granted_at > psn.now() - interval '1 hour'
    order by granted_at desc
    limit 1`);
  const [last] = rows;
  // An approval of the draft, used up, says nothing of its time.
  if (!last || (last.used && last.sends !== terms.sends)) return neededApproval(terms);
  const why =
    last.content_hash !== terms.contentHash
      ? "its content has changed since it was approved"
      : last.account_id !== terms.accountId
        ? "it goes out as another account than was approved"
        : last.sends !== terms.sends
          ? "it would go out at another time than was approved"
          : last.cost_mills < millsOf(terms.costUsd)
            ? "it costs more than was approved"
            : last.used
              ? "its approval was used already"
              : last.content_version !== terms.contentVersion || last.schedule_version !== terms.scheduleVersion
                ? "it was changed or taken back since"
                : `its approval is older than ${APPROVAL_MINUTES} minutes`;
  return staleApproval(root.id, why, terms);
}

function neededApproval(terms: ApprovalTerms): PsnError {
  return new PsnError("APPROVAL_NEEDED", `A person has to approve this: ${saidOf(terms.sends)} of ${terms.postId}.`, {
    hint: "The person runs the same command at a terminal, or answers on the approval page; then the same command goes on.",
    next: [`psn post show ${terms.postId}`, commandOf(terms)],
    details: { terms, needsPerson: true },
  });
}

function staleApproval(postId: string, why: string, terms?: ApprovalTerms): PsnError {
  return new PsnError("APPROVAL_STALE", `The approval of post ${postId} does not hold: ${why}.`, {
    hint: "Show the post again as it is now, and ask the person anew.",
    next: [`psn post show ${postId}`, ...(terms ? [commandOf(terms)] : [])],
    details: { ...(terms ? { terms } : {}), needsPerson: true },
  });
}

const unknownApproval = (id: string) =>
  new PsnError("APPROVAL_UNKNOWN", `There is no open question ${id.slice(0, 40)}: it was answered, or it is too old.`, {
    hint: "Ask again with the command that was refused.",
    next: ["psn post list"],
  });

/** The act as a command, for the person or for a repeat after their yes. */
function commandOf({ postId, sends }: ApprovalTerms): string {
  if (sends === "draft") return `psn post approve ${postId}`;
  return sends === "now" ? `psn post now ${postId} --approve` : `psn post schedule ${postId} --at ${sends} --approve`;
}

/** The act, as the beginning of a sentence. */
function saidOf(sends: Sends): string {
  if (sends === "draft") return "The content";
  return sends === "now" ? "Publishing it now" : `Publishing it at ${sends}`;
}
