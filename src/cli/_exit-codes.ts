/** What a command's exit code says. One table: from an error's code, or from where a post stands, to the number. */

export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  signIn: 4,
  notYet: 5,
  unknown: 6,
  changed: 7,
  notFound: 8,
  interrupted: 130,
  terminated: 143,
} as const;

/** For `psn --help` and the docs, in order. */
export const EXIT_MEANINGS: readonly [number, string][] = [
  [EXIT.ok, "done"],
  [EXIT.bug, "a bug of PSN; the stack is on stderr"],
  [EXIT.usage, "the command line, or what was given with it, cannot be read that way"],
  [EXIT.refused, "refused, by a rule or by X; the same again is refused again"],
  [EXIT.signIn, "a sign-in or the setup comes first: psn setup"],
  [EXIT.notYet, "not yet: a limit, an outage or no worker; it goes on, or can be tried again"],
  [EXIT.unknown, "whether X has it is not known; PSN is finding out, so do not send it again"],
  [EXIT.changed, "it has changed since it was shown"],
  [EXIT.notFound, "there is no such thing"],
  [EXIT.interrupted, "stopped by Ctrl-C (143: by a stop signal)"],
];

/** Codes of errors. One that is in no row is a refusal. */
const CODES: readonly [number, readonly string[]][] = [
  [EXIT.bug, ["INTERNAL"]],
  [
    EXIT.usage,
    [
      "USAGE",
      "ALT_TOO_LONG",
      "CONFIG_INVALID",
      "CONFIG_UNREADABLE",
      "CONFIRMATION_NEEDED",
      "FILE_AMBIGUOUS",
      "FRONT_MATTER_INVALID",
      "KEY_INVALID",
      "LIMIT_INVALID",
      "MEDIA_UNREADABLE",
      "OAUTH_PASTE_UNREADABLE",
      "POLL_INVALID",
      "POST_AMBIGUOUS",
      "ACCOUNT_AMBIGUOUS",
      "SANDBOX_BAD_INPUT",
      "SECRET_IN_ARGUMENT",
      "SPLIT_NOT_THERE",
      "TEXT_EMPTY",
      "TEXT_INVALID_CHARACTER",
      "TEXT_MISSING",
      "TEXT_NOT_UTF8",
      "TEXT_TOO_LARGE",
      "TEXT_TOO_LONG",
      "TEXT_UNREADABLE",
      "TIMEZONE_MISSING",
      "TIMEZONE_UNKNOWN",
      "TIME_AMBIGUOUS",
      "TIME_INVALID",
      "TIME_IN_GAP",
      "TIME_IN_PAST",
      "TIME_MISSING",
      "TIME_TOO_FAR",
      "TWEET_ADDRESS_INVALID",
      "WORDS_AMBIGUOUS",
      "WORDS_NOT_FOUND",
      "X_KEYS_INVALID",
    ],
  ],
  [
    EXIT.signIn,
    [
      "ACCOUNT_ELSEWHERE",
      "ACCOUNT_NONE",
      "ACCOUNT_OTHER_APP",
      "NOT_SET_UP",
      "OAUTH_CALLBACK_MISMATCH",
      "OAUTH_CLIENT_WRONG",
      "OAUTH_CODE_EXPIRED",
      "OAUTH_DENIED",
      "OAUTH_NO_SIGN_IN",
      "OAUTH_OTHER_ACCOUNT",
      "OAUTH_OTHER_APP",
      "OAUTH_REFUSED",
      "OAUTH_SCOPE_MISSING",
      "OAUTH_SCOPE_REFUSED",
      "OAUTH_STATE_WRONG",
      "OAUTH_VERIFIER_WRONG",
      "SECRET_DAMAGED",
      "SECRET_KEY_WRONG",
      "X_KEYS_MISSING",
    ],
  ],
  [
    EXIT.notYet,
    [
      "HUB_BUSY",
      "HUB_DISK_FULL",
      "HUB_GONE",
      "HUB_LOST",
      "HUB_START_FAILED",
      "HUB_STOP_TIMEOUT",
      "HUB_UNREACHABLE",
      "MEDIA_STORE_UNAVAILABLE",
      "OAUTH_ANSWER_UNREADABLE",
      "OAUTH_IDENTITY",
      "OAUTH_UNAVAILABLE",
      "POST_PUBLISHING",
      "ROTATION_RUNNING",
      "SANDBOX_NOT_RUNNING",
      "TOKEN_NOT_STORED",
      "MARK_UNWRITABLE",
      "TOO_SLOW",
      "X_ALT_TEXT_UNAVAILABLE",
      "X_MEDIA_UNAVAILABLE",
      "X_TOKEN_UNAVAILABLE",
      "X_UNAVAILABLE",
      "X_UNREACHABLE",
    ],
  ],
  [EXIT.unknown, ["POST_UNSETTLED"]],
  [EXIT.changed, ["MEDIA_CHANGED", "POST_CHANGED"]],
  [
    EXIT.notFound,
    [
      "ACCOUNT_UNKNOWN",
      "MEDIA_GONE",
      "MEDIA_NOT_FOUND",
      "NOT_INSTALLED",
      "POST_UNKNOWN",
      "REDO_NOTHING",
      "TWEET_NOT_FOUND",
      "TWEET_NOT_ON_X",
      "UNDO_NOTHING",
    ],
  ],
  [EXIT.interrupted, ["CANCELLED", "DEMO_STOPPED"]],
];

const BY_CODE = new Map(CODES.flatMap(([exit, codes]) => codes.map((code) => [code, exit] as const)));

/** @returns the exit code of an error */
export const exitCodeOf = (code: string): number => BY_CODE.get(code) ?? EXIT.refused;

/** Of a command that stopped at a signal, whose name is the message of the abort. */
export const exitCodeOfSignal = ({ reason }: AbortSignal): number =>
  reason instanceof Error && reason.message === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;

/**
 * Of a command that was to publish: how far the post is.
 * @param goesOn whether the post goes on at a time, without a person
 */
export function publishedExit(post: {
  status: string;
  subStatus: string | null;
  failCode: string | null;
  goesOn: boolean;
}): number {
  switch (post.status) {
    case "failed":
      if (post.failCode === "PERHAPS_ON_X") return EXIT.unknown;
      return post.failCode === "INTERNAL" ? EXIT.bug : EXIT.refused;
    case "retry":
      if (post.subStatus === "confirming") return EXIT.unknown;
      if (post.subStatus === "awaiting_auth" && !post.goesOn) return EXIT.signIn;
      return EXIT.notYet;
    case "publishing":
      return EXIT.notYet;
    default:
      return EXIT.ok;
  }
}
