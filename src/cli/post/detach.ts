/** `psn post detach`: takes media from a tweet. */
import { z } from "zod";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const detachCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    item: z.int().min(1).optional().meta({ position: 2, description: "which, from 1 (default: all)" }),
    ...ACT_FIELDS,
  }),
  examples: ["psn post detach 7k3m 1", "psn post detach 7k3m 1 2"],
  answer: PostStatusAnswerSchema,
  run: (io, { tweet, item, ...post }) =>
    runAct(io, post, { do: "detach", position: tweet - 1, item: item === undefined ? null : item - 1 }),
  render: renderPostStatus,
});
