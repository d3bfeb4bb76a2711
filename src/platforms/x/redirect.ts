/** What a person pastes after signing in at X: the code alone, or the address that the browser ended at. Pure. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { safeDetail } from "./detail.ts";
import { findAddress, isXCode } from "./pasted-address.ts";

/** `error` is X's own word, such as access_denied; `state` is null when only the code was pasted. */
export type Redirect =
  | { kind: "code"; code: string; state: string | null }
  | { kind: "error"; error: string; description: string | null; state: string | null };

/** The hint where only another sign-in helps. Who begins one at once leaves it out. */
export const START_OVER = "Run the sign-in again: it gives a new link.";

const PASTED_LENGTH_MAX = 8_192;
const CODE_LENGTH_MIN = 6;
/** Among words only what is too long to be one is a code. */
const CODE_AMONG_WORDS_MIN = 32;

/**
 * X's codes are base64url of some 90 characters; others of its kind hold these too. Short words are a slip of the hand.
 */
const CodeSchema = z
  .string()
  .min(CODE_LENGTH_MIN)
  .max(2_048)
  .regex(/^[\w.~:+/=-]+$/);
const StateSchema = z.string().min(1).max(500);

const RedirectSchema = z.union([
  z
    .object({ code: CodeSchema, state: StateSchema.nullable() })
    .transform((redirect): Redirect => ({ kind: "code", ...redirect })),
  z
    .object({
      error: z.string().regex(/^[\w.-]{1,100}$/),
      description: z.string().nullable(),
      state: StateSchema.nullable(),
    })
    .transform((redirect): Redirect => ({ kind: "error", ...redirect })),
]);

/**
 * Reads a pasted code, redirect URL, or query of one, as people bring them: `findAddress` says what it finds.
 * @throws PsnError OAUTH_PASTE_UNREADABLE, without the pasted text: it may hold a code.
 */
export function parseRedirect(pasted: string): Redirect {
  if (pasted.length > PASTED_LENGTH_MAX) throw unreadable("what was pasted is far too long for an address");
  if (pasted.trim() === "") throw unreadable("nothing was pasted");
  const found = findAddress(pasted);
  switch (found.kind) {
    case "unsure":
      throw unreadable("words follow the address, or it is cut in two lines; paste it alone, in one line");
    case "several":
      throw unreadable(
        `${found.hosts.length} different addresses were pasted, of ${found.hosts.join(" and ")}; paste one`,
      );
    case "text":
      return { kind: "code", code: codeAlone(found.text), state: null };
    case "address":
      return redirectOf(found.parameters);
  }
}

function redirectOf(parameters: URLSearchParams): Redirect {
  for (const name of ["code", "state", "error"]) {
    if (parameters.getAll(name).length > 1) throw unreadable(`the address has more than one ${name}`);
  }
  const description = parameters.get("error_description");
  const parsed = RedirectSchema.safeParse({
    code: parameters.get("code") ?? undefined,
    error: parameters.get("error") ?? undefined,
    description: description === null ? null : safeDetail(description),
    state: parameters.get("state"),
  });
  if (parsed.success) return parsed.data;
  if (parameters.has("code_challenge")) {
    throw unreadable("that is the link to sign in with; needed is the address that X leads to afterwards");
  }
  const code = parameters.get("code");
  if (!code) throw unreadable("the address holds no code");
  if (code.length < CODE_LENGTH_MIN) {
    throw unreadable(`the code in the address is too short (${code.length} characters): the end of it is missing`);
  }
  throw unreadable("the address does not hold a code as X gives it");
}

/** A code alone, perhaps in quotes or among a few words. @throws PsnError OAUTH_PASTE_UNREADABLE */
function codeAlone(text: string): string {
  const words = text.split(/\s+/).map((word) => word.replace(/^[<"'`“‘(*]+|[>"'`”’)*.,;!?]+$/gu, ""));
  if (/\w:\/\/|\/callback\b/i.test(text)) throw unreadable("the address holds no code");
  const [only = ""] = words;
  const long = words.filter((word) => word.length >= CODE_AMONG_WORDS_MIN && CodeSchema.safeParse(word).success);
  const candidate = words.length === 1 ? only : (words.filter(isXCode)[0] ?? (long.length === 1 ? long[0] : undefined));
  const code = CodeSchema.safeParse(candidate);
  if (code.success) return code.data;
  throw unreadable("what was pasted is neither a code nor an address");
}

/**
 * The code out of a pasted redirect, when it belongs to the sign-in that was begun with `state`.
 * A bare code brings no state: then only the verifier proves that both belong together, which X checks.
 * @throws PsnError OAUTH_PASTE_UNREADABLE, OAUTH_STATE_WRONG, OAUTH_DENIED or OAUTH_REFUSED.
 */
export function takeCode(pasted: string, state: string): string {
  const redirect = parseRedirect(pasted);
  if (redirect.state !== null && redirect.state !== state) {
    throw new PsnError("OAUTH_STATE_WRONG", "This address belongs to another sign-in.", {
      hint: "Open the newest link and paste what it leads to.",
    });
  }
  if (redirect.kind === "code") return redirect.code;
  if (redirect.error === "access_denied") {
    throw new PsnError("OAUTH_DENIED", "The sign-in was declined at X.", {
      hint: "Open the link again and choose to authorize the app.",
    });
  }
  throw new PsnError("OAUTH_REFUSED", `X ended the sign-in: ${redirect.description ?? redirect.error}`, {
    hint: START_OVER,
  });
}

function unreadable(why: string): PsnError {
  return new PsnError("OAUTH_PASTE_UNREADABLE", `The sign-in cannot go on: ${why}.`, {
    hint: "Paste the whole address of the page that X led to, or the value of `code` in it.",
  });
}
