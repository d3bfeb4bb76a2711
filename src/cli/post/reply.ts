/** `psn post reply`: a follow-up to one's own tweet or thread, with the preview, approval and promise of any post. */
import { z } from "zod";
import { defineCommand } from "../_command.ts";
import { NewPostAnswerSchema, renderNewPost } from "./_repeated.ts";
import { postFailure } from "./_status.ts";
import { NEW_POST_FIELDS, runCreate } from "./create.ts";

const { replyTo: _, ...fields } = NEW_POST_FIELDS;

export const replyCommand = defineCommand({
  input: z.object({
    parent: z.string().meta({
      position: 0,
      description: "your own post (its last tweet is replied to), or the address of a tweet of yours",
    }),
    text: z.string().optional().meta({ position: 1, description: "the text; - reads stdin" }),
    ...fields,
  }),
  examples: ['psn post reply 7k3m "One more thing."', 'psn post reply 7k3m "And the answer is:" --at "tomorrow 9am"'],
  answer: NewPostAnswerSchema,
  run: (io, { parent, ...input }) => runCreate(io, { ...input, replyTo: parent }),
  render: renderNewPost,
  failure: postFailure,
});
