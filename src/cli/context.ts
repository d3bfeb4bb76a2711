/** `psn context`: what an agent needs to know at this moment, in a few hundred words. */
import { z } from "zod";
import { listAccountsAt } from "../core/accounts/accounts.ts";
import { dollarsOf } from "../core/compose/cost.ts";
import { PsnError } from "../core/errors.ts";
import { approvalMode } from "../core/post/approval-mode.ts";
import { pendingApprovals } from "../core/posts/person-approval.ts";
import { listPosts } from "../core/posts/read.ts";
import { WAKE_WORKER } from "../core/posts/silent-worker.ts";
import { countStuck, noWorkerRuns, type Surroundings, stuckLine, stuckPosts } from "../core/posts/stuck.ts";
import { amountInWords, limitInWords } from "../core/spend/limits.ts";
import { spendReport } from "../core/spend/report.ts";
import { type App, withApp } from "./_app.ts";
import { defineCommand } from "./_command.ts";
import { surroundings } from "./_host.ts";
import { partUsed, statesOf } from "./_limits.ts";
import { timeAnswer } from "./_summary.ts";
import { oneLine } from "./_wrap.ts";
import { GUIDES } from "./guides/guides.ts";

const TOPICS = ["now", "post", "setup", "guide"] as const;
const UPCOMING_MAX = 5;
const STUCK_MAX = 5;
const ACCOUNTS_MAX = 10;
const LIMITS_MAX = 5;
const PENDING_MAX = 5;
/** Names and beginnings are the author's: none of them fills the page. */
const LINE_CHARS_MAX = 200;

export const contextCommand = defineCommand({
  input: z.object({
    topic: z.enum(TOPICS).default("now").meta({
      position: 0,
      description: "now (default), post, setup: how things stand, for that; guide: how to post, step by step",
    }),
  }),
  examples: ["psn context", "psn context post"],
  answer: z.object({ topic: z.enum(TOPICS), text: z.string() }),
  // It is read by a model, in a skill or a prompt.
  textWhenPiped: true,
  async run(io, { topic }) {
    if (topic === "guide") return { topic, text: GUIDES.find(({ name }) => name === "post")?.text("psn") ?? "" };
    try {
      return { topic, text: await withApp({ ...io, note: () => {} }, textOf) };
    } catch (error) {
      // That nothing is set up yet is how things stand, too.
      if (!(error instanceof PsnError)) throw error;
      return {
        topic,
        text: [`- ${error.code}: ${error.message}`, error.hint && `- ${error.hint}`].filter(Boolean).join("\n"),
      };
    }
  },
  render: ({ text }) => text,
});

// --- internal ---

async function textOf(app: App): Promise<string> {
  const { db } = app.hub;
  const { timezone } = app.hubEnv;
  const keys = await app.keys().catch(() => null);
  const around = await surroundings(app);
  const accounts = await listAccountsAt(db, keys?.apiHost ?? null);
  const attention = stuckLine(await countStuck(db, around), around);
  const stuck = await stuckPosts(db, around, { limit: STUCK_MAX });
  const upcoming = await listPosts(db, { statuses: ["scheduled", "retry"], order: "due", limit: UPCOMING_MAX });
  const mode = await approvalMode(db, app.hub);
  const pending = await pendingApprovals(db);
  const { micros, sandbox } = await spendReport(db, { period: "month", zone: timezone });
  const limits = await statesOf(app);
  const local = (at: Date | null) => (at ? timeAnswer(at, timezone).local : "without a time");
  return [
    `- Now: ${local(new Date())}; times are in ${timezone}`,
    `- Posts go to: ${!keys ? "nowhere, there are no keys yet (psn setup)" : keys.isRealX ? "X itself; they cost money" : `${keys.apiHost}, a stand-in for X; nothing is public`}`,
    ...listed(accounts, ACCOUNTS_MAX, "accounts: psn account list", (account) => {
      if (account.isElsewhere) {
        return `- Account: @${account.handle} (of ${account.apiHost}: nothing is published as it now)`;
      }
      const state = account.signedIn ? "signed in" : `signed out: psn setup --account @${account.handle}`;
      const plan = account.subscription && account.subscription !== "None" ? `, ${account.subscription}` : "";
      return `- Account: @${account.handle} (${state}${plan}${account.isDefault ? ", the default" : ""})`;
    }),
    ...(accounts.every(({ isElsewhere }) => isElsewhere)
      ? ["- Account: none is signed in where posts go (psn setup)"]
      : []),
    `- Worker: ${workerState(around)}`,
    mode === "agent"
      ? "- Approval: on the person's plain yes to the exact preview, in this conversation"
      : "- Approval: only by an act of the person's own; a command is refused with APPROVAL_NEEDED until then",
    ...listed(
      pending,
      PENDING_MAX,
      "approvals: psn approval",
      ({ postId, sends }) => `- Waits for the person's approval: post ${postId} (${sends})`,
    ),
    `- Spent this month: ${dollarsOf(micros)}${sandbox.requests > 0 ? ` (and ${dollarsOf(sandbox.micros)} on a stand-in, which costs nothing)` : ""}; more: psn spend`,
    ...listed(
      limits.toSorted((one, other) => partUsed(other) - partUsed(one)),
      LIMITS_MAX,
      "limits: psn limits show",
      (limit) => `- Limit: ${line(`${limitInWords(limit)}, ${amountInWords(limit.unit, limit.used)} used`)}`,
    ),
    `- Needs a look: ${attention ?? "nothing"}`,
    ...stuck.map(({ postId, reason, next }) => `  - ${line(`${postId}: ${reason} → ${next.join(", or ")}`)}`),
    ...upcoming.map(({ id, dueAt, beginning }) => `- Next: ${line(`${id} at ${local(dueAt)}: ${beginning}`)}`),
    "- To post: psn post create, show the preview, the person's yes, psn post approve, psn post now or schedule (psn context guide)",
  ].join("\n");
}

function workerState(around: Surroundings): string {
  if (around.hasWorker) return "runs";
  if (!around.silentSince) return "none runs, so scheduled posts wait (psn worker)";
  return `${noWorkerRuns(around)}, so scheduled posts wait (${WAKE_WORKER})`;
}

/** A line for each of the first; what is left out is counted, and `rest` says where it stands. */
function listed<Item>(items: readonly Item[], max: number, rest: string, lineOf: (item: Item) => string): string[] {
  const more = items.length - max;
  return [...items.slice(0, max).map(lineOf), ...(more > 0 ? [`- And ${more} more ${rest}`] : [])];
}

const line = (text: string) => {
  const one = oneLine(text);
  return one.length > LINE_CHARS_MAX ? `${one.slice(0, LINE_CHARS_MAX)}…` : one;
};
