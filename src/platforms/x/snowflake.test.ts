import { expect, test } from "bun:test";
import { idTime } from "./snowflake.ts";

test("an id tells the millisecond of its making", () => {
  // From X's documentation of ids.
  expect(idTime("1541815603606036480")?.toISOString()).toBe("2022-06-28T16:07:40.105Z");
  expect(idTime("1346889436626259968")?.toISOString()).toBe("2021-01-06T18:40:40.344Z");
});

test("scenario 58: an id that is only counted, as X's playground does, holds no time", () => {
  for (const id of ["0", "431", "29708591234"]) expect(idTime(id)).toBeNull();
});

test("what is no id is refused aloud", () => {
  for (const text of ["", "12a", "-1", "1e3", "12345678901234567890", " 1", "1\n"]) {
    expect(() => idTime(text)).toThrow(TypeError);
  }
});
