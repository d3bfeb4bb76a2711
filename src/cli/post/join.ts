/** `psn post join`: joins a tweet with the next one. */
import { z } from "zod";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const joinCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    ...ACT_FIELDS,
  }),
  examples: ["psn post join 7k3m 2"],
  answer: PostStatusAnswerSchema,
  run: (io, { tweet, ...post }) => runAct(io, post, { do: "join", position: tweet - 1 }),
  render: renderPostStatus,
});
