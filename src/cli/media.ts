/** `psn media list|gc|verify`: the bytes that posts need until they are on X. */
import { z } from "zod";
import { collectMedia, listMedia, verifyMedia } from "../core/media/manage.ts";
import { withApp } from "./_app.ts";
import { defineCommand } from "./_command.ts";
import { EXIT } from "./_errors.ts";
import type { Paint } from "./_paint.ts";
import { TimeSchema, timeAnswer } from "./_summary.ts";
import { nameLine } from "./_wrap.ts";

const FILES_MAX = 1_000;

const KeptSchema = z.object({
  sha256: z.string(),
  byteLength: z.number(),
  fileName: z.string().nullable(),
  attached: TimeSchema,
  postIds: z.array(z.string()),
  keptFor: z.enum(["post", "undo", "nothing"]),
});
const CheckedSchema = KeptSchema.extend({ state: z.enum(["whole", "restored", "missing", "damaged"]) });

export const mediaListCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ store: z.string(), media: z.array(KeptSchema) }),
  run: (io) =>
    withApp(io, async (app) => ({
      store: app.media.backend.name,
      media: (await listMedia(app.hub, FILES_MAX)).map((item) => kept(item, app.hubEnv.timezone)),
    })),
  render: ({ store, media }) =>
    media.length === 0
      ? `Nothing is kept in ${store}.`
      : [`Kept in ${store}:`, ...media.map((item) => line(item, KEPT_FOR[item.keptFor]))].join("\n"),
});

export const mediaGcCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ removed: z.number() }),
  run: (io) =>
    withApp(io, async (app) => {
      return { removed: await collectMedia(app.hub, app.media) };
    }),
  render: ({ removed }) =>
    removed === 0 ? "Nothing was to be removed." : `Removed ${removed} files that no post can use any more.`,
});

export const mediaVerifyCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ store: z.string(), media: z.array(CheckedSchema) }),
  run: (io) =>
    withApp(io, async (app) => ({
      store: app.media.backend.name,
      media: (await verifyMedia(app.hub, app.media, FILES_MAX, io.signal)).map(({ state, ...item }) => ({
        ...kept(item, app.hubEnv.timezone),
        state,
      })),
    })),
  render({ store, media }, paint) {
    const bad = media.filter(({ state }) => state !== "whole");
    const whole = `${media.length - bad.length} of ${media.length} files in ${store} are as they were attached.`;
    return [whole, ...bad.map((item) => line(item, stateText(item.state, paint)))].join("\n");
  },
  failure({ media }) {
    const lost = media.filter(
      ({ state, keptFor }) => (state === "missing" || state === "damaged") && keptFor !== "nothing",
    );
    if (lost.length === 0) return null;
    const message = `${lost.length} ${lost.length === 1 ? "file is" : "files are"} not as attached, and the original is not where it was.`;
    return { exit: EXIT.refused, error: { code: "MEDIA_GONE", message, next: [], retryable: false } };
  },
});

// --- internal ---

type Kept = z.infer<typeof KeptSchema>;

function kept({ attachedAt, ...item }: Omit<Kept, "attached"> & { attachedAt: Date }, zone: string): Kept {
  return { ...item, attached: timeAnswer(attachedAt, zone) };
}

const KEPT_FOR: Record<Kept["keptFor"], string> = {
  post: "of a post",
  undo: "of an earlier version, which psn post undo brings back",
  nothing: "of no post; it goes a day after it was attached",
};

function stateText(state: z.infer<typeof CheckedSchema>["state"], paint: Paint): string {
  return state === "restored" ? paint.green("restored from its file") : paint.red(`${state}; attach the file again`);
}

function line({ sha256, byteLength, fileName, postIds }: Kept, what: string): string {
  const size = `${(byteLength / 1024 ** 2).toFixed(1)} MiB`;
  const posts = postIds.length > 0 ? `  ${postIds.join(" ")}` : "";
  return `  ${sha256.slice(0, 12)}  ${size.padStart(10)}  ${nameLine(fileName ?? "-")}  ${what}${posts}`;
}
