/** Times as they are shown and pasted, and those that an error of a time offers in its place. Pure. */
import type { PsnError } from "../errors.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";

/** One thing that a phrase may mean. */
export interface Reading {
  /** ISO 8601 with the offset of the author's zone: can be pasted as a time. */
  at: string;
  /** For a person: `Fri 2026-11-27 18:30`. */
  local: string;
}

/** How a time is shown: an ISO time with the zone's offset, and the same for a person. */
export function readingOf(instant: Date, zone: string): Reading {
  const { date, time, offset, weekday } = utcToUserTime(instant, zone);
  return { at: `${date}T${time}${offset}`, local: `${weekday} ${date} ${time}` };
}

/** The times that an error of a time offers instead, each to be pasted as it is; none for other errors. */
export function readingsOf(error: PsnError): Reading[] {
  const { readings, earlier, later, before, after } = error.details ?? {};
  if (Array.isArray(readings)) return readings as Reading[];
  const instants =
    error.code === "TIME_AMBIGUOUS" ? [earlier, later] : error.code === "TIME_IN_GAP" ? [before, after] : [];
  return instants.filter((at) => typeof at === "string").map((at) => ({ at, local: localOf(at) }));
}

// --- internal ---

/** The clock's own words, `Sun 2027-03-28 01:30`, of an instant that is written with its offset. */
function localOf(at: string): string {
  const date = at.slice(0, 10);
  const weekday = new Date(date).toLocaleString("en", { weekday: "short", timeZone: "UTC" });
  return `${weekday} ${date} ${at.slice(11, -6).replace(/^(\d\d:\d\d):00$/, "$1")}`;
}
