/** `psn preview`: how a text is split, with counts and cost. Writes nothing. */

import { z } from "zod";
import { buildPreview } from "../../core/compose/preview.ts";
import { TWEET_LIMIT } from "../../core/compose/weighted-length.ts";
import { PsnError } from "../../core/errors.ts";
import type { InspectedMedia } from "../../core/media/inspect.ts";
import { entitlementNote } from "../../core/media/probe/rules.ts";
import { inspectAttachments } from "../../core/posts/attachments.ts";
import { cutFacts, cutPost } from "../../core/posts/composing.ts";
import { requireTweets } from "../../core/posts/require-tweets.ts";
import { defineCommand, type Io } from "../_command.ts";
import { isPageWanted, PAGE_ANSWER, PAGE_FIELDS } from "../_page-fields.ts";
import { PreviewSchema, renderPreview } from "../_preview.ts";
import { COMPOSE_FIELDS, readGiven } from "./_composing.ts";

/** The same command at the top and among those of a post. */
export const previewCommand = defineCommand({
  input: z.object({
    text: z.string().optional().meta({ position: 0, description: "the text; - reads stdin" }),
    ...COMPOSE_FIELDS,
    account: z
      .string()
      .optional()
      .meta({
        aliases: ["a"],
        placeholder: "@HANDLE",
        description: "Ask the hub, too: what this account may post, and what it has said before",
      }),
    ...PAGE_FIELDS,
  }),
  examples: ["psn preview --file essay.md", "psn preview --file essay.md --open", "pbpaste | psn preview -"],
  answer: PreviewSchema.extend(PAGE_ANSWER),
  async run(io, { text, account: named, open, png, theme, ...composing }) {
    const page = { open, png, theme };
    const isPage = isPageWanted(page);
    const given = await readGiven(io, text, composing);
    const attachments = given.attachments ?? [];
    if (given.text === null && attachments.length === 0) {
      throw new PsnError("TEXT_MISSING", "There is no text.", {
        hint: 'psn preview "…", --file FILE, or - for stdin',
      });
    }
    const { limit = TWEET_LIMIT, numbering = null, cut: order = "whole" } = given;
    const cutting = { limit, numbering, cut: order };
    const cut = cutPost(given.text ?? "", { ...cutting, hasMedia: attachments.length > 0 });
    const media = await inspectAttachments(attachments, cut.tweets.length);
    const handle = named ?? given.front.account;
    const tweets = cut.tweets.map((tweet, index) => {
      const items = media[index] ?? [];
      const place = placeInGiven(tweet.place, given.textStart);
      return { ...tweet, place, media: handle === undefined ? items.map(asOfNobody) : items };
    });
    // What `create` would refuse is no preview.
    requireTweets(tweets, {});
    const said = cutFacts(given.text ?? "", cutting, cut);
    const facts = { limit, ...said, composing: [...given.told, ...said.composing] };
    const { at } = given.front;
    const zone = given.front.timezone ?? (at !== undefined || isPage ? await zoneIfKnown(io) : undefined);
    if (at !== undefined) {
      // Without a zone nobody knows whether it has passed.
      const { readWhen } = await import("../_when.ts");
      readWhen({ at }, zone ?? "UTC", new Date(), { mayBePast: zone === undefined });
    }
    // Without an account no hub is needed, so a preview works before any setup.
    const { preview, account } =
      handle === undefined
        ? { preview: buildPreview(tweets, facts), account: null }
        : await (await import("./_preview-as.ts")).previewAs(io, handle, tweets, facts, media.flat());
    if (!isPage) return preview;
    const { showThread } = await import("./_thread-page.ts");
    return await showThread(io, page, preview, { account, media, poll: given.front.poll, zone: zone ?? "UTC" });
  },
  render: renderPreview,
});

// --- internal ---

type Place = { start: number; end: number };

/** Where a tweet stands in the file that was given, its front matter included; null where its Markdown was taken out. */
function placeInGiven(place: Place | undefined, textStart: number | null): Place | null {
  if (place === undefined || textStart === null) return null;
  return { start: place.start + textStart, end: place.end + textStart };
}

/** With a note where not every account may post it. */
function asOfNobody<T extends InspectedMedia>(item: T): T {
  const note = entitlementNote(item);
  return note ? { ...item, notes: [...item.notes, note] } : item;
}

/** As `create` would read it, but nothing has to be set up yet. */
async function zoneIfKnown({ env }: Io): Promise<string | undefined> {
  const { authorZone } = await import("../_author-zone.ts");
  return await authorZone(env).catch((error) => {
    if (error instanceof PsnError && error.code === "TIMEZONE_MISSING") return undefined;
    throw error;
  });
}
