/** `psn post approve`: the author's word, for exactly what was shown. */
import { findPostId, loadPost } from "../../core/posts/read.ts";
import { type Approving, approvePost } from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import type { Parsed } from "../_command-old.ts";
import { FORCE_OPTION, ID_ARGUMENT, readVersion, VERSION_OPTION } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";

/** For `--approve` of another command: an approval that is there already stays. */
export async function approveIfNeeded(app: App, postId: string, options: Parsed["options"]): Promise<void> {
  const post = await loadPost(app.hub.db, postId);
  if (post.root.approvedHash === null) await approvePost(app.hub, postId, readApproving(options));
}

export const approveCommand = defineCommand({
  name: "post approve",
  summary: "Approve a draft exactly as it is shown; nothing is sent by it",
  args: [ID_ARGUMENT],
  options: { ...VERSION_OPTION, ...FORCE_OPTION },
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      await approvePost(app.hub, postId, readApproving(options));
      return await stand(app, postId, { preview: true });
    }),
  render: renderStand,
});

// --- internal ---

function readApproving(options: Parsed["options"]): Approving {
  return { ...readVersion(options), force: Boolean(options.force) };
}
