/** `psn approval`: who has to approve what PSN sends, and which questions wait for a person. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { APPROVAL_MODES, approvalMode, markPerson, setApprovalMode } from "../core/post/approval-mode.ts";
import { pendingApprovals } from "../core/posts/person-approval.ts";
import { withApp } from "./_app.ts";
import { requirePersonToLoosen } from "./_ask.ts";
import { defineCommand } from "./_command.ts";

export const approvalCommand = defineCommand({
  input: z.object({
    mode: z.enum(APPROVAL_MODES).optional().meta({
      position: 0,
      description: "agent: an agent approves on your yes in the conversation; person: only an act of your own does",
    }),
  }),
  examples: ["psn approval", "psn approval person", "psn approval agent"],
  answer: z.object({
    mode: z.enum(APPROVAL_MODES),
    /** Questions that wait for a person, for ten minutes each. */
    pending: z.array(
      z.object({ id: z.string(), postId: z.string(), sends: z.string(), costUsd: z.number(), expiresAt: z.string() }),
    ),
  }),
  run: (io, { mode }) =>
    withApp(io, async ({ hub, hubEnv }) => {
      const before = await approvalMode(hub.db, hub);
      if (mode === "agent" && before === "person") {
        if (hubEnv.requiresPerson) {
          throw new PsnError("CONFIG_OVERRIDDEN", "PSN_APPROVAL=person is set, and it only tightens the hub's mode.", {
            hint: "Remove it first.",
          });
        }
        const refusal = new PsnError("APPROVAL_NEEDED", "Only a person at a terminal can let agents approve again.", {
          hint: "The person runs psn approval agent at a terminal.",
          next: ["psn approval agent"],
          details: { needsPerson: true },
        });
        const question = "From now on an agent approves and publishes on your yes in its conversation. Allow that?";
        await requirePersonToLoosen(io, refusal, question);
      }
      if (mode !== undefined && mode !== before) await setApprovalMode(hub, mode);
      // Of a hub whose person chose before there was a mark.
      else if (before === "person" && !hubEnv.requiresPerson) await markPerson(hub);
      const pending = await pendingApprovals(hub.db);
      return {
        mode: mode ?? before,
        pending: pending.map(({ id, postId, sends, costUsd, expiresAt }) => ({
          id,
          postId,
          sends,
          costUsd,
          expiresAt: expiresAt.toISOString(),
        })),
      };
    }),
  render: ({ mode, pending }) =>
    [
      mode === "agent"
        ? "An agent approves on your yes in its conversation. psn approval person asks for an act of your own instead."
        : "Only an act of your own approves: the client's question, the approval page, or a terminal.",
      ...pending.map(({ id, postId, sends }) => `  ${id}  post ${postId}  ${sends}`),
    ].join("\n"),
});
