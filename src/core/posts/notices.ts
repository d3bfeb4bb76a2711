/** What an author should hear at the next interaction: nothing here is e-mailed, and nothing is kept from them. */
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/connection.ts";
import { accounts, oauthTokens, postMedia, posts } from "../db/schema.ts";
import { activeHolds, heldSubStatus } from "../post/holds.ts";
import { capital } from "../utils/capital.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import { fixFor, isEditFirst } from "./fix.ts";
import { HOW_TO_WAKE, WAKE_WORKER } from "./silent-worker.ts";
import {
  countsOf,
  noWorkerRuns,
  type StuckKind,
  type StuckPost,
  type StuckTally,
  type Surroundings,
  stuckPosts,
  tallyStuck,
} from "./stuck.ts";

export interface Notice {
  code: string;
  message: string;
  hint: string;
  /** The message where there is room for a few words only. */
  short?: string;
  /** The commands of the hint. */
  next: readonly string[];
  postId?: string | undefined;
}

const NOTICES_MAX = 20;
const WENT_WITHOUT_MAX = 5;
const WENT_WITHOUT_DAYS = 7;

/** Holds on the app and on accounts, accounts that must sign in, a missing worker, and the posts that are stuck beside those. */
export async function gatherNotices(
  db: Db,
  around: Surroundings = {},
  known?: readonly StuckTally[],
): Promise<Notice[]> {
  const tally = known ?? (await tallyStuck(db, around));
  const named = tally.length === 0 ? [] : await stuckPosts(db, around, { limit: NOTICES_MAX });
  const seldom = await seldomTold(db);
  const all = [
    ...silentEngine(around),
    ...(await holds(db, around, tally)),
    ...otherApp(tally),
    ...(seldom.signedOut ? await signedOut(db, around, tally) : []),
    ...noWorker(around, tally),
    ...failuresAmong(named),
    ...(seldom.altTexts ? await altTexts(db) : []),
    ...(seldom.captions ? await captions(db) : []),
    ...catchingUp(around, tally),
    ...named.filter(({ kind }) => kind !== "failed" && !TOLD_ONCE.has(kind)).map(noticeOf),
  ];
  return all.slice(0, NOTICES_MAX);
}

/** The failed posts of the last week, of all that are stuck. */
export function failuresAmong(stuck: readonly StuckPost[]): Notice[] {
  return stuck.filter(({ kind }) => kind === "failed").map(noticeOf);
}

// --- internal ---

function silentEngine({ engineTrouble }: Surroundings): Notice[] {
  if (!engineTrouble) return [];
  return [{ code: "ENGINE_SILENT", message: engineTrouble, hint: "psn doctor", next: ["psn doctor"] }];
}

/** A post that is stuck, as a notice. */
function noticeOf(post: StuckPost): Notice {
  const { postId, kind, reason, failCode } = post;
  const code = failCode ?? (kind === "failed" ? "FAILED" : kind.toUpperCase());
  return { code, message: `Post ${postId}: ${reason}`, ...helpFor(post), postId };
}

function helpFor({ kind, postId, failCode, next }: StuckPost): Pick<Notice, "hint" | "next"> {
  if (kind !== "failed") return { hint: next.join(", or "), next };
  const fix = fixFor(failCode, postId);
  if (isEditFirst(failCode)) return { hint: `${fix} first: as it is, it would be refused again`, next: [fix] };
  const commands = [`psn post show ${postId}`, `psn post retry ${postId}`, `psn post edit ${postId}`];
  return { hint: `${commands[0]}, then ${commands[1]} or ${commands[2]}`, next: commands };
}

/** One notice tells of all of these, not one for each post. */
const TOLD_ONCE: ReadonlySet<string> = new Set([
  "signed_out",
  "other_app",
  "out_of_credits",
  "account_held",
  "app_held",
  "held_until",
  "catching_up",
  "no_worker",
]);

const HOLD_CODES = { account_held: "ACCOUNT_HELD", app_held: "APP_HELD", out_of_credits: "OUT_OF_CREDITS" } as const;

