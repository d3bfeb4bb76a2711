/** `psn post insert`: puts a tweet into a thread. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { defineCommand } from "../_command.ts";
import { readText, TEXT_FIELDS } from "../_input.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const insertCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    tweet: TWEET_FIELDS.tweet.meta({
      position: 1,
      description: "the number that it gets; one more than there are puts it at the end",
    }),
    text: z
      .string()
      .optional()
      .meta({ position: 2, description: "its words, a line of --- parts tweets; - reads stdin" }),
    ...TEXT_FIELDS,
    ...ACT_FIELDS,
  }),
  examples: ['psn post insert 7k3m 2 "One more thought."', "psn post insert 7k3m 2 --file tweet.txt"],
  answer: PostStatusAnswerSchema,
  async run(io, { tweet, text, file, ...post }) {
    // The post first: what a person types for one that is not there would be lost.
    return await runAct(io, post, async () => {
      const given = await readText(io, text, { file });
      if (!given) throw new PsnError("TEXT_MISSING", "There are no words.", { hint: 'psn post insert ID N "…"' });
      return { do: "insert", position: tweet - 1, text: given.text };
    });
  },
  render: renderPostStatus,
});
