/** What an author gives to compose: text, front matter, media, numbering and limit. For create, edit and preview. */
import { composeThread } from "../../core/compose/compose.ts";
import { affixWeight, NUMBER_FORMS, type Numbering } from "../../core/compose/numbering.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT } from "../../core/compose/weighted-length.ts";
import { PsnError } from "../../core/errors.ts";
import { withNumbers } from "../../core/posts/composing.ts";
import type { Io } from "../_command.ts";
import type { OptionDef, Parsed } from "../_command-old.ts";
import { type Attachment, MEDIA_OPTIONS, readAttachments, readText, TEXT_OPTIONS } from "../_input.ts";
import type { CutTweet } from "../_preview.ts";
import { type FrontMatter, readFrontMatter } from "./_front-matter.ts";
import { textOption } from "./_options.ts";

const LIMIT_MIN = 40;

export const COMPOSE_OPTIONS: Record<string, OptionDef> = {
  ...TEXT_OPTIONS,
  ...MEDIA_OPTIONS,
  numbering: {
    type: "string",
    value: "FORM",
    help: `Number the tweets: ${NUMBER_FORMS.join(", ")}, after “start ” or “end ” if you like; off for none`,
  },
  limit: { type: "string", value: "N", help: `No tweet longer than N by X's count (default ${TWEET_LIMIT})` },
  long: { type: "boolean", help: `One long post of up to ${LONG_POST_LIMIT}; only for accounts with Premium` },
};

export interface Given {
  /** Null when no text was given. */
  text: string | null;
  file: string | null;
  front: FrontMatter;
  /** Null when none were named. */
  attachments: Attachment[] | null;
  limit?: number;
  /** Null for an explicit “off”. */
  numbering?: Numbering | null;
}

/**
 * Reads all of `COMPOSE_OPTIONS`. An option wins over the file's front matter.
 * @throws PsnError TEXT_…, FRONT_MATTER_INVALID, USAGE, ALT_TOO_LONG
 */
export async function readGiven(io: Io, argument: string | undefined, options: Parsed["options"]): Promise<Given> {
  const given = await readText(io, argument, options);
  const { text, front } = given?.file
    ? readFrontMatter(given.text, given.file)
    : { text: given?.text ?? null, front: {} };
  const named = readAttachments(io, options);
  const numbering = textOption(options, "numbering") ?? front.numbering;
  const limit = readLimit(options);
  return {
    text,
    file: given?.file ?? null,
    front,
    attachments: named.length > 0 ? named : (front.attachments ?? null),
    ...(limit === undefined ? {} : { limit }),
    ...(numbering === undefined ? {} : { numbering: readNumbering(numbering) }),
  };
}

export interface Composing {
  limit: number;
  numbering: Numbering | null;
}

/**
 * The tweets of a text. `sent` are the words of tweets before it that are on X: numbers count them, too.
 * @throws PsnError TEXT_…, LIMIT_INVALID
 */
export function composeTweets(text: string, { limit, numbering }: Composing, sent: readonly string[] = []): CutTweet[] {
  if (sent.length === 0 || numbering === null) return composeThread(text, { limit, numbering }).tweets.map(asCut);
  const room = limit - affixWeight(numbering, COUNTED_MAX, String(COUNTED_MAX).length);
  const cut = composeThread(text, { limit: room }).tweets.map(asCut);
  const texts = withNumbers([...sent, ...cut.map((tweet) => tweet.text)], numbering).slice(sent.length);
  return cut.map((tweet, index) => ({ ...tweet, text: texts[index] ?? tweet.text }));
}

// --- internal ---

/** No thread has more tweets than this has digits for. */
const COUNTED_MAX = 999;

function asCut({ text, separatorAfter, break: end }: CutTweet): CutTweet {
  return { text, separatorAfter, ...(end ? { break: end } : {}) };
}

function readLimit(options: Parsed["options"]): number | undefined {
  const given = textOption(options, "limit");
  if (given !== undefined && options.long) throw new PsnError("USAGE", "Give --limit or --long, not both.");
  if (options.long) return LONG_POST_LIMIT;
  if (given === undefined) return undefined;
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= LIMIT_MIN && limit <= LONG_POST_LIMIT) return limit;
  throw new PsnError("USAGE", `--limit takes a whole number from ${LIMIT_MIN} to ${LONG_POST_LIMIT}.`);
}

function readNumbering(given: string): Numbering | null {
  if (given.trim() === "off") return null;
  const parts = /^(?:(start|end)[ :]+)?(\S+)$/.exec(given.trim());
  const form = NUMBER_FORMS.find((known) => known === parts?.[2]);
  if (!form) {
    throw new PsnError("USAGE", `“${given.slice(0, 40)}” is not a way to number tweets.`, {
      hint: `It is one of ${NUMBER_FORMS.join(", ")}, after “start ” or “end ” if you like, or off.`,
    });
  }
  // “1.” begins a line as in a list; the others end a tweet.
  const place = parts?.[1] === "start" || (parts?.[1] === undefined && form === "1.") ? "start" : "end";
  return { place, form };
}
