/** Each fault by its name, as a person asks for it: what it does, and to which requests when none is named. */
import { PsnError } from "../core/errors.ts";
import type { FaultKind } from "./fault-schema.ts";

const ON_CREATE = { method: "POST", path: "/2/tweets" };
const ON_DELETE = { method: "DELETE", path: "/2/tweets/*" };
const ON_TIMELINE = { method: "GET", path: "/2/users/*/tweets" };
const MS = 1_000;

/** In the order of help. */
export const FAULTS = {
  rate_limited: { does: "X says 429, come back in --seconds (default 900)", match: ON_CREATE },
  credits: { does: "the app has no credits", match: ON_CREATE },
  spend_cap: { does: "the app's monthly spending limit is reached", match: ON_CREATE },
  usage_cap: { does: "the monthly usage cap is reached", match: ON_CREATE },
  status: { does: "X answers with the HTTP status of --status (default 503)", match: ON_CREATE },
  html: { does: "X answers with a page instead of JSON", match: ON_CREATE },
  delay: { does: "X thinks for --seconds (default 5)", match: ON_CREATE },
  drop_before: { does: "the connection breaks before X acts", match: ON_CREATE },
  drop_after: { does: "X acts, and its answer is lost", match: ON_CREATE },
  cut_answer: { does: "X acts, and half of its answer is lost", match: ON_CREATE },
  no_id: { does: "X acts, and answers without an id", match: ON_CREATE },
  not_visible: { does: "X says that the tweet before is gone, though it is there", match: ON_CREATE },
  timeline_down: { does: "the timeline cannot be read", match: ON_TIMELINE },
  timeline_lag: { does: "the timeline shows nothing of the last --seconds (default 60)", match: ON_TIMELINE },
  timeline_gap: { does: "a page of the timeline lacks one tweet, which the next read shows", match: ON_TIMELINE },
  auth_outage: { does: "X refuses every token for a while", match: {} },
  processing_failed: { does: "X cannot process the next upload", match: {} },
} as const satisfies Record<FaultKind["kind"], { does: string; match: { method?: string; path?: string } }>;
export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** These are about a new tweet, the timeline or an upload, and mean nothing where a tweet is deleted. */
const NEVER_ON_DELETE: readonly FaultName[] = [
  "no_id",
  "not_visible",
  "timeline_down",
  "timeline_lag",
  "timeline_gap",
  "processing_failed",
];

/**
 * The requests that a fault strikes: those of its kind, or deletions of tweets in their place.
 * @param text words that the tweet must hold; a deletion names its tweet by the id alone
 * @throws PsnError USAGE
 */
export function matchOf(name: FaultName, { deletes = false, text }: { deletes?: boolean; text?: string | undefined }) {
  if (!deletes) return { ...FAULTS[name].match, ...(text === undefined ? {} : { bodyIncludes: text }) };
  if (text === undefined && !NEVER_ON_DELETE.includes(name)) return ON_DELETE;
  const why = text === undefined ? `${name} strikes no deletion` : "a deletion holds no words that --text could find";
  throw new PsnError("USAGE", `With --deletes: ${why}.`, {
    hint: "For example: psn sandbox fault drop_after --deletes",
  });
}

/** The figures of a fault, where it has any: how long it takes, and the HTTP status. */
export function figuresOf(name: FaultName, seconds?: number, status?: number): Record<string, number> {
  switch (name) {
    case "rate_limited":
      return { resetSecs: seconds ?? 900 };
    case "delay":
      return { ms: (seconds ?? 5) * MS };
    case "timeline_lag":
      return { ms: (seconds ?? 60) * MS };
    case "status":
      return { status: status ?? 503 };
    case "html":
      return { status: status ?? 502 };
    default:
      return {};
  }
}
