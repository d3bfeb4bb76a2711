/** What the page's forms send, checked, as acts on a draft. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { DraftAct } from "../core/posts/write.ts";
import type { PageRequest } from "./server.ts";

const POSITION_MAX = 10_000;
/** A long post and what its author writes beside it. */
const TEXT_CHARS_MAX = 100_000;

const Position = z.coerce.number().int().min(0).max(POSITION_MAX);
const Version = z.coerce.number().int().min(0);

/** A button's act; `cancel`, `undo` and `redo` are about the whole post. */
export type ButtonAct = DraftAct | { do: "undo" } | { do: "redo" } | { do: "cancel" };

const ActForm = z.object({ version: Version, act: z.string().max(60) });

/** `join:2`, `move:2:-1:word`, `undo`. @throws PsnError USAGE */
export function readButton(request: PageRequest): { version: number; act: ButtonAct } {
  const { version, act } = parsed(ActForm, fieldsOf(request));
  return { version, act: actOf(act) };
}

const WordsForm = z.object({
  do: z.enum(["text", "insert"]),
  position: Position,
  version: Version,
  was: z.string().max(40),
  text: z.string().max(TEXT_CHARS_MAX),
});
export type WordsForm = z.infer<typeof WordsForm>;

/** Words of a person, with the tweet that they were written for. @throws PsnError USAGE */
export function readWordsForm(request: PageRequest): WordsForm {
  const form = parsed(WordsForm, fieldsOf(request));
  // Browsers send line ends as CRLF.
  return { ...form, text: form.text.replaceAll("\r\n", "\n") };
}

const MediaForm = z.object({
  do: z.literal("attach"),
  position: Position,
  version: Version,
  was: z.string().max(40),
  alt: z.string().max(10_000),
  file: z.instanceof(File),
});
export type MediaForm = z.infer<typeof MediaForm>;

/** @throws PsnError USAGE */
export async function readMediaForm(request: PageRequest): Promise<MediaForm> {
  if (!request.contentType.startsWith("multipart/form-data")) throw notOfThisPage();
  const form = await new Response(new Uint8Array(request.body), { headers: { "content-type": request.contentType } })
    .formData()
    .catch(() => null);
  if (form === null) throw notOfThisPage();
  return parsed(MediaForm, Object.fromEntries(form));
}

const ApprovalForm = z.object({
  nonce: z.string().max(60),
  /** `now`, `time`, `later`, `yes`, or `at:` and an instant. */
  choice: z.string().max(80),
  when: z.string().max(200).default(""),
});
export type ApprovalForm = z.infer<typeof ApprovalForm>;

/** @throws PsnError USAGE */
export function readApproval(request: PageRequest): ApprovalForm {
  return parsed(ApprovalForm, fieldsOf(request));
}

const AnswerForm = z.object({ id: z.string().max(60), nonce: z.string().max(60), answer: z.enum(["yes", "no"]) });

/** The answer to a question that a command has left for the page. @throws PsnError USAGE */
export function readAnswer(request: PageRequest): z.infer<typeof AnswerForm> {
  return parsed(AnswerForm, fieldsOf(request));
}

const CountedForm = z.object({ text: z.string().max(TEXT_CHARS_MAX) });

/** @throws PsnError USAGE */
export function readCounted(request: PageRequest): string {
  const { text } = parsed(CountedForm, fieldsOf(request));
  return text.replaceAll("\r\n", "\n");
}

export const BorderQuery = z.object({ border: Position });

// --- internal ---

function fieldsOf({ contentType, body }: PageRequest): Record<string, string> {
  if (!contentType.startsWith("application/x-www-form-urlencoded")) throw notOfThisPage();
  return Object.fromEntries(new URLSearchParams(body.toString("utf8")));
}

function parsed<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw notOfThisPage();
}

function notOfThisPage(): PsnError {
  return new PsnError("USAGE", "The form is not one of this page.");
}

/* Made once: a schema takes longer to make than to ask. */
const Unit = z.enum(["word", "clause", "sentence", "line", "paragraph"]);
const Offset = z.coerce.number().int().min(0).max(TEXT_CHARS_MAX);
const By = z.coerce.number().int().min(-POSITION_MAX).max(POSITION_MAX);

function actOf(words: string): ButtonAct {
  const [name = "", first = "", second = "", third = ""] = words.split(":");
  if (name === "undo" || name === "redo" || name === "cancel") return { do: name };
  const position = parsed(Position, first);
  switch (name) {
    case "join":
      return { do: "join", position };
    case "up":
      return { do: "reorder", from: position, to: position - 1 };
    case "down":
      return { do: "reorder", from: position, to: position + 1 };
    case "remove":
    case "remove-all":
      return { do: "remove", position, withMedia: name === "remove-all" };
    case "split":
      return { do: "split", position, at: parsed(Offset, second) };
    case "detach":
      return { do: "detach", position, item: parsed(Position, second) };
    case "move":
      return { do: "move", position, by: parsed(By, second), unit: parsed(Unit, third) };
    default:
      throw notOfThisPage();
  }
}
