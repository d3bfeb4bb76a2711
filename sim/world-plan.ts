/** What a world is like: drawn from the seed before anything happens in it. */
import type { FaultInput } from "../src/sandbox/fault-schema.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { Prng } from "./prng.ts";
import type { TriggerFaults } from "./trigger.ts";

/** What is drawn more often than by chance; `mixed` is the whole of it. */
export const PROFILES = ["mixed", "races", "trigger", "media"] as const;
export type Profile = (typeof PROFILES)[number];

export function isProfile(name: string): name is Profile {
  return (PROFILES as readonly string[]).includes(name);
}

const CREATE = { method: "POST", path: "/2/tweets" };
const TIMELINE = { path: "/2/users/*/tweets" };
const LOST_MEDIA = { errors: [{ message: "Your media IDs are invalid." }], title: "Invalid Request" };
const UPLOAD = { path: "/2/media/*" };

export interface WorldPlan {
  /** Which engine runs the posts; `to` after a while the other. */
  engineName: EngineName;
  handsOver: { atMs: number; to: EngineName }[];
  /** The author acts within a few ms of a post's time. */
  isRacing: boolean;
  /** The longest way of a statement to the hub. */
  latencyMsMax: number;
  /** Probability that a tweet carries media. */
  media: number;
  /** Probability that the media store does not answer. */
  mediaStore: number;
  trigger: TriggerFaults;
  /** What a run of Trigger.dev sleeps inside its process at most: its cloud puts a run away, a server of one's own does not. */
  waitMsMax: number;
  workers: number;
  /** Connections to the hub that one process has at most. */
  connectionsMax: number;
  accounts: number;
  posts: { tweets: number; account: number; isNow: boolean }[];
  acts: number;
  mayChange: boolean;
  lastsMs: number;
  /** Probabilities for each step of a process. */
  crash: number;
  freeze: number;
  freezeMsMax: number;
  /** Probability that the hub has done what it was asked, and its word of it comes late. */
  slowReply: number;
  jobs: { losesRuns: number; keepsOldOnes: number };
  network: { slow: number; slowMsMax: number };
  restarts: { atMs: number; downMs: number }[];
  hubJump: { atMs: number; byMs: number } | null;
  workerJumpMs: number;
  xFaults: FaultInput[];
  settings: NonNullable<ConstructorParameters<typeof SandboxX>[0]["settings"]>;
}

