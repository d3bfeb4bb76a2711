/**
 * Where clocks, copies, strangers and X's refusals disagree with the hub. A world has one of these at times, drawn apart, so that a
 * seed's world is the same without it; `--with` switches on those that are named instead.
 */
import type { FaultInput } from "../src/sandbox/fault-schema.ts";
import { sandboxFetch } from "../src/sandbox/fetch.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { HubServer } from "./hub.ts";
import type { Network } from "./network.ts";
import { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Witness } from "./witness.ts";
import type { Mode } from "./world-plan.ts";

/** A world has one of these at times. */
const ONE_OF = [
  "by_hand",
  "skew",
  "hub_skew",
  "locked",
  "capped",
  "app_refused",
  "no_network",
  "forbidden",
  "restored",
] as const;

/** Each of these is drawn by itself, so that it meets the others as well. */
const EACH = ["page_lies", "two_hubs", "swapped_app", "renamed"] as const;

export const EXTRAS = [...ONE_OF, ...EACH] as const;
export type Extra = (typeof EXTRAS)[number];

export function isExtra(name: string): name is Extra {
  return (EXTRAS as readonly string[]).includes(name);
}

/** How often a world has one of them. */
const SHARE = 0.4;
/** How often it has each of the others. A swarm is to have several at once, and most without any one of them. */
const EACH_SHARE: Record<Mode, number> = { mixed: 0.08, liveness: 0.08, long: 0.08, swarm: 0.25 };

/** What a seed's world has by itself. */
export function drawExtras(seed: number, mode: Mode): Extra[] {
  const prng = new Prng(`kinds of extras ${seed}`);
  const one = prng.is(SHARE) ? [prng.pick(ONE_OF)] : [];
  return [...one, ...EACH.filter((extra) => new Prng(`${extra} is in ${seed}`).is(EACH_SHARE[mode]))];
}

export interface ExtraParts {
  seed: number;
  /** Requests that X may refuse as it refuses everything of the account or app, before that is one too many. */
  refusalsMax: number;
  sandbox: SandboxX;
  server: HubServer;
  network: Network;
  scheduler: Scheduler;
  witness: Witness;
  /** X's id of the account that they are about. */
  xAccount: string;
}

export interface TimedEvent {
  atMs: number;
  act: () => Promise<void> | void;
}

const HOUR_MS = 60 * 60_000;
const CREATE = { method: "POST", path: "/2/tweets" };
const TIMELINE = { path: "/2/users/*/tweets" };
/** As X says it to an account that looks automated. */
const LOCKED = {
  title: "Forbidden",
  status: 403,
  type: "about:blank",
  detail:
    "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to https://x.com to unlock your account.",
  errors: [{ code: 326, message: "To protect our users from spam, this account is temporarily locked." }],
};

/** As X says it to an app in no package. */
const NOT_ENROLLED = {
  title: "Client Forbidden",
  reason: "client-not-enrolled",
  type: "https://api.x.com/2/problems/client-forbidden",
  detail: "This app is not enrolled.",
};

/** By how much the clock of the author's machine is wrong, in ms. */
export function skewMs(seed: number, extras: readonly Extra[]): number {
  if (!extras.includes("skew")) return 0;
  return new Prng(`skew ${seed}`).pick([-24, -5, -1, 1, 5, 24]) * HOUR_MS;
}

/** By how much the clocks of the hub and of its machine are wrong, in ms; X's is right. */
export function hubSkewMs(seed: number, extras: readonly Extra[]): number {
  if (!extras.includes("hub_skew")) return 0;
  return new Prng(`hub skew ${seed}`).pick([-24 * HOUR_MS, -5 * HOUR_MS, -600_000, 600_000, 5 * HOUR_MS, 24 * HOUR_MS]);
}

/** Where the hub's clock is off, what is due is due by X's: from the last fault to rest it takes no longer than else. */
export const HUB_SKEW_REST_MS_MAX = 3 * HOUR_MS;

/** What X calls an account now. */
export function handleOf(sandbox: SandboxX, xAccount: string): string {
  const [handle = ""] = Object.entries(sandbox.report().accounts).find(([, { id }]) => id === xAccount) ?? [];
  return handle;
}

