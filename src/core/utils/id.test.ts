import { expect, test } from "bun:test";
import { newId } from "./id.ts";

test("an id is 12 characters that survive being read aloud, and none comes twice", () => {
  const ids = Array.from({ length: 10_000 }, newId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
