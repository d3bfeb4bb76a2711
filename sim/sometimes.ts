/**
 * Rare states by name. A simulation that never reaches them proves nothing about them, so they are counted over a run, and a long
 * run in which one stays at zero fails.
 */
import { EXTRAS, type Extra } from "./extras.ts";

/** What a request to X is for. */
export const REQUESTS = ["tweet", "look", "refresh", "upload"] as const;
export type RequestKind = (typeof REQUESTS)[number];

/** Where a request is: on its way to X, dealt with by X while its answer is under way, answered and not recorded yet. */
export type Stage = "leaving" | "acted" | "answered";

const STAGE_WORDS: Record<Stage, string> = {
  leaving: "on its way to X",
  acted: "carried out, its answer under way",
  answered: "answered and not recorded",
};

/** What may happen to a process, or to everybody, at any moment. */
export const BLOWS = [
  "crash",
  "freeze",
  "stop",
  "hub restart",
  "hub clock set",
  "worker clock set",
  "hand-over",
] as const;
export type Blow = (typeof BLOWS)[number];

/** Acts of an author that may meet their own post under way. */
const RACING_ACTS = ["cancel", "edit", "move", "now", "retry"] as const;

const OUTCOMES = ["adopted", "absent", "refused", "wait", "not_sent", "signed_out", "out_of_credits"] as const;
const SUB_STATUSES = [
  "retry_1",
  "rate_limited",
  "confirming",
  "awaiting_auth",
  "out_of_credits",
  "catching_up",
] as const;

const FAULTS = [
  "drop_before",
  "drop_after",
  "cut_answer",
  "no_id",
  "status 503",
  "status 503, acted",
  "html",
  "html, acted",
  "rate_limited",
  "status 401",
  "status 403",
  "auth_outage",
  "credits",
  "not_visible",
  "timeline_down",
  "timeline_gap",
  "status 400",
] as const;

export const whileAt = (blow: Blow, kind: RequestKind, stage: Stage) => `${blow}: a ${kind} ${STAGE_WORDS[stage]}`;
export const duringAct = (act: string) => `author: ${act} while the post's tweet is under way`;
export const withOutcome = (outcome: string) => `attempt: ${outcome}`;
export const inSubStatus = (subStatus: string) => `post: ${subStatus}`;
export const inWorldWith = (extra: Extra) => `world: ${extra}`;
export const HALF_RESTORED = "hub put back: a thread is half on X, and the record does not know all of it";
export const RESOLVED = "author: says what became of a request that X does not tell of";
export const BOTH_HUBS = "two hubs: both have a tweet under way";
export const OTHER_HUB_SEEN = "two hubs: one finds on X what the other has posted";
export const OTHER_APP = "app swapped: a post waits for the sign-in of another app";
export const OTHER_APP_SIGNED_IN = "app swapped: its account signs in with the new one";
export const NEW_NAME = "renamed: a tweet goes out after its account has got another handle";
export const NAME_TAKEN = "renamed: who has the old handle now signs in as well";
export const struck = (fault: string) => `X: ${fault}`;

const ALL_BLOWS_AT_TWEETS = (["crash", "freeze", "stop", "hub restart"] as const).flatMap((blow) =>
  (["leaving", "acted", "answered"] as const).map((stage) => whileAt(blow, "tweet", stage)),
);

/** Every name that a run of 2,000 seeds must reach. */
export const SOMETIMES: readonly string[] = [
  ...ALL_BLOWS_AT_TWEETS,
  ...(["hub clock set", "worker clock set", "hand-over"] as const).map((blow) => whileAt(blow, "tweet", "answered")),
  ...(["look", "refresh", "upload"] as const).flatMap((kind) =>
    (["leaving", "acted"] as const).map((stage) => whileAt("crash", kind, stage)),
  ),
  "crash: an attempt written, its tweet not sent",
  "X acts for a sender who is dead",
  "X acts for a sender who is frozen",
  "two tweets under way at once",
  ...RACING_ACTS.map(duringAct),
  ...OUTCOMES.map(withOutcome),
  ...SUB_STATUSES.map(inSubStatus),
  ...FAULTS.map(struck),
  ...EXTRAS.map(inWorldWith),
  HALF_RESTORED,
  RESOLVED,
  BOTH_HUBS,
  OTHER_HUB_SEEN,
  OTHER_APP,
  OTHER_APP_SIGNED_IN,
  NEW_NAME,
  NAME_TAKEN,
  "thread: two workers sent parts of it",
  "thread: a draft with its beginning on X",
  "thread: failed with its beginning on X",
  "post: taken from a worker that was gone",
];

/** The states that one seed reached. */
export class Sometimes {
  readonly #reached = new Set<string>();

  reach(name: string): void {
    this.#reached.add(name);
  }

  all(): string[] {
    return [...this.#reached].sort();
  }
}

/** How many seeds reached each name. */
export function countReached(seeds: readonly { reached: readonly string[] }[]): Map<string, number> {
  const counts = new Map(SOMETIMES.map((name) => [name, 0]));
  for (const { reached } of seeds) for (const name of reached) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
