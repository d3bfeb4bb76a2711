/**
 * 100 texts that make a careless reader slow, through every place where a text is read: each is read or refused, in a time
 * that grows with its length alone. `npm run proof` takes them at 1 MiB and measures each; `npm run bench -- hostile` tells the times.
 */
import { expect, test } from "bun:test";
import { howMany } from "../../src/testing/counts.ts";
import { cpuMs } from "../../src/testing/wait.ts";
import { HOSTILE } from "./patterns.ts";
import { outcomeOf, READERS } from "./readers.ts";

/** No fewer: some readers look at a bounded stretch of 5,000 characters or so again, and what is shorter than that costs them nothing. */
const UNITS = howMany(32 * 1024, 1024 * 1024);
/** Every so-many-th text is measured, at each reader others; all are read. */
const MEASURED_EACH = howMany(4, 1);
/** Four times the text may take so many times the time of this process; the square would be 16, and noise is not 2.5 of 4. */
const GROWTH_MAX = 10;
/** Less than that is all noise. */
const TELLING_MS = 30;
/** Other work of the machine makes a computation dearer, at times by ten; what grows with the square does so each time. */
const TRIES_MAX = 6;

test("there are 100 of them", () => {
  expect(new Set(HOSTILE.map(({ text }) => text(1000))).size).toBe(100);
});

for (const [at, [name, read]] of Object.entries(READERS).entries()) {
  test(`${name}: each is read or refused, and takes no more than its length`, () => {
    for (const [index, hostile] of HOSTILE.entries()) {
      const costOf = (units: number) =>
        cpuMs(() => expect(outcomeOf(read, hostile.text(units)), hostile.name).toMatch(/^(read|[A-Z_]+)$/));
      const growth = (units: number) => {
        const few = costOf(units / 4);
        const many = costOf(units);
        return many < TELLING_MS ? 0 : many / Math.max(few, 1);
      };
      if ((index + at) % MEASURED_EACH !== 0) {
        costOf(UNITS / 16);
        continue;
      }
      // What is dear only from some length on, and then no more than its length, is told from the square by four times as much.
      let least = growth(UNITS);
      for (let tries = 1; least > GROWTH_MAX && tries < TRIES_MAX; tries++) least = Math.min(least, growth(4 * UNITS));
      expect(least, hostile.name).toBeLessThan(GROWTH_MAX);
    }
  }, 600_000);
}

test("what grew with the square of its length is read at 1 MiB", () => {
  const long = 1024 * 1024;
  const text = (name: string) => HOSTILE.find((hostile) => hostile.name === name)?.text(long) ?? "";
  const read = (reader: string, name: string) => outcomeOf(READERS[reader] ?? (() => {}), text(name));
  for (const name of ["newlines between letters", "carriage returns", "line separators"]) {
    expect(read("the text of a post", name)).toBe("read");
  }
  for (const name of ["marks out of order, Arabic", "marks out of order, Tibetan", "accents"]) {
    for (const screen of ["a screen", "a narrow screen"]) expect(read(screen, name)).toBe("read");
    expect(read("the text of a post", name)).toBe("TEXT_INVALID_CHARACTER");
    expect(read("a post that X shows", name)).toBe("read");
  }
  for (const name of ["blanks", "newlines between letters", "slashes"]) {
    expect(read("the comparison with one of ours", name)).toBe("read");
  }
}, 600_000);
