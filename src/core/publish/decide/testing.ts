/** For tests of the decisions: a moment at which nothing is wrong. */
import type { Situation } from "./next-step.ts";

export const NOW = new Date("2026-11-21T09:00:00Z");

export const CALM: Situation = {
  now: NOW,
  random: 0.5,
  outageMs: 0,
  graceMs: 21_600_000,
  retryCount: 0,
  waitCount: 0,
  mayExist: false,
  tokenIsFresh: false,
  mediaIsFresh: false,
  parentAgeMs: null,
};
