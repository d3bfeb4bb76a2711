/** `psn post resolve`: a person says what became of a request that X does not tell of. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { findPostToChange, loadPost } from "../../core/posts/read.ts";
import { requireVersion } from "../../core/posts/write.ts";
import { resolveTweet } from "../../core/publish/confirm/resolve.ts";
import { withApp } from "../_app.ts";
import { confirmByPerson } from "../_ask.ts";
import { defineCommand, flag } from "../_command.ts";
import { TWEET_FIELDS } from "./_act.ts";
import { sendingOf, VERSION_FIELD } from "./_fields.ts";
import { personName } from "./_person.ts";
import { PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

const BOTH_HINT = "Look at the account on X, then give --posted with the tweet's address, or --not-posted.";

export const resolveCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    posted: z
      .string()
      .optional()
      .meta({ placeholder: "URL", description: "It is on X: its address there, or its number" }),
    ...VERSION_FIELD,
    notPosted: flag("It is not on X, as you have seen there; it is sent again"),
  }),
  answer: PostStatusAnswerSchema,
  run: (io, { id, tweet, posted, version, notPosted }) => {
    if ((posted === undefined) !== notPosted) {
      throw new PsnError("USAGE", "Give one of --posted URL and --not-posted.", { hint: BOTH_HINT });
    }
    return withApp(io, async (app) => {
      const deps = await app.liveDeps();
      const postId = await findPostToChange(app.hub.db, id);
      requireVersion(await loadPost(app.hub.db, postId), sendingOf({ version }));
      // The command itself says so; the question is for the mode in which an agent's word does not do.
      await confirmByPerson(
        io,
        app.hub,
        { yes: true },
        {
          question: `Tweet ${tweet} of post ${postId} is ${posted === undefined ? "not on X, and is sent again" : `on X as ${posted}`}?`,
          command: `psn post resolve ${postId} ${tweet} ${posted === undefined ? "--not-posted" : `--posted ${posted}`}`,
        },
      );
      await resolveTweet(deps, postId, { tweet, posted: posted ?? null, by: personName() });
      return await postStatus(app, postId);
    });
  },
  render: renderPostStatus,
});
