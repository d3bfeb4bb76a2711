/**
 * The front matter of a post's file: YAML between two lines of `---` at the very top, so that a folder of Markdown can be
 * posts. It is read strictly: a mistyped key must never be a setting that was silently left out. Keys of other programs
 * (`title:`, `tags:`) are left out and told; options of a command are none of them, and refused.
 *
 *     ---
 *     id: 7k3m
 *     at: tomorrow 9am
 *     account: "@handle"
 *     numbering: 1/n
 *     reply_to: 9f2c
 *     media:
 *       - cover.png
 *       - { file: map.png, tweet: 2, alt: A map of the bay }
 *       - { file: talk.mp4, tweet: 4, captions: { en: talk.en.srt, de: talk.de.vtt } }
 *       - { file: bay.tif, tweet: 3, fix: true, strip: true }
 *     poll: [Tea, Coffee]
 *     ---
 */
import { dirname, resolve } from "node:path";
import { type Document, parseDocument } from "yaml";
import { z } from "zod";
import { type Warning, warn } from "../../core/compose/warnings.ts";
import { PsnError } from "../../core/errors.ts";
import { type Attachment, checkedAltText } from "../../core/posts/attachments.ts";
import { FRONT_BLOCK } from "../../core/posts/sync/with-id.ts";
import { distance } from "../_distance.ts";
import { type FrontPoll, optionsOf } from "./_fields.ts";

const FRONT_CHARS_MAX = 64 * 1024;
/** Hugo's other kind of front matter, which is none of a post's words. */
const TOML = /^\+\+\+[ \t]*\r?\n[\s\S]*?^\+\+\+[ \t]*(?:\r?\n|$)/m;
const afterBlock = (text: string, block: RegExpExecArray) =>
  text.slice(block.index + block[0].length).replace(/^(?:[ \t]*\r?\n)+/, "");

/** YAML's words for no value, which come as written. */
const NO_VALUE = /^\s*(?:~|null|Null|NULL)?\s*$/;

const MediaSchema = z.union([
  z.string().min(1),
  z.strictObject({
    file: z.string().min(1),
    tweet: z
      .string()
      .regex(/^[1-9]\d{0,2}$/)
      .optional(),
    alt: z.string().optional(),
    captions: z.record(z.string().min(1), z.string().min(1)).optional(),
    strip: z.enum(["true", "false"]).optional(),
    fix: z.enum(["true", "false"]).optional(),
  }),
]);

const PollSchema = z.strictObject({
  options: z.array(z.string().min(1)),
  minutes: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional(),
});

// All scalars come as strings: `1.` is a numbering and no number, and nobody's alt text is a boolean.
const FrontSchema = z.strictObject({
  /** The post that the file is, wherever it lies and whatever it is called. */
  id: z.string().min(1).optional(),
  at: z.string().min(1).optional(),
  timezone: z.string().min(1).optional(),
  account: z.string().min(1).optional(),
  numbering: z.string().min(1).optional(),
  /** The post, or the address of the tweet, that it follows up on. */
  reply_to: z.string().min(1).optional(),
  /** Its author's word for `psn post sync`; other commands ask for it themselves. */
  approve: z
    .string()
    .regex(/^(?:true|false|True|False|TRUE|FALSE)$/)
    .optional(),
  media: z.union([z.array(MediaSchema), MediaSchema]).optional(),
  poll: z.union([z.string().min(1), z.array(z.string().min(1)), PollSchema]).optional(),
});
const KEYS_HINT = `It may hold ${Object.keys(FrontSchema.shape).join(", ")}; media is a file name or {file, tweet, alt, captions, strip, fix}, or a list of them; poll is a list of options or {options, minutes}.`;
/** Most of what is no YAML comes from other programs that are less strict: `title: Part 2: the end`, `title: @me`. */
const YAML_HINT = `Put the value of that line in quotes, such as title: "Part 2: the end"; or leave the line out. ${KEYS_HINT}`;

export interface FrontMatter {
  id?: string;
  at?: string;
  timezone?: string;
  account?: string;
  numbering?: string;
  replyTo?: string;
  approve?: boolean;
  attachments?: Attachment[];
  poll?: FrontPoll;
}

/**
 * Parts a file into its front matter and its text. A text that merely begins with a line of `---` has none.
 * @param folder that the files it names count from
 * @throws PsnError FRONT_MATTER_INVALID with the line
 */
