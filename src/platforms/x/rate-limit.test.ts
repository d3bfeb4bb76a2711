import { expect, test } from "bun:test";
import { rateLimitWindows, readRateLimits, readWait } from "./rate-limit.ts";
import { NOW } from "./testing.ts";

const seconds = (offset: number) => String(NOW.getTime() / 1000 + offset);
const at = (offset: number) => new Date(NOW.getTime() + offset * 1000);

test("all three families are read, resets as instants", () => {
  const windows = rateLimitWindows(
    new Headers({
      "x-rate-limit-limit": "100",
      "x-rate-limit-remaining": "99",
      "x-rate-limit-reset": seconds(900),
      "x-user-limit-24hour-limit": "100",
      "x-user-limit-24hour-remaining": "0",
      "x-user-limit-24hour-reset": seconds(80_000),
      "x-app-limit-24hour-limit": "10000",
      "x-app-limit-24hour-remaining": "9000",
      "x-app-limit-24hour-reset": seconds(70_000),
    }),
  );
  expect(windows).toEqual([
    { window: "15min", limit: 100, remaining: 99, resetAt: at(900) },
    { window: "user_24h", limit: 100, remaining: 0, resetAt: at(80_000) },
    { window: "app_24h", limit: 10_000, remaining: 9_000, resetAt: at(70_000) },
  ]);
});

test("absent headers are absent, never zero", () => {
  expect(rateLimitWindows(new Headers())).toEqual([]);
  const partial = new Headers({ "x-rate-limit-reset": seconds(60) });
  expect(rateLimitWindows(partial)).toEqual([]);
  expect(readRateLimits(partial)).toEqual([{ window: "15min", limit: null, remaining: null, resetAt: at(60) }]);
});

test("a window that lacks one of its three numbers is none", () => {
  const whole = { "x-rate-limit-limit": "100", "x-rate-limit-remaining": "9", "x-rate-limit-reset": seconds(60) };
  expect(rateLimitWindows(new Headers(whole))).toHaveLength(1);
  for (const missing of Object.keys(whole)) {
    const rest = Object.entries(whole).filter(([name]) => name !== missing);
    expect(rateLimitWindows(new Headers(rest))).toEqual([]);
  }
});

test("garbage is ignored", () => {
  for (const value of ["", "soon", "-1", "1.5", "1e9", "100, 100", "NaN", "99999999999999999999", `${NOW.getTime()}`]) {
    expect(readRateLimits(new Headers({ "x-rate-limit-reset": value }))).toEqual([]);
  }
});

test("scenario 19: a wait is the latest of the 15-minute reset, a used-up day and Retry-After", () => {
  const fifteen = { "x-rate-limit-remaining": "0", "x-rate-limit-reset": seconds(600) };
  const day = (remaining: string) => ({
    "x-user-limit-24hour-remaining": remaining,
    "x-user-limit-24hour-reset": seconds(50_000),
  });
  const wait = (headers: Record<string, string>) => readWait(new Headers(headers), NOW).until;
  expect(wait(fifteen)).toEqual(at(600));
  expect(wait({ ...fifteen, ...day("0") })).toEqual(at(50_000));
  expect(wait({ ...fifteen, ...day("5") })).toEqual(at(600));
  expect(wait({ ...fifteen, "retry-after": "700" })).toEqual(at(700));
  expect(wait({ ...fifteen, "retry-after": "30" })).toEqual(at(600));
  expect(wait({ "retry-after": at(42).toUTCString() })).toEqual(at(42));
});

test("times that are past, absurd or unreadable are no times", () => {
  const wait = (headers: Record<string, string>) => readWait(new Headers(headers), NOW).until;
  expect(wait({})).toBeNull();
  expect(wait({ "x-rate-limit-reset": seconds(-1) })).toBeNull();
  expect(wait({ "x-rate-limit-reset": seconds(90_001) })).toBeNull();
  expect(wait({ "retry-after": "tomorrow" })).toBeNull();
  expect(wait({ "retry-after": "999999999999" })).toBeNull();
});

test("the app is to blame only when its own window is used up and the account's is not", () => {
  const scope = (user: string | null, app: string) =>
    readWait(
      new Headers({
        ...(user !== null && { "x-user-limit-24hour-remaining": user }),
        "x-app-limit-24hour-remaining": app,
      }),
      NOW,
    ).scope;
  expect(scope("5", "0")).toBe("app");
  expect(scope(null, "0")).toBe("app");
  expect(scope("0", "0")).toBe("account");
  expect(scope("5", "7")).toBe("account");
});

test("scenario 58: what X names by its own clock is converted to ours, whichever is ahead", () => {
  for (const aheadMs of [-86_400_000, -18_000_000, 0, 18_000_000, 86_400_000]) {
    const theirs = (offset: number) => String((NOW.getTime() + aheadMs) / 1000 + offset);
    const named = new Headers({ "x-rate-limit-reset": theirs(900) });
    expect(readWait(named, NOW, aheadMs).until).toEqual(at(900));
    const retryAfter = new Date(NOW.getTime() + aheadMs + 700_000).toUTCString();
    expect(readWait(new Headers({ "retry-after": retryAfter }), NOW, aheadMs).until).toEqual(at(700));
    expect(readWait(new Headers({ "retry-after": "600" }), NOW, aheadMs).until).toEqual(at(600));
  }
});
