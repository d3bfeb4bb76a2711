/** `psn preview`: how a text is split, with counts and cost. Writes nothing. */
import { PsnError } from "../../core/errors.ts";
import { defineCommand } from "../_command.ts";
import { readText, TEXT_OPTIONS } from "../_input.ts";
import { composeTweets, PreviewSchema, previewOf, renderPreview } from "../_preview.ts";

/** The same command stands at the top and among those of a post. */
export const previewCommand = (name: "preview" | "post preview") =>
  defineCommand({
    name,
    summary: "Show how a text is split, with counts and cost; writes nothing",
    args: [{ name: "text", help: "the text; - reads stdin" }],
    options: { ...TEXT_OPTIONS },
    examples: ["psn preview --file essay.md", "pbpaste | psn preview -"],
    answer: PreviewSchema,
    async run(io, { args, options }) {
      const given = await readText(io, args.text, options);
      if (!given) {
        throw new PsnError("TEXT_MISSING", "There is no text.", {
          hint: 'psn preview "…", --file FILE, or - for stdin',
        });
      }
      return previewOf(composeTweets(given.text));
    },
    render: renderPreview,
  });