/** The hold of another app than the one that is used now stops nobody. Where none is set up, all are told. */
async function holds(
  db: Db,
  { zone = "UTC", clientId }: Surroundings,
  tally: readonly StuckTally[],
): Promise<Notice[]> {
  return (await activeHolds(db, clientId)).map((hold) => {
    const who = hold.scope === "app" ? "Every post waits" : `@${hold.handle ?? hold.id} rests`;
    const until = hold.until ? ` until ${utcToUserTime(hold.until, zone).text}` : "";
    const held = sumOf(tally, ["account_held", "held_until"], hold.handle ?? "");
    const count = hold.scope === "app" || held === 0 ? "" : ` ${postsWait(held)}.`;
    return {
      code: HOLD_CODES[heldSubStatus(hold) as keyof typeof HOLD_CODES],
      message: `${who} since ${utcToUserTime(hold.since, zone).text}${until}: ${hold.detail}${count}`,
      hint: "psn post resume",
      next: ["psn post resume"],
    };
  });
}

/** Accounts whose posts wait because another app's keys are set up. */
const otherApp = (tally: readonly StuckTally[]): Notice[] =>
  tally
    .filter(({ kind }) => kind === "other_app")
    .slice(0, NOTICES_MAX)
    .map(({ account, count }) => ({
      code: "ACCOUNT_OTHER_APP",
      message: `@${account} signed in with another X app than the one that is set up now; ${postsWait(count).replace(/^O/, "o")}.`,
      hint: `Put that app's keys back into keys.env, or: psn setup --account @${account}`,
      next: [`psn setup --account @${account}`],
    }));

const isSignedOut = sql`(${oauthTokens.metadata} ->> 'requiresReauth')::boolean`;
const hasAltTextRefused = sql`${postMedia.altTextRefused} is not null`;
const hasCaptionsRefused = sql`jsonb_path_exists(${postMedia.captionsSet}, '$.*.refused')`;
const isRecent = sql`${posts.publishedAt} > psn.now() - make_interval(days => ${WENT_WITHOUT_DAYS})`;

/** Whether there is anything of what is seldom told: one statement, where each of the three would ask for itself. */
async function seldomTold(db: Db): Promise<{ signedOut: boolean; altTexts: boolean; captions: boolean }> {
  const hasMedia = (isRefused: SQL) => sql`exists (
        select
        from ${postMedia}
        join ${posts} on ${posts.id} = ${postMedia.postId}
        where ${isRefused} and ${isRecent}
      )`;
  const { rows } = await db.execute<{ signedOut: boolean; altTexts: boolean; captions: boolean }>(sql`
    select exists (select from ${oauthTokens} where ${isSignedOut}) as "signedOut",
      ${hasMedia(hasAltTextRefused)} as "altTexts",
      ${hasMedia(hasCaptionsRefused)} as captions`);
  return rows[0] ?? { signedOut: true, altTexts: true, captions: true };
}

/** Of these kinds and this account. */
const sumOf = (tally: readonly StuckTally[], kinds: readonly StuckKind[], of: string): number =>
  tally.reduce((sum, { kind, account, count }) => sum + (account === of && kinds.includes(kind) ? count : 0), 0);

const postsWait = (count: number) => (count === 1 ? "One post waits" : `${count} posts wait`);

async function signedOut(db: Db, { zone = "UTC" }: Surroundings, tally: readonly StuckTally[]): Promise<Notice[]> {
  const rows = await db
    .select({
      handle: accounts.handle,
      metadata: oauthTokens.metadata,
    })
    .from(oauthTokens)
    .innerJoin(accounts, eq(accounts.id, oauthTokens.accountId))
    .where(isSignedOut)
    .limit(NOTICES_MAX);
  return rows.map(({ handle, metadata }) => {
    const since = metadata.refreshFailedAt
      ? ` since ${utcToUserTime(new Date(metadata.refreshFailedAt), zone).text}`
      : "";
    const reason = (metadata.refreshError ?? "X ended the sign-in").replace(/\.*$/, ".");
    const count = sumOf(tally, ["signed_out"], handle);
    const held =
      count === 0
        ? ""
        : ` ${count === 1 ? "One of its posts waits and goes" : `${count} of its posts wait and go`} out afterwards.`;
    return {
      code: "ACCOUNT_SIGNED_OUT",
      short: `@${handle} must sign in again`,
      message: `@${handle} must sign in again${since}: ${reason}${held}`,
      hint: `psn setup --account @${handle}`,
      next: [`psn setup --account @${handle}`],
    };
  });
}

