/**
 * 60 texts that make a careless reader slow, through every place where a text is read: each is read or refused. `npm run proof`
 * takes them at 1 MiB, where what grows with the square of the length takes hours; `npm run bench -- hostile` tells the times.
 */
import { expect, test } from "bun:test";
import { howMany } from "../../src/testing/counts.ts";
import { HOSTILE } from "./patterns.ts";
import { outcomeOf, READERS } from "./readers.ts";

const UNITS = howMany(4 * 1024, 1024 * 1024);

test("there are 60 of them", () => {
  expect(new Set(HOSTILE.map(({ text }) => text(1000))).size).toBe(60);
});

for (const [name, read] of Object.entries(READERS)) {
  test(`${name}: each is read or refused`, () => {
    for (const hostile of HOSTILE)
      expect(outcomeOf(read, hostile.text(UNITS)), hostile.name).toMatch(/^(read|[A-Z_]+)$/);
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
    expect(read("the text of a post", name)).toBe("TEXT_INVALID_CHARACTER");
    expect(read("a post that X shows", name)).toBe("read");
  }
  for (const name of ["blanks", "newlines between letters", "slashes"]) {
    expect(read("the comparison with one of ours", name)).toBe("read");
  }
}, 600_000);
