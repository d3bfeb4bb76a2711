/** `psn hub claim`: a person says that this hub is the one that publishes. */
import { z } from "zod";
import { requirePlace } from "../core/config/file-error.ts";
import { DOUBTS } from "../core/db/mark.ts";
import { PsnError } from "../core/errors.ts";
import { markFile } from "../core/utils/env.ts";
import { withApp } from "./_app.ts";
import { confirmByPerson } from "./_ask.ts";
import { defineCommand, flag } from "./_command.ts";

export const hubClaimCommand = defineCommand({
  input: z.object({
    restored: flag("It was put back from a backup, or is a copy, and no other copy of it publishes any more"),
    moved: flag("It was moved here, folder and configuration, and nothing is left that publishes at the old place"),
    yes: flag("The person was asked and says so", ["y"]),
  }),
  examples: ["psn hub claim", "psn hub claim --restored", "psn hub claim --moved"],
  answer: z.object({
    claimed: z.boolean(),
    doubt: z.enum(["older", "copied", "machine", "other", "restored"]).nullable(),
  }),
  async run(io, { restored, moved, yes }) {
    return await withApp(io, async ({ hub, mark }) => {
      if (!hub.embedded && !mark) {
        throw new PsnError("HUB_NOT_EMBEDDED", "The hub is a Postgres server of your own; it needs no claim.", {
          hint: "After an absence PSN compares each account's posts at X with this hub before it sends.",
        });
      }
      if (!mark) {
        throw new PsnError(
          "CONFIG_READ_ONLY",
          "The configuration's folder cannot be written, so the hub has no mark.",
          {
            hint: "Set PSN_CONFIG_DIR to a folder that can be written.",
          },
        );
      }
      const { doubt } = mark;
      if (doubt === null) return { claimed: false, doubt };
      if (restored === moved) {
        throw new PsnError("HUB_UNCLAIMED", `${DOUBTS[doubt]} Which is it?`, {
          hint: "psn hub claim --restored: put back from a backup, or a copy. psn hub claim --moved: moved here. If another copy still publishes, claim neither: both would post the same.",
          details: { needsPerson: true, doubt },
        });
      }
      const question = `${DOUBTS[doubt]} Does this hub publish from now on, and no other copy of it any more? Two that publish post everything twice, and sign each other's accounts out.`;
      const command = `psn hub claim ${restored ? "--restored" : "--moved"}`;
      await confirmByPerson(io, hub, { yes }, { question, command });
      await requirePlace(markFile(io.env));
      io.willWrite("let this hub publish");
      await mark.claim();
      return { claimed: true, doubt };
    });
  },
  render: ({ claimed }) =>
    claimed
      ? "This hub publishes from now on. Before each account's next post X is read; what is there already is not sent again."
      : "This hub is the one that publishes here; there is nothing to claim.",
});
