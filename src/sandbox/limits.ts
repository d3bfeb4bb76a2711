/** X's rate limits: fixed windows that begin with the first request, counted per user and app, and per app. */

import { DEFAULT_LIMITS, type Limit } from "./settings.ts";
import { CAPS, type SandboxApp, type SandboxUser, type World } from "./state.ts";

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

interface Window {
  name: keyof Limit;
  lengthMs: number;
  /** The three header families X has. An app's 15-minute window only shows to app-only callers. */
  header: string | null;
}

const WINDOWS: Window[] = [
  { name: "user15min", lengthMs: QUARTER_MS, header: "x-rate-limit" },
  { name: "app15min", lengthMs: QUARTER_MS, header: null },
  { name: "user24h", lengthMs: DAY_MS, header: "x-user-limit-24hour" },
  { name: "app24h", lengthMs: DAY_MS, header: "x-app-limit-24hour" },
];

/** The limits of an endpoint such as "POST /2/tweets", overrides included. */
export function limitOf(world: World, endpoint: string): Limit {
  return world.state.settings.limits[endpoint] ?? DEFAULT_LIMITS[endpoint] ?? {};
}

/** How many requests a window of that name takes; null when the endpoint has no such window. */
export function windowMax(limit: Limit, name: string): number | null {
  const window = WINDOWS.find((one) => one.name === name);
  return window === undefined ? null : (limit[window.name] ?? null);
}

/**
 * Counts one request and says whether it goes through. A refused one is not counted: it changes no window.
 * `headers` are X's, with `reset` in epoch seconds.
 */
export function takeFromLimits(
  world: World,
  endpoint: string,
  app: SandboxApp,
  user: SandboxUser | null,
): { allowed: boolean; headers: Record<string, string> } {
  const limit = limitOf(world, endpoint);
  const nowMs = world.now.getTime();
  forgetOldWindows(world, nowMs);
  const open: { window: Window; max: number; entry: { startMs: number; lengthMs: number; count: number } }[] = [];
  for (const window of WINDOWS) {
    const max = limit[window.name];
    const perUser = window.name.startsWith("user");
    if (max === undefined || (perUser && user === null)) continue;
    const key = `${endpoint}|${window.name}|${app.clientId}|${perUser ? (user?.id ?? "") : ""}`;
    let entry = world.state.rateWindows[key];
    if (entry === undefined || nowMs >= entry.startMs + entry.lengthMs || nowMs < entry.startMs) {
      entry = { startMs: nowMs, lengthMs: window.lengthMs, count: 0 };
      world.state.rateWindows[key] = entry;
    }
    open.push({ window, max, entry });
  }
  const allowed = open.every(({ max, entry }) => entry.count < max);
  const headers: Record<string, string> = {};
  for (const { window, max, entry } of open) {
    if (allowed) entry.count += 1;
    const header = window.name === "app15min" && user === null ? "x-rate-limit" : window.header;
    if (header === null) continue;
    headers[`${header}-limit`] = String(max);
    headers[`${header}-remaining`] = String(Math.max(0, max - entry.count));
    headers[`${header}-reset`] = String(Math.ceil((entry.startMs + entry.lengthMs) / 1000));
  }
  return { allowed, headers };
}

/** Windows end by themselves; this only keeps the record bounded. */
function forgetOldWindows(world: World, nowMs: number): void {
  const windows = world.state.rateWindows;
  if (Object.keys(windows).length < CAPS.rateWindows) return;
  for (const [key, entry] of Object.entries(windows)) {
    if (nowMs >= entry.startMs + entry.lengthMs) delete windows[key];
  }
}
