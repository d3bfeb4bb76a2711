/** `psn post resume`: lifts the hold on the app that missing credits brought. */
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
    `${resumed} waiting ${resumed === 1 ? "post is" : "posts are"} due now. A worker publishes them: psn worker`,
});