/** Alt texts that X did not take, of tweets that went out in the last week. */
const altTexts = (db: Db): Promise<Notice[]> =>
  wentWithout(db, "ALT_TEXT_REFUSED", hasAltTextRefused, ({ fileName, altTextRefused }) => {
    return `the alt text of ${fileName}: ${altTextRefused}`;
  });

/** Captions that X did not take, of the same days. */
const captions = (db: Db): Promise<Notice[]> =>
  wentWithout(db, "CAPTIONS_REFUSED", hasCaptionsRefused, ({ fileName, captionsSet }) => {
    const refused = Object.entries(captionsSet).filter(([, { refused: why }]) => why !== undefined);
    const languages = refused.map(([language]) => language).join(", ");
    return `the captions of ${fileName} in ${languages}: ${refused[0]?.[1].refused ?? ""}`;
  });

/** @param what it went out without, and why, as the end of the message */
async function wentWithout(
  db: Db,
  code: string,
  isRefused: SQL,
  what: (media: typeof postMedia.$inferSelect) => string,
): Promise<Notice[]> {
  const rows = await db
    .select({ tweet: posts, media: postMedia })
    .from(postMedia)
    .innerJoin(posts, eq(posts.id, postMedia.postId))
    .where(and(isRefused, isRecent))
    .orderBy(desc(posts.publishedAt))
    .limit(WENT_WITHOUT_MAX);
  return rows.map(({ tweet, media }) => {
    const postId = tweet.parentPostId ?? tweet.id;
    return {
      code,
      message: `Tweet ${tweet.threadPosition + 1} of post ${postId} went out without ${what(media)}`,
      hint: `psn post show ${postId}`,
      next: [`psn post show ${postId}`],
      postId,
    };
  });
}

function noWorker(around: Surroundings, tally: readonly StuckTally[]): Notice[] {
  if (around.hasWorker !== false) return [];
  const { withoutWorker: count } = countsOf(tally, around);
  if (around.silentSince) {
    const waiting = count === 0 ? "" : count === 1 ? " One post waits for it." : ` ${count} posts wait for it.`;
    return [
      {
        code: "WORKER_SILENT",
        message: `${capital(noWorkerRuns(around))}.${waiting}`,
        hint: capital(HOW_TO_WAKE),
        next: [WAKE_WORKER],
      },
    ];
  }
  if (count === 0) return [];
  const waiting =
    count === 1 ? "a post that waits for its time needs one" : `${count} posts that wait for their time need one`;
  return [
    { code: "NO_WORKER", message: `No worker is running, and ${waiting}.`, hint: "psn worker", next: ["psn worker"] },
  ];
}

/** One an account: what was missed while nothing ran, and goes out one after another. */
function catchingUp({ zone = "UTC" }: Surroundings, tally: readonly StuckTally[]): Notice[] {
  return tally
    .filter(({ kind }) => kind === "catching_up")
    .slice(0, NOTICES_MAX)
    .map(({ account, count, lastDue }) => {
      const at = lastDue === null ? "a time that is not known" : utcToUserTime(lastDue, zone).text;
      return {
        code: "CATCHING_UP",
        message:
          count === 1
            ? `A post of @${account} was missed while nothing was running; it goes out at ${at}.`
            : `${count} posts of @${account} were missed while nothing was running; they go out one after another, the last at ${at}.`,
        hint: "psn post list --status retry",
        next: ["psn post list --status retry"],
      };
    });
}
