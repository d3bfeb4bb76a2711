/**
 * Taking a post down at X: exactly what its author asked for, the last tweet first, so that what is left of a thread is always its
 * beginning.
 *
 * Write down what is wanted; then for each tweet: **write the deletion and commit**, ask X, judge the answer, record it. A crash
 * between any two steps leaves a row without an outcome, and the next run looks at X before it asks again. To ask twice does no
 * harm: what is gone stays gone.
 */
import { hubNow } from "../../db/connection.ts";
import { PsnError } from "../../errors.ts";
import type { AnswerMeta, DeletionOutcome } from "../../platform.ts";
import { settleCharge } from "../../spend/charge.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import { lookById } from "../confirm/look-by-id.ts";
import type { LookDeps } from "../confirm/look-up.ts";
import { closedUntil, noteLimits, noteWait } from "../rate-limits.ts";
import { heard } from "../x-clock.ts";
import { noteStillThere, type OpenDeletion, openDeletions, recordGone, writeDeletion } from "./ledger.ts";

export type UnpublishResult =
  | { kind: "done" }
  /** Some of it is still on X; the same again goes on. */
  | { kind: "stopped"; code: string; reason: string };

/** Longer waits are the person's: the same command goes on. */
const WAIT_MS_MAX = 60_000;
/** Requests for one tweet in one run. */
const TRIES_MAX = 5;
const RETRY_MS = 2_000;
/** No room is left for one more request. */
const CAP_CODES: readonly string[] = ["OVER_CAP", "CAP_TOO_SMALL"];

/** Takes down what was written down with `wantDeletions`, as far as it goes now. */
export async function unpublish(
  deps: LookDeps,
  postId: string,
  accountId: string,
  signal?: AbortSignal,
): Promise<UnpublishResult> {
  for (const deletion of await openDeletions(deps.hub, postId)) {
    const stopped = await takeDown(deps, postId, accountId, deletion, signal);
    if (stopped) return stopped;
  }
  return { kind: "done" };
}

// --- internal ---

type Stopped = Extract<UnpublishResult, { kind: "stopped" }>;

const stop = (code: string, reason: string): Stopped => ({ kind: "stopped", code, reason });

function stopAtCap(error: unknown): Stopped {
  if (error instanceof PsnError && CAP_CODES.includes(error.code)) return stop(error.code, error.message);
  throw error;
}

/** Until the tweet is gone. @returns why it goes no further, or null */
async function takeDown(
  deps: LookDeps,
  postId: string,
  accountId: string,
  deletion: OpenDeletion,
  signal: AbortSignal | undefined,
): Promise<Stopped | null> {
  const { hub } = deps;
  let refusedVersion: number | undefined;
  let mayBeGone = deletion.isUnanswered;
  let why = "X gave no usable answer";
  for (let round = 0; round < TRIES_MAX; round++) {
    if (signal?.aborted) return stop("CANCELLED", "It was stopped.");
    if (mayBeGone) {
      const seen = await lookById(deps, accountId, deletion.externalPostId, {
        rootId: postId,
        tweetId: deletion.tweetId,
      });
      if (seen.kind === "gone") {
        await recordGone(hub, postId, deletion, "deleted", null);
        return null;
      }
    }
    const closed = await waitForLimit(deps, accountId, signal);
    if (closed) return closed;
    const token = await credentialsFor(deps, accountId, refusedVersion === undefined ? {} : { refusedVersion });
    if (token.kind === "unavailable") return stop("X_TOKEN_UNAVAILABLE", token.reason);
    if (token.kind !== "ok") return stop("ACCOUNT_SIGNED_OUT", `${token.reason} Sign in again: psn setup`);
    const { host } = deps.platform;
    const chargeId = await writeDeletion(hub, postId, deletion, { host, accountId }).catch(stopAtCap);
    if (chargeId === null) return null;
    if (typeof chargeId !== "number") return chargeId;
    // The deletion is committed: from here on the tweet may be gone.
    const askedAt = deps.clock.now();
    const answered = await deps.platform.deletePost(token.credentials, deletion.externalPostId, signal);
    const { outcome, meta } = await heard<{ outcome: DeletionOutcome; meta: AnswerMeta }>(deps, answered);
    await noteLimits(hub, accountId, "delete", meta);
    if (outcome.kind !== "deleted" && outcome.kind !== "unknown") await settleCharge(hub, chargeId, 0);
    switch (outcome.kind) {
      case "deleted":
      case "gone":
        await recordGone(hub, postId, deletion, outcome.kind === "gone" && mayBeGone ? "deleted" : outcome.kind, meta);
        return null;
      case "refused":
        await noteStillThere(hub, deletion, outcome.detail, meta);
        return stop("X_REFUSED", `X does not delete tweet ${deletion.tweet}. X says: "${outcome.detail}"`);
      case "out_of_credits":
      case "held":
        await noteStillThere(hub, deletion, outcome.detail, meta);
        return stop("X_REFUSED", `X refuses everything of the account or the app now. X says: "${outcome.detail}"`);
      case "wait":
        await noteStillThere(hub, deletion, outcome.detail, meta);
        await noteWait(deps, accountId, "delete", outcome, askedAt);
        break;
      case "signed_out":
        await noteStillThere(hub, deletion, outcome.detail, meta);
        if (refusedVersion !== undefined)
          return stop("X_TOKEN_UNAVAILABLE", "X refuses even a token it has just made.");
        refusedVersion = token.version;
        break;
      case "not_sent":
        await noteStillThere(hub, deletion, outcome.cause, null);
        why = `X could not be reached (${outcome.cause})`;
        await deps.clock.sleep(RETRY_MS * 2 ** round, signal);
        break;
      case "unknown":
        mayBeGone = true;
        why = `X gave no usable answer (${outcome.cause})`;
        await deps.clock.sleep(RETRY_MS * 2 ** round, signal);
        break;
    }
  }
  return stop("X_UNAVAILABLE", `${why}, also after ${TRIES_MAX} tries.`);
}

/** A limit that is known to be closed is waited for when that is short. */
async function waitForLimit(
  deps: LookDeps,
  accountId: string,
  signal: AbortSignal | undefined,
): Promise<Stopped | null> {
  const closed = await closedUntil(deps.hub, accountId, "delete");
  if (!closed) return null;
  const waitMs = closed.getTime() - (await hubNow(deps.hub.db)).getTime();
  if (waitMs > WAIT_MS_MAX)
    return stop("X_RATE_LIMITED", `X's limit on deleting is used up until ${closed.toISOString()}.`);
  await deps.clock.sleep(Math.max(0, waitMs) + 20, signal);
  return null;
}
