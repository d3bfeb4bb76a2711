import { expect, test } from "bun:test";
import { idTime } from "./snowflake.ts";

test("an id tells the millisecond of its making", () => {
  // The first two from X's documentation of ids; the third is the oldest that the scheme can name.
  expect(idTime("1541815603606036480").toISOString()).toBe("2022-06-28T16:07:40.105Z");
  expect(idTime("1346889436626259968").toISOString()).toBe("2021-01-06T18:40:40.344Z");
  expect(idTime("0").toISOString()).toBe("2010-11-04T01:42:54.657Z");
});

test("what is no id is refused aloud", () => {
  for (const text of ["", "12a", "-1", "1e3", "12345678901234567890", " 1", "1\n"]) {
    expect(() => idTime(text)).toThrow(TypeError);
  }
});
