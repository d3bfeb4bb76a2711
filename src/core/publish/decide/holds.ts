/** What an author reads when X refuses everything of an account or of the app, and how long it rests. Pure. */
import type { HeldAnswer, HeldReason, OutOfCredits } from "../../platform.ts";

/** A hold as it follows from one answer. */
export interface NewHold {
  scope: "account" | "app";
  reason: HeldReason | OutOfCredits["cap"];
  /** For so many ms; null: until a person has done something. */
  restMs: number | null;
  /** What to do, and what X said. */
  note: string;
}

const NOTES: Record<NewHold["reason"], string> = {
  credits: "The X app is out of credits. Buy credits at console.x.com, then: psn post resume",
  spend_cap: "The X app reached its monthly spending limit. Raise it at console.x.com, then: psn post resume",
  usage_cap: "The X app reached its monthly usage cap. When it is lifted: psn post resume",
  app_not_enrolled:
    "X refuses the X app: it is in no package. At console.x.com move it to the Pay-per-use package and the Production environment, then: psn post resume",
  app_forbidden:
    "X refuses the X app: it may not post. At console.x.com give it the permission Read and write, then sign in anew (psn setup --sign-in), or: psn post resume",
  locked: "X has locked the account. Log in as it at https://x.com and do what X asks, then: psn post resume",
  suspended:
    "X has suspended the account. Appeal at https://help.x.com/forms/account-access/appeals; when X has given it back: psn post resume",
  daily_limit:
    "The account has posted as much as X allows in a day. Going on by itself when it has rested for some hours; sooner: psn post resume",
  automated:
    "X takes the account's posts for automated ones. Log in as it at https://x.com and see whether X asks for something. Going on by itself when it has rested for some hours; sooner: psn post resume",
};

/** The hold that an answer brings. */
export function holdOf(answer: HeldAnswer | OutOfCredits): NewHold {
  if (answer.kind === "out_of_credits") {
    return { scope: "app", reason: answer.cap, restMs: null, note: NOTES[answer.cap] };
  }
  const { scope, reason, restMs, detail } = answer;
  return { scope, reason, restMs, note: `${NOTES[reason]}. X says: "${detail}"` };
}
