/** What an author gives to compose: text, front matter, media, numbering and limit. For create, edit and preview. */
import { z } from "zod";
import { NUMBER_FORMS, type Numbering } from "../../core/compose/numbering.ts";
import { CUT_ORDERS, type CutOrder } from "../../core/compose/open-cuts.ts";
import type { Warning } from "../../core/compose/warnings.ts";
import { LONG_POST_LIMIT, TWEET_LIMIT } from "../../core/compose/weighted-length.ts";
import { PsnError } from "../../core/errors.ts";
import type { Attachment } from "../../core/posts/write.ts";
import { type Fields, flag, type Io } from "../_command.ts";
import { findFile } from "../_files.ts";
import { type GivenText, MEDIA_FIELDS, readAttachments, readText, TEXT_FIELDS } from "../_input.ts";
import type { NoticeAnswer } from "./_attention.ts";
import { type FrontMatter, ignoredKeys, readFrontMatter, refuseFrontMatter } from "./_front-matter.ts";
import { unreadFrontMatter } from "./_unread-front-matter.ts";

const LIMIT_MIN = 40;

export const COMPOSE_FIELDS = {
  ...TEXT_FIELDS,
  ...MEDIA_FIELDS,
  numbering: z
    .string()
    .optional()
    .meta({
      placeholder: "FORM",
      description: `Number the tweets: ${NUMBER_FORMS.join(", ")}, after “start ” or “end ” if you like; off for none`,
    }),
  limit: z
    .int()
    .min(LIMIT_MIN)
    .max(LONG_POST_LIMIT)
    .optional()
    .meta({ placeholder: "N", description: `No tweet longer than N by X's count (default ${TWEET_LIMIT})` }),
  cut: z.enum(CUT_ORDERS).optional().meta({
    placeholder: "ORDER",
    takes: "whole or fewest",
    description: "What comes first: whole (default) tears no sentence, list or code that fits; fewest saves tweets",
  }),
  markdown: z.enum(["keep", "strip"]).optional().meta({
    placeholder: "WHAT",
    takes: "keep or strip",
    description: "strip takes Markdown out: links as words and address, images beside the file attached",
  }),
  long: flag(`One long post of up to ${LONG_POST_LIMIT}; only for accounts with Premium`),
};

export interface Given {
  /** Null when no text was given. */
  text: string | null;
  file: string | null;
  front: FrontMatter;
  /** Keys of the front matter that are of other programs. */
  ignored: string[];
  /** What of it is left out: keys of other programs, images that lie elsewhere; and what is in it by mistake, as it seems. */
  told: Warning[];
  /** Null when none were named. */
  attachments: Attachment[] | null;
  limit: number | undefined;
  cut: CutOrder | undefined;
  /** Null for an explicit “off”. */
  numbering: Numbering | null | undefined;
  /** How far into what was given the text begins, behind its front matter, in UTF-16 units of NFC; null where its Markdown was taken out. */
  textStart: number | null;
}

/**
 * Reads all of `COMPOSE_FIELDS`. An option wins over the front matter of a file or of stdin.
 * @param onTyped is given a text that a person has typed at the terminal, before anything else of it is read
 * @throws PsnError TEXT_…, FRONT_MATTER_INVALID, USAGE, ALT_TOO_LONG
 */
export async function readGiven(
  io: Io,
  argument: string | undefined,
  fields: Fields<typeof COMPOSE_FIELDS>,
  onTyped?: (text: string) => Promise<void>,
): Promise<Given> {
  const hasPerson = io.interactive;
  const given = await readText(io, argument, fields);
  if (given?.isStdin && hasPerson) await onTyped?.(given.text);
  return await readRest(io, given, fields);
}

/** The same of a text that was read already. @throws PsnError FRONT_MATTER_INVALID, USAGE, ALT_TOO_LONG */
export async function readRest(
  io: Io,
  given: GivenText | null,
  fields: Omit<Fields<typeof COMPOSE_FIELDS>, "file">,
): Promise<Given> {
  const { text, front, ignored } = given ? partsOf(io, given) : { text: null, front: {}, ignored: [] };
  const named = await readAttachments(io, fields);
  const limit = readLimit(fields);
  const inFront =
    front.attachments &&
    (await found(front.attachments)).map((item) => ({
      ...item,
      strip: item.strip || fields.strip,
      fix: item.fix || fields.fix,
    }));
  const form = fields.numbering ?? front.numbering;
  const numbering = form === undefined ? undefined : readNumbering(form);
  const unread = text === null ? null : unreadFrontMatter(text);
  const told: Warning[] = [...(ignored.length > 0 ? [ignoredKeys(ignored)] : []), ...(unread ? [unread] : [])];
  const attachments = named.length > 0 ? named : (inFront ?? null);
  const rest = { file: given?.file ?? null, front, ignored, limit, cut: fields.cut, numbering };
  const textStart = text === null || given === null ? 0 : nfcLength(given.text) - nfcLength(text);
  if (text === null || fields.markdown !== "strip") return { text, attachments, told, textStart, ...rest };
  const cutting = { limit: limit ?? TWEET_LIMIT, numbering: numbering ?? null, cut: fields.cut ?? "whole" };
  // The parser is read only where it is needed.
  const { stripText } = await import("./_markdown.ts");
  const stripped = await stripText(text, rest.file, io.cwd, cutting);
  const all = [...(attachments ?? []), ...stripped.attachments];
  return {
    text: stripped.text,
    attachments: all.length > 0 ? all : null,
    told: [...told, ...stripped.told],
    textStart: null,
    ...rest,
  };
}

/** An answer with what was left out among its notices: a program does not read stderr. */
export function withTold<T extends { notices: NoticeAnswer[] }>(answer: T, { told }: Pick<Given, "told">): T {
  const notices = told.map(({ code, message }) => {
    const isIn = code === "front_matter_unread";
    return { code, message, hint: isIn ? "It is part of the post's text." : "The post is without it.", next: [] };
  });
  return { ...answer, notices: [...answer.notices, ...notices] };
}

// --- internal ---

const nfcLength = (text: string): number => text.normalize("NFC").length;

/**
 * Of a file, and of a text on stdin, front matter is settings. As an argument it would be the tweet's words, which nobody means.
 * @throws PsnError FRONT_MATTER_INVALID
 */
function partsOf({ cwd }: Io, { text, file, isStdin }: GivenText): ReturnType<typeof readFrontMatter> {
  if (file !== null) return readFrontMatter(text, file);
  if (!isStdin) {
    refuseFrontMatter(text);
    return { text, front: {}, ignored: [] };
  }
  const parts = readFrontMatter(text, "stdin", cwd);
  if (parts.front.id === undefined) return parts;
  throw new PsnError("FRONT_MATTER_INVALID", "The front matter of stdin has an id, which only a file can have.", {
    hint: "Take the line “id: …” out to make a post of it, or change that post: psn post edit ID --file FILE.",
  });
}

/** The files that front matter names, by what is seen of their names. */
async function found(attachments: readonly Attachment[]): Promise<Attachment[]> {
  const find = async <T extends { file: string }>(one: T): Promise<T> => ({
    ...one,
    file: await findFile("/", one.file),
  });
  return await Promise.all(
    attachments.map(async (one) => ({
      ...(await find(one)),
      captions: await Promise.all((one.captions ?? []).map(find)),
    })),
  );
}

function readLimit({ limit, long }: Fields<typeof COMPOSE_FIELDS>): number | undefined {
  if (limit !== undefined && long) throw new PsnError("USAGE", "Give --limit or --long, not both.");
  return long ? LONG_POST_LIMIT : limit;
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
