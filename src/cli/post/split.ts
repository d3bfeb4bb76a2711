/** `psn post split`: splits a tweet in two. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const splitCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    before: z
      .string()
      .optional()
      .meta({ placeholder: "WORDS", description: "Before these words, which occur in the tweet once" }),
    at: z
      .int()
      .min(0)
      .optional()
      .meta({ placeholder: "OFFSET", description: "Before this offset of the tweet's text, in UTF-16 units" }),
    ...ACT_FIELDS,
  }),
  examples: ['psn post split 7k3m 2 --before "On the other hand"'],
  answer: PostStatusAnswerSchema,
  run: async (io, { tweet, before, at, ...post }) => {
    const where = before ?? at;
    if (where === undefined || (before !== undefined && at !== undefined)) {
      throw new PsnError("USAGE", "Give --before or --at.");
    }
    return await runAct(io, post, { do: "split", position: tweet - 1, at: where });
  },
  render: renderPostStatus,
});
