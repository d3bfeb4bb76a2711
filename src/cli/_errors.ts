/**
 * What can go wrong, as one table: from an error's code to its exit code, whether the same command can be tried again, and the commands
 * that help. `psn schema --errors`, `psn --help`, docs/agents.md and the tests are made from it.
 */
import type { PsnError } from "../core/errors.ts";
import { type NextStep, nextSteps } from "./_effects.ts";

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
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each exit code says, in order. */
export const EXIT_MEANINGS: readonly [ExitCode, string][] = [
  [EXIT.ok, "done"],
  [EXIT.bug, "a bug of PSN; the stack is on stderr"],
  [EXIT.usage, "the command line, or what was given with it, cannot be read that way"],
  [EXIT.refused, "refused, by a rule or by X; the same again is refused again"],
  [EXIT.signIn, "a sign-in or the setup comes first: psn setup"],
  [EXIT.notYet, "not yet: a limit, an outage or no worker; it goes on, or can be tried again"],
  [EXIT.unknown, "whether X has it is not known; PSN is finding out, so do not send it again"],
  [EXIT.changed, "it has changed since it was shown"],
  [EXIT.notFound, "there is no such thing"],
  [EXIT.interrupted, "stopped by Ctrl-C"],
  [EXIT.terminated, "stopped by a stop signal"],
];

