/** `psn post split`: splits a tweet in two. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { defineCommand } from "../_command.ts";
import { readWords } from "../_input.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const splitCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    before: z.string().optional().meta({
      placeholder: "WORDS",
      description: "Before these words, which occur in the tweet once; inside a word only with --force",
    }),
    beforeFile: z.string().optional().meta({
      placeholder: "FILE",
      description: "The same words from a file, where a shell would take $ and ` out of them; - is stdin",
    }),
    at: z
      .int()
      .min(0)
      .optional()
      .meta({ placeholder: "OFFSET", description: "Before this offset of the tweet's text, in UTF-16 units" }),
    ...ACT_FIELDS,
  }),
  examples: ['psn post split 7k3m 2 --before "On the other hand"'],
  answer: PostStatusAnswerSchema,
  run: async (io, { tweet, before, beforeFile, at, ...post }) => {
    const words = await readWords(io, "before", before, beforeFile);
    const where = words ?? at;
    if (where === undefined || (words !== undefined && at !== undefined)) {
      throw new PsnError("USAGE", "Give --before, --before-file or --at.");
    }
    return await runAct(io, post, { do: "split", position: tweet - 1, at: where, anywhere: post.force });
  },
  render: renderPostStatus,
});
