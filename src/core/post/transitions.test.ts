import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testHub } from "../../testing/hub.ts";
import { POST_STATUSES, UNPUBLISHING } from "../types/index.ts";
import { allTransitions, isLegalTransition, isLegalUnpublishing } from "./transitions.ts";

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

  test("the database holds the same table of taking down", async () => {
    const all = [null, ...UNPUBLISHING];
    const { rows } = await hub.hub.pool.query(
      "select f.s as from_sub, t.s as to_sub, psn.unpublishing_is_legal(f.s, t.s) as legal from unnest($1::text[]) as f(s), unnest($1::text[]) as t(s)",
      [all],
    );
    const inSql = rows.map((row) => `${row.from_sub}>${row.to_sub}:${row.legal}`);
    const here = all.flatMap((from) => all.map((to) => `${from}>${to}:${isLegalUnpublishing(from, to)}`));
    expect(inSql.toSorted()).toEqual(here.toSorted());
  });

  test("nothing leads out of published, and only publishing leads into it", () => {
    for (const status of POST_STATUSES) {
      expect(isLegalTransition("published", status)).toBe(status === "published");
      expect(isLegalTransition(status, "published")).toBe(["published", "publishing"].includes(status));
    }
  });
});