/** Every code that an answer can hold, by its exit code. */
const CODES: readonly [ExitCode, string][] = [
  [EXIT.bug, "INTERNAL DEMO_NOT_HELD"],
  [EXIT.refused, "DOCTOR_FOUND TRIGGER_FOLDER_DIFFERS TRIGGER_SDK_MISSING"],
  [
    EXIT.refused,
    "CHROMIUM_FAILED CHROMIUM_MISSING FILE_NOT_WRITTEN MEDIA_BROKEN MEDIA_DAMAGED MEDIA_LIMIT PAGE_NOT_SERVED",
  ],
  [EXIT.changed, "APPROVAL_EXPIRED"],
  [EXIT.notYet, "ENGINE_SILENT WORKER_SILENT"],
  [
    EXIT.usage,
    `USAGE ACCOUNT_AMBIGUOUS ALT_TOO_LONG BACKUP_PASSPHRASE_WRONG BACKUP_UNREADABLE CAPTIONS_INVALID CONFIG_INVALID CONFIG_UNREADABLE CONFIRMATION_NEEDED FILE_AMBIGUOUS FILE_UNREADABLE FOLDER_UNREADABLE
    FRONT_MATTER_INVALID KEY_INVALID LIMIT_INVALID MEDIA_UNREADABLE OAUTH_PASTE_UNREADABLE PASSPHRASE_DIFFERS
    PASSPHRASE_MISSING PASSPHRASE_WEAK POLL_INVALID POST_AMBIGUOUS
    SANDBOX_BAD_INPUT SECRET_IN_ARGUMENT SPLIT_NOT_THERE TEXT_EMPTY TEXT_INVALID_CHARACTER TEXT_MISSING TEXT_NOT_UTF8
    TEXT_NOT_CUT TEXT_TOO_LARGE TEXT_TOO_LONG TEXT_UNREADABLE TIMEZONE_MISSING TIMEZONE_UNKNOWN TIME_AMBIGUOUS TIME_INVALID TIME_IN_GAP
    TIME_IN_PAST TIME_MISSING TIME_TOO_FAR TWEET_ADDRESS_INVALID WORDS_AMBIGUOUS WORDS_NOT_FOUND X_KEYS_INVALID`,
  ],
  [
    EXIT.refused,
    `ACCOUNT_DIFFERS ACCOUNT_HAS_POSTS APPROVAL_FORGED APPROVAL_NEEDED BACKUP_NEWER CAP_TOO_SMALL CHANGED_SINCE_APPROVAL CONFIG_OVERRIDDEN CONFIG_READ_ONLY CONFIG_UNWRITABLE
    DEMO_POST_FAILED DEMO_SIGN_IN DEMO_TEXT_REFUSED DEMO_TIMEOUT DEMO_WORKER_DIED EDITOR_FAILED ENGINE_IS_TRIGGER FAILED FOLDER_TOO_LARGE
    FILE_EXISTS FILE_IS_POST FIX_UNAVAILABLE HALF_PUBLISHED HALF_UNPUBLISHED HUB_AUTH HUB_COPYING HUB_COPY_DIFFERS HUB_DATABASE_MISSING HUB_DATA_FOREIGN HUB_DATA_INVALID
    HUB_ELSEWHERE HUB_IN_USE HUB_MIGRATION_FAILED HUB_MOVED HUB_NEWER HUB_NOT_EMBEDDED HUB_NOT_EMPTY
    HUB_NOT_REACHABLE_FROM_TRIGGER HUB_NO_USER HUB_OLDER HUB_PERMISSION_DENIED HUB_PLATFORM_UNSUPPORTED HUB_POOLED HUB_SAME
    HUB_TLS HUB_UNCLAIMED HUB_VERSION_MISMATCH IDEMPOTENCY_KEY_REUSED KEY_FROM_ENVIRONMENT LIVE_OFF LIMIT_NOT_ALLOWED MEDIA_EMPTY
    MEDIA_MIX MEDIA_NOT_SHARED MEDIA_STORE_FULL MEDIA_TOO_LARGE MEDIA_TOO_MANY MEDIA_TYPE MEDIA_WOULD_BE_LOST
    MEDIA_WOULD_MOVE MISSED_ITS_TIME NUMBERED_TWICE OWN_FILE_REPLACED PARENT_GONE PLACE_NOT_EMPTY POLL_AND_MEDIA PORT_IN_USE PAGE_NOT_OPEN PORT_NOT_ALLOWED POST_DUPLICATE POST_EMPTY
    POST_DELETED POST_NOT_APPROVED POST_NOT_PUBLISHED POST_PARTLY_SENT POST_PUBLISHED POST_REFUSABLE POST_SETTLED POST_STATUS POST_TOO_MANY_TWEETS POST_UNPUBLISHED
    QUOTE_NOT_ALLOWED REPLY_NOT_ALLOWED SANDBOX_BAD_SNAPSHOT SANDBOX_FULL SANDBOX_NOT_LOOPBACK SANDBOX_NO_APP SANDBOX_NO_USER
    SANDBOX_UNREADABLE SANDBOX_USER_EXISTS SERVICE_CONFIG SERVICE_UNSUPPORTED SPLIT_IN_WORD SYNC_FILE_INVALID SYNC_PROBLEMS SYNC_RACED TIME_OVER_CAP TRIGGER_ENV_DIFFERS
    TRIGGER_OTHER_HUB TWEET_NOT_YOURS TWEET_ON_X TWEET_REPEATED TWEET_TAKEN WORKER_RUNNING X_ALT_TEXT_REFUSED X_CASHTAGS
    X_DUPLICATE X_INVALID X_MEDIA_FAILED X_MEDIA_INVALID X_MEDIA_REFUSED X_MEDIA_TOO_LONG X_NOT_PERMITTED X_PARENT_MISSING
    X_REFUSED X_TOO_LONG`,
  ],
  [
    EXIT.signIn,
    `ACCOUNT_ELSEWHERE ACCOUNT_NONE ACCOUNT_OTHER_APP ACCOUNT_SIGNED_OUT NOT_SET_UP OAUTH_CALLBACK_MISMATCH
    OAUTH_CLIENT_WRONG OAUTH_CODE_EXPIRED OAUTH_DENIED OAUTH_NO_SIGN_IN OAUTH_OTHER_ACCOUNT OAUTH_OTHER_APP OAUTH_REFUSED
    OAUTH_SCOPE_MISSING OAUTH_SCOPE_REFUSED OAUTH_STATE_WRONG OAUTH_VERIFIER_WRONG OTHER_APP OTHER_HOST SECRET_DAMAGED
    SECRET_KEY_WRONG SIGNED_OUT X_KEYS_MISSING`,
  ],
  [
    EXIT.notYet,
    `ABANDONED ACCOUNT_HELD APP_HELD CATCHING_UP HELD HELD_UNTIL HUB_BUSY HUB_DISK_FULL HUB_GONE HUB_LOST HUB_START_FAILED
    HUB_STOP_TIMEOUT HUB_UNREACHABLE MARK_UNWRITABLE MEDIA_STORE_UNAVAILABLE NO_WORKER OAUTH_ANSWER_UNREADABLE OAUTH_IDENTITY
    OAUTH_UNAVAILABLE OUT_OF_CREDITS OVERDUE OVER_CAP POST_PUBLISHING RATE_LIMITED RETRYING ROTATION_RUNNING SANDBOX_NOT_RUNNING
    SERVICE_NOT_ACTIVE TOKEN_NOT_STORED TOO_SLOW UNREACHABLE X_ALT_TEXT_UNAVAILABLE X_MEDIA_UNAVAILABLE X_TOKEN_UNAVAILABLE
    X_RATE_LIMITED X_UNAVAILABLE X_UNREACHABLE`,
  ],
  [EXIT.unknown, "CONFIRMING PERHAPS_ON_X POST_UNSETTLED RECORD_NOT_COMPARED"],
  [EXIT.changed, "APPROVAL_STALE MEDIA_CHANGED POST_CHANGED"],
  [
    EXIT.notFound,
    `ACCOUNT_UNKNOWN APPROVAL_UNKNOWN MEDIA_GONE MEDIA_NOT_FOUND NOT_INSTALLED POST_NOT_ON_X POST_UNKNOWN REDO_NOTHING TWEET_NOT_FOUND TWEET_NOT_ON_X
    UNDO_NOTHING`,
  ],
  [EXIT.interrupted, "CANCELLED DEMO_STOPPED"],
];

