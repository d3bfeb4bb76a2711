/** `psn post delete`: removes a draft. A person at a terminal is asked before. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { findPostToChange, loadPost } from "../../core/posts/read.ts";
import { requireAllowed } from "../../core/posts/verbs.ts";
import { deletePost } from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { confirm } from "../_ask.ts";
import { defineCommand, flag } from "../_command.ts";
import { postAnswer } from "../_shapes.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";

export const deleteCommand = defineCommand({
  input: z.object({ ...ID_FIELD, ...VERSION_FIELD, yes: flag("Do not ask, at a terminal") }),
  answer: z.object({ id: z.string(), deleted: z.literal(true) }),
  run: (io, { id, version, yes }) =>
    withApp(io, async (app) => {
      const postId = await findPostToChange(app.hub.db, id);
      await deletable(app, postId);
      if (io.interactive) await confirm(io, { yes }, `Remove draft ${postId}? It cannot be brought back.`);
      await deletePost(app.hub, postId, sendingOf({ version })).catch(async (error) => {
        throw await withLinks(app, postId, error);
      });
      return { id: postId, deleted: true as const };
    }),
  render: ({ id }) => `Draft ${id} is removed.`,
});

// --- internal ---

/** Nobody is asked about what is refused. @throws PsnError POST_STATUS, POST_PUBLISHED, POST_PUBLISHING */
async function deletable(app: App, postId: string): Promise<void> {
  const { root } = await loadPost(app.hub.db, postId);
  try {
    requireAllowed("delete", postId, root.status);
  } catch (error) {
    throw await withLinks(app, postId, error);
  }
}

const LINKS_SHOWN_MAX = 3;

/** What is on X is taken down by another command: the author gets it, with the links, in place of an offer to say it again. */
async function withLinks(app: App, postId: string, error: unknown): Promise<unknown> {
  const isOnX = error instanceof PsnError && (error.code === "POST_PUBLISHED" || error.code === "POST_PARTLY_SENT");
  if (!isOnX) return error;
  const { tweets } = postAnswer(await loadPost(app.hub.db, postId), app.hubEnv.timezone);
  const urls = tweets.flatMap(({ url }) => url ?? []);
  if (urls.length === 0) {
    return new PsnError(error.code, `Post ${postId} was on X and was taken down; its record is kept.`, {
      hint: `To see what became of it: psn post show ${postId}.`,
      next: [`psn post show ${postId}`],
      details: { ...error.details, urls },
    });
  }
  const shown = urls.slice(0, LINKS_SHOWN_MAX).join(" ");
  const more =
    urls.length > LINKS_SHOWN_MAX ? ` and ${urls.length - LINKS_SHOWN_MAX} more: psn post show ${postId}` : "";
  const what = error.code === "POST_PUBLISHED" ? "is on X" : "is partly on X";
  return new PsnError(error.code, `Post ${postId} ${what}, so its record is kept: ${shown}${more}`, {
    hint: `To delete it there: psn post unpublish ${postId}. A person decides that.`,
    details: { ...error.details, urls },
  });
}
