/** `psn post attach`: attaches an image, GIF or video to a tweet. */

import { resolve } from "node:path";
import { z } from "zod";
import { checkedAltText, storeAttachments } from "../../core/posts/write.ts";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const attachCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    file: z.string().meta({ position: 2, description: "an image, GIF or video" }),
    alt: z.string().optional().meta({ placeholder: "TEXT", description: "What is to be seen, for those who cannot" }),
    ...ACT_FIELDS,
  }),
  examples: ["psn post attach 7k3m 1 cover.png --alt 'A lighthouse at night'"],
  answer: PostStatusAnswerSchema,
  async run(io, { tweet, file, alt, ...post }) {
    const attachment = { tweet: 0, file: resolve(io.cwd, file), altText: checkedAltText(alt) };
    return await runAct(io, post, async (app) => {
      const [media = []] = await storeAttachments(app.media, [attachment], 1);
      return { do: "attach", position: tweet - 1, media };
    });
  },
  render: renderPostStatus,
});
