/** `psn post reorder`: moves a tweet to another place. */
import { z } from "zod";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const reorderCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    to: z.int().min(1).meta({ position: 2, description: "the number that it gets" }),
    ...ACT_FIELDS,
  }),
  examples: ["psn post reorder 7k3m 5 2"],
  answer: PostStatusAnswerSchema,
  run: (io, { tweet, to, ...post }) => runAct(io, post, { do: "reorder", from: tweet - 1, to: to - 1 }),
  render: renderPostStatus,
});
