/** What a person pastes after signing in at X: the code alone, or the address that the browser ended at. Pure. */
import { z } from "zod";
import { PsnError } from "../../core/errors.ts";
import { safeDetail } from "./detail.ts";

/** `error` is X's own word, such as access_denied; `state` is null when only the code was pasted. */
export type Redirect =
  | { kind: "code"; code: string; state: string | null }
  | { kind: "error"; error: string; description: string | null; state: string | null };

const PASTED_LENGTH_MAX = 8_192;

/**
 * X's codes are base64url of some 90 characters; others of its kind hold these too. Short words are a slip of the hand.
 */
const CodeSchema = z
  .string()
  .min(6)
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
 * Reads a pasted code, redirect URL, or query of one. Line breaks and quotes that a terminal or a chat put in are taken
 * out.
 * @throws PsnError OAUTH_PASTE_UNREADABLE, without the pasted text: it may hold a code.
 */
export function parseRedirect(pasted: string): Redirect {
  if (pasted.length > PASTED_LENGTH_MAX) throw unreadable("what was pasted is far too long for an address");
  const text = pasted.replace(/[\s\u200b\ufeff]+/gu, "").replace(/^[<"'`“‘(]+|[>"'`”’)]+$/gu, "");
  if (text === "") throw unreadable("nothing was pasted");

  const parameters = parametersOf(text);
  if (parameters === null) {
    const code = CodeSchema.safeParse(text);
    if (code.success) return { kind: "code", code: code.data, state: null };
    throw unreadable("what was pasted is neither a code nor an address");
  }
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
  throw unreadable("the address holds no code");
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
    hint: "Run the sign-in again: it gives a new link.",
  });
}

/** The query of an address, or of a text that looks like one; null when it is a bare code. */
function parametersOf(text: string): URLSearchParams | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return URL.canParse(text) ? new URL(text).searchParams : null;
  const query = text.indexOf("?");
  // "127.0.0.1/callback?code=…", "?code=…" and "code=…": browsers hide the scheme, people copy from the question mark.
  if (query >= 0) return new URLSearchParams(text.slice(query + 1).replace(/#.*$/, ""));
  return /(^|&)(code|error|state)=/.test(text) ? new URLSearchParams(text.replace(/#.*$/, "")) : null;
}

function unreadable(why: string): PsnError {
  return new PsnError("OAUTH_PASTE_UNREADABLE", `The sign-in cannot go on: ${why}.`, {
    hint: "Paste the whole address of the page that X led to, or the value of `code` in it.",
  });
}
