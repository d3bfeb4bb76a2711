/** What is said of a worker that is there and does nothing, which counts as none. */
import { capital } from "../utils/capital.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";

/** Starts another, whoever started the silent one: leases keep two workers from sending the same. */
export const WAKE_WORKER = "psn worker --also";
/** What helps, as a clause. */
export const HOW_TO_WAKE = `restart it (psn worker install, where it is a service), or start another: ${WAKE_WORKER}`;

/** As a clause. */
export const workerSilence = (since: Date, zone: string): string =>
  `the worker has not answered since ${utcToUserTime(since, zone).text}`;

/** In one sentence, with what helps. */
export const silenceInWords = (since: Date, zone: string): string =>
  capital(`${workerSilence(since, zone)}: ${HOW_TO_WAKE}`);
