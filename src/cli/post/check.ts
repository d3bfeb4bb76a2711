/** `psn post check`: a post's media at X, uploaded and processed, before the post goes out. Publishes nothing. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { statusSaid } from "../../core/post/status-words.ts";
import { findPostId, loadPost } from "../../core/posts/read.ts";
import { type AheadResult, prepareAhead } from "../../core/publish/ahead/ahead.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand } from "../_command.ts";
import { nextSteps } from "../_effects.ts";
import { EXIT, type Failure } from "../_errors.ts";
import { PostAnswerSchema, postAnswer } from "../_shapes.ts";
import { hung, printable } from "../_wrap.ts";
import { ID_FIELD } from "./_fields.ts";
import { watcherOf } from "./_progress.ts";
import { uploadLines, withUploads } from "./_upload.ts";

export const checkCommand = defineCommand({
  input: z.object(ID_FIELD),
  answer: z.object({
    post: PostAnswerSchema,
    /** ready: X holds all of it. waits: not yet. refused: the post would fail. busy: a worker is at it just now. */
    media: z.enum(["none", "ready", "waits", "refused", "busy"]),
    code: z.string().nullable(),
    note: z.string().nullable(),
  }),
  run: (io, { id }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, id);
      await requireUnsent(app, postId);
      const deps = await app.liveDeps();
      io.willWrite("upload its media to X");
      const result = await withUploads(app, watcherOf(io), postId, () =>
        prepareAhead(deps, postId, { isAsked: true, signal: io.signal }),
      );
      const post = postAnswer(await loadPost(app.hub.db, postId), app.hubEnv.timezone);
      return { post, ...outcomeOf(result) };
    }),
  render({ post, media, note }, paint) {
    const words = {
      none: "It has no media.",
      ready: paint.green("X holds all of its media. Nothing is public."),
      waits: paint.yellow("Not ready yet."),
      refused: paint.red("It would fail."),
      busy: "A worker is making its media ready just now.",
    };
    const lines = uploadLines(post, true).map((line) => `  ${line}`);
    return [`${paint.bold(post.id)}  ${words[media]}`, ...(note ? hung("  ", printable(note)) : []), ...lines].join(
      "\n",
    );
  },
  failure: ({ post, media, code, note }): Failure | null => {
    if (media === "none" || media === "ready") return null;
    const isRefused = media === "refused";
    const message = note ?? "A worker is making its media ready just now.";
    const next = nextSteps([isRefused ? `psn post edit ${post.id} --media FILE` : `psn post check ${post.id}`]);
    return {
      exit: isRefused ? EXIT.refused : EXIT.notYet,
      error: { code: code ?? "MEDIA_NOT_READY", message, next, retryable: !isRefused },
    };
  },
});

// --- internal ---

async function requireUnsent(app: App, postId: string): Promise<void> {
  const { root } = await loadPost(app.hub.db, postId);
  if (root.status === "draft" || root.status === "scheduled") return;
  throw new PsnError(
    "POST_STATUS",
    `Post ${postId} ${statusSaid(root.status, root.subStatus)}; only a draft or a scheduled post is checked.`,
    {
      hint: `psn post show ${postId}`,
    },
  );
}

function outcomeOf(result: AheadResult): {
  media: "none" | "ready" | "waits" | "refused" | "busy";
  code: string | null;
  note: string | null;
} {
  switch (result.kind) {
    case "ready":
      return { media: result.files === 0 ? "none" : "ready", code: null, note: null };
    case "waits":
      return { media: "waits", code: null, note: result.note };
    case "refused":
      return { media: "refused", code: result.code, note: result.note };
    case "not_ours":
      return { media: "busy", code: null, note: null };
  }
}
