/** What a world is like: drawn from the seed before anything happens in it. */
import type { FaultInput } from "../src/sandbox/fault-schema.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import { REST_MS_MAX } from "./audit/audit.ts";
import { LIVELY_REST_MS_MAX, stretched, thinned } from "./modes.ts";
import type { Prng } from "./prng.ts";
import { STEPS_MAX } from "./scheduler.ts";
import type { TriggerFaults } from "./trigger.ts";

/** What is drawn more often than by chance. `mixed` is the whole of it but `after`: what becomes of posts that are on X. */
export const PROFILES = ["mixed", "races", "trigger", "media", "after"] as const;
export type Profile = (typeof PROFILES)[number];

export function isProfile(name: string): name is Profile {
  return (PROFILES as readonly string[]).includes(name);
}

/**
 * `mixed` draws each fault by chance. `swarm` also leaves a random half of all kinds of fault out, so that one does not hide
 * what another would show. `liveness` bounds the time from the last fault to rest. `long` is a month with a machine that sleeps
 * most of the day.
 */
export const MODES = ["mixed", "swarm", "liveness", "long"] as const;
export type Mode = (typeof MODES)[number];

export function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}

const CREATE = { method: "POST", path: "/2/tweets" };
const DELETE = { method: "DELETE", path: "/2/tweets/*" };
const LOOK_BY_ID = { method: "GET", path: "/2/tweets" };
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
  /** The author's machine is closed: its workers stand still from `atMs` on for so long. */
  naps: { atMs: number; forMs: number }[];
  /** Between two posts, and until the time of one, in ms. */
  author: { gapMsMax: number; soonMsMax: number };
  stepsMax: number;
  /** From the last fault to rest at most, in ms. */
  restMsMax: number;
  /** What a run of Trigger.dev sleeps inside its process at most: its cloud puts a run away, a server of one's own does not. */
  waitMsMax: number;
  workers: number;
  /** Connections to the hub that one process has at most. */
  connectionsMax: number;
  accounts: number;
  posts: { tweets: number; account: number; isNow: boolean }[];
  acts: number;
  /** The author follows up on what is on X, and takes it down. */
  after: boolean;
  mayChange: boolean;
  lastsMs: number;
  /** Probabilities for each step of a process. */
  crash: number;
  freeze: number;
  /** That a worker is asked to stop, as by SIGTERM. */
  stop: number;
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

export function drawPlan(prng: Prng, profile: Profile, mode: Mode): WorldPlan {
  const kind = drawKind(prng, profile);
  const plan: WorldPlan = {
    ...drawEngines(prng, profile, kind),
    ...drawWork(prng, kind),
    ...drawFaults(prng, kind),
    after: profile === "after",
    naps: [],
    author: kind.isRacing ? { gapMsMax: 500, soonMsMax: 3_000 } : { gapMsMax: 20_000, soonMsMax: 120_000 },
    stepsMax: STEPS_MAX,
    restMsMax: REST_MS_MAX,
    xFaults: [...drawXFaults(prng, kind), ...(profile === "after" ? deletionFaults(prng) : [])],
    settings: drawSettings(prng, kind),
  };
  if (mode === "swarm") return thinned(prng, plan);
  if (mode === "liveness") return { ...plan, restMsMax: LIVELY_REST_MS_MAX };
  return mode === "long" ? stretched(prng, plan) : plan;
}

export type EngineName = "embedded" | "trigger";

// --- internal ---

/** What the rest of a plan depends on. */
interface Kind extends Pick<WorldPlan, "isRacing" | "lastsMs" | "hubJump"> {
  /** No crash and no freeze: a frozen process races with nobody. */
  isCalm: boolean;
  /** A timeline that is slower than the five minutes of looking: then X's own check for duplicates is what is left. */
  isVerySlow: boolean;
  hasMedia: boolean;
}

function drawKind(prng: Prng, profile: Profile): Kind {
  const isRacing = prng.is(0.2) || profile === "races";
  const lastsMs = isRacing ? prng.int(30, 120) * 1_000 : prng.int(4, 15) * 60_000;
  const isVerySlow = prng.is(0.07) && !isRacing;
  // With a slow timeline and a jump at once no look would mean anything.
  const hasJump = prng.is(0.15) && !isVerySlow;
  return {
    isRacing,
    lastsMs,
    isVerySlow,
    isCalm: isRacing && prng.is(0.7),
    hasMedia: prng.is(0.3) || profile === "media",
    hubJump: hasJump ? { atMs: prng.int(0, lastsMs), byMs: prng.pick([-90_000, 60_000, 600_000, 3_600_000]) } : null,
  };
}