export function readFrontMatter(
  text: string,
  file: string,
  folder = dirname(file),
): { text: string; front: FrontMatter; ignored: string[] } {
  const foreign = text.startsWith("+++") ? TOML.exec(text) : null;
  if (foreign?.index === 0) return { text: afterBlock(text, foreign), front: {}, ignored: ["+++"] };
  const block = text.startsWith("---") ? FRONT_BLOCK.exec(text) : null;
  if (block?.index !== 0) {
    const second = /^---[ \t]*\r?\n(?:[ \t]*\r?\n|#[^\n]*\n)*([a-z_]+):/.exec(text)?.[1];
    if (second !== undefined && second in FrontSchema.shape) {
      throw invalid(file, "it has no second line of --- that ends it", 1);
    }
    return { text, front: {}, ignored: [] };
  }
  const yaml = block[3] ?? "";
  if (yaml.length > FRONT_CHARS_MAX) throw invalid(file, "it is longer than 64 KB", 1);
  const document = parseDocument(yaml, { schema: "failsafe", prettyErrors: true, logLevel: "error" });
  const value = document.errors.length === 0 ? plainValueOf(document, file) : null;
  const [error] = document.errors;
  // Plain words between two author's breaks are a tweet, not a setting.
  if (!error && (typeof value === "string" || value === null)) return { text, front: {}, ignored: [] };
  if (error) throw invalid(file, firstLine(error.message), (error.linePos?.[0].line ?? 1) + 1, YAML_HINT);
  refuseOptions(file, value, yaml);
  const { known, ignored } = withoutForeign(value);
  const parsed = FrontSchema.safeParse(known);
  if (!parsed.success) throw explain(file, parsed.error, yaml);
  const { media, poll, reply_to: replyTo, approve, ...rest } = parsed.data;
  const given = media === undefined ? undefined : Array.isArray(media) ? media : [media];
  const attachments = given?.map((item) => asAttachment(item, folder));
  return {
    text: afterBlock(text, block),
    front: {
      ...defined({ ...rest, replyTo }),
      ...(approve === undefined ? {} : { approve: approve.toLowerCase() === "true" }),
      ...(attachments ? { attachments } : {}),
      ...(poll ? { poll: asPoll(poll) } : {}),
    },
    ignored,
  };
}

/** Of a text as an argument, where front matter would be seen on X. @throws PsnError FRONT_MATTER_INVALID */
export function refuseFrontMatter(text: string): void {
  if (isWithout(text)) return;
  throw new PsnError("FRONT_MATTER_INVALID", "The text begins with front matter, which is no part of a tweet.", {
    hint: "Give it as a file (--file FILE) or on stdin (--file -), of which it is read; or take the first line of --- out, if it is words.",
  });
}

/** An alias repeats what an anchor names: nothing that settings need, and a small file can grow by it without end. */
function plainValueOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw invalid(file, "it holds an alias (*name); write the value out, in quotes if it begins with a *", 1);
  }
}

/** What is said of the keys that mean something to another program. */
export function ignoredKeys(keys: readonly string[]): Warning {
  const names = keys.slice(0, KEYS_SHOWN_MAX).map((key) => `“${key.slice(0, KEY_LENGTH_MAX)}”`);
  const more = keys.length > KEYS_SHOWN_MAX ? ` and ${keys.length - KEYS_SHOWN_MAX} more` : "";
  const message = `The front matter's ${names.join(", ")}${more} ${keys.length === 1 ? "is" : "are"} of other programs and left out.`;
  return warn("front_matter_ignored", message);
}

// --- internal ---

/** What cannot be read as front matter is meant as such, too. */
function isWithout(text: string): boolean {
  try {
    return readFrontMatter(text, "the text", "/").text === text;
  } catch {
    return false;
  }
}

const KEYS_SHOWN_MAX = 8;
const KEY_LENGTH_MAX = 30;
/**
 * Options of `psn post create` that no front matter has; a test holds the two together. `date` is not among them: it is other programs'
 * key in nearly every folder, and without `time` it is no time of PSN's.
 */
export const OPTION_KEYS = (
  "text file alt alt_file captions strip fix limit cut markdown long time earlier later now poll_file poll_minutes quote made_with_ai " +
  "paid_partnership alt_required reply_settings idempotency_key new force"
).split(" ");
/** One wrong letter in four is a slip of the hand. */
const LETTERS_PER_SLIP = 4;
const SHORT_KEY_LENGTH = 2;

/** As a key of front matter or an option may be written: `made-with-ai`, `madeWithAi`. */
const asKey = (written: string) =>
  written
    .trim()
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/-/g, "_")
    .toLowerCase();

/** Short words are too near to other programs' keys (`limits`, `news`). */
const SLIP_LENGTH_MIN = 8;

