/** Phrases as people of several countries write them: each has the one reading that was looked at by hand, or is refused with those it may have. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PsnError } from "../../src/core/errors.ts";
import { readTime } from "../../src/core/times/read-time.ts";
import { readingOf, readingsOf } from "../../src/core/times/readings.ts";

/** `phrase = reading`, or `phrase ? readings`; `# asked at INSTANT in ZONE` says when and where for the lines that follow. */
const lines = readFileSync(`${import.meta.dirname}/said-by-people.txt`, "utf8")
  .split("\n")
  .filter(Boolean);

test(`scenario 50: ${lines.length} phrases: one reading, or a true refusal whose readings paste back`, () => {
  let context = { zone: "UTC", now: new Date(0) };
  const answers = lines.map((line) => {
    const [, from = "", zone = ""] = /^# asked at (\S+) in (\S+)$/.exec(line) ?? [];
    if (zone !== "") {
      context = { zone, now: new Date(from) };
      return line;
    }
    const phrase = /^(.*?) [=?](?: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-.*)?$/.exec(line)?.[1] ?? line;
    return `${phrase} ${answerTo(phrase, context)}`;
  });
  expect(answers).toEqual(lines);
});

function answerTo(phrase: string, context: { zone: string; now: Date }): string {
  try {
    return `= ${readingOf(readTime(phrase, context), context.zone).local}`;
  } catch (error) {
    if (!(error instanceof PsnError) || !error.code.startsWith("TIME_")) throw error;
    expect([phrase, error.hint]).not.toEqual([phrase, undefined]);
    // A word that is read elsewhere is not blamed on its language.
    if (/“(?:in|on|at|the|december|a|to)”/.test(error.message)) expect(error.message).not.toContain("English");
    const readings = readingsOf(error);
    for (const { at, local } of readings) expect(readingOf(readTime(at, context), context.zone).local).toBe(local);
    return `? ${readings.map(({ local }) => local).join(", ")}`.trim();
  }
}