function drawEngines(prng: Prng, profile: Profile, { lastsMs }: Kind) {
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
  const trigger: TriggerFaults = {
    fails: some(prng, 0.2),
    losesAnswers: some(prng, 0.2),
    losesRuns: some(prng, 0.1),
    lateMsMax: prng.pick([500, 500, 5_000, 40_000]),
    clockShiftMs: prng.int(-2_000, 2_000),
  };
  return { engineName, handsOver, trigger, waitMsMax: prng.pick([20_000, 25 * 3_600_000]) };
}

/** Who works, and on what. */
function drawWork(prng: Prng, { isRacing, isVerySlow, lastsMs, hasMedia }: Kind) {
  return {
    isRacing,
    lastsMs,
    workers: isRacing ? prng.int(2, 3) : prng.int(1, 3),
    connectionsMax: prng.pick([1, 2, 3, 8]),
    accounts: prng.int(1, 2),
    posts: Array.from({ length: isRacing ? prng.int(2, 5) : prng.int(1, 4) }, () => ({
      tweets: prng.int(1, 4),
      account: prng.int(0, 1),
      isNow: prng.is(0.2),
    })),
    acts: isRacing ? prng.int(6, 20) : prng.int(0, 8),
    // Beyond the five minutes of looking only X's own check for duplicates is left. It does not know other words, and it is
    // not asked about a post that does not go out.
    mayChange: !isVerySlow,
    media: hasMedia ? prng.pick([0.3, 1]) : 0,
  };
}

/** What goes wrong on our side. */
function drawFaults(prng: Prng, { isRacing, isCalm, hubJump, hasMedia, lastsMs }: Kind) {
  return {
    hubJump,
    latencyMsMax: isRacing ? prng.pick([0, 3, 12]) : prng.is(0.2) ? prng.int(1, 40) : 0,
    mediaStore: hasMedia ? some(prng, 0.1) : 0,
    crash: isCalm ? 0 : some(prng, 0.02),
    freeze: isCalm ? 0 : some(prng, 0.04),
    stop: some(prng, 0.01),
    slowReply: some(prng, 0.01),
    freezeMsMax: prng.pick([15_000, 40_000, 400_000]),
    jobs: { losesRuns: some(prng, 0.2), keepsOldOnes: some(prng, 0.5) },
    // With a jump of the clock four looks span 80 s of real time at least, and else five minutes.
    network: { slow: some(prng, 0.3), slowMsMax: hubJump ? 30_000 : prng.pick([5_000, 50_000]) },
    restarts: Array.from({ length: prng.is(0.3) ? prng.int(1, 3) : 0 }, () => ({
      atMs: prng.int(0, lastsMs),
      downMs: prng.int(100, 20_000),
    })).sort((a, b) => a.atMs - b.atMs),
    workerJumpMs: prng.is(0.1) ? prng.pick([-600_000, 20_000, 600_000]) : 0,
  };
}

