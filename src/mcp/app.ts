/**
 * The page of a thread as an MCP App: a resource that tools name, for clients that show such pages, and the page itself in the answer of
 * each tool. A model reads the answer's words, as without the page; the page travels in `_meta`, which is not for it.
 */
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { withApp } from "../cli/_app.ts";
import type { Io } from "../cli/_command.ts";
import { hasHost } from "../cli/_host.ts";
import { PreviewSchema } from "../cli/_preview.ts";
import { PsnError } from "../core/errors.ts";
import type { MediaStore } from "../core/media/store.ts";
import { findPostId, loadPost, type Post } from "../core/posts/read.ts";
import { appDraft, appPage, appThread } from "../preview/app-page.ts";
import { type DraftView, draftView, keptMediaUrl, threadView } from "../preview/draft.ts";

export const APP_URI = "ui://psn/preview";
const APP_TYPE = "text/html;profile=mcp-app";
const EXTENSION = "io.modelcontextprotocol/ui";
/** Where the page is in a tool's answer. */
export const PAGE_KEY = "psn/page";
/** Pictures travel inside the answer; those beyond it are shown by their names. */
const PICTURE_BYTES_MAX = 1_500_000;

/** Tools whose answer a client shows as the page, when it can. */
const SHOWN = new Set([
  "preview",
  "post create",
  "post reply",
  "post show",
  "post edit",
  "post approve",
  "post schedule",
  "post now",
]);

/** What a tool says of its page; nothing for the others. */
export const pageMeta = (name: string) => (SHOWN.has(name) ? { _meta: { ui: { resourceUri: APP_URI } } } : {});

export function registerApp(server: McpServer): void {
  // No origin is named, so a client lets the page reach none.
  const _meta = { ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true } };
  server.registerResource(
    "preview",
    APP_URI,
    {
      title: "The thread as X's readers see it",
      description: "A page for clients that show MCP Apps: the thread, edited and approved in place",
      mimeType: APP_TYPE,
      _meta,
    },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: APP_TYPE, text: appPage(), _meta }] }),
  );
}

/** Whether the client shows such pages, as it says with each request or, before July 2026, once. */
export function showsApps({ server }: McpServer, ctx: ServerContext): boolean {
  const envelope = ctx.mcpReq.envelope as Record<string, unknown> | undefined;
  const said = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities();
  return CapabilitySchema.safeParse(said).success;
}

/** The answer with its page, where it is about a post or a preview. What cannot be shown is answered without one. */
export async function withPage(
  io: Io,
  result: CallToolResult,
  given: Record<string, unknown>,
): Promise<CallToolResult> {
  const answer = AnswerSchema.safeParse(result.structuredContent).data;
  const id = answer?.post?.id ?? (typeof given.id === "string" ? given.id : undefined);
  try {
    const page = id === undefined ? previewPage(result.structuredContent, given) : await postPage(io, id);
    return page === null ? result : { ...result, _meta: { ...result._meta, [PAGE_KEY]: page } };
  } catch (error) {
    // What was done is answered as done, whatever its picture ran into.
    if (!(error instanceof PsnError)) io.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return result;
  }
}

// --- internal ---

const CapabilitySchema = z.object({
  extensions: z.object({
    [EXTENSION]: z.object({
      mimeTypes: z
        .array(z.string())
        .refine((types) => types.includes(APP_TYPE))
        .optional(),
    }),
  }),
});
const AnswerSchema = z.object({ post: z.object({ id: z.string() }).optional() });

/** Null for an answer that is no preview. Before an account is named nobody is asked who posts. */
function previewPage(answer: unknown, { account }: Record<string, unknown>): string | null {
  const preview = PreviewSchema.safeParse(answer).data;
  if (preview === undefined) return null;
  const handle = typeof account === "string" ? account.replace(/^@/, "") : "you";
  const author = { name: handle, handle, platformUserId: null, subscription: null };
  return appThread(threadView(preview, { author, zone: "UTC", media: [], poll: null }));
}

async function postPage(io: Io, id: string): Promise<string> {
  return await withApp({ ...io, note: () => {} }, async (app) => {
    const post = await loadPost(app.hub.db, await findPostId(app.hub.db, id));
    const zone = app.hubEnv.timezone;
    const draft = await draftView(app.hub.db, post, zone);
    const shown = await withPictures(draft, post, app.media);
    return appDraft(shown, { zone, hasWorker: await hasHost(app) });
  });
}

/** A frame reaches no server: pictures come with it, as data. */
async function withPictures(draft: DraftView, { tweets }: Post, store: Pick<MediaStore, "source">): Promise<DraftView> {
  let room = PICTURE_BYTES_MAX;
  const addresses = new Map<string, string>();
  for (const item of tweets.flatMap(({ media }) => media)) {
    const url = keptMediaUrl(item);
    if (!item.mime.startsWith("image/") || item.byteLength > room || addresses.has(url)) continue;
    // One that is gone or damaged is shown by its name, too.
    const read = store.source(item).then((source) => source.read(0, item.byteLength));
    const bytes = await read.catch(() => null);
    if (bytes === null) continue;
    room -= item.byteLength;
    addresses.set(url, `data:${item.mime};base64,${Buffer.from(bytes).toString("base64")}`);
  }
  const placed = draft.tweets.map((tweet) => ({
    ...tweet,
    media: tweet.media.map((item) => ({ ...item, url: addresses.get(item.url ?? "") ?? null })),
  }));
  return { ...draft, tweets: placed };
}
