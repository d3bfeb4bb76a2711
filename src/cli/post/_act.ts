/**
 * The acts on a draft as commands: `psn post split ID N …`. Each answers with the new preview and contentVersion, and
 * refuses with POST_CHANGED when `--version` is not the version that is there. A person has the same acts as keys.
 */
import { z } from "zod";
import { findPostToChange } from "../../core/posts/read.ts";
import { actOnPost, type DraftAct } from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import type { Fields, Io } from "../_command.ts";
import { beforeApproval } from "./_before-approval.ts";
import { APPROVE_CHANGE_FIELD, CHANGE_FIELDS, ID_FIELD, sendingOf } from "./_fields.ts";
import { type PostStatusAnswer, postStatus } from "./_status.ts";
import { withPerson } from "./_with-person.ts";

export const TWEET_FIELDS = {
  ...ID_FIELD,
  tweet: z.int().min(1).meta({ position: 1, description: "the tweet's number, from 1" }),
};

export const ACT_FIELDS = { ...CHANGE_FIELDS, ...APPROVE_CHANGE_FIELD };

/** Does one act. It may need the hub to be known, as media do. */
export async function runAct(
  io: Io,
  { id, version, approve, force }: Fields<typeof ID_FIELD & typeof ACT_FIELDS>,
  act: DraftAct | ((app: App) => Promise<DraftAct>),
): Promise<PostStatusAnswer> {
  return await withApp(io, async (app) => {
    const postId = await findPostToChange(app.hub.db, id);
    const wanted = typeof act === "function" ? await act(app) : act;
    const sending = sendingOf({ version, approve, force });
    if (approve) await beforeApproval(app, postId);
    await withPerson(io, app, () => actOnPost(app.hub, app.engine, postId, wanted, sending));
    return await postStatus(app, postId, { preview: true });
  });
}
