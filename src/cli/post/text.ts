/** `psn post text`: gives one tweet other words. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { defineCommand } from "../_command.ts";
import { readText, TEXT_FIELDS } from "../_input.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const textCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    text: z.string().optional().meta({ position: 2, description: "the new words; - reads stdin" }),
    ...TEXT_FIELDS,
    ...ACT_FIELDS,
  }),
  examples: ['psn post text 7k3m 2 "Better words."', "psn post text 7k3m 2 --file tweet.txt"],
  answer: PostStatusAnswerSchema,
  async run(io, { tweet, text, file, ...post }) {
    // The post first: what a person types for one that is not there would be lost.
    return await runAct(io, post, async () => {
      const given = await readText(io, text, { file });
      if (!given) throw new PsnError("TEXT_MISSING", "There are no words.", { hint: 'psn post text ID N "…"' });
      return { do: "text", position: tweet - 1, text: given.text };
    });
  },
  render: renderPostStatus,
});
