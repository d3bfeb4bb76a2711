/** `psn post resume`: lifts the holds on the app and on accounts. */
import { z } from "zod";
import { resumeApp } from "../../core/posts/write.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";

export const resumeCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ resumed: z.number() }),
  run: (io) =>
    withApp(io, async (app) => {
      const { oauth } = await app.keys();
      return { resumed: await resumeApp(app.hub, app.engine, oauth.clientId) };
    }),
  render: ({ resumed }) =>
    resumed <= 1
      ? `${resumed === 1 ? "One waiting post is" : "No post waited, so none is"} due now. A worker publishes them: psn worker`
      : `${resumed} waiting posts go on: of each account the first now, the others a few seconds apart. A worker publishes them: psn worker`,
});
