/**
 * The one class of error that a user can meet. Everything else that is thrown is a bug and keeps its stack.
 *
 * `message` says what is wrong in one line; `hint` what the person can do; `next` the commands that help, as they are typed.
 * `code` is stable and in UPPER_SNAKE_CASE. None of them ever holds a secret.
 */
export class PsnError extends Error {
  override readonly name = "PsnError";
  readonly code: string;
  readonly hint: string | undefined;
  /** Commands, e.g. `psn post show 7k3m`. Absent: those of the error's code, which cli/_errors.ts lists. */
  readonly next: readonly string[] | undefined;
  /** Facts for a program, such as the line of a file or the two instants of an ambiguous time. JSON-safe. */
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: string,
    message: string,
    more: { hint?: string; next?: readonly string[]; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.next = more.next;
    this.details = more.details;
  }
}

/** Thrown where a dry run has come to its first write outside the hub, and caught by whoever runs the command. It is no failure. */
export class DryStop extends Error {
  override readonly name = "DryStop";

  /** @param would what would be written next, as the end of “it would …” */
  constructor(readonly would: string) {
    super(`A dry run stops before it would ${would}.`);
  }
}

/** The `code` of a system error such as ENOENT, or null for anything else. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
