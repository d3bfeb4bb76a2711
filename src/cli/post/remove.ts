/** `psn post remove`: takes a tweet out of a thread. */
import { z } from "zod";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const removeCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    ...ACT_FIELDS,
    force: ACT_FIELDS.force.meta({ description: "Also with its media, and when another post says the same" }),
  }),
  examples: ["psn post remove 7k3m 2"],
  answer: PostStatusAnswerSchema,
  run: (io, { tweet, ...post }) => runAct(io, post, { do: "remove", position: tweet - 1, withMedia: post.force }),
  render: renderPostStatus,
});
