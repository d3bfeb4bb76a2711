/** What an author may do, by status. */
import { expect, test } from "bun:test";
import { PsnError } from "../errors.ts";
import { POST_STATUSES } from "../types/index.ts";
import { fixFor, isEditFirst } from "./fix.ts";
import { requireAllowed, requireNotUnpublished, type Verb } from "./verbs.ts";

const VERBS: Verb[] = ["schedule", "now", "edit", "cancel", "retry", "approve", "delete"];

test("scenario 4: a published post refuses every verb, and says that a copy is the way", () => {
  for (const verb of VERBS) {
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
  for (const verb of VERBS) {
    for (const status of POST_STATUSES) {
      try {
        requireAllowed(verb, "p1", status);
      } catch (error) {
        expect((error as PsnError).hint).toBeTruthy();
      }
    }
  }
});

test("each verb, by status: allowed, or what is said and what helps", () => {
  const lines = VERBS.flatMap((verb) =>
    POST_STATUSES.map((status) => {
      try {
        requireAllowed(verb, "p1", status);
        return `${verb} a ${status} post: allowed`;
      } catch (error) {
        const { code, message, hint, next, details } = error as PsnError;
        return `${verb} a ${status} post: ${JSON.stringify({ code, message, hint, next, details })}`;
      }
    }),
  );
  expect(lines.join("\n")).toMatchSnapshot();
});

test("what was taken down at X does not go out any more, and a copy is the way", () => {
  const said = ["unpublishing", "partly_unpublished", "unpublished", "thread_partial", "confirming", null].map(
    (subStatus) => {
      try {
        requireNotUnpublished("p1", subStatus);
        return `${subStatus}: goes out`;
      } catch (error) {
        const { code, message, hint } = error as PsnError;
        return `${subStatus}: ${JSON.stringify({ code, message, hint })}`;
      }
    },
  );
  expect(said.join("\n")).toMatchSnapshot();
});

test("the command that helps a post that failed", () => {
  const codes = [
    null,
    "INTERNAL",
    "PERHAPS_ON_X",
    "RECORD_NOT_COMPARED",
    "X_DUPLICATE",
    "X_CASHTAGS",
    "X_INVALID",
    "X_TOO_LONG",
    "X_MEDIA_TOO_LONG",
    "X_MEDIA_INVALID",
    "X_MEDIA_REFUSED",
    "MEDIA_GONE",
    "PARENT_GONE",
  ];
  expect(
    codes.map((code) => `${code}: ${fixFor(code, "p1")}, edit first: ${isEditFirst(code)}`).join("\n"),
  ).toMatchSnapshot();
});
