/** The approval of a page: first what is wanted, then the same read back, and only then it is done, for exactly what was shown. */
import type { Hub } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";
import { PsnError } from "../core/errors.ts";
import { byPerson } from "../core/posts/person-approval.ts";
import { approvePost, type Schedule, type Sending, schedulePost } from "../core/posts/write.ts";
import type { Reading } from "../core/times/readings.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";
import type { Nonces, Shown, Step } from "./approval.ts";
import type { DraftView } from "./draft.ts";
import type { Notice } from "./draft-page.ts";
import { readApproval } from "./forms.ts";
import type { PageRequest } from "./server.ts";

export interface ApprovalDeps {
  hub: Hub;
  engine: Engine;
  /** Who sits at this machine, for the history. */
  person: string;
  /** Words as a time that lies ahead. @throws PsnError TIME_…; the readings that it could have are in `readingsOf` */
  readTime(words: string): Promise<Schedule>;
  readingsOf(error: PsnError): readonly Reading[];
  /** Premium may have been bought, or have lapsed, since it was read. */
  beforeApproval(postId: string): Promise<void>;
  /** Begins to publish, and returns when the post is taken. @throws PsnError what it is refused with */
  publish(postId: string, sending: Sending): Promise<void>;
}

export type Outcome =
  | { kind: "done"; message: string; hint?: string }
  /** The page again, at that step. */
  | { kind: "page"; step: Step; typed?: string; readings?: readonly Reading[]; notice?: Notice };

/** @throws PsnError APPROVAL_EXPIRED, POST_CHANGED, USAGE, and what approving, scheduling and publishing are refused with */
export async function answerApproval(
  deps: ApprovalDeps,
  nonces: Nonces,
  draft: DraftView,
  request: PageRequest,
): Promise<Outcome> {
  const form = readApproval(request);
  const shown = nonces.take(form.nonce);
  if (shown.contentHash !== draft.contentHash || shown.contentVersion !== draft.contentVersion) {
    throw new PsnError("POST_CHANGED", "It is not what was shown any more.");
  }
  if (form.choice === "yes" && shown.step.kind !== "ask") return await confirmed(deps, draft, shown, shown.step);
  if (shown.step.kind !== "ask") return { kind: "page", step: { kind: "ask" } };
  if (form.choice === "now") return { kind: "page", step: { kind: "confirm_now", force: false } };
  if (form.choice === "later") return await approveLater(deps, draft, shown, false);
  const words = form.choice.startsWith("at:") ? form.choice.slice(3) : form.when;
  return await timeStep(deps, words);
}

// --- internal ---

async function timeStep(deps: ApprovalDeps, words: string): Promise<Outcome> {
  try {
    const schedule = await deps.readTime(words);
    return { kind: "page", step: { kind: "confirm_time", schedule, force: false } };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    const readings = deps.readingsOf(error);
    const notice = { message: error.message, hint: readings.length > 0 ? undefined : error.hint, isBad: true };
    return { kind: "page", step: { kind: "ask" }, typed: words, notice, ...(readings.length > 0 ? { readings } : {}) };
  }
}

async function confirmed(
  deps: ApprovalDeps,
  draft: DraftView,
  shown: Shown,
  step: Exclude<Step, { kind: "ask" }>,
): Promise<Outcome> {
  if (step.kind === "confirm_later") return await approveLater(deps, draft, shown, step.force);
  const sending: Sending = { contentVersion: shown.contentVersion, approve: true, force: step.force };
  await deps.beforeApproval(draft.postId);
  return await orAskAgain(deps, step, async () => {
    if (step.kind === "confirm_now") {
      await deps.publish(draft.postId, sending);
      return { kind: "done", message: "Being published." };
    }
    await schedulePost(deps.hub, deps.engine, draft.postId, step.schedule, sending);
    const { at, timezone } = step.schedule;
    return { kind: "done", message: `Approved and scheduled for ${utcToUserTime(at, timezone).text}.` };
  });
}

async function approveLater(deps: ApprovalDeps, draft: DraftView, shown: Shown, force: boolean): Promise<Outcome> {
  await deps.beforeApproval(draft.postId);
  return await orAskAgain(deps, { kind: "confirm_later", force }, async () => {
    await approvePost(deps.hub, draft.postId, { contentVersion: shown.contentVersion, force });
    return { kind: "done", message: "Approved. Nothing is sent by that." };
  });
}

/** What was said before is asked about once more. */
async function orAskAgain(
  deps: ApprovalDeps,
  step: Exclude<Step, { kind: "ask" }>,
  act: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await byPerson(deps.hub, { how: "page", by: deps.person }, act);
  } catch (error) {
    if (!(error instanceof PsnError) || error.code !== "POST_DUPLICATE" || step.force) throw error;
    const notice = { message: error.message, isBad: true };
    return { kind: "page", step: { ...step, force: true }, notice };
  }
}
