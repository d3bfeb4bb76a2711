/** Acts that need a person's approval in the mode `person`: whoever is at hand is asked, and the act is done again. */

import { dollars } from "../../core/compose/cost.ts";
import { PsnError } from "../../core/errors.ts";
import { markPerson } from "../../core/post/approval-mode.ts";
import { isWaiting } from "../../core/post/transitions.ts";
import { boundFacts } from "../../core/posts/approval-shown.ts";
import {
  type ApprovalTerms,
  type ApprovedBy,
  answerElicited,
  askApproval,
  byPerson,
  grantTerms,
  isAsAsked,
  termsNeeded,
} from "../../core/posts/person-approval.ts";
import { loadPost, type Post } from "../../core/posts/read.ts";
import { type App, withApp } from "../_app.ts";
import { askWord } from "../_ask.ts";
import type { Io } from "../_command.ts";
import { renderPreview } from "../_preview.ts";
import { timeAnswer } from "../_summary.ts";
import { hung, printable } from "../_wrap.ts";
import { personName } from "./_person.ts";
import { postShown } from "./_status.ts";

const WORD = "approve";

/**
 * Does the act. Where it needs a person's approval, shows them what it is about and asks, in the client's own question or at the terminal;
 * with nobody at hand, leaves the question for the approval page.
 * @throws PsnError APPROVAL_NEEDED, APPROVAL_STALE, CANCELLED when they said no, and what the act throws
 */
export async function withPerson<T>(io: Io, app: App, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const terms = termsNeeded(error);
    if (!terms || !(error instanceof PsnError)) throw error;
    if (!app.hub.requiresPerson) await markPerson(app.hub);
    const by = await askPerson(io, app, terms);
    if (!by) throw await leftForLater(app, error, terms);
    if (by !== "recorded") await grantTerms(app.hub, terms, by);
    return await act();
  }
}

/** `withApp` for a command whose act may need a person. */
export const withPersonInApp = <T>(io: Io, act: (app: App) => Promise<T>): Promise<T> =>
  withApp(io, (app) => withPerson(io, app, () => act(app)));

/** The act of a person who is at the keys at this moment, and has just pressed them for it. */
export const byLoop = <T>(app: App, act: () => Promise<T>): Promise<T> =>
  byPerson(app.hub, { how: "loop", by: personName() }, act);

// --- internal ---

/**
 * @returns who said yes, or that their yes is recorded already; null when nobody can be asked
 * @throws PsnError CANCELLED
 */
async function askPerson(io: Io, app: App, terms: ApprovalTerms): Promise<ApprovedBy | "recorded" | null> {
  const post = await loadPost(app.hub.db, terms.postId);
  const isStored = isAsAsked(post, terms);
  const facts = boundFacts(post, terms, app.hubEnv.timezone).flatMap(([name, says]) =>
    hung(name.padEnd(NAME_COLUMNS), printable(says)),
  );
  const question = [...facts, "", questionOf(app, post, terms)].join("\n");
  const preview = async () => renderPreview((await postShown(app, terms.postId)).preview, io.paint);
  // In a dry run nobody is asked, and no question would be found again.
  if (io.elicit && isStored && !io.dryRun) {
    const shown = await preview();
    const id = await askApproval(app.hub, terms);
    const by = await io.elicit(`${shown}\n\n${question}`, id);
    if (by !== null) {
      const yes = by !== "declined";
      const counts = await answerElicited(app.hub, { id, yes, by });
      if (!yes) throw declined();
      return counts ? "recorded" : null;
    }
  }
  if (io.takesYes) return { how: "terminal", by: personName() };
  if (!io.interactive) return null;
  io.note(isStored ? await preview() : "With the change that you have just given:");
  if (!(await askWord(io, question, WORD))) throw declined();
  return { how: "terminal", by: personName() };
}

const NAME_COLUMNS = 12;

function questionOf({ hubEnv }: App, { account }: Post, { sends, costUsd }: ApprovalTerms): string {
  const when =
    sends === "draft"
      ? "Approve this, to be sent later"
      : sends === "now"
        ? "Publish this now"
        : `Publish this at ${timeAnswer(new Date(sends), hubEnv.timezone).local}`;
  return `${when}, as @${account.handle}, for up to ${dollars(costUsd)}?`;
}

/** The question goes to the approval page, unless what it is about is stored nowhere. */
async function leftForLater(app: App, error: PsnError, terms: ApprovalTerms): Promise<PsnError> {
  const post = await loadPost(app.hub.db, terms.postId);
  if (!isAsAsked(post, terms)) {
    const { id } = post.root;
    const help = isWaiting(post.root)
      ? {
          hint: `Take the post back first (psn post cancel ${id}), change the draft, and let the person approve it.`,
          next: [`psn post cancel ${id}`],
        }
      : {
          hint: `Give the change without --approve (psn post edit ${id}), and let the person approve the post as it is then.`,
          next: [`psn post edit ${id}`],
        };
    // Nobody's yes can have been for it, so none has become stale.
    return new PsnError("APPROVAL_NEEDED", `A person has to approve this change of post ${id}.`, {
      hint: `The change is not stored, so nobody can be shown it. ${help.hint}`,
      next: help.next,
      details: { ...error.details },
    });
  }
  const approvalId = await askApproval(app.hub, terms);
  return new PsnError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.next === undefined ? {} : { next: error.next }),
    details: { ...error.details, approvalId },
  });
}

const declined = () => new PsnError("CANCELLED", "The person said no; nothing was approved.");
