/** `psn preview`: how a text is split, with counts and cost. Writes nothing. */
import { chooseAccount } from "../../core/accounts/accounts.ts";
import { TWEET_LIMIT } from "../../core/compose/weighted-length.ts";
import { PsnError } from "../../core/errors.ts";
import { requireLimit } from "../../core/posts/composing.ts";
import { previewFor } from "../../core/posts/preview.ts";
import { withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { inspectAttachments } from "../_input.ts";
import { PreviewSchema, previewOf, renderPreview } from "../_preview.ts";
import { COMPOSE_OPTIONS, composeTweets, readGiven } from "./_composing.ts";
import { textOption } from "./_options.ts";

/** The same command stands at the top and among those of a post. */
export const previewCommand = (name: "preview" | "post preview") =>
  defineCommand({
    name,
    summary: "Show how a text is split, with counts and cost; writes nothing",
    args: [{ name: "text", help: "the text; - reads stdin" }],
    options: {
      ...COMPOSE_OPTIONS,
      account: {
        type: "string",
        short: "a",
        value: "@HANDLE",
        help: "Ask the hub, too: what this account may post, and what it has said before",
      },
    },
    examples: ["psn preview --file essay.md", "pbpaste | psn preview -"],
    answer: PreviewSchema,
    async run(io, { args, options }) {
      const given = await readGiven(io, args.text, options);
      if (given.text === null) {
        throw new PsnError("TEXT_MISSING", "There is no text.", {
          hint: 'psn preview "…", --file FILE, or - for stdin',
        });
      }
      const { limit = TWEET_LIMIT, numbering = null } = given;
      const cut = composeTweets(given.text, { limit, numbering });
      const media = await inspectAttachments(given.attachments ?? [], cut.length);
      const tweets = cut.map((tweet, index) => ({ ...tweet, media: media[index] ?? [] }));
      // Without an account no hub is needed, so a preview works before any setup.
      const handle = textOption(options, "account") ?? given.front.account;
      if (handle === undefined) return previewOf(tweets, { limit });
      return await withApp(io, async (app) => {
        const account = await chooseAccount(app.hub.db, handle);
        requireLimit(limit, account);
        return await previewFor(app.hub.db, account, tweets, { limit });
      });
    },
    render: renderPreview,
  });