/** What X and the way to it do. */
function drawXFaults(prng: Prng, { isRacing, isVerySlow, hasMedia }: Kind): FaultInput[] {
  const limited = { resetSecs: prng.int(10, 900), withReset: prng.is(0.7) };
  const notVisible: FaultInput = { kind: "not_visible", match: { ...CREATE, bodyIncludes: "in_reply_to" } };
  return withProbability([
    [{ kind: "drop_before", match: CREATE }, some(prng, 0.2)],
    [{ kind: "drop_after", match: CREATE }, some(prng, 0.3)],
    [{ kind: "cut_answer", match: CREATE }, some(prng, 0.2)],
    [{ kind: "no_id", match: CREATE }, some(prng, 0.2)],
    [{ kind: "status", status: 503, acted: prng.is(0.5), match: CREATE }, some(prng, 0.3)],
    [{ kind: "html", status: 502, acted: prng.is(0.5), match: CREATE }, some(prng, 0.2)],
    [{ kind: "rate_limited", ...limited, match: CREATE }, some(prng, 0.2)],
    [{ kind: "status", status: 401, match: CREATE }, some(prng, 0.1)],
    [{ kind: "auth_outage" }, some(prng, 0.05)],
    [{ kind: "credits", match: CREATE }, some(prng, 0.05)],
    [notVisible, isVerySlow ? 0 : some(prng, 0.2)],
    [{ kind: "timeline_down" }, some(prng, 0.6)],
    [{ kind: "status", status: 403, match: CREATE }, isVerySlow ? 0 : some(prng, 0.03)],
    [{ kind: "drop_after", match: TIMELINE }, some(prng, 0.2)],
    ...(hasMedia ? uploadFaults(prng) : []),
    // So that there are times of retries to race with.
    [{ kind: "status", status: 429, match: CREATE }, isRacing ? 0.3 : 0],
    [{ kind: "drop_before", match: CREATE }, isRacing ? 0.1 : 0],
  ]);
}

/** Of deletions, and of the look that confirms them. */
function deletionFaults(prng: Prng): FaultInput[] {
  return withProbability([
    [{ kind: "drop_before", match: DELETE }, some(prng, 0.3)],
    [{ kind: "drop_after", match: DELETE }, some(prng, 0.4)],
    [{ kind: "cut_answer", match: DELETE }, some(prng, 0.3)],
    [{ kind: "status", status: 503, acted: prng.is(0.5), match: DELETE }, some(prng, 0.4)],
    [{ kind: "html", status: 502, acted: prng.is(0.5), match: DELETE }, some(prng, 0.3)],
    [{ kind: "status", status: 401, match: DELETE }, some(prng, 0.1)],
    [{ kind: "rate_limited", resetSecs: prng.int(10, 900), match: DELETE }, some(prng, 0.3)],
    [{ kind: "status", status: 503, match: LOOK_BY_ID }, some(prng, 0.5)],
  ]);
}

function uploadFaults(prng: Prng): [FaultInput, number][] {
  return [
    [{ kind: "drop_before", match: UPLOAD }, some(prng, 0.2)],
    [{ kind: "drop_after", match: UPLOAD }, some(prng, 0.2)],
    [{ kind: "cut_answer", match: UPLOAD }, some(prng, 0.1)],
    [{ kind: "status", status: 503, acted: prng.is(0.5), match: UPLOAD }, some(prng, 0.2)],
    [{ kind: "status", status: 401, match: UPLOAD }, some(prng, 0.05)],
    [{ kind: "rate_limited", resetSecs: prng.int(10, 600), match: UPLOAD }, some(prng, 0.1)],
    // X has lost them before their time.
    [
      { kind: "status", status: 400, body: LOST_MEDIA, match: { ...CREATE, bodyIncludes: "media_ids" } },
      some(prng, 0.1),
    ],
  ];
}

function drawSettings(prng: Prng, { isVerySlow, hubJump, hasMedia }: Kind): WorldPlan["settings"] {
  const lagMs = () => (prng.is(0.3) ? prng.int(0, hubJump ? 10_000 : 120_000) : 0);
  return {
    // X's own check for duplicates would hide a second send, so most worlds have none.
    duplicateWindowMs: prng.is(0.7) && !isVerySlow ? 0 : 60 * 60_000,
    timelineLagMs: isVerySlow ? prng.int(300_000, 500_000) : lagMs(),
    timelineLagJitterMs: prng.is(0.3) ? prng.int(0, 20_000) : 0,
    dialect: prng.pick(["2026-06", "2026-08"] as const),
    ...(hasMedia ? { mediaTtlSecs: prng.pick([3_620, 86_400]), processingMs: prng.pick([0, 3_000, 60_000]) } : {}),
    ...(prng.is(0.2) ? { limits: { "POST /2/tweets": { user15min: prng.int(2, 6) } } } : {}),
  };
}

/** A probability that is nothing in most worlds. */
function some(prng: Prng, max: number): number {
  return prng.is(0.45) ? prng.next() * max : 0;
}

function withProbability(faults: readonly [FaultInput, number][]): FaultInput[] {
  return faults.flatMap(([fault, probability]) => (probability > 0 ? [{ ...fault, probability, times: null }] : []));
}
