import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testHub } from "../../testing/hub.ts";
import { PsnError } from "../errors.ts";
import { POST_STATUSES } from "../types/index.ts";
import { allTransitions, isLegalTransition, requireAllowed, type Verb } from "./transitions.ts";

describe("transitions", () => {
  let hub: Awaited<ReturnType<typeof testHub>>;
  beforeAll(async () => {
    hub = await testHub({ max: 2 });
  });
  afterAll(() => hub.drop());

  test("the database holds the same table", async () => {
    const { rows } = await hub.hub.pool.query(
      "select f.s as from_status, t.s as to_status, psn.transition_is_legal(f.s, t.s) as legal from unnest($1::text[]) as f(s), unnest($1::text[]) as t(s)",
      [[...POST_STATUSES]],
    );
    const key = (row: { from: string; to: string; legal: boolean }) => `${row.from}>${row.to}:${row.legal}`;
    const inSql = rows.map((row) => key({ from: row.from_status, to: row.to_status, legal: row.legal }));
    expect(inSql.toSorted()).toEqual(allTransitions().map(key).toSorted());
  });

  test("nothing leads out of published, and only publishing leads into it", () => {
    for (const status of POST_STATUSES) {
      expect(isLegalTransition("published", status)).toBe(status === "published");
      expect(isLegalTransition(status, "published")).toBe(["published", "publishing"].includes(status));
    }
  });

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
});
