/** What an author may do, by status. */
import { expect, test } from "bun:test";
import { PsnError } from "../errors.ts";
import { POST_STATUSES } from "../types/index.ts";
import { requireAllowed, type Verb } from "./verbs.ts";

test("scenario 4: a published post refuses every verb, and says that a copy is the way", () => {
  for (const verb of ["schedule", "now", "edit", "cancel", "retry", "approve", "delete"] as Verb[]) {
    try {
      requireAllowed(verb, "p1", "published");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PsnError);
      expect((error as PsnError).code).toBe("POST_PUBLISHED");
      expect((error as PsnError).hint).toContain("psn post copy p1");
    }
  }
});

test("a verb that is refused says what to do instead", () => {
  for (const verb of ["schedule", "now", "edit", "cancel", "retry", "approve", "delete"] as Verb[]) {
    for (const status of POST_STATUSES) {
      try {
        requireAllowed(verb, "p1", status);
      } catch (error) {
        expect((error as PsnError).hint).toBeTruthy();
      }
    }
  }
});
