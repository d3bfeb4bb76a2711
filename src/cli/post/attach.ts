/** `psn post attach`: attaches an image, GIF or video to a tweet. */
import { z } from "zod";
import { checkedAltText, storeAttachments } from "../../core/posts/write.ts";
import { defineCommand, flag } from "../_command.ts";
import { findFile } from "../_files.ts";
import { readWords, withCaptions } from "../_input.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

export const attachCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    file: z.string().meta({ position: 2, description: "an image, GIF or video" }),
    alt: z.string().optional().meta({ placeholder: "TEXT", description: "What is to be seen, for those who cannot" }),
    altFile: z.string().optional().meta({
      placeholder: "FILE",
      description: "The same from a file, where a shell would take $ and ` out of it; - is stdin",
    }),
    strip: flag("Leave out where, by whom and with which camera it was made"),
    fix: flag("Of a picture that X refuses, make one that it takes: AVIF and TIFF, pictures of too many bytes"),
    captions: z.array(z.string()).default([]).meta({
      placeholder: "LANGUAGE:FILE",
      description: "Captions (SRT or WebVTT) of a video, as in en:talk.srt; may be repeated",
    }),
    ...ACT_FIELDS,
  }),
  examples: ["psn post attach 7k3m 1 cover.png --alt 'A lighthouse at night'"],
  answer: PostStatusAnswerSchema,
  async run(io, { tweet, file, alt, altFile, strip, fix, captions, ...post }) {
    const altText = checkedAltText(await readWords(io, "alt", alt, altFile));
    const attachment = { tweet: 0, file: await findFile(io.cwd, file), altText, strip, fix };
    const attachments = await withCaptions(io, [attachment], captions);
    return await runAct(io, post, async (app) => {
      const [media = []] = await storeAttachments(app.media, attachments, 1);
      return { do: "attach", position: tweet - 1, media };
    });
  },
  render: renderPostStatus,
});
