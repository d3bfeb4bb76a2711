/** Faults on demand: which strike a request, and what each does to its answer. */
import type { Fault, FaultKind } from "./fault-schema.ts";
import {
  creditsDepleted,
  empty,
  html,
  json,
  notVisible,
  spendCapReached,
  tooManyRequests,
  unauthorized,
  unavailable,
  usageCapped,
} from "./problems.ts";
import { random, type SandboxApp, type World } from "./state.ts";
import type { Dialect, SandboxRequest, SandboxResponse } from "./types.ts";

/** What a fault may match on. */
export interface Struck {
  request: SandboxRequest;
  /** Such as "POST /2/tweets"; null for a path the API does not have. */
  endpoint: string | null;
  accountId: string | null;
  handle: string | null;
}

/** Kinds that only make sense at some endpoints strike nowhere else. */
const ONLY_AT: Partial<Record<FaultKind["kind"], string[]>> = {
  timeline_lag: ["GET /2/users/:id/tweets"],
  timeline_gap: ["GET /2/users/:id/tweets"],
  timeline_down: ["GET /2/users/:id/tweets"],
  no_id: ["POST /2/tweets"],
  not_visible: ["POST /2/tweets"],
  processing_failed: ["POST /2/media/upload/:id/finalize", "POST /2/media/upload"],
};

/** These go along with another fault; of all others one request meets one. */
const SIDE_EFFECTS = new Set<FaultKind["kind"]>(["delay", "timeline_lag", "timeline_gap", "processing_failed"]);

function globMatches(glob: string, path: string): boolean {
  if (glob.startsWith("regex:")) return new RegExp(glob.slice("regex:".length)).test(path);
  const parts = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(path);
}

function fits(fault: Fault, struck: Struck): boolean {
  const { method, path, account, bodyIncludes } = fault.match;
  const only = ONLY_AT[fault.effect.kind];
  if (only !== undefined && (struck.endpoint === null || !only.includes(struck.endpoint))) return false;
  if (method !== undefined && method.toUpperCase() !== struck.request.method) return false;
  if (path !== undefined && !globMatches(path, struck.request.path)) return false;
  if (account !== undefined) {
    const wanted = account.replace(/^@/, "").toLowerCase();
    if (wanted !== struck.accountId && wanted !== struck.handle?.toLowerCase()) return false;
  }
  if (bodyIncludes === undefined) return true;
  const { body } = struck.request;
  return (typeof body === "string" ? body : Buffer.from(body).toString("utf8")).includes(bodyIncludes);
}

/**
 * Draws the faults for one request, and uses them up. Several side effects may strike at once; of the others the first
 * that was added. Delays before acting are drawn apart (`phase` "before"), because the host must wait first.
 */
export function drawFaults(world: World, struck: Struck, phase: "before" | "handle"): Fault[] {
  const drawn: Fault[] = [];
  let answered = false;
  for (const fault of world.state.faults) {
    const isBefore = fault.effect.kind === "delay" && fault.effect.when === "before";
    if (isBefore !== (phase === "before")) continue;
    const isSide = SIDE_EFFECTS.has(fault.effect.kind);
    if (!isSide && answered) continue;
    if (fault.timesLeft === 0 || !fits(fault, struck)) continue;
    if (fault.skipLeft > 0) {
      fault.skipLeft -= 1;
      continue;
    }
    if (fault.probability < 1 && random(world) >= fault.probability) continue;
    if (fault.timesLeft !== null) fault.timesLeft -= 1;
    fault.struck += 1;
    drawn.push(fault);
    if (!isSide) answered = true;
  }
  return drawn;
}

/** The fault that decides the answer, if any was drawn. */
export function answerFault(drawn: Fault[]): FaultKind | null {
  return drawn.find((fault) => !SIDE_EFFECTS.has(fault.effect.kind))?.effect ?? null;
}

/** Sum of the delays drawn. */
export function delayOf(drawn: Fault[]): number {
  return drawn.reduce((sum, fault) => sum + (fault.effect.kind === "delay" ? fault.effect.ms : 0), 0);
}

const REASONS: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function edgePage(status: number): string {
  const reason = REASONS[status] ?? "Error";
  return `<!DOCTYPE html>\n<html><head><title>x.com | ${status}: ${reason}</title></head>\n<body><h1>${reason}</h1><p>Error code ${status}</p></body></html>\n`;
}

function withoutId(answer: SandboxResponse): SandboxResponse {
  if (answer.status !== 201 || typeof answer.body !== "string") return answer;
  const parsed = JSON.parse(answer.body) as { data?: Record<string, unknown> };
  return { ...answer, body: JSON.stringify({ data: { text: parsed.data?.text } }) };
}

function limited(fault: Extract<FaultKind, { kind: "rate_limited" }>, now: Date): SandboxResponse {
  const headers: Record<string, string> = {};
  if (fault.withReset) {
    const resetAt = String(Math.ceil(now.getTime() / 1000) + fault.resetSecs);
    const family = { "15min": "x-rate-limit", user_24h: "x-user-limit-24hour", app_24h: "x-app-limit-24hour" }[
      fault.window
    ];
    const limit = fault.window === "app_24h" ? "10000" : "100";
    Object.assign(headers, {
      [`${family}-limit`]: limit,
      [`${family}-remaining`]: "0",
      [`${family}-reset`]: resetAt,
    });
    if (fault.window !== "15min") {
      // A healthy 15-minute window beside an exhausted day is what X really shows.
      headers["x-rate-limit-limit"] = "40000";
      headers["x-rate-limit-remaining"] = "39999";
      headers["x-rate-limit-reset"] = String(Math.ceil(now.getTime() / 1000) + 900);
    }
  }
  if (fault.retryAfterSecs !== undefined) headers["retry-after"] = String(fault.retryAfterSecs);
  const answer = tooManyRequests();
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** The answer under a fault. `act` runs the request for real; a fault that does not act never calls it. */
export function answerUnder(
  fault: FaultKind,
  context: { now: Date; dialect: Dialect; app: SandboxApp | null },
  act: () => SandboxResponse,
): SandboxResponse {
  const accountId = context.app?.accountId ?? "0";
  const instead = (answer: SandboxResponse, acted = false): SandboxResponse => ({ ...answer, acted });
  switch (fault.kind) {
    case "drop_before":
      return { ...empty(0), acted: false, transport: "reset" };
    case "drop_after":
      act();
      return { ...empty(0), transport: "reset" };
    case "cut_answer":
      return { ...act(), transport: "cut" };
    case "status": {
      if (fault.acted) act();
      const plain = { title: REASONS[fault.status] ?? "Error", detail: REASONS[fault.status] ?? "Error" };
      const body = fault.body ?? { ...plain, type: "about:blank", status: fault.status };
      return instead(json(fault.status, body, fault.headers), fault.acted);
    }
    case "html":
      if (fault.acted) act();
      return instead(html(fault.status, edgePage(fault.status), { server: "cloudflare" }), fault.acted);
    case "no_id":
      return withoutId(act());
    case "rate_limited":
      return instead(limited(fault, context.now));
    case "credits":
      return instead(creditsDepleted(context.dialect, accountId));
    case "spend_cap":
      return instead(spendCapReached(context.dialect, accountId));
    case "usage_cap":
      return instead(usageCapped(context.dialect, accountId));
    case "timeline_down":
      return instead(unavailable());
    case "auth_outage":
      return instead(unauthorized());
    case "not_visible":
      return instead(notVisible());
    case "delay":
    case "timeline_lag":
    case "timeline_gap":
    case "processing_failed":
      return act();
  }
}