/** A label that its author wrote down must not be missing on X. @throws PsnError FRONT_MATTER_INVALID */
function refuseOptions(file: string, value: unknown, yaml: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const key of Object.keys(value)) {
    const written = asKey(key);
    if (written in FrontSchema.shape) continue;
    const option = OPTION_KEYS.find(
      (one) => one === written || (one.length >= SLIP_LENGTH_MIN && distance(one, written) <= 1),
    );
    if (option === undefined) continue;
    const typed = `--${option.replaceAll("_", "-")}`;
    const what = `“${key.slice(0, KEY_LENGTH_MAX)}” is no key of it, and would be missing on X`;
    throw invalid(file, what, lineOf(yaml, key), HINTS[option] ?? `Give it as an option: ${typed} of psn post create.`);
  }
}

/** Where the option itself would not help. */
const HINTS: Record<string, string> = {
  text: "The text stands below the front matter.",
  time: "Write date and time as one: at: 2026-12-01 09:00.",
  poll_minutes: "Write it into the poll: poll: { options: [Tea, Coffee], minutes: 60 }.",
  captions: "Write them beside the file: media: { file: talk.mp4, captions: { en: talk.srt } }.",
  strip: "Write it beside the file: media: { file: photo.jpg, strip: true }.",
  fix: "Write it beside the file: media: { file: photo.tif, fix: true }.",
  alt: "Write it beside the file: media: { file: map.png, alt: A map of the bay }.",
};

/** From 1, of the file: the block's first line is the line of dashes. */
const lineOf = (yaml: string, key: string) =>
  yaml.split("\n").findIndex((line) => line.trimStart().startsWith(key)) + 2;

/** Parts what PSN knows, or what was meant for it and mistyped, from the keys of other programs. */
function withoutForeign(value: unknown): { known: unknown; ignored: string[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { known: value, ignored: [] };
  const entries = Object.entries(value);
  const isOurs = (key: string) => Object.keys(FrontSchema.shape).some((ours) => isSlipOf(key.toLowerCase(), ours));
  // A key without a value, as templates and emptied properties have it, is none.
  const isEmpty = ([key, of]: [string, unknown]) =>
    key in FrontSchema.shape && typeof of === "string" && NO_VALUE.test(of);
  return {
    known: Object.fromEntries(entries.filter((entry) => isOurs(entry[0]) && !isEmpty(entry))),
    ignored: entries.map(([key]) => key).filter((key) => !isOurs(key)),
  };
}

/** Whether one of PSN's keys was meant. Of two letters (`id`, `at`) other programs' keys are too near: `uid`, `cat`, `lat`. */
function isSlipOf(key: string, ours: string): boolean {
  const slips = distance(key, ours);
  if (ours.length > SHORT_KEY_LENGTH) return slips <= Math.max(1, Math.floor(key.length / LETTERS_PER_SLIP));
  return key.replace(/(.)\1+/g, "$1") === ours || (key.length === ours.length && slips <= 1);
}

function asPoll(poll: string | string[] | z.infer<typeof PollSchema>): FrontPoll {
  if (typeof poll === "string") return { options: optionsOf(poll) };
  if (Array.isArray(poll)) return { options: poll };
  return { options: poll.options, ...(poll.minutes === undefined ? {} : { minutes: Number(poll.minutes) }) };
}

function asAttachment(item: z.infer<typeof MediaSchema>, folder: string): Attachment {
  const { file, tweet = "1", alt, captions = {}, strip, fix } = typeof item === "string" ? { file: item } : item;
  return {
    tweet: Number(tweet) - 1,
    file: resolve(folder, file),
    altText: checkedAltText(alt),
    captions: Object.entries(captions).map(([language, path]) => ({ language, file: resolve(folder, path) })),
    strip: strip === "true",
    fix: fix === "true",
  };
}

function explain(file: string, error: z.ZodError, yaml: string): PsnError {
  const [issue] = error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const key = String(unknown ?? issue?.path[0] ?? "");
  const what = unknown === undefined ? `“${key}” has a value that it cannot have` : `“${key}” is not a key of it`;
  return invalid(file, what, lineOf(yaml, key), key === "approve" && unknown === undefined ? APPROVE_HINT : KEYS_HINT);
}

const APPROVE_HINT = "It is true or false. Without it, or with false, the post waits for its approval.";

function invalid(file: string, what: string, line: number, hint = KEYS_HINT): PsnError {
  return new PsnError("FRONT_MATTER_INVALID", `The front matter of ${file}: ${what} (line ${line}).`, {
    hint,
    details: { line },
  });
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/ at line \d+.*$/, "").replace(/\.$/, "");
}

function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
