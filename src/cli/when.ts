/** `psn when`: how PSN reads a time, without anything being scheduled. Needs no hub and no setup, so it is this machine's clock that it reads. */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { readingOf } from "../core/times/readings.ts";
import { misspeltZone } from "../core/utils/machine-zone.ts";
import { authorZone } from "./_author-zone.ts";
import { defineCommand } from "./_command.ts";
import { askWhen, WHEN_FIELDS } from "./_when.ts";

const { timezone, earlier, later } = WHEN_FIELDS;

export const whenCommand = defineCommand({
  input: z.object({
    phrase: z.string().meta({ position: 0, description: "the time, in words or figures" }),
    from: z.string().optional().meta({
      placeholder: "INSTANT",
      description: "Read it as if it were this instant, such as 2027-03-11T10:30+01:00",
    }),
    timezone,
    earlier,
    later,
  }),
  examples: ['psn when "tomorrow 9am"', 'psn when "friday 18:30" --timezone America/New_York --json'],
  answer: z.object({
    /** ISO 8601 with the zone's offset: can be pasted as a time. */
    at: z.string(),
    /** What a clock in the zone shows: `2026-11-28T18:30`. */
    local: z.string(),
    zone: z.string(),
    utc: z.string(),
  }),
  async run(io, { phrase, from, ...when }) {
    const now = from === undefined ? new Date() : instantOf(from);
    const zone = when.timezone ?? (await authorZone(io.env));
    if (when.timezone === undefined) for (const text of misspeltZone(io.env, zone)) io.note(`warning  ${text}`);
    const schedule = await askWhen(io, { ...when, at: phrase }, zone, now);
    if (!schedule) throw new PsnError("USAGE", "There is no time to read.", { hint: 'psn when "tomorrow 9am"' });
    const { at } = readingOf(schedule.at, schedule.timezone);
    return { at, local: at.slice(0, -6), zone: schedule.timezone, utc: schedule.at.toISOString() };
  },
  render: ({ at, zone, utc }) => `${readingOf(new Date(utc), zone).local} ${zone}  ${at}`,
});

// --- internal ---

/** @throws PsnError TIME_INVALID */
function instantOf(given: string): Date {
  try {
    return new Date(Temporal.Instant.from(given.trim()).epochMilliseconds);
  } catch {
    throw new PsnError("TIME_INVALID", `--from takes an instant with its offset; "${given.slice(0, 60)}" is none.`, {
      hint: `For example --from ${new Date().toISOString().slice(0, 16)}Z`,
    });
  }
}