/** When each of these faults begins and ends. */
export function extraEvents(extras: readonly Extra[], parts: ExtraParts, lastsMs: number): TimedEvent[] {
  const prng = new Prng(`extras ${parts.seed}`);
  const { sandbox, network, scheduler, xAccount } = parts;
  const events: TimedEvent[] = [];
  /** X behaves so from some time on, for a while. */
  const during = (name: string, fault: FaultInput, isHold = false) => {
    const atMs = prng.int(0, Math.floor(lastsMs / 2));
    let id = "";
    events.push({
      atMs,
      act: () => {
        scheduler.note("x", `${name} BEGINS`);
        id = sandbox.addFault({ ...fault, probability: 1, times: null }).id;
      },
    });
    const end = () => {
      scheduler.note("x", `${name} ENDS`);
      const count = sandbox.faults().find((one) => one.id === id)?.struck ?? 0;
      if (isHold) parts.witness.tell({ kind: "refused", why: name, count, countMax: parts.refusalsMax });
      sandbox.clearFaults(id);
    };
    events.push({ atMs: prng.int(atMs + 1, lastsMs), act: end });
  };
  for (const extra of extras) {
    if (extra === "by_hand") {
      const times = Array.from({ length: prng.int(1, 3) }, () => prng.int(0, lastsMs));
      for (const atMs of times) events.push({ atMs, act: () => postByHand(prng, parts) });
    } else if (extra === "locked") {
      during(extra, { kind: "status", status: 403, body: LOCKED, match: { ...CREATE, account: xAccount } }, true);
    } else if (extra === "capped") {
      const match = { ...CREATE, account: xAccount };
      during(extra, { kind: "rate_limited", window: "user_24h", resetSecs: 6 * 3_600, match });
    } else if (extra === "app_refused") {
      during(extra, { kind: "status", status: 403, body: NOT_ENROLLED, match: CREATE }, true);
    } else if (extra === "forbidden") {
      during(extra, { kind: "status", status: 403, match: TIMELINE });
    } else if (extra === "page_lies") {
      events.push({
        atMs: 0,
        act: () => void sandbox.addFault({ kind: "timeline_gap", probability: 0.6, times: null }),
      });
    } else if (extra === "no_network") {
      const atMs = prng.int(0, Math.floor(lastsMs / 2));
      const forMs = prng.pick([15_000, 5 * 60_000, 4 * HOUR_MS]);
      const cut = () => {
        scheduler.note("network", `is AWAY for ${forMs} ms`);
        network.awayUntilMs = scheduler.nowMs + forMs;
      };
      events.push({ atMs, act: cut });
    }
  }
  return events;
}

// --- internal ---

/**
 * The author says on the phone what a post says, right beside PSN. X refuses what the account wrote lately, so of the two only the first is
 * there: nobody could tell which of the same words came from where. Other worlds leave this check out, as it would hide a second send.
 */
async function postByHand(prng: Prng, parts: ExtraParts): Promise<void> {
  const { sandbox, server, scheduler, witness, xAccount } = parts;
  const { rows } = await server.look(
    "select content from psn.posts where thread_position = 0 and parent_post_id is null order by id",
  );
  if (rows.length === 0) return;
  const { content } = prng.pick(rows as { content: string }[]);
  const handle = handleOf(sandbox, xAccount);
  const idsNow = () => (sandbox.report().accounts[handle]?.posts ?? []).map(({ id }) => id);
  const before = new Set(idsNow());
  sandbox.configure({ duplicateWindowMs: HOUR_MS });
  const { access_token: token } = sandbox.signIn(handle);
  const ask = sandboxFetch(sandbox, async () => {});
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  await ask("https://api.x.com/2/tweets", { method: "POST", headers, body: JSON.stringify({ text: content }) })
    // X's faults meet the phone as well.
    .catch(() => {});
  for (const tweetId of idsNow().filter((id) => !before.has(id))) {
    scheduler.note("author", `posts by hand: ${content}`);
    witness.tell({ kind: "by_hand", tweetId });
  }
}
