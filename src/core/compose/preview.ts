/** A thread as X will count and charge it, with what the author should know. Pure: a preview writes nothing. */
import { z } from "zod";
import { type Alternative, AlternativeSchema } from "./alternatives.ts";
import { threadCostUsd, tweetCostUsd } from "./cost.ts";
import { type Break, CUT_KINDS, type CutKind } from "./cut-list.ts";
import { remembered } from "./remembered.ts";
import type { Torn } from "./torn.ts";
import { UNIT_KINDS } from "./unit-list.ts";
import {
  altTextWarnings,
  escapeWarnings,
  mediaWarnings,
  type TweetFacts,
  threadWarnings,
  tornWarnings,
  tweetWarnings,
  type Warning,
  WarningSchema,
} from "./warnings.ts";
import { TWEET_LIMIT, weightedLength } from "./weighted-length.ts";

export const PreviewSchema = z.object({
  tweets: z.array(
    z.object({
      /** From 0. */
      position: z.number().int(),
      text: z.string(),
      /** X's count of `text`. */
      weightedLength: z.number().int(),
      limit: z.number().int(),
      /** Where the tweet ends, and why there. */
      break: z.object({
        kind: z.enum([...CUT_KINDS, "edited"]),
        why: z.string(),
        /** What it tears although it fits into one tweet: the author asked for it, or moved it there. */
        tears: z.enum(UNIT_KINDS).nullable(),
      }),
      /** Where it stands in what was given, in UTF-16 units of its NFC form; null once its words were edited, or its Markdown was taken out. */
      place: z.object({ start: z.number().int(), end: z.number().int() }).nullable(),
      media: z.array(
        z.object({
          fileName: z.string(),
          altText: z.string().nullable(),
          /** Languages of a video's captions, as EN; absent where it has none. */
          captions: z.array(z.string()).optional(),
        }),
      ),
      costUsd: z.number(),
      warnings: z.array(WarningSchema),
    }),
  ),
  tweetCount: z.number().int(),
  costUsd: z.number(),
  /** About the thread as a whole; each tweet has its own. */
  warnings: z.array(WarningSchema),
  /** What one tweet more or less, or another --cut, would cost and tear; empty once a tweet was edited. */
  alternatives: z.array(AlternativeSchema),
});
export type Preview = z.infer<typeof PreviewSchema>;
export type PreviewBreak = Pick<Preview["tweets"][number]["break"], "kind" | "why">;

/** One tweet to preview. A tweet whose end the author chose by hand has no `break`. */
export interface PreviewInput {
  text: string;
  break?: Break | PreviewBreak;
  place?: { start: number; end: number } | null;
  media?: readonly {
    fileName: string;
    altText: string | null;
    mime?: string;
    captions?: readonly { language: string }[] | undefined;
    /** What was seen in the file. */
    notes?: readonly { code: string; message: string }[];
  }[];
}

/** What only the caller knows. */
export interface PreviewFacts {
  /** The account's limit: 280, or up to 25,000. */
  limit?: number;
  /** Handle of the account that will post, without @. */
  ownHandle?: string;
  /** When this account posted the text of a tweet before, by position. */
  postedRecently?: ReadonlyMap<number, Date>;
  /** What the cutting had to say (`Composition.warnings`). */
  composing?: readonly Warning[];
  /** What else the text could have been cut into. */
  alternatives?: readonly Alternative[];
  /** What the end of each tweet tears (`tornByBorders`). */
  torn?: readonly (Torn | null)[];
  /** Options of the poll on the first tweet. */
  poll?: readonly string[];
}

/** The preview of a thread, or of one tweet. Dollars are exact to a tenth of a cent. */
export function buildPreview(tweets: readonly PreviewInput[], facts: PreviewFacts = {}): Preview {
  const {
    limit = TWEET_LIMIT,
    ownHandle = null,
    postedRecently,
    composing = [],
    alternatives = [],
    torn = [],
    poll = [],
  } = facts;
  return {
    tweets: tweets.map((tweet, position) => {
      const { text, media = [], break: end = EDITED, place = null } = tweet;
      const said = saidOf(text, {
        limit,
        hasMedia: media.length > 0,
        breakKind: isCutKind(end.kind) ? end.kind : null,
        ownHandle,
        postedRecentlyAt: postedRecently?.get(position) ?? null,
      });
      return {
        position,
        text,
        weightedLength: said.weightedLength,
        limit,
        break: { kind: end.kind, why: end.why, tears: torn[position]?.kind ?? null },
        place,
        media: media.map(({ fileName, altText, captions = [] }) => ({
          fileName,
          altText,
          ...(captions.length > 0 ? { captions: captions.map(({ language }) => language) } : {}),
        })),
        costUsd: tweetCostUsd(tweet),
        warnings: [
          ...said.warnings,
          ...tornWarnings(torn[position] ?? null),
          ...media.flatMap(({ fileName, altText }) => escapeWarnings(`The alt text of ${fileName}`, altText ?? "")),
          ...altTextWarnings(media),
          ...mediaWarnings(media),
        ],
      };
    }),
    tweetCount: tweets.length,
    costUsd: threadCostUsd(tweets),
    warnings: [
      ...composing,
      ...threadWarnings(tweets.map(({ text }) => text)),
      ...escapeWarnings("The poll", poll.join(" | ")),
    ],
    alternatives: [...alternatives],
  };
}

const saidOf = remembered(
  (text: string, facts: TweetFacts) => JSON.stringify([text, facts]),
  (text, facts) => ({ weightedLength: weightedLength(text), warnings: tweetWarnings(text, facts) }),
);

const EDITED: PreviewBreak = { kind: "edited", why: "your own cut" };

const isCutKind = (kind: PreviewBreak["kind"]): kind is CutKind => kind !== "edited";