/** What helps, where the error itself names no command. */
const NEXT: Record<string, readonly string[]> = {
  ACCOUNT_AMBIGUOUS: ["psn account list"],
  ACCOUNT_HELD: ["psn post resume"],
  ACCOUNT_NONE: ["psn setup"],
  ACCOUNT_OTHER_APP: ["psn setup --sign-in"],
  ACCOUNT_UNKNOWN: ["psn account list", "psn setup --sign-in"],
  APP_HELD: ["psn post resume"],
  BACKUP_NEWER: ["psn update"],
  CAP_TOO_SMALL: ["psn limits show"],
  HUB_BUSY: ["psn hub status"],
  HUB_GONE: ["psn hub status"],
  HUB_LOST: ["psn hub status"],
  HUB_MOVED: ["psn hub move"],
  HUB_START_FAILED: ["psn hub status"],
  HUB_UNCLAIMED: ["psn hub claim"],
  HUB_UNREACHABLE: ["psn hub status"],
  INTERNAL: ["psn status"],
  NOT_INSTALLED: ["psn setup"],
  NOT_SET_UP: ["psn setup"],
  NO_WORKER: ["psn worker"],
  OUT_OF_CREDITS: ["psn post resume"],
  OVER_CAP: ["psn limits show", "psn spend"],
  POST_AMBIGUOUS: ["psn post list"],
  POST_UNKNOWN: ["psn post list"],
  SANDBOX_NOT_RUNNING: ["psn setup --sandbox"],
  SECRET_DAMAGED: ["psn setup"],
  SERVICE_CONFIG: ["psn setup"],
  SERVICE_NOT_ACTIVE: ["psn worker status", "psn worker install"],
  SIGNED_OUT: ["psn setup"],
  TIMEZONE_MISSING: ["psn setup --timezone ZONE"],
  TIME_AMBIGUOUS: ['psn when "PHRASE"'],
  TIME_INVALID: ['psn when "tomorrow 9am"'],
  TIME_IN_PAST: ['psn when "tomorrow 9am"'],
  TIME_OVER_CAP: ["psn limits show", "psn spend"],
  TIME_MISSING: ['psn when "tomorrow 9am"'],
  TWEET_NOT_FOUND: ["psn post show ID"],
  USAGE: ["psn schema"],
  WORKER_RUNNING: ["psn worker status"],
  X_KEYS_INVALID: ["psn setup --keys"],
  X_KEYS_MISSING: ["psn setup"],
};

const EXIT_OF = new Map(CODES.flatMap(([exit, codes]) => codes.split(/\s+/).map((code) => [code, exit] as const)));

/** The whole table, in the order of exit codes. */
export function errorTable() {
  return [...EXIT_OF].map(([code, exitCode]) => ({
    code,
    exitCode,
    retryable: isRetryable(exitCode),
    next: nextSteps(NEXT[code] ?? []),
  }));
}

/** Whether every code is in the table is held by a test; one that is not is a refusal. @returns the exit code of an error */
export const exitCodeOf = (code: string): ExitCode => EXIT_OF.get(code) ?? EXIT.refused;

/** Of a command that stopped at a signal, whose name is the message of the abort. */
export const exitCodeOfSignal = ({ reason }: AbortSignal): ExitCode =>
  reason instanceof Error && reason.message === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;

/** What `error` holds in an answer. */
export interface ErrorAnswer {
  code: string;
  message: string;
  hint?: string | undefined;
  next: NextStep[];
  /** The same command can be given again later, as it is: nothing is sent twice by it. */
  retryable: boolean;
  /** From when on that makes sense, where it is known; in UTC. */
  retryAt?: string | undefined;
  details?: Record<string, unknown> | undefined;
  /** Of a time that has several: each as an instant that can be given instead. */
  readings?: unknown[] | undefined;
}

/** An answer that is an error as well: the command ran, and did not come to what it was for. */
export interface Failure {
  exit: ExitCode;
  error: ErrorAnswer;
}

/** An error as it is answered. `details.retryAt`, in UTC, becomes `retryAt`; `details.readings` become `readings`. */
export function errorAnswer({ code, message, hint, next, details }: PsnError): ErrorAnswer {
  const { retryAt, readings, ...facts } = details ?? {};
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    next: nextFor(code, next),
    retryable: isRetryable(exitCodeOf(code)),
    ...(typeof retryAt === "string" ? { retryAt } : {}),
    ...(Array.isArray(readings) ? { readings } : {}),
    ...(Object.keys(facts).length > 0 ? { details: facts } : {}),
  };
}

/** The commands that help with an error: its own, else those of its code. */
export const nextFor = (code: string, own?: readonly string[]): NextStep[] => nextSteps(own ?? NEXT[code] ?? []);

// --- internal ---

const isRetryable = (exit: ExitCode) => exit === EXIT.notYet;