export function drawPlan(prng: Prng, profile: Profile): WorldPlan {
  /** A probability that is nothing in most worlds. */
  const some = (max: number) => (prng.is(0.45) ? prng.next() * max : 0);
  // A timeline that is slower than the five minutes of looking: then X's own check for duplicates is what is left.
  const isRacing = prng.is(0.2) || profile === "races";
  const lastsMs = isRacing ? prng.int(30, 120) * 1_000 : prng.int(4, 15) * 60_000;
  // Who is frozen races with nobody.
  const isCalm = isRacing && prng.is(0.7);
  const isVerySlow = prng.is(0.07) && !isRacing;
  // Both at once would leave no look that means anything.
  const hubJump =
    prng.is(0.15) && !isVerySlow
      ? { atMs: prng.int(0, lastsMs), byMs: prng.pick([-90_000, 60_000, 600_000, 3_600_000]) }
      : null;
  const fault = (effect: FaultInput, probability: number): FaultInput[] =>
    probability > 0 ? [{ ...effect, probability, times: null }] : [];
  const limit = prng.is(0.2) ? { user15min: prng.int(2, 6) } : null;
  const hasMedia = prng.is(0.3) || profile === "media";
  const isOnTrigger = prng.is(1 / 3) || profile === "trigger";
  const other: Record<EngineName, EngineName> = { embedded: "trigger", trigger: "embedded" };
  const engineName: EngineName = isOnTrigger && prng.is(0.8) ? "trigger" : "embedded";
  const handsOver: WorldPlan["handsOver"] = [];
  // A world of Trigger.dev's that does not begin on it is handed to it; some are handed back.
  if (isOnTrigger && (engineName === "embedded" || prng.is(0.25))) {
    const atMs = prng.int(0, Math.min(150_000, lastsMs));
    handsOver.push({ atMs, to: other[engineName] });
    if (prng.is(0.3)) handsOver.push({ atMs: prng.int(atMs + 1, lastsMs), to: engineName });
  }
  return {
    engineName,
    handsOver,
    isRacing,
    latencyMsMax: isRacing ? prng.pick([0, 3, 12]) : prng.is(0.2) ? prng.int(1, 40) : 0,
    media: hasMedia ? prng.pick([0.3, 1]) : 0,
    mediaStore: hasMedia ? some(0.1) : 0,
    trigger: {
      fails: some(0.2),
      losesAnswers: some(0.2),
      losesRuns: some(0.1),
      lateMsMax: prng.pick([500, 500, 5_000, 40_000]),
      clockShiftMs: prng.int(-2_000, 2_000),
    },
    waitMsMax: prng.pick([20_000, 25 * 3_600_000]),
    workers: isRacing ? prng.int(2, 3) : prng.int(1, 3),
    connectionsMax: prng.pick([1, 2, 3, 8]),
    accounts: prng.int(1, 2),
    posts: Array.from({ length: isRacing ? prng.int(2, 5) : prng.int(1, 4) }, () => ({
      tweets: prng.int(1, 4),
      account: prng.int(0, 1),
      isNow: prng.is(0.2),
    })),
    acts: isRacing ? prng.int(6, 20) : prng.int(0, 8),
    // Beyond the five minutes of looking only X's own check for duplicates is left: other words are none to it, and for a
    // post that is not going out nobody asks it.
    mayChange: !isVerySlow,
    lastsMs,
    crash: isCalm ? 0 : some(0.02),
    freeze: isCalm ? 0 : some(0.04),
    slowReply: some(0.01),
    freezeMsMax: prng.pick([15_000, 40_000, 400_000]),
    jobs: { losesRuns: some(0.2), keepsOldOnes: some(0.5) },
    // With a jump of the clock four looks span 80 s of real time at least, and else five minutes.
    network: { slow: some(0.3), slowMsMax: hubJump ? 30_000 : prng.pick([5_000, 50_000]) },
    restarts: Array.from({ length: prng.is(0.3) ? prng.int(1, 3) : 0 }, () => ({
      atMs: prng.int(0, lastsMs),
      downMs: prng.int(100, 20_000),
    })).sort((a, b) => a.atMs - b.atMs),
    hubJump,
    workerJumpMs: prng.is(0.1) ? prng.pick([-600_000, 20_000, 600_000]) : 0,
    xFaults: [
      ...fault({ kind: "drop_before", match: CREATE }, some(0.2)),
      ...fault({ kind: "drop_after", match: CREATE }, some(0.3)),
      ...fault({ kind: "cut_answer", match: CREATE }, some(0.2)),
      ...fault({ kind: "no_id", match: CREATE }, some(0.2)),
      ...fault({ kind: "status", status: 503, acted: prng.is(0.5), match: CREATE }, some(0.3)),
      ...fault({ kind: "html", status: 502, acted: prng.is(0.5), match: CREATE }, some(0.2)),
      ...fault(
        { kind: "rate_limited", resetSecs: prng.int(10, 900), withReset: prng.is(0.7), match: CREATE },
        some(0.2),
      ),
      ...fault({ kind: "status", status: 401, match: CREATE }, some(0.1)),
      ...fault({ kind: "auth_outage" }, some(0.05)),
      ...fault({ kind: "credits", match: CREATE }, some(0.05)),
      ...fault({ kind: "not_visible", match: { ...CREATE, bodyIncludes: "in_reply_to" } }, isVerySlow ? 0 : some(0.2)),
      ...fault({ kind: "timeline_down" }, some(0.6)),
      ...fault({ kind: "status", status: 403, match: CREATE }, isVerySlow ? 0 : some(0.03)),
      ...fault({ kind: "drop_after", match: TIMELINE }, some(0.2)),
      ...(hasMedia ? uploadFaults(prng, some) : []),
      // So that there are times of retries to race with.
      ...fault({ kind: "status", status: 429, match: CREATE }, isRacing ? 0.3 : 0),
      ...fault({ kind: "drop_before", match: CREATE }, isRacing ? 0.1 : 0),
    ],
    settings: {
      // X's own check for duplicates would hide a second send, so most worlds have none.
      duplicateWindowMs: prng.is(0.7) && !isVerySlow ? 0 : 60 * 60_000,
      timelineLagMs: isVerySlow
        ? prng.int(300_000, 500_000)
        : prng.is(0.3)
          ? prng.int(0, hubJump ? 10_000 : 120_000)
          : 0,
      timelineLagJitterMs: prng.is(0.3) ? prng.int(0, 20_000) : 0,
      dialect: prng.pick(["2026-06", "2026-08"] as const),
      ...(hasMedia ? { mediaTtlSecs: prng.pick([3_620, 86_400]), processingMs: prng.pick([0, 3_000, 60_000]) } : {}),
      ...(limit ? { limits: { "POST /2/tweets": limit } } : {}),
    },
  };
}

export type EngineName = "embedded" | "trigger";

// --- internal ---

function uploadFaults(prng: Prng, some: (max: number) => number): FaultInput[] {
  const faults: [FaultInput, number][] = [
    [{ kind: "drop_before", match: UPLOAD }, some(0.2)],
    [{ kind: "drop_after", match: UPLOAD }, some(0.2)],
    [{ kind: "cut_answer", match: UPLOAD }, some(0.1)],
    [{ kind: "status", status: 503, acted: prng.is(0.5), match: UPLOAD }, some(0.2)],
    [{ kind: "status", status: 401, match: UPLOAD }, some(0.05)],
    [{ kind: "rate_limited", resetSecs: prng.int(10, 600), match: UPLOAD }, some(0.1)],
    // X has lost them before their time.
    [{ kind: "status", status: 400, body: LOST_MEDIA, match: { ...CREATE, bodyIncludes: "media_ids" } }, some(0.1)],
  ];
  return faults.flatMap(([fault, probability]) => (probability > 0 ? [{ ...fault, probability, times: null }] : []));
}
