/** A post whose words are changed at a terminal on which nothing can be drawn (TERM=dumb): the person's own editor, and no keys. */

import { PsnError } from "../../../core/errors.ts";
import { isWaiting } from "../../../core/post/transitions.ts";
import { changeNotApproved } from "../../../core/posts/approve.ts";
import { actOnPost, requireEditable, type Sending } from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import type { Io } from "../../_command.ts";
import { postShown } from "../_status.ts";
import { withPerson } from "../_with-person.ts";
import { openEditor, wordsOf } from "./editor.ts";
import { Edit, keptEdits } from "./kept-words.ts";
import { tellKept, wholeOf } from "./words.ts";

/**
 * Opens all that is not on X in the editor, with lines of `---` between the tweets, and takes what is saved.
 * @throws PsnError POST_NOT_APPROVED before anything is written, EDITOR_FAILED, TEXT_…, and what the act is refused with
 */
export async function editPlainly(io: Io, app: App, postId: string, sending: Sending): Promise<void> {
  await requireEditable(app.hub.db, postId);
  const shown = await postShown(app, postId);
  if (isWaiting(shown.post) && !sending.approve) throw changeNotApproved(shown.post);
  const before = wholeOf(shown);
  const { dataDir } = app.hubEnv;
  const kept = (await keptEdits(dataDir, postId)).find(({ about }) => about.what === "all" && about.before === before);
  const edit = kept ?? (await Edit.begin(dataDir, { post: postId, what: "all", before }));
  io.note("On this terminal (TERM=dumb) the words open in your editor; a line of --- parts tweets.");
  try {
    const isSaved = await openEditor(io.env, edit, io.signal);
    if (!isSaved && kept) throw new PsnError("CANCELLED", "The editor saved nothing, so nothing was changed.");
    const text = await wordsOf(edit);
    if (text !== before) {
      const seen = { contentVersion: shown.post.contentVersion, ...sending };
      await withPerson(io, app, () => actOnPost(app.hub, app.engine, postId, { do: "reword", text }, seen));
    }
  } catch (error) {
    if (await edit.hasWords()) await tellKept(io, app, postId);
    else if (!io.signal.aborted) await edit.remove();
    throw error;
  }
  await edit.remove();
}
